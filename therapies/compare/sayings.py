"""What the page that compares says of each kind of topic.

Whole sentences for each kind, since in most languages more than the noun changes with it.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from topics.choices import Kind


@dataclass(frozen=True)
class Sayings:
    """`unknown` and `withdrawn` name the topic's address as `%(slug)s`."""

    title: str
    description: str
    others: str
    alone: str
    unknown: str
    withdrawn: str
    twice: str


SAYINGS = {
    Kind.THERAPY: Sayings(
        title=_("Compare therapies"),
        description=_("Two to four therapies side by side"),
        others=_("Choose other therapies"),
        alone=_("One therapy is chosen. Choose at least one more to compare it with."),
        unknown=_("No therapy is published as “%(slug)s”. Choose one from the list."),
        withdrawn=_("“%(slug)s” was withdrawn; its own page says why. Choose another therapy."),
        twice=_("The same therapy is chosen twice. Choose different ones."),
    ),
    Kind.AGENT: Sayings(
        title=_("Compare agents"),
        description=_("Two to four agents side by side"),
        others=_("Choose other agents"),
        alone=_("One agent is chosen. Choose at least one more to compare it with."),
        unknown=_("No agent is published as “%(slug)s”. Choose one from the list."),
        withdrawn=_("“%(slug)s” was withdrawn; its own page says why. Choose another agent."),
        twice=_("The same agent is chosen twice. Choose different ones."),
    ),
    Kind.CONDITION: Sayings(
        title=_("Compare conditions"),
        description=_("Two to four conditions side by side"),
        others=_("Choose other conditions"),
        alone=_("One condition is chosen. Choose at least one more to compare it with."),
        unknown=_("No condition is published as “%(slug)s”. Choose one from the list."),
        withdrawn=_("“%(slug)s” was withdrawn; its own page says why. Choose another condition."),
        twice=_("The same condition is chosen twice. Choose different ones."),
    ),
    Kind.COMPLICATION: Sayings(
        title=_("Compare complications"),
        description=_("Two to four complications side by side"),
        others=_("Choose other complications"),
        alone=_("One complication is chosen. Choose at least one more to compare it with."),
        unknown=_("No complication is published as “%(slug)s”. Choose one from the list."),
        withdrawn=_(
            "“%(slug)s” was withdrawn; its own page says why. Choose another complication."
        ),
        twice=_("The same complication is chosen twice. Choose different ones."),
    ),
}
