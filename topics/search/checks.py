"""What must be there for the settings of search to work."""

from django.conf import settings
from django.core import checks

from topics.search import embedding


@checks.register
def semantic_is_installed(app_configs, **options) -> list[checks.Error]:
    lacking = ", ".join(embedding.missing())
    if not settings.SEARCH_SEMANTIC or not lacking:
        return []
    return [
        checks.Error(
            f"SEARCH_SEMANTIC is set, but what it needs is not installed: {lacking}.",
            hint="Install the extra, pip install .[semantic], or unset SEARCH_SEMANTIC.",
            id="topics.E001",
        )
    ]
