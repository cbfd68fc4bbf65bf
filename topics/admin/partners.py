"""Partners: their names, addresses and logos stand on topic pages and on pages of their own."""

from typing import ClassVar

from django import forms
from django.contrib import admin
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from unfold.widgets import UnfoldAdminFileFieldWidget

import references.admin
from references.models import Partner
from topics import addresses, figures, partnering
from topics.admin.fields import ThemedForm

SALT = "topics.admin.partners"
NO_LOGO = {"logo_sha256": "", "logo_format": "", "logo_width": 0, "logo_height": 0}


class PartnerForm(ThemedForm, forms.ModelForm):
    """A partner with its logo, which is kept as soon as it is read: see `topics.figures`."""

    logo = forms.FileField(
        label="File with the logo", required=False,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text="PNG, JPEG or WebP, up to 5 MB. It is drawn anew, without what the file says of "
        "where, when and by whom it was made. On a dark page it stands on white.",
    )  # fmt: skip
    kept = forms.CharField(required=False, widget=forms.HiddenInput)
    no_logo = forms.BooleanField(label="Remove the logo", required=False)

    class Meta:
        model = Partner
        # All others are added by the admin, in the look of the theme.
        fields = ("logo_alt",)
        help_texts: ClassVar = {
            "description": "Plain text: an empty line parts paragraphs; Markdown is shown as typed."
        }

    def clean(self):
        cleaned = super().clean()
        try:
            logo = self._logo(cleaned)
        except ValidationError as error:
            self.add_error("logo", error)
            return cleaned
        for name, value in (logo or {}).items():
            setattr(self.instance, name, value)
        if self.instance.logo_sha256 and not cleaned.get("logo_alt"):
            self.add_error("logo_alt", "Say what the logo shows, for who cannot see it.")
        return cleaned

    def _logo(self, cleaned: dict) -> dict | None:
        """Return what is to be kept of the logo, None if it stays as it is."""
        if file := cleaned.get("logo"):
            picture = figures.take_in(file)
            told = [picture.sha256, str(picture.format), picture.width, picture.height]
            # If the form is shown again, browsers will have forgotten the file.
            self.data = self.data.copy()
            self.data[self.add_prefix("kept")] = signing.dumps(told, salt=SALT)
        elif cleaned.get("no_logo"):
            return NO_LOGO
        elif kept := cleaned.get("kept"):
            told = _read(kept)
        else:
            return None
        return dict(zip(NO_LOGO, told, strict=True))


def _read(kept: str) -> list:
    try:
        return signing.loads(kept, salt=SALT)
    except signing.BadSignature as error:
        raise ValidationError("The logo was lost on its way. Choose its file again.") from error


@admin.register(Partner)
class PartnersAdmin(references.admin.PartnerAdmin):
    form = PartnerForm
    # That of the folder is for publications.
    change_form_template = "admin/change_form.html"
    fields = ("name", "slug", "kind", "url", "description", "contact",
              "shown", "logo", "kept", "logo_alt", "no_logo")  # fmt: skip
    readonly_fields = ("shown",)

    @admin.display(description="logo")
    def shown(self, partner):
        if not partner.logo_sha256:
            return "none yet"
        return format_html(
            '<img class="desk-picture" src="{}" alt="{}" width="{}" height="{}">',
            addresses.of_figure(partner.logo_sha256, partner.logo_format), partner.logo_alt,
            partner.logo_width, partner.logo_height,
        )  # fmt: skip

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        partnering.partner_changed(obj)

    def delete_model(self, request, obj):
        partnering.remove(obj)

    def delete_queryset(self, request, queryset):
        for partner in queryset:
            partnering.remove(partner)
