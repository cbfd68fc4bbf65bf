"""What is wrong with a form of a topic, told at its head: each fault with a way to its field."""

from dataclasses import dataclass

from django.core.exceptions import NON_FIELD_ERRORS, ObjectDoesNotExist
from django.utils.text import capfirst


@dataclass
class Fault:
    """What is wrong and where. `target` is the id of the field, "" for the form as a whole."""

    message: str
    where: str = ""
    target: str = ""


def told(context) -> list[Fault]:
    """Return the faults of the form on a page, in their order, and let the theme not repeat them.

    A notice, as of a draft that was restored, keeps a form from being saved and is no fault.
    """
    form = context["adminform"].form
    if not form.is_bound:
        return []
    found = [Fault(message) for message in form.errors.pop(NON_FIELD_ERRORS, [])]
    found = [fault for fault in found if fault.message != getattr(form, "notice", "")]
    found += _of_fields(form, "")
    for wrapped in context["inline_admin_formsets"]:
        found += _of_rows(wrapped.formset)
    context["errors"] = None
    return found


def of_forms(*forms) -> list[Fault]:
    """Return the faults of forms that are sent together, in their order. None is no form."""
    found = []
    for form in forms:
        if form is not None and form.is_bound:
            found += [Fault(message) for message in form.non_field_errors()]
            names = [name for name in form.errors if name != NON_FIELD_ERRORS]
            found += _of_fields(form, "", names)
    return found


def _of_rows(formset) -> list[Fault]:
    name = capfirst(formset.model._meta.verbose_name)
    found = [Fault(each, name, f"{formset.prefix}-group") for each in formset.non_form_errors()]
    for number, form in enumerate(formset.forms, 1):
        if formset.can_delete and formset._should_delete_form(form):
            continue
        found += _of_fields(form, f"{name} {_named(form.instance) or number}")
    return found


def _named(row) -> str:
    try:
        said = str(row)
    except ObjectDoesNotExist:
        return ""
    return f"“{said}”" if said else ""


def _of_fields(form, row: str, names: list[str] | None = None) -> list[Fault]:
    found = []
    for name, messages in form.errors.items():
        if names is not None and name not in names:
            continue
        bound = next(iter(form.visible_fields())) if name == NON_FIELD_ERRORS else form[name]
        label = "" if name == NON_FIELD_ERRORS else str(bound.label)
        where = ", ".join(filter(None, [row, label]))
        target = bound.id_for_label or bound.auto_id
        found += [Fault(message, where, target) for message in messages]
    return found
