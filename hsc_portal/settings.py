"""Settings of HSC Portal. Everything that differs between machines comes from the environment."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from csp.constants import NONE, SELF

from hsc_portal import admin_theme, database, mail, styles, taken

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = database.var_folder()


def _secret_key() -> str:
    """Return SECRET_KEY, or one that was made on this machine and is kept under var/."""
    if key := os.environ.get("SECRET_KEY"):
        return key
    path = VAR_DIR / "secret_key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not there at all, also if the power fails; and if two processes start at once,
        # the first one's key is used by both.
        with tempfile.NamedTemporaryFile("w", dir=path.parent) as file:
            file.write(secrets.token_urlsafe(64))
            file.flush()
            os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(file.name, path)
    return path.read_text()


def _list(name: str, default: str) -> list[str]:
    return [item.strip() for item in os.environ.get(name, default).split(",") if item.strip()]


SECRET_KEY = _secret_key()
DEBUG = os.environ.get("DEBUG", "") == "1"
ALLOWED_HOSTS = _list("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = _list("CSRF_TRUSTED_ORIGINS", "")
BEHIND_HTTPS = os.environ.get("BEHIND_HTTPS", "") == "1"

INSTALLED_APPS = [
    "therapies",
    "topics",
    "references",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "django_tasks",
    "django_tasks_db",
    # Before the admin, whose templates and site it replaces.
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "hsc_portal.policy.AdminPolicy",
    "references.access.middleware.Access",
    "hsc_portal.compression.Compression",
    "hsc_portal.policy.PagePolicy",
    "django.middleware.http.ConditionalGetMiddleware",
    "hsc_portal.languages.AddressLanguage",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "hsc_portal.urls"
CSRF_FAILURE_VIEW = "hsc_portal.error_pages.csrf_failure"
WSGI_APPLICATION = "hsc_portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "django.contrib.humanize.templatetags.humanize",
                "hsc_portal.tags",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": database.settings()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Work that nobody waits for is queued in the database, in the transaction that gives rise to it.
# `manage.py work` does it.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Search by meaning, beside words: needs the extra `semantic`.
SEARCH_SEMANTIC = os.environ.get("SEARCH_SEMANTIC", "") == "1"

# Requests a minute to the API, by network address and by key; 0 is no limit.
API_LIMIT_ADDRESS = int(os.environ.get("API_LIMIT_ADDRESS") or 600)
API_LIMIT_KEY = int(os.environ.get("API_LIMIT_KEY") or 6000)

# Ask the addresses that published topics link to, each once a week at most.
CHECK_LINKS = os.environ.get("CHECK_LINKS", "") == "1"

# Ask Crossref and PubMed once a day whether publications of the library were retracted.
CHECK_RETRACTIONS = os.environ.get("CHECK_RETRACTIONS", "") == "1"

# Where publications are looked up by their identifiers.
REGISTRIES = {
    "crossref": "https://api.crossref.org",
    "datacite": "https://api.datacite.org",
    "pubmed": "https://eutils.ncbi.nlm.nih.gov/entrez/eutils",
    "pmc": "https://pmc.ncbi.nlm.nih.gov/tools/idconv/api/v1",
    "openlibrary": "https://openlibrary.org",
    "clinicaltrials": "https://clinicaltrials.gov/api/v2",
}
# To whom these registries may write about the portal's requests; they treat those better.
CONTACT_EMAIL = mail.contact()

# The portal's own address, for links in mails.
SITE_URL = mail.site_url()
# EMAIL_… and DEFAULT_FROM_EMAIL: the terminal, or a mail server that the environment names.
globals().update(mail.settings(SITE_URL))

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"

# Of the content, and of what has no language of its own. See hsc_portal/languages.py.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "German"), ("es", "Spanish")]
LOCALE_PATHS = [BASE_DIR / "hsc_portal/locale"]
FORMAT_MODULE_PATH = "hsc_portal.formats"
TIME_ZONE = "UTC"
USE_TZ = True

# Pictures that editors uploaded. They are part of the content: back them up with the database.
MEDIA_ROOT = Path(os.environ.get("MEDIA_ROOT") or VAR_DIR / "media")

# Exports of all content, made on demand. Servers of one portal need the same folder.
EXPORT_ROOT = Path(os.environ.get("EXPORT_ROOT") or VAR_DIR / "export")

# A pasted article may have 5 MB; whoever pastes more is told so in words, and not by a bare error.
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        # Names with a digest are for the collected files; development and tests read the sources.
        "BACKEND": "hsc_portal.static_files.CollectedFiles"
        if os.environ.get("COLLECTED_STATIC") == "1"
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# Maps of minified scripts are large and only wanted by who debugs them.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (
    "map",
    "png",
    "jpg",
    "gif",
    "webp",
    "gz",
    "br",
    "woff2",
    "zip",
)
WHITENOISE_ADD_HEADERS_FUNCTION = taken.by_everybody
WHITENOISE_USE_FINDERS = os.environ.get("COLLECTED_STATIC") != "1"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF, *styles.digests()],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
# Where the login of the admin leads, if nobody was on the way elsewhere.
LOGIN_REDIRECT_URL = "admin:index"
# Pages of the admin: see hsc_portal/policy.py.
UNFOLD = admin_theme.settings()
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_HTTPS
SECURE_SSL_REDIRECT = BEHIND_HTTPS
SECURE_HSTS_SECONDS = 31536000 if BEHIND_HTTPS else 0
if BEHIND_HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    # Reading needs no key, and an answer that depends on nobody can be cached for everybody.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_SCHEMA_CLASS": "hsc_portal.describing.Description",
    "EXCEPTION_HANDLER": "hsc_portal.rest.problem_response",
    "DEFAULT_PAGINATION_CLASS": "hsc_portal.querying.Pages",
    "DEFAULT_FILTER_BACKENDS": ["hsc_portal.querying.StrictFilterBackend"],
    "URL_FORMAT_OVERRIDE": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "HSC Portal API",
    "DESCRIPTION": (
        "Graded, cited and dated statements about hematopoietic stem cells. "
        "Reading needs no key. Content is licensed CC BY 4.0."
    ),
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "LICENSE": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
    "COMPONENT_SPLIT_REQUEST": False,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    # Fields of one name with different choices need names of their own in the description.
    "ENUM_NAME_OVERRIDES": {
        "KindEnum": "topics.choices.Kind",
        "SectionKindEnum": "topics.choices.SectionKind",
        "RelationKindEnum": "topics.choices.RelationKind",
        "ReviewStatusEnum": "topics.api.serializers.REVIEW_STATUS",
        "EditionStatusEnum": "topics.api.serializers.EDITION_STATUS",
        "ReferenceStatusEnum": "references.models.Reference.Status",
        "NoticeKindEnum": "references.notices.kinds.NoticeKind",
        "NoticeSourceEnum": "references.notices.kinds.NoticeSource",
        "EventTypeEnum": "topics.replicating.events.MEANINGS",
        "TrialStatusEnum": "therapies.choices.TrialStatus",
    },
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "partnerKey": {
                "type": "http",
                "scheme": "bearer",
                "description": "The key of a partner, `hscp_…`. Reading needs none.",
            }
        }
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "references.access.describing.add_limits",
        "hsc_portal.describing.add_examples",
    ],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # A worker that is asked to stop says so as a warning.
    "loggers": {"django_tasks_db": {"level": "ERROR"}},
}
