from django.apps import AppConfig


class TopicsConfig(AppConfig):
    """Topics, their statements, and the way from a draft to a published edition."""

    name = "topics"
    # What the admin calls it, above “Topics”.
    verbose_name = "Knowledge base"

    def ready(self):
        from topics.fhir import outcomes
        from topics.infobutton import logs
        from topics.search import checks  # noqa: F401

        logs.hold_back()
        outcomes.register()
