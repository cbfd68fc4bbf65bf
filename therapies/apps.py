from django.apps import AppConfig


class TherapiesConfig(AppConfig):
    """Therapies, agents, conditions and complications, and the clinical tables that join them."""

    name = "therapies"
