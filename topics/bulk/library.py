"""The library as a table: what most publications have in columns, all else as CSL-JSON in one."""

import json
import re

from django.core.exceptions import ValidationError

from references import shapes
from references.models import Reference
from topics import listings
from topics.bulk.base import Table, TextField
from topics.models.rows import save_checked

TEXTS = ("type", "title", "container-title", "volume", "issue", "page", "DOI", "PMID", "PMCID")
AUTHORS, ISSUED, OTHER = "author", "issued", "other"
IN_COLUMNS = (*TEXTS, AUTHORS, ISSUED)
_DATE = re.compile(r"\d{4}(?:-\d{1,2}){0,2}")


def _people_to_text(people: list) -> str:
    """Return names as `Family, Given; Family, Given`; that of an institution as it is."""
    names = []
    for person in people:
        if person.keys() == {"family", "given"}:
            names.append(f"{person['family']}, {person['given']}")
        elif person.keys() == {"literal"}:
            names.append(person["literal"])
    return "; ".join(names)


def _people_from_text(text: str) -> list:
    people = []
    for name in filter(None, (part.strip() for part in text.split(";"))):
        family, comma, given = name.partition(",")
        person = {"family": family.strip(), "given": given.strip()} if comma else {"literal": name}
        people.append(person)
    return people


def _date_to_text(issued: dict) -> str:
    (parts,) = issued["date-parts"]
    return "-".join(f"{part:02}" for part in parts)


def _date_from_text(text: str) -> dict:
    if not _DATE.fullmatch(text):
        raise ValidationError({ISSUED: f"“{text}” is no date. Write 2024, 2024-05 or 2024-05-13."})
    return {"date-parts": [[int(part) for part in text.split("-")]]}


FORMS = {
    AUTHORS: (_people_to_text, _people_from_text),
    ISSUED: (_date_to_text, _date_from_text),
}


def _in_column(name: str, value) -> str:
    """Return what a column says of a value of the CSL-JSON, "" if it cannot hold it."""
    if name in TEXTS:
        return value if isinstance(value, str) and value == value.strip() else ""
    to_text, from_text = FORMS[name]
    try:
        text = to_text(value)
        return text if text and from_text(text) == value else ""
    except (ValidationError, AttributeError, KeyError, TypeError, ValueError):
        return ""


class _CSL(TextField):
    """A column that is a part of the CSL-JSON."""

    def get_value(self, instance):
        csl = instance.csl or {}
        return (
            _in_column(self.column_name, csl[self.column_name]) if self.column_name in csl else ""
        )


class _Other(TextField):
    """What of the CSL-JSON no column can hold."""

    def get_value(self, instance):
        rest = {
            name: value
            for name, value in (instance.csl or {}).items()
            if name != "id" and not (name in IN_COLUMNS and _in_column(name, value))
        }
        return json.dumps(rest, ensure_ascii=False, sort_keys=True) if rest else ""


class LibraryTable(Table):
    """A row is known by its key. A column that the table lacks stays as it is in the library."""

    KEY = ("key",)

    key = TextField("key", "key")
    study_type = TextField("study_type", "study_type")
    type = _CSL("csl", "type")
    title = _CSL("csl", "title")
    author = _CSL("csl", "author")
    container_title = _CSL("csl", "container-title")
    issued = _CSL("csl", "issued")
    volume = _CSL("csl", "volume")
    issue = _CSL("csl", "issue")
    page = _CSL("csl", "page")
    doi = _CSL("csl", "DOI")
    pmid = _CSL("csl", "PMID")
    pmcid = _CSL("csl", "PMCID")
    other = _Other("csl", OTHER)

    class Meta(Table.Meta):
        model = Reference
        fields = (
            "key", "study_type", "type", "title", "author", "container_title", "issued", "volume",
            "issue", "page", "doi", "pmid", "pmcid", "other",
        )  # fmt: skip
        import_id_fields = ("key",)

    def find(self, row):
        return Reference.objects.filter(key=row["key"]).first()

    def import_instance(self, instance, row, **kwargs):
        instance.key = row["key"]
        if row.get("study_type"):
            instance.study_type = row["study_type"]
        instance.csl = _merged(instance.csl or {}, row)

    def save_by(self, user, instance, is_create):
        verb = "add" if is_create else "change"
        self.refuse_unless(user, f"references.{verb}_reference", f"{verb} references")
        if not instance.csl.get("title"):
            raise ValidationError({"title": "A publication needs a title."})
        try:
            save_checked(instance)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise ValidationError({OTHER: f"This is not CSL-JSON: {error}"}) from error

    def after_import(self, dataset, result, **kwargs):
        if self._saved:
            listings.index_references([reference for reference, _ in self._saved])


def _merged(csl: dict, row: dict) -> dict:
    """Return a publication as a row says it is."""
    other = _read_other(row[OTHER]) if OTHER in row else None
    if other is not None:
        csl = {name: value for name, value in csl.items() if name in IN_COLUMNS} | other
    else:
        csl = dict(csl)
    for name in (name for name in IN_COLUMNS if name in row):
        if row[name]:
            csl[name] = FORMS[name][1](row[name]) if name in FORMS else row[name]
        elif name not in (other or {}) and _in_column(name, csl.get(name)):
            # It was in this column, and was taken out.
            del csl[name]
        elif other is not None and name not in other:
            csl.pop(name, None)
    return csl


def _read_other(text: str) -> dict:
    if not text:
        return {}
    try:
        other = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValidationError({OTHER: f"This is no JSON: {error}"}) from error
    if not isinstance(other, dict) or "\\u0000" in text:
        raise ValidationError({OTHER: "This must be a JSON object of plain text."})
    if found := shapes.faults(other):
        raise ValidationError({OTHER: found})
    return other
