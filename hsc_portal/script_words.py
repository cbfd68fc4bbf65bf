"""What the scripts of the pages say. The page hands it to them in its own language.

`{age}` and the like are filled in by the script. See the tag `words_of`.
"""

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

WORDS = {
    "offline": {
        "star": _("Keep for offline reading"),
        "full": _("Not kept: there are {most} kept already. Remove one under “Saved pages” first."),
        "failed": _("Not kept: the page could not be fetched."),
        # Translators: {age} is like “3 days ago” or “yesterday”.
        "kept": _("Kept copy of {age}."),
        "keptEdition": _("Kept copy of {age}, edition {edition}."),
        "unreachable": _(
            "The portal cannot be reached. What was changed, withdrawn or retracted since then "
            "does not show here."
        ),
        "reachable": _("The portal can be reached again."),
        "now": _("a moment ago"),
        "again": _("Try again"),
        "reload": _("Show the page as it is now"),
    },
    "topic": {
        "close": pgettext_lazy("button", "Close"),
        # Translators: a publication by its number in the list of references.
        "reference": _("Reference {number}"),
        # Where pages are in this language: addresses in data are those of the content's own.
        "home": reverse_lazy("home"),
        "glossary": reverse_lazy("glossary"),
        "names": reverse_lazy("names"),
        "terms": reverse_lazy("terms"),
    },
    "suggest": {
        # Translators: the name of the list below the field of a search.
        "label": _("Suggestions"),
        "0": _("No suggestions"),
        "1": _("1 suggestion"),
        # Translators: {count} is a number other than 1.
        "many": _("{count} suggestions"),
        "topic": _("Topic"),
        "term": _("Term"),
        "question": _("Question"),
        # The language of what is offered, and where pages are in this one.
        "language": settings.LANGUAGE_CODE,
        "home": reverse_lazy("home"),
        "address": reverse_lazy("suggestions"),
        "style": lazy(static, str)("css/suggest.css"),
    },
    "copy": {
        "copy": pgettext_lazy("button", "Copy"),
        # Translators: {style} is the name of a style of citations.
        "copyStyle": _("Copy: {style}"),
        "copied": _("Copied"),
        "failed": _("Could not copy; mark the words instead"),
    },
    "saved": {
        "starred": _("With a star"),
        "visited": _("Visited last"),
        # Translators: the heading over pages that are no longer kept.
        "removed": _("Removed"),
        "noStars": _("None yet. Open a topic and choose “Keep for offline reading”."),
        "noVisits": _("None yet."),
        # Translators: {age} is like “3 days ago” or “yesterday”.
        "confirmed": _("As on the portal {age}"),
        "confirmedEdition": _("Edition {edition}, as on the portal {age}"),
        # Translators: {title} is the title of a topic, {age} like “3 days ago”.
        "withdrawn": _("{title}: withdrawn from the portal; its copy was removed {age}."),
        "gone": _("{title}: no longer on the portal; its copy was removed {age}."),
        "remove": _("Remove"),
        "removeOne": _("Remove: {title}"),
        "removeAll": _("Remove all"),
        "confirm": _("Remove all kept pages, also those with a star, from this browser?"),
        "again": _("Try again"),
        "check": _("Compare all with the portal now"),
        "checking": _("Comparing …"),
        "checked": _("All are as on the portal now."),
        "unreachable": _("The portal cannot be reached."),
    },
    "map": {
        # Translators: {topic} is the title of a topic, {count} a number other than 1.
        "shown": _("{topic}: {count} relations shown."),
        "shownOne": _("{topic}: {count} relation shown."),
    },
}
