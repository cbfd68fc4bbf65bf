"""Rows: the ordered parts of a topic, and how they stand in a Document.

A row writes each of its `DOCUMENT_FIELDS` into a plain dict and reads it back. Empty values and
defaults are left out, so that a Document says only what was said. Links to topics are written as
slugs, links to references as sorted keys, dates in ISO form.
"""

import datetime
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models

from references.models import Reference
from topics.choices import Certainty


def fields_to_document(instance: models.Model, names: tuple[str, ...]) -> dict:
    """Return the named fields of a row or topic as plain JSON values, empty ones left out."""
    data = {}
    for name in names:
        field = instance._meta.get_field(name)
        if field.many_to_many:
            value = sorted(reference.key for reference in getattr(instance, name).all())
        elif field.is_relation:
            target = getattr(instance, name)
            value = target and target.slug
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


def fields_from_document(model: type[models.Model], data: dict, names: tuple[str, ...]) -> dict:
    """Return the values of the named fields of a model from Document data.

    Many-to-many fields are left to `references_from_document`. Fields that the data leaves out
    have their default. Raises ValidationError naming the field for a link that leads nowhere.
    """
    values = {}
    for name in names:
        field = model._meta.get_field(name)
        if field.many_to_many:
            continue
        if name not in data:
            values[name] = None if field.null else field.get_default()
        elif field.is_relation:
            values[name] = _topic(field, data[name])
        else:
            values[name] = field.to_python(data[name])
    return values


def _topic(field: models.Field, slug: str) -> models.Model:
    try:
        return field.related_model.objects.get(slug=slug)
    except field.related_model.DoesNotExist:
        kind = field.related_model._meta.verbose_name
        raise ValidationError(
            {field.name: f"There is no {kind} “{slug}”. Create it first, or remove the link."}
        ) from None


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

    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ["position", "pk"]

    def to_document(self) -> dict:
        return fields_to_document(self, self.DOCUMENT_FIELDS)

    @classmethod
    def load_all(cls, owner: models.Model, rows: list[dict]) -> None:
        """Replace the owner's rows by those of a Document."""
        cls.objects.filter(**{cls.OWNER: owner}).delete()
        for position, data in enumerate(rows):
            values = fields_from_document(cls, data, cls.DOCUMENT_FIELDS)
            row = cls(**{cls.OWNER: owner}, position=position, **values)
            row.full_clean(exclude=[cls.OWNER])
            row.save(force_insert=True)
            if keys := data.get("references"):
                row.references.set(references_by_key(keys))


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
