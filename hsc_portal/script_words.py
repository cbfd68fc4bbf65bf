"""What the scripts of the pages say. The page hands it to them in its own language.

`{age}` and the like are filled in by the script. See the tag `words_of`.
"""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "offline": {
        "star": _("Keep for offline reading"),
        "full": _("Not kept: there are {most} kept already. Remove one under “Saved pages” first."),
        "failed": _("Not kept: the page could not be fetched."),
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
}
