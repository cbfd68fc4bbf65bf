"""Glossary, codes and references as tables: out of the portal, and back in many rows at once.

What a table changes is done by the functions that the forms of the admin call, row by row, in one
transaction: a fault in one row, and nothing is changed. `files` reads and writes the tables,
`base` says what a row would change, and the others know one kind of row each.
"""
