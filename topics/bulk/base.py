"""What a table would change, and changing it: all rows or none."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import ClassVar

from django.core.exceptions import ValidationError
from import_export.fields import Field
from import_export.resources import Diff, ModelResource
from import_export.results import Result, RowResult
from tablib import Dataset

from topics.errors import NotPermitted, PublishingError

NEW, CHANGED, SAME = (
    RowResult.IMPORT_TYPE_NEW,
    RowResult.IMPORT_TYPE_UPDATE,
    RowResult.IMPORT_TYPE_SKIP,
)


@dataclass(frozen=True)
class Fault:
    """Something that keeps a table from being imported: where, and what. Row 1 has the names."""

    message: str
    row: int = 0
    column: str = ""
    # What the row is about, by the columns by which it is known.
    name: str = ""


@dataclass(frozen=True)
class Change:
    """What a row does: to which entry, whether it is new, and column, before and after of each."""

    row: int
    name: str
    is_new: bool
    values: tuple[tuple[str, str, str], ...]


@dataclass
class Outcome:
    """What a table does or, with `faults`, would have done."""

    changes: list[Change] = field(default_factory=list)
    same: int = 0
    faults: list[Fault] = field(default_factory=list)
    instances: list = field(default_factory=list)

    @property
    def digest(self) -> str:
        """A text that differs if anything else would be changed."""
        told = [[c.row, c.name, c.is_new, c.values] for c in self.changes]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


class _Changes(Diff):
    """Differences as plain values, which a template shows; the library's own are HTML."""

    def as_html(self):
        pairs = zip(self.columns, self.left, self.right, strict=True)
        return [
            (name, "" if self.new else before, after)
            for name, before, after in pairs
            if after != ("" if self.new else before)
        ]

    def __init__(self, resource, instance, new):
        super().__init__(resource, instance, new)
        self.columns = resource.columns()


class TextField(Field):
    """A column that is read and written as text."""

    def export(self, instance, **kwargs):
        value = self.get_value(instance)
        return "" if value is None else str(value)


class Table(ModelResource):
    """A model as a table. Subclasses say which columns there are, and how a row is saved."""

    KEY: ClassVar[tuple[str, ...]] = ()
    """The columns by which a row is known. They must be there and filled."""

    class Meta:
        use_transactions = True
        skip_unchanged = True
        report_skipped = True
        skip_diff = False
        store_instance = True

    def get_diff_class(self):
        return _Changes

    def run(self, dataset: Dataset, user, *, dry_run: bool) -> Outcome:
        """Import a table and say what that changed. A dry run, or a fault, leaves all as it was."""
        if faults := self._faults_of_columns(dataset.headers):
            return Outcome(faults=faults)
        self._seen: dict[tuple, int] = {}
        self._saved: list = []
        result = self.import_data(
            dataset, dry_run=dry_run, rollback_on_validation_errors=True, user=user
        )
        outcome = _outcome(result, self._saved, self.columns())
        outcome.faults = [self._named(fault, dataset) for fault in outcome.faults]
        return outcome

    def _named(self, fault: Fault, dataset: Dataset) -> Fault:
        if not 2 <= fault.row < len(dataset) + 2:
            return fault
        row = dict(zip(dataset.headers, dataset[fault.row - 2], strict=True))
        return replace(fault, name=", ".join(str(row[key]) for key in self.KEY if row.get(key)))

    def columns(self) -> list[str]:
        return [each.column_name for each in self.get_user_visible_fields()]

    def _faults_of_columns(self, given: list[str]) -> list[Fault]:
        unknown = [name for name in given if name not in self.columns()]
        missing = [name for name in self.KEY if name not in given]
        there = f"There are {', '.join(self.columns())}."
        return [Fault(f"The column “{name}” is not known. {there}", 1) for name in unknown] + [
            Fault(f"The column “{name}” is missing.", 1) for name in missing
        ]

    def before_import_row(self, row, row_number=None, **kwargs):
        if empty := [name for name in self.KEY if not row[name]]:
            raise ValidationError(dict.fromkeys(empty, "This must be filled."))
        key = tuple(row[name].casefold() for name in self.KEY)
        if key in self._seen:
            raise ValidationError(
                {
                    self.KEY[
                        -1
                    ]: f"This stands in row {self._seen[key]} already. Make one row of both."
                }
            )
        self._seen[key] = row_number + 1

    def after_import_row(self, row, row_result, **kwargs):
        row_result.object_repr = ", ".join(row[name] for name in self.KEY)

    def get_instance(self, instance_loader, row):
        return self.find(row)

    def find(self, row):
        """Return the entry that a row is about, None if it is a new one."""
        raise NotImplementedError

    def skip_row(self, instance, original, row, import_validation_errors=None):
        if import_validation_errors or original.pk is None:
            return False
        fields = self.get_user_visible_fields()
        return all(each.export(instance) == each.export(original) for each in fields)

    def validate_instance(self, instance, import_validation_errors=None, **kwargs):
        # The rest is checked where it is saved.
        if import_validation_errors:
            raise ValidationError(import_validation_errors)

    def save_instance(self, instance, is_create, row, user=None, **kwargs):
        """Save an entry as a person would by hand. Only a transaction keeps a dry run dry."""
        self.save_by(user, instance, is_create)
        self._saved.append((instance, is_create))

    def save_by(self, user, instance, is_create: bool) -> None:
        raise NotImplementedError

    def save_m2m(self, instance, row, **kwargs):
        """Nothing: tables have no such columns."""

    def after_import(self, dataset, result, **kwargs):
        """Nothing: the library would reset sequences that no table touches."""

    def refuse_unless(self, user, permission: str, what: str) -> None:
        if not user.has_perm(permission):
            raise NotPermitted(f"You may not {what}.")


def _outcome(result: Result, saved: list, columns: list[str]) -> Outcome:
    outcome = Outcome(instances=saved)
    outcome.faults = [Fault(_words(error.error)) for error in result.base_errors]
    for number, row in enumerate(result.rows, 2):
        if row.is_error():
            outcome.faults += [Fault(_words(error.error), number) for error in row.errors]
        elif row.is_invalid():
            outcome.faults += _faults(row.validation_error, number, columns)
        elif row.is_skip():
            outcome.same += 1
        else:
            values = tuple(map(tuple, row.diff))
            outcome.changes.append(Change(number, row.object_repr, row.is_new(), values))
    return outcome


def _faults(error: ValidationError, number: int, columns: list[str]) -> list[Fault]:
    if not hasattr(error, "error_dict"):
        return [Fault(message, number) for message in error.messages]
    return [
        Fault(message, number, name if name in columns else "")
        for name, messages in error.message_dict.items()
        for message in messages
    ]


def _words(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    if isinstance(error, PublishingError):
        return str(error)
    return f"This could not be saved: {error}"
