"""Webhooks after the Standard Webhooks specification: who wants to be told of what, and where.

    keeping.make ─▶ collecting.collect (a delivery for each event) ─▶ sending.deliver ─▶ sent
                                          keeping.disable (410, or given up) ◀─┘ └─▶ tried again

What is told of an event says `replicating.events`, as it does for the changes of the API. Events
come from the log by their ids, which are in the order of their commits: none is missed, and of each
there is one delivery, however often `collect` is run.
"""
