"""Bringing the publications of the content files into the library, and correcting those there."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError

from hsc_portal.filters import facet_condition
from references.models import Reference, StudyType
from topics import listings
from topics.errors import ContentError
from topics.models import Listing
from topics.models.rows import save_checked


@dataclass
class Loaded:
    """What became of the publications of a file; `reprinted` are corrected ones in other words.

    `left` differ from the file, but were changed by an editor.
    """

    added: list[Reference] = field(default_factory=list)
    corrected: list[Reference] = field(default_factory=list)
    reprinted: list[Reference] = field(default_factory=list)
    left: list[Reference] = field(default_factory=list)

    def __str__(self):
        told = f"{len(self.added)} added, {len(self.corrected)} corrected"
        keys = ", ".join(sorted(reference.key for reference in self.left))
        return f"{told}, {len(self.left)} left as edited here" + (f": {keys}." if keys else ".")


def load(path: Path) -> Loaded:
    """Add the publications of a CSL-JSON file that the library lacks, and correct the others.

    One that was ever saved in the admin is left as it is. Raises ContentError with all faults.
    """
    given = {item["id"]: _read(item) for item in json.loads(path.read_text())}
    known = Reference.objects.in_bulk(list(given), field_name="key")
    loaded = Loaded(added=[each for key, each in given.items() if key not in known])
    differing = {key for key, each in known.items() if _differs(each, given[key])}
    for reference in _locked(differing):
        _sort_in(reference, given[reference.key], loaded)
    _save(path, [*loaded.added, *loaded.corrected])
    listings.index_references([*loaded.added, *loaded.corrected])
    return loaded


def citing(references: list[Reference]) -> dict[str, int]:
    """Return slug and topic of what is published and cites one of the publications."""
    if not references:
        return {}
    cites = facet_condition("reference", [reference.key for reference in references])
    return dict(Listing.objects.filter(cites).values_list("slug", "pk"))


def _read(item: dict) -> Reference:
    custom = dict(item.get("custom", {}))
    study_type = custom.pop("study_type", StudyType.OTHER)
    csl = {name: value for name, value in item.items() if name != "custom"}
    csl |= {"custom": custom} if custom else {}
    return Reference(key=item["id"], csl=csl, study_type=study_type)


def _differs(one: Reference, other: Reference) -> bool:
    return (one.csl, one.study_type) != (other.csl, other.study_type)


def _locked(keys: set[str]) -> list[Reference]:
    """Return publications as they are, so that nobody edits them meanwhile, in their order."""
    found = Reference.objects.select_for_update().filter(key__in=keys)
    return list(found.order_by("pk"))


def _sort_in(reference: Reference, given: Reference, loaded: Loaded) -> None:
    """Correct a publication, or note that it was edited here."""
    if not _differs(reference, given):
        return
    if _was_edited(reference):
        loaded.left.append(reference)
        return
    if reference.csl != given.csl:
        loaded.reprinted.append(reference)
    reference.csl, reference.study_type = given.csl, given.study_type
    loaded.corrected.append(reference)


def _was_edited(reference: Reference) -> bool:
    """Return whether somebody added or changed it in the admin. The loader leaves no such note."""
    kind = ContentType.objects.get_for_model(Reference)
    return LogEntry.objects.filter(content_type=kind, object_id=str(reference.pk)).exists()


def _save(path: Path, references: list[Reference]) -> None:
    faults = []
    for reference in references:
        try:
            save_checked(reference)
        except ValidationError as error:
            faults.append(f"{path.name}, {reference.key}: {'; '.join(error.messages)}")
    if faults:
        raise ContentError("\n".join(faults))
