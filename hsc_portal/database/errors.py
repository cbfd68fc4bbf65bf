"""The one error that the rest of the portal needs to know."""


class DatabaseUnavailable(Exception):
    """No database can be had; the text is one sentence for people to read, naming the remedy."""
