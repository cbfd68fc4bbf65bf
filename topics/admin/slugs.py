"""At an address that is taken: which topic has it, with a link to it."""

from django.core.exceptions import ValidationError
from django.utils.html import format_html

from topics.admin import desk
from topics.models import Topic

TAKEN = {"taken", "unique"}


def name_owner(form) -> None:
    """Say in the form of a topic who has the address that was chosen, once and with a link."""
    faults = form.errors.get("slug")
    if not faults or not TAKEN.intersection(fault.code for fault in faults.as_data()):
        return
    slug = form.instance.slug
    owner = Topic.at(slug)
    if owner is None:
        # It was deleted or renamed in this moment.
        return
    told = owner.told_at(slug) if owner.published_slugs.exists() else f"The draft “{owner}” has it."
    link = format_html(
        '{} Choose another address, or <a href="{}">edit “{}”</a>.',
        told,
        desk.change_url(owner),
        owner,
    )
    others = [fault for fault in faults.as_data() if fault.code not in TAKEN]
    faults.data[:] = [*others, ValidationError(link, code="taken")]
