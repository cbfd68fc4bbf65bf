"""The Python client as it is installed elsewhere: from its own folder, which is on no path here."""

import sys

from django.conf import settings

FOLDER = settings.BASE_DIR / "clients" / "python"
sys.path.insert(0, str(FOLDER))

import hsc_portal_client  # noqa: E402
from hsc_portal_client import __main__ as command  # noqa: E402

__all__ = ["FOLDER", "command", "hsc_portal_client"]
