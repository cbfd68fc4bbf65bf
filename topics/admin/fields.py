"""Form fields and widgets of the admin."""

from django import forms
from django.contrib.admin.widgets import (
    AutocompleteMixin,
    AutocompleteSelect,
    AutocompleteSelectMultiple,
)
from django.contrib.postgres.fields import ArrayField
from unfold import widgets

CHOOSE = [("", "Choose one")]


class TextLines(widgets.UnfoldAdminTextareaWidget):
    """Text as it was typed. Browsers send line ends of their own, which would change a digest."""

    # They also leave out a line end at the start, so Django's template writes one more.
    template_name = forms.Textarea.template_name

    def __init__(self, attrs=None):
        super().__init__({"rows": 3, "cols": 100, **(attrs or {})})

    def value_from_datadict(self, data, files, name):
        text = super().value_from_datadict(data, files, name)
        return text.replace("\r\n", "\n") if text else text


class LinesField(forms.CharField):
    """A list of words, written one on a line. Empty lines and repetitions are dropped."""

    widget = TextLines({"rows": 4, "cols": 60})

    def __init__(self, **options):
        options.setdefault("help_text", "One on each line.")
        super().__init__(strip=True, **options)

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        lines = (line.strip() for line in super().to_python(value).splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def has_changed(self, initial, data):
        return not self.disabled and self.to_python(data or "") != list(initial or [])


class GrowingLine(TextLines):
    """One line of words that are too many for a line of a form: it grows, and has no line ends."""

    def __init__(self):
        super().__init__({"rows": 1, "class": "growing"})

    def value_from_datadict(self, data, files, name):
        text = super().value_from_datadict(data, files, name)
        return " ".join(text.split("\n")) if text else text


class NothingChosenMixin:
    """Lets a choice that has no default begin with none: the theme would take the first one."""

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        if not db_field.blank and not db_field.has_default():
            kwargs.setdefault("choices", db_field.get_choices(blank_choice=CHOOSE))
        return super().formfield_for_choice_field(db_field, request, **kwargs)


class ArrayFieldsMixin:
    """Shows a list with a fixed choice as checkboxes, and a free one as lines of text."""

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if not isinstance(db_field, ArrayField):
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        options = {"required": not db_field.blank, "label": db_field.verbose_name.capitalize()}
        if db_field.base_field.choices:
            return forms.MultipleChoiceField(
                choices=db_field.base_field.choices,
                widget=widgets.UnfoldAdminCheckboxSelectMultipleWidget,
                **options,
            )
        return LinesField(**options)


class _KnownChoices:
    """Writes the chosen rows from memory where they were fetched with the whole table.

    Django's own widget asks the database once for each row of a table, which a grid of sixty
    rows makes slow.
    """

    known = {}

    def optgroups(self, name, value, attr=None):
        chosen = [str(key) for key in value if key not in (None, "")]
        if not set(chosen) <= self.known.keys():
            return super().optgroups(name, value, attr)
        single = not self.allow_multiple_selected
        options = [self.create_option(name, "", "", False, 0)] if single else []
        for key in chosen:
            label = self.choices.field.label_from_instance(self.known[key])
            options.append(self.create_option(name, key, label, True, len(options)))
        return [(None, options, 0)]


class KnownSelect(_KnownChoices, AutocompleteSelect):
    pass


class KnownSelectMultiple(_KnownChoices, AutocompleteSelectMultiple):
    pass


def remember(field: forms.Field, chosen) -> None:
    """Tell the widget of a form field the objects that it will have to show."""
    widget = getattr(field.widget, "widget", field.widget)
    if isinstance(widget, _KnownChoices):
        widget.known = {str(found.pk): found for found in chosen}


class ThemedForm:
    """A form whose fields look like those that the theme makes from a model."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            _dress(field.widget)


# The first kind that fits counts.
_CLASSES = (
    ((AutocompleteMixin, forms.FileInput, forms.HiddenInput), []),
    (forms.RadioSelect, widgets.RADIO_CLASSES),
    ((forms.CheckboxInput, forms.CheckboxSelectMultiple), widgets.CHECKBOX_CLASSES),
    (forms.Select, widgets.SELECT_CLASSES),
    (forms.Textarea, widgets.TEXTAREA_CLASSES),
    (forms.widgets.Input, widgets.INPUT_CLASSES),
)


def _dress(widget: forms.Widget) -> None:
    """Give a plain widget the classes of the theme. The theme's own widgets have them."""
    if any(kind.__module__ == widgets.__name__ for kind in type(widget).__mro__):
        return
    classes = next((classes for kind, classes in _CLASSES if isinstance(widget, kind)), [])
    if classes:
        own = widget.attrs.get("class", "").split()
        widget.attrs["class"] = " ".join(dict.fromkeys([*classes, *own]))
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        widget.template_name = "unfold/widgets/radio.html"
        widget.option_template_name = "unfold/widgets/radio_option.html"
    elif type(widget) is forms.Select:
        widget.template_name = "unfold/widgets/select.html"
