"""The WSGI application that `make bench` measures."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application

settings.ROOT_URLCONF = "hsc_portal.bench.urls"
application = get_wsgi_application()
