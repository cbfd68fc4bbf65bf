"""The page that makes a draft of an article: what was recognised is shown before it is kept."""

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.text import slugify
from unfold.decorators import action
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminFileFieldWidget

from topics.admin.desk import change_url
from topics.admin.fields import CHOOSE, TextLines, ThemedForm
from topics.articles import drafting, recognising, sources
from topics.articles.recognising import Article
from topics.choices import Area, Kind, SectionKind
from topics.errors import PublishingError
from topics.models import Topic

SALT = "topics.admin.articles"
SLUG_LENGTH = 80


class ArticleForm(ThemedForm, forms.Form):
    """An article, as a file or as text. What it says is read when the form is checked."""

    kind = forms.ChoiceField(
        label="Kind of topic", choices=Kind, help_text="What the draft shall be."
    )
    file = forms.FileField(
        label="File", required=False,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".txt,.md,.markdown,.htm,.html,.docx"}),
        help_text="Text, Markdown, HTML or DOCX (Word), up to 5 MB.",
    )  # fmt: skip
    text = forms.CharField(
        label="Or paste the text", required=False, strip=False, widget=TextLines({"rows": 14}),
        help_text="Plain text, Markdown or HTML; which of them is found out.",
    )  # fmt: skip

    def __init__(self, *args, user, **options):
        super().__init__(*args, **options)
        allowed = [choice for choice in Kind.choices if drafting.may_import(user, choice[0])]
        self.fields["kind"].choices = [*CHOOSE, *allowed]

    def clean(self):
        cleaned = super().clean()
        file, text = cleaned.get("file"), cleaned.get("text", "")
        if bool(file) == bool(text.strip()):
            self.add_error(
                "file" if file else "text", "Choose a file or paste a text: one of the two."
            )
            return cleaned
        try:
            cleaned["article"] = self._read(file, text)
        except ValidationError as error:
            self.add_error("file" if file else "text", error)
        return cleaned

    def _read(self, file, text: str) -> Article:
        if not file:
            return recognising.recognise(sources.read_text(text))
        if file.size > sources.MAX_BYTES:
            raise ValidationError(sources.TOO_LARGE)
        return recognising.recognise(sources.read_file(file.name, file.read()))


class DraftFields(forms.Form):
    """What the draft will be called, and of which kind each of its sections is."""

    kind = forms.ChoiceField(choices=Kind, widget=forms.HiddenInput)
    article = forms.CharField(widget=forms.HiddenInput)
    name = forms.CharField(required=False, widget=forms.HiddenInput)
    title = forms.CharField(max_length=200)
    slug = forms.SlugField(
        label="Address", max_length=SLUG_LENGTH, help_text="The last part of the page's address."
    )
    summary = forms.CharField(
        widget=TextLines, help_text="One to three sentences that answer the title."
    )
    areas = forms.MultipleChoiceField(choices=Area, widget=UnfoldAdminCheckboxSelectMultipleWidget)

    def __init__(self, *args, article: Article, kind: str, **options):
        super().__init__(*args, **options)
        self.facts = [field.name for field in drafting.required_facts(kind)]
        for field in drafting.required_facts(kind):
            self.fields[field.name] = field.formfield()
        for number, part in enumerate(article.parts):
            label = format_html('Kind<span class="sr-only"> of “{}”</span>', part.heading)
            self.fields[f"section_{number}"] = forms.ChoiceField(choices=SectionKind, label=label)
            self.fields[f"section_{number}"].initial = part.kind

    def clean_slug(self):
        slug = self.cleaned_data["slug"]
        if slug != slugify(slug) or "_" in slug:
            raise ValidationError("Use lower-case letters, digits and single hyphens between them.")
        if Topic.at(slug):
            raise ValidationError("There is a topic at this address already. Choose another one.")
        return slug

    def main_fields(self) -> list:
        return [f for f in self.visible_fields() if not f.name.startswith("section_")]

    def parts(self, article: Article) -> list[tuple]:
        """Return each section with the field for its kind."""
        return [(part, self[f"section_{n}"]) for n, part in enumerate(article.parts)]

    def save(self, article: Article, author) -> Topic:
        data = self.cleaned_data
        for number, part in enumerate(article.parts):
            part.kind = data[f"section_{number}"]
        fields = {name: data[name] for name in ("kind", "slug", "title", "summary", "areas")}
        facts = {name: data[name] for name in self.facts}
        return drafting.draft(article, author=author, name=data["name"], facts=facts, **fields)


class DraftForm(ThemedForm, DraftFields):
    """The fields, also those that depend on the article, as the theme shows them."""


def urls(topic_admin) -> list:
    """Return the address of the page."""

    def show(request):
        if not drafting.may_import_any(request.user):
            raise PermissionDenied("You may not add topics.")
        step = request.POST.get("step") if request.method == "POST" else ""
        return {"read": _read, "save": _save}.get(step, _ask)(topic_admin, request)

    view = topic_admin.admin_site.admin_view(show)
    return [path("import/", view, name="topics_topic_import")]


def _ask(topic_admin, request):
    kind = request.GET.get("kind", Kind.OVERVIEW)
    form = ArticleForm(initial={"kind": kind}, user=request.user)
    return _page(topic_admin, request, {"form": form})


def _read(topic_admin, request):
    form = ArticleForm(request.POST, request.FILES, user=request.user)
    if not form.is_valid():
        return _page(topic_admin, request, {"form": form})
    article, file = form.cleaned_data["article"], form.cleaned_data["file"]
    initial = {
        "kind": form.cleaned_data["kind"],
        "article": signing.dumps(article.to_json(), salt=SALT, compress=True),
        "name": file.name[:100] if file else "",
        "title": article.title,
        "slug": _unused_slug(article.title),
        "summary": article.summary,
        "areas": article.areas,
    }
    draft = DraftForm(initial=initial, article=article, kind=initial["kind"])
    return _preview(topic_admin, request, draft, article)


def _save(topic_admin, request):
    try:
        data = signing.loads(request.POST.get("article", ""), salt=SALT)
    except signing.BadSignature:
        messages.error(request, "The article was lost on its way. Choose or paste it again.")
        return HttpResponseRedirect(reverse("admin:topics_topic_import"))
    article, kind = Article.from_json(data), request.POST.get("kind")
    kind = kind if kind in Kind.values else Kind.OVERVIEW
    form = DraftForm(request.POST, article=article, kind=kind)
    if form.is_valid():
        try:
            topic = form.save(article, request.user)
        except PublishingError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, drafting.report(article, form.cleaned_data["name"]))
            return HttpResponseRedirect(change_url(topic))
    return _preview(topic_admin, request, form, article)


def _preview(topic_admin, request, form: DraftForm, article: Article):
    context = {
        "form": form,
        "article": article,
        "parts": form.parts(article),
        "publications": recognising.known_publications(article.identifiers),
    }
    return _page(topic_admin, request, context, "admin/topics/import_preview.html")


def _page(topic_admin, request, context: dict, template="admin/topics/import.html"):
    request.current_app = topic_admin.admin_site.name
    return TemplateResponse(
        request,
        template,
        {
            **topic_admin.admin_site.each_context(request),
            "opts": Topic._meta,
            "title": "Import an article",
            "list_url": reverse("admin:topics_topic_changelist"),
            "media": topic_admin.media,
            **context,
        },
    )


def _unused_slug(title: str) -> str:
    slug = slugify(title)[: SLUG_LENGTH - 3].strip("-") or "article"
    names = (slug if number == 1 else f"{slug}-{number}" for number in range(1, 99))
    return next((name for name in names if not Topic.at(name)), slug)


class ImportsArticles:
    """Puts a button for the page over a list of topics."""

    actions_list = ("import_article",)

    @action(
        description="Import an article",
        url_path="import-article",
        permissions=["import_article"],
    )
    def import_article(self, request):
        address = reverse("admin:topics_topic_import")
        return HttpResponseRedirect(f"{address}?kind={self.model.KIND}")

    def has_import_article_permission(self, request, object_id=None):
        return drafting.may_import(request.user, self.model.KIND)
