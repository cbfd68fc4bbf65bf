"""Why a step on the way from draft to reader was refused. Each message says what to do."""


class PublishingError(Exception):
    """A step was refused; nothing was changed. The message is meant for the editor."""


class NotPermitted(PublishingError):
    """The person may not take this step."""


class Nameless(PublishingError):
    """The account has no name under which the step could stand in the history."""


class FourEyes(PublishingError):
    """The person wrote part of the text that they want to approve."""


class NotSubmitted(PublishingError):
    """Nobody asked for a review of the text as it is now."""


class NotApproved(PublishingError):
    """No approval fits the text as it is now."""


class NothingToDo(PublishingError):
    """The step would change nothing."""


class Invalid(PublishingError):
    """The text or the words given with the step are not fit."""


class ContentError(Exception):
    """Content files that cannot be loaded: one line for each fault."""
