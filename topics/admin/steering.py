"""What editors steer search with: pinned results and synonyms. Both count at once."""

import re

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpResponseRedirect, JsonResponse
from django.urls import path, reverse_lazy
from django.utils.html import format_html
from django.utils.text import Truncator
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from topics.admin.base import explain
from topics.admin.fields import LinesField
from topics.models import Listing, Pin, Statement, Synonym
from topics.search import naming, pinning, synonyms, text

# The anchor at the end of an address that was copied whole.
ADDRESS = re.compile(r".*#")


class PinForm(forms.ModelForm):
    class Meta:
        model = Pin
        fields = ("query", "topic", "statement", "position")
        help_texts = {
            "query": "The words that readers type. Other forms and spellings of them count, too.",
            "topic": "A published topic.",
            "position": "1 comes first, if several are pinned for one query.",
        }

    statement = forms.CharField(
        max_length=300,
        required=False,
        help_text="Leave it empty for the topic as a whole. Else the name of a published "
        "statement: what follows # in a link to it.",
        widget=UnfoldAdminTextInputWidget(
            attrs={
                "class": "vTextField",
                "data-statements": reverse_lazy("admin:topics_pin_statements"),
            }
        ),
    )

    def clean_query(self):
        query = self.cleaned_data["query"].strip()
        self.instance.key = pinning.key_of(query)
        if not self.instance.key:
            raise forms.ValidationError(
                "Write the words alone, at least one that search looks for: no quotation marks, "
                "minus or kind:…"
            )
        return query

    def clean_statement(self):
        return ADDRESS.sub("", self.cleaned_data["statement"]).strip()

    def clean_position(self):
        position = self.cleaned_data["position"]
        if position < 1:
            raise forms.ValidationError("The first place is 1.")
        return position

    def clean(self):
        told = super().clean()
        topic, anchor = told.get("topic"), told.get("statement", "")
        if topic and not Listing.objects.filter(pk=topic.pk).exists():
            self.add_error("topic", "Readers cannot find this topic: it is not published now.")
        elif topic and anchor and not Statement.objects.filter(listing=topic.pk, anchor=anchor):
            self.add_error("statement", f"“{topic}” has no published statement #{anchor}.")
        same = Pin.objects.filter(key=self.instance.key, topic=topic, statement=anchor)
        if topic and same.exclude(pk=self.instance.pk).exists():
            self.add_error("query", "This is pinned for this query already.")
        return told


class PinStateFilter(admin.SimpleListFilter):
    title = parameter_name = "state"
    MEANT = {"shown": {"is_listed": True, "is_said": True}, "idle": {"is_said": False}}

    def lookups(self, request, model_admin):
        return [("shown", "Shown"), ("idle", "Idle")]

    def queryset(self, request, queryset):
        return queryset.filter(**self.MEANT.get(self.value(), {}))


@admin.register(Pin)
class PinAdmin(ModelAdmin):
    class Media:
        js = ("admin/pin.js",)

    form = PinForm
    # The one of this app is made for topics.
    change_form_template = "admin/change_form.html"
    list_display = ("query", "topic", "what", "position", "progress")
    list_filter = (PinStateFilter,)
    list_select_related = ("topic",)
    search_fields = ("query", "topic__title")
    autocomplete_fields = ("topic",)
    list_per_page = 50

    def get_queryset(self, request):
        return pinning.with_state(super().get_queryset(request))

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        if topic := form.base_fields.get("topic"):
            # A topic that is made here could not be pinned: nobody has published it.
            topic.widget.can_add_related = topic.widget.can_change_related = False
        return form

    def get_urls(self):
        view = self.admin_site.admin_view(self.statements)
        return [path("statements/", view, name="topics_pin_statements"), *super().get_urls()]

    def statements(self, request):
        """Send what can be chosen of the topic `?topic=`: its published statements."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        number = request.GET.get("topic", "")
        topic = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
        rows = Statement.objects.filter(listing=topic).order_by("position")
        rows = rows.values_list("anchor", "section_heading", "text")
        told = [{"anchor": a, "heading": h, "text": Truncator(t).chars(140)} for a, h, t in rows]
        return JsonResponse({"statements": told})

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError as error:
            # Somebody else pinned the same in this moment.
            messages.error(request, explain(error))
            return HttpResponseRedirect(request.get_full_path())

    @admin.display(description="statement")
    def what(self, pin):
        if not pin.statement:
            return "the topic as a whole"
        return Truncator(pin.text).chars(90) if pin.text else f"#{pin.statement}"

    @admin.display(description="state")
    def progress(self, pin):
        return pinning.state(pin)


class NamesField(LinesField):
    """Names, one on a line or with commas between them; a comma within a number is none."""

    def to_python(self, value):
        return super().to_python(re.sub(r",(?!\d)|(?<!\d),", "\n", value or ""))


class SynonymForm(forms.ModelForm):
    class Meta:
        model = Synonym
        fields = ("names", "members")

    names = NamesField(
        help_text="Names of one thing, one on each line or with commas between them. "
        "Who asks for one of them finds the others, too."
    )
    members = NamesField(
        required=False,
        label="Members of the class",
        help_text="Only if the names are those of a class, such as fluoroquinolones: what belongs "
        "to it, such as levofloxacin. Who asks for a member finds the class, who asks for the "
        "class finds each member, and one member does not find another. A member may be in "
        "several classes.",
    )
    # Offered once the names meet those of one other group.
    join = forms.BooleanField(
        required=False, widget=forms.HiddenInput, label="Add the names to that group"
    )
    joined: Synonym | None = None

    def is_valid(self):
        """Return whether to save: a preview shows the form again."""
        return super().is_valid() and "_preview" not in self.data

    def clean_names(self):
        return _usable(self.cleaned_data["names"], synonyms.MOST_NAMES, "names")

    def clean_members(self):
        return _usable(self.cleaned_data["members"], synonyms.MOST_MEMBERS, "members")

    def clean(self):
        told = super().clean()
        names, members = told.get("names"), told.get("members", [])
        if names:
            self._find_others(names, told.get("join"))
            own = {text.key(name) for name in names}
            for member in members:
                if text.key(member) in own:
                    self.add_error("members", f"“{member}” is a name of the class itself.")
            is_alone = len(synonyms.distinct(names)) < 2 and not (members or self.joined)
            if is_alone and not self.errors:
                self.add_error("names", "Write at least two names that search tells apart.")
        return told

    def _find_others(self, names: list[str], join: bool) -> None:
        """Refuse names of other groups, unless they are to be added to that one."""
        taken = synonyms.taken(names, besides=self.instance.pk)
        groups = {group.pk: group for group in taken.values()}
        is_new = self.instance.pk is None
        if is_new and join and len(groups) == 1:
            (self.joined,) = groups.values()
            return
        for name, group in taken.items():
            self.add_error("names", f"“{name}” is in another group already: {group}.")
        if is_new and len(groups) == 1:
            self.fields["join"].widget = UnfoldBooleanWidget()


def _usable(names: list[str], most: int, what: str) -> list[str]:
    """Return names if search can use each, and they are not too many."""
    if len(names) > most:
        raise forms.ValidationError(f"A group has at most {most} {what}.")
    faults = [fault for name in names if (fault := _fault(name))]
    if faults:
        raise forms.ValidationError(faults)
    return names


def _fault(name: str) -> str:
    """Return why search could not use a name, "" if it can."""
    lexemes = text.key(name).split()
    if not lexemes:
        return f"“{name}” has no word that search looks for."
    if len(lexemes) > naming.LONGEST_NAME or len(name) > 120:
        return f"“{name}” is too long: at most {naming.LONGEST_NAME} words and 120 characters."
    return ""


@admin.register(Synonym)
class SynonymAdmin(ModelAdmin):
    form = SynonymForm
    change_form_template = "admin/topics/synonym.html"
    list_display = ("group", "belonging")
    search_fields = ("names", "members")
    list_per_page = 50

    def save_model(self, request, obj, form, change):
        if not form.joined:
            synonyms.save(obj)
            return
        told = form.cleaned_data
        group = synonyms.extend(form.joined, told["names"], told["members"])
        obj.pk, obj.names, obj.members = group.pk, group.names, group.members
        messages.info(request, format_html("The names were added to the group {}.", str(group)))

    def delete_model(self, request, obj):
        synonyms.delete([obj])

    def delete_queryset(self, request, queryset):
        synonyms.delete(list(queryset))

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        form = context["adminform"].form
        names = _shown(form, "names")[: synonyms.MOST_NAMES]
        names += _shown(form, "members")[: synonyms.MOST_MEMBERS]
        context["preview"] = synonyms.preview(names)
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display(description="names that mean one thing", ordering="names")
    def group(self, synonym):
        return str(synonym)

    @admin.display(description="members of the class")
    def belonging(self, synonym):
        return Truncator(", ".join(synonym.members)).chars(120)


def _shown(form: SynonymForm, name: str) -> list[str]:
    """Return the names that a field of the form shows now."""
    value = form[name].value()
    return value if isinstance(value, list) else form.fields[name].to_python(value or "")
