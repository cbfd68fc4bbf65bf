"""Charts, drawn on the server as SVG. All of it is pure: rows of Documents in, SVG out.

    scale      days → places along an axis that gives the first weeks the most room
    text       how wide words will be, and where they are broken
    svg        elements, escaped
    layout     where bars and their labels stand, so that none covers another
    drawing    bands of bars → SVG
    milestones what both charts say of a milestone
    timeline   the course of one therapy
    recovery   the recovery of cells after several therapies

Colours, patterns' colours and the choice between wide and narrow are in static/css/charts.css.
"""
