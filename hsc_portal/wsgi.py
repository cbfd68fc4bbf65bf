"""The WSGI entry point: `gunicorn hsc_portal.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hsc_portal.settings")
application = get_wsgi_application()

# Django must be set up before its apps can be read.
from references.access import usage  # noqa: E402
from topics import openings  # noqa: E402

openings.start()
usage.start()
