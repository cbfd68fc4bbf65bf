"""Where a publication is cited, drafts included, so that none that is needed is deleted."""

from collections.abc import Iterator

from references.models import Reference
from topics import statements
from topics.models import Section, Topic


def cited_in(reference: Reference) -> set[str]:
    """Return the titles of all topics that cite a publication now, or did in any edition."""
    titles = {edition.topic.title for edition in reference.editions.select_related("topic")}
    titles |= {str(topic) for topic in _topics_with_rows(reference)}
    return titles | {section.topic.title for section in _citing_sections(reference)}


def _citing_sections(reference: Reference) -> Iterator[Section]:
    found = Section.objects.filter(body__contains=f"@{reference.key}").select_related("topic")
    for section in found:
        keys = {c.key for statement in statements.parse(section.body) for c in statement.citations}
        if reference.key in keys:
            yield section


def _topics_with_rows(reference: Reference) -> Iterator[Topic]:
    """Find the rows of the drafts, whichever app they belong to, by the links of their models."""
    for link in Reference._meta.get_fields(include_hidden=True):
        if not (link.many_to_many and link.auto_created):
            continue
        model = link.related_model
        if issubclass(model, Topic):
            yield from model.objects.filter(**{link.field.name: reference})
        elif owner := getattr(model, "OWNER", None):
            for row in model.objects.filter(**{link.field.name: reference}).select_related(owner):
                yield getattr(row, owner)
