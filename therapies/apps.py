from django.apps import AppConfig


class TherapiesConfig(AppConfig):
    """Therapies, agents, conditions and complications, and the clinical tables that join them."""

    name = "therapies"
    # What the admin calls it, above “Therapies”, “Agents” and so on.
    verbose_name = "Knowledge base"
