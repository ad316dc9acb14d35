"""One settings file for the demo, the tests and production: the environment says which. Bad values stop the process."""

import sys
from pathlib import Path
from typing import Any

import pghistory
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from core import identity
from zencrm import embedded
from zencrm.appearance import UNFOLD, VENDOR_FILES  # noqa: F401 - settings too
from zencrm.environment import BASE_DIR, DATABASE, DEMO, DEMO_PASSWORD, REDIS_URL, VAR, env  # noqa: F401 - settings too
from zencrm.logs import logging_config
from zencrm.reporting import report_to

DEBUG = env.bool("DEBUG", default=False)  # for those who change the code
DEPLOYED = env.bool("DEPLOYED", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or embedded.secret_key(VAR)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
# Only then are X-Forwarded-Proto and X-Forwarded-For believed: anybody can write them.
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)

INSTALLED_APPS = [
    "zencrm",
    # The house, top to bottom: an app may import only what stands below it (import-linter holds this line).
    "insights",
    "customercare",
    "invoicing",
    "purchasing",
    "projects",
    "orders",
    "quotes",
    "opportunities",
    "leads",
    "catalog",
    "activities",
    "parties",
    "people",
    "core",
    # Libraries.
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",  # allauth's list of passkeys says how long ago
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "django_filters",
    "django_fsm",
    "django_htmx",
    "djmoney",
    "import_export",
    "pghistory",
    "pgtrigger",
    "template_partials.apps.SimpleAppConfig",
]

MIDDLEWARE = [
    "zencrm.health.HealthMiddleware",
    "zencrm.logs.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "zencrm.bodies.BodyLimitMiddleware",
    "leads.capture.doorway.DoorwayMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "people.middleware.UserPreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "core.csp.PolicyMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
    "zencrm.replica.ReplicaMiddleware",
    "core.privacy.watching.AccessMiddleware",
    "zencrm.errors.UnavailableFileMiddleware",
]

ROOT_URLCONF = "zencrm.urls"
WSGI_APPLICATION = "zencrm.wsgi.application"

_loaders: list[str] = [
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    _loaders if DEBUG else [("django.template.loaders.cached.Loader", _loaders)],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.context_processors.frame",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "template_partials.templatetags.partials",
                "core.templatetags.ui",
            ],
        },
    }
]

DATABASES = {"default": DATABASE.copy()}
DATABASES["default"]["ATOMIC_REQUESTS"] = False
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = env.bool("DB_PGBOUNCER", default=False)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True  # a restarted database costs no page: dead connections are replaced
# A pool serves threads; behind PgBouncer set DB_POOL=0 and let it pool.
DATABASES["default"].setdefault("OPTIONS", {})
if env.bool("DB_POOL", default=True):
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": env.int("DB_POOL_SIZE", default=8),
        "timeout": 10,
    }
if env.str("REPLICA_URL", default=""):
    DATABASES["replica"] = {**env.db_url("REPLICA_URL"), "TEST": {"MIRROR": "default"}}
    DATABASE_ROUTERS = ["zencrm.replica.ReplicaRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CELERY_BROKER_URL = embedded.broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_PUBLISH_RETRY = False  # A dead broker must not hold up a page: the work is in the database already.
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "visibility_timeout": 600,
    "max_retries": 0,  # of those who publish; workers go on trying
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Europe/Rome"

# What all processes count together (core/throttle.py); each falls back on itself when Redis is away.
CACHES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "shared": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "zencrm",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    },
}

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "people.backends.RoleBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "people.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
# axes counts failures, in the database, for all processes alike; a whole office may sign in from one address.
ACCOUNT_RATE_LIMITS = {"login_failed": None, "login": "300/m/ip"}
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "ZenCRM"
AXES_FAILURE_LIMIT = env.int("LOGIN_FAILURE_LIMIT", default=5)
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "account/lockout.html"
AXES_USERNAME_CALLABLE = "people.lockout.typed_name"
AXES_RESET_ON_SUCCESS = True

LANGUAGE_CODE = "it"
LANGUAGES = [("it", _("Italian")), ("en", _("English"))]
LOCALE_PATHS: list[Path] = []  # each app owns its catalogue: <app>/locale/
TIME_ZONE = "Europe/Rome"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = "zencrm.formats"
#: Named here: to look their names up, djmoney would have 5 MB of Babel loaded in every process.
CURRENCY_CHOICES = [("EUR", "Euro"), ("USD", "US Dollar"), ("GBP", "British Pound"), ("CHF", "Swiss Franc")]
DEFAULT_CURRENCY = "EUR"

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "core.staticfiles.VendorFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR / "media")))
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "core.staticfiles.StaticStorage"},
}
# Files wait in the database until a worker has moved them there (core/files.py). Empty: they stay in the database.
S3_BUCKET = env.str("S3_BUCKET", default="")
if S3_BUCKET:
    STORAGES["default"] = {
        "BACKEND": "core.bucket.Bucket",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env.str("S3_ENDPOINT", default="") or None,
            # Without keys boto looks where it always does: an instance's role, its own files.
            "access_key": env.str("AWS_ACCESS_KEY_ID", default="") or None,
            "secret_key": env.str("AWS_SECRET_ACCESS_KEY", default="") or None,
            "region_name": env.str("AWS_DEFAULT_REGION", default="") or "us-east-1",
        },
    }

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="ZenCRM <crm@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Answers to e-mails come back to their record: by a signed address below this one (crm+...@example.com), read from a mailbox
# (imaps://user:password@host/INBOX) or given to `manage.py receive_mail` by the mail server. Empty: answers go to the writer.
MAIL_REPLY_ADDRESS = env.str("MAIL_REPLY_ADDRESS", default="crm@localhost" if DEMO else "").lower()
MAILBOX_URL = env.str("MAILBOX_URL", default="")
# A PEM file with the CA, or the certificate, of a mail server that has made its own. Empty: the system's CAs.
MAILBOX_CA = env.str("MAILBOX_CA", default="")
# Mail to these addresses from somebody unknown becomes a lead; it has to arrive in that mailbox. None: no mail does.
LEAD_ADDRESSES = env.list("LEAD_ADDRESSES", default=[])

# Lead forms of social networks. Without a secret their webhooks do not exist; the tokens are for asking what was answered.
META_APP_SECRET = env.str("META_APP_SECRET", default="")
META_VERIFY_TOKEN = env.str("META_VERIFY_TOKEN", default="")
META_PAGE_TOKEN = env.str("META_PAGE_TOKEN", default="")
META_URL = env.str("META_URL", default="https://graph.facebook.com/v21.0")
LINKEDIN_CLIENT_SECRET = env.str("LINKEDIN_CLIENT_SECRET", default="")
LINKEDIN_TOKEN = env.str("LINKEDIN_TOKEN", default="")
LINKEDIN_URL = env.str("LINKEDIN_URL", default="https://api.linkedin.com/rest")
LINKEDIN_VERSION = env.str("LINKEDIN_VERSION", default="202506")

# Who we are, on quotes, invoices and e-mails (ZENCRM_COMPANY_NAME and so on). The demo's company is invented.
COMPANY = identity.from_environment(env.str, demo=DEMO)

# What leaves the house. A channel without an address is off; its deliveries wait and say so.
ERP_FOLDER = Path(env.str("ERP_FOLDER", default=str(VAR / "erp")))
ERP_WEBHOOK_URL = env.str("ERP_WEBHOOK_URL", default="")
ERP_WEBHOOK_SECRET = env.str("ERP_WEBHOOK_SECRET", default="")

# The EU's register of VAT numbers, https://ec.europa.eu/taxation_customs/vies/rest-api. Empty: they are checked offline only.
VIES_URL = env.str("VIES_URL", default="")

# The REST API: what one token may ask for in a minute.
API_MODULE = "zencrm.api"
SPECTACULAR_SETTINGS = {
    "TITLE": "ZenCRM",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "POSTPROCESSING_HOOKS": [],
    "SORT_OPERATIONS": False,
}
API_READS_PER_MINUTE = env.int("API_READS_PER_MINUTE", default=600)
API_WRITES_PER_MINUTE = env.int("API_WRITES_PER_MINUTE", default=120)

# Webhooks go to the internet only, and only by https; a receiver in one's own network has to be allowed here.
WEBHOOK_PRIVATE_ADDRESSES = env.bool("WEBHOOK_PRIVATE_ADDRESSES", default=False)

SESSION_ENGINE = "people.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = DEPLOYED
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if DEPLOYED else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = DEPLOYED
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
# What a request may bring in all, files included; pages and the API allow less each.
UPLOAD_MOST_BYTES = env.int("UPLOAD_MOST_MB", default=300) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

CSRF_FAILURE_VIEW = "zencrm.errors.csrf_failure"
LOGGING = logging_config(
    as_json=env.bool("LOG_JSON", default=not DEBUG and not sys.stderr.isatty()),
    level=env.str("LOG_LEVEL", default="INFO"),
)
if SENTRY_DSN := env.str("SENTRY_DSN", default=""):
    report_to(SENTRY_DSN)

FORM_RENDERER = "core.forms.Renderer"
MENU_MODULE = "zencrm.menu"

# Who made an edit is kept in each version itself: one insert, no join to read it back.
PGHISTORY_CONTEXT_FIELD = pghistory.ContextJSONField()
PGHISTORY_APPEND_ONLY = True
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")  # a page that is only read changes nothing
