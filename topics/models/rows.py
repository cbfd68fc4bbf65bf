"""Rows: the ordered parts of a topic, and how they stand in a Document.

A row writes each of its `DOCUMENT_FIELDS` into a plain dict and reads it back. Empty values and
defaults are left out, so that a Document says only what was said. Links to topics are written as
slugs, links to references as sorted keys, dates in ISO form.
"""

import datetime
from collections import defaultdict
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from references.models import Reference
from topics.choices import Certainty
from topics.statements import html_faults


def fields_to_document(instance: models.Model, names: tuple[str, ...]) -> dict:
    """Return the named fields of a row or topic as plain JSON values, empty ones left out."""
    data = {}
    for name in names:
        field = instance._meta.get_field(name)
        if field.many_to_many:
            value = sorted(reference.key for reference in getattr(instance, name).all())
        elif field.is_relation:
            target = getattr(instance, name)
            value = target and target.address
        else:
            value = getattr(instance, name)
        if isinstance(value, datetime.date):
            value = value.isoformat()
        if not _is_empty(field, value):
            data[name] = value
    return data


def _is_empty(field: models.Field, value) -> bool:
    if value is None or value == "" or value == []:
        return True
    return field.has_default() and not callable(field.default) and value == field.default


def refuse_html(instance: models.Model, exclude=None) -> None:
    """Refuse HTML in the words of a row or topic: readers would see the tags.

    Markdown has a reader of its own, which refuses it with the number of the line.
    """
    faults = {}
    for field in instance._meta.concrete_fields:
        value = getattr(instance, field.attname)
        if field.name in (exclude or ()) or field.name == "body":
            continue
        texts = value if isinstance(value, list) else [value]
        found = [fault for text in texts if isinstance(text, str) for fault in html_faults(text)]
        faults |= {field.name: found} if found else {}
    if faults:
        raise ValidationError(faults)


def fields_from_document(
    model: type[models.Model], data: dict, names: tuple[str, ...], linked: dict | None = None
) -> dict:
    """Return the values of the named fields of a model from Document data.

    Many-to-many fields are left to `references_from_document`. Fields that the data leaves out
    have their default. `linked` has, by name of a field, the topics that it links to by slug.
    Raises ValidationError naming the field for a link that leads nowhere.
    """
    values = {}
    for name in names:
        field = model._meta.get_field(name)
        if field.many_to_many:
            continue
        if name not in data:
            values[name] = None if field.null else field.get_default()
        elif field.is_relation:
            values[name] = _topic(field, data[name], (linked or {}).get(name, {}))
        else:
            values[name] = field.to_python(data[name])
    return values


def _topic(field: models.Field, slug: str, linked: dict) -> models.Model:
    if found := linked.get(slug):
        return found
    kind = field.related_model._meta.verbose_name
    raise ValidationError(
        {field.name: f"There is no {kind} “{slug}”. Create it first, or remove the link."}
    )


def references_by_key(keys: list[str]) -> list[Reference]:
    """Return references in the order of their keys. Raises ValidationError for an unknown key."""
    found = {reference.key: reference for reference in Reference.objects.filter(key__in=keys)}
    if missing := [key for key in keys if key not in found]:
        raise ValidationError(
            {"references": f"Unknown reference {', '.join(missing)}. Add it to the library first."}
        )
    return [found[key] for key in keys]


class Row(models.Model):
    """A part of a topic that has a place in an order and stands in the topic's Document."""

    OWNER: ClassVar[str] = "topic"
    DOCUMENT_FIELDS: ClassVar[tuple[str, ...]] = ()
    KEY: ClassVar[tuple[str, ...]] = ()
    """The fields that tell a row from all others of its owner, if there are such."""
    NAMED_BY: ClassVar[str] = ""
    """The field by which people know a row; if empty, the first one."""

    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ["position", "pk"]

    def to_document(self) -> dict:
        return fields_to_document(self, self.DOCUMENT_FIELDS)

    def clean_fields(self, exclude=None):
        super().clean_fields(exclude)
        refuse_html(self, exclude)

    @classmethod
    def known_by(cls) -> tuple[str, ...]:
        """Return the fields by which a row of an owner is known again."""
        return cls.KEY or ((cls.NAMED_BY,) if cls.NAMED_BY else cls.DOCUMENT_FIELDS[:2])

    def _known(self) -> tuple:
        columns = (self._meta.get_field(name).attname for name in self.known_by())
        return (getattr(self, f"{self.OWNER}_id"), *(getattr(self, name) for name in columns))

    @classmethod
    def by_owner(cls, owners: list[models.Model]) -> dict[int, list["Row"]]:
        """Return by number of each owner its rows in order, with all that Documents need."""
        fields = [cls._meta.get_field(name) for name in cls.DOCUMENT_FIELDS]
        links = [f.name for f in fields if f.is_relation and not f.many_to_many]
        many = [f.name for f in fields if f.many_to_many]
        rows = cls.objects.filter(**{f"{cls.OWNER}__in": [owner.pk for owner in owners]})
        if links:
            rows = rows.select_related(*links, *(f"{link}__listing" for link in links))
            many += [f"{link}__published_slugs" for link in links]
        found = defaultdict(list)
        for row in rows.prefetch_related(*many):
            found[getattr(row, f"{cls.OWNER}_id")].append(row)
        return found

    @classmethod
    def load_all(cls, owned: list[tuple[models.Model, list[dict]]]) -> None:
        """Replace the rows of each owner by those of its Document.

        Raises ValidationError for a value that does not fit, also where only the database sees it.
        """
        owners = [owner.pk for owner, _ in owned]
        now = cls.objects.filter(**{f"{cls.OWNER}__in": owners})
        numbers = {row._known(): row.pk for row in now}
        now.delete()
        rows = [data for _, rows in owned for data in rows]
        if not rows:
            return
        linked = cls._linked(rows)
        loaded = [
            cls._from_document(owner, position, data, linked)
            for owner, rows in owned
            for position, data in enumerate(rows, 1)
        ]
        for row in loaded:
            # A form that somebody has open must find it again.
            row.pk = numbers.pop(row._known(), None)
        try:
            with transaction.atomic():
                cls.objects.bulk_create(loaded)
        except IntegrityError as error:
            raise ValidationError(_in_words(cls, error)) from error
        cls.load_references(loaded, rows)

    @classmethod
    def _from_document(cls, owner: models.Model, position: int, data: dict, linked: dict) -> "Row":
        values = fields_from_document(cls, data, cls.DOCUMENT_FIELDS, linked)
        row = cls(**{cls.OWNER: owner}, position=position, **values)
        row.clean_fields(exclude=[cls.OWNER])
        row.clean()
        return row

    @classmethod
    def _linked(cls, rows: list[dict]) -> dict[str, dict[str, models.Model]]:
        """Return by name of each field the topics that it links to in some row, by slug."""
        fields = [cls._meta.get_field(name) for name in cls.DOCUMENT_FIELDS]
        return {
            field.name: field.related_model.all_at({r[field.name] for r in rows if field.name in r})
            for field in fields
            if field.is_relation and not field.many_to_many
        }

    @classmethod
    def load_references(cls, loaded: list["Row"], rows: list[dict]) -> None:
        """Link what the rows rest on. Plain rows rest on nothing."""


def save_checked(instance: models.Model) -> None:
    """Save what is valid. The constraints are left to the database, which looks at them anyway.

    Asked for one by one beforehand, each of them costs a query. Raises ValidationError.
    """
    instance.full_clean(validate_constraints=False)
    try:
        with transaction.atomic():
            instance.save()
    except IntegrityError as error:
        raise ValidationError(_in_words(type(instance), error)) from error


def _in_words(model: type[models.Model], error: IntegrityError) -> str:
    """Return what a constraint of the database would have said in a form."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
    classes = (model, *model._meta.get_parent_list())
    for constraint in (each for one in classes for each in one._meta.constraints):
        if constraint.name == name:
            label = model._meta.verbose_name
            return f"{label}: {constraint.get_violation_error_message()} ({name})"
    return str(error)


class GradedRow(Row):
    """A row of a clinical table: it says how sure it is and what it rests on."""

    certainty = models.CharField(max_length=10, choices=Certainty, default=Certainty.UNGRADED)
    awaiting_check = models.BooleanField(
        "awaiting source check",
        default=False,
        help_text="The source was not yet read again for this row.",
    )
    references = models.ManyToManyField(Reference, blank=True, related_name="+")

    GRADED_FIELDS: ClassVar[tuple[str, ...]] = ("certainty", "awaiting_check", "references")

    class Meta(Row.Meta):
        abstract = True

    @classmethod
    def load_references(cls, loaded, rows):
        found = references_by_key(
            sorted({key for data in rows for key in data.get("references", [])})
        )
        ids = {reference.key: reference.pk for reference in found}
        link = cls.references.through
        owner = f"{cls._meta.model_name}_id"
        link.objects.bulk_create(
            link(**{owner: row.pk, "reference_id": ids[key]})
            for row, data in zip(loaded, rows, strict=True)
            for key in data.get("references", [])
        )


def certainty_check(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(certainty__in=Certainty.values), name=f"{name}_certainty"
    )


def choice_check(name: str, field: str, choices, *, blank=False) -> models.CheckConstraint:
    """Return a constraint that a field has one of its choices, as the database sees it."""
    values = [*choices.values, *([""] if blank else [])]
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__in": values}), name=f"{name}_{field}"
    )
