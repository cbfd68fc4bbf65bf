from django.apps import AppConfig


class ReferencesConfig(AppConfig):
    """Publications, their citation data and retraction status; partners."""

    name = "references"
