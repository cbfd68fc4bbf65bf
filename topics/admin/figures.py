"""The figures of a topic inside its form, and the pictures of drafts, which only editors see."""

from django import forms
from django.contrib import admin
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import path, reverse
from django.utils.html import format_html
from unfold.admin import StackedInline
from unfold.widgets import UnfoldAdminFileFieldWidget

from topics import figures
from topics.admin.forms import RowForm
from topics.admin.inlines import RowInline
from topics.models import Figure
from topics.views.figures import answer

# A draft's picture never changes either, but may not stay in a cache that others share.
FOR_EDITORS = "private, max-age=86400"
SALT = "topics.admin.figures"


class FigureForm(RowForm):
    """A figure. Its picture is kept as soon as it is read, and so outlives a fault elsewhere."""

    image = forms.FileField(
        label="Picture file", required=False,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text="PNG, JPEG or WebP, up to 5 MB and 6000 pixels a side. What the file says of "
        "where, when and by whom it was made is left out.",
    )  # fmt: skip
    kept = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self):
        cleaned = super().clean()
        try:
            self._take_picture(self.cleaned_data.get("image"), self.cleaned_data.get("kept"))
        except ValidationError as error:
            self.add_error("image", error)
        return cleaned

    def _take_picture(self, image, kept: str) -> None:
        if image:
            picture = figures.take_in(image)
            self._set(picture)
            # If the form is shown again, browsers will have forgotten the file.
            self.data = self.data.copy()
            self.data[self.add_prefix("kept")] = signing.dumps(_told(picture), salt=SALT)
        elif kept:
            self._set(_read(kept))
        elif not self.instance.sha256:
            raise ValidationError("Choose a file with the picture.")

    def _set(self, picture: figures.Picture) -> None:
        self.instance.sha256, self.instance.format = picture.sha256, picture.format
        self.instance.width, self.instance.height = picture.width, picture.height


def _told(picture: figures.Picture) -> list:
    return [picture.sha256, picture.format, picture.width, picture.height]


def _read(kept: str) -> figures.Picture:
    try:
        return figures.Picture(*signing.loads(kept, salt=SALT))
    except signing.BadSignature as error:
        raise ValidationError("The picture was lost on its way. Choose its file again.") from error


class FigureInline(RowInline, StackedInline):
    model = Figure
    form = FigureForm
    fields = (
        ("position", "key"), "shown", "image", "kept", "alt", "caption", "credit",
        ("license", "permission"),
    )  # fmt: skip
    readonly_fields = ("shown",)

    @admin.display(description="picture")
    def shown(self, figure):
        if not figure.sha256:
            return "none yet"
        return format_html(
            '<img class="desk-picture" src="{}" alt="{}" width="{}" height="{}"> '
            "<span>{} × {} pixels, {}</span>",
            draft_address(figure.sha256, figure.format), figure.alt, figure.width, figure.height,
            figure.width, figure.height, figure.get_format_display(),
        )  # fmt: skip


def draft_address(sha256: str, kind: str) -> str:
    """Return where an editor finds a picture, published or not. See `topics.rendering.Figures`."""
    return reverse("admin:topics_topic_figure", args=[sha256, kind])


def urls(topic_admin) -> list:
    """Return the address of the pictures of drafts."""

    def show(request, sha256, kind):
        if not topic_admin.has_view_permission(request):
            raise PermissionDenied("You may not read drafts.")
        return answer(request, sha256, kind, FOR_EDITORS)

    view = topic_admin.admin_site.admin_view(show, cacheable=True)
    return [path("figures/<slug:sha256>.<slug:kind>", view, name="topics_topic_figure")]
