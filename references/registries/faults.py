"""Why a registry did not help. The text of each is a sentence for editors."""


class Failed(Exception):
    """A publication could not be looked up."""


class NotFound(Failed):
    """The registry answered, and does not know it."""


class Unreachable(Failed):
    """There was no answer now; there may be one later."""


class NotUnderstood(Failed):
    """What was answered is not what the registry is described to answer."""
