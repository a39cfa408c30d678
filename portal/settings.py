"""Every setting of the portal, read from the environment. With nothing set it is a working demonstration."""

import sys
from pathlib import Path
from typing import Any

import django_stubs_ext
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from portal.accounts import conf
from portal.operations import environment as env
from portal.operations import timetable, wiring
from portal.operations.embedded import places
from portal.operations.embedded import redis as embedded_redis

django_stubs_ext.monkeypatch()  # ModelAdmin[Case], ListView[Case]: generics that Django has only for type checkers

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var"))).resolve()

# --- Where we are -----------------------------------------------------------------------------------------------
ENVIRONMENT = env.text("ENVIRONMENT", "test" if "pytest" in sys.modules else "demo")
if ENVIRONMENT not in {"demo", "test", "production"}:
    raise ImproperlyConfigured("ENVIRONMENT: scegli demo, test o production.")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = False

SECRET_KEY = env.text("SECRET_KEY") or ("" if PRODUCTION else env.secret_key(DATA_DIR))
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")

_ports = env.kept_ports(DATA_DIR)
PORTAL_BASE_URL = env.text("PORTAL_BASE_URL", f"http://127.0.0.1:{_ports['web']}").rstrip("/")
SANDBOX_BASE_URL = env.text("SANDBOX_BASE_URL", "" if PRODUCTION else f"http://localhost:{_ports['sandbox']}").rstrip(
    "/"
)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "" if PRODUCTION else "127.0.0.1,localhost,.localhost,testserver")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

# --- The house --------------------------------------------------------------------------------------------------
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
AUTH_USER_MODEL = "portal_accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS: list[str] = []

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "django_scopes",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    # Its OpenID Connect client serves spid_auth.oidc; its pages and its accounts do not exist here.
    "allauth.socialaccount",
    "rest_framework",
    "drf_spectacular",
    "portal.entities",
    "portal.accounts",
    "portal.people",
    "portal.audit",
    "portal.outbox",
    "portal.registry",
    "portal.documents",
    "portal.messaging",
    "portal.billing",
    "portal.catalogue",
    "portal.cases",
    "portal.api",
    "portal.site",
    "portal.operations",
    "spid_auth",
    "payments",
    "payments.reconciliation",
    "payments.fines",
    "exceptional_transport",
]

MIDDLEWARE = [
    "payments.node.door.StationDoorMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "portal.api.door.ServiceDoorMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.operations.middleware.PrivatePagesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.site.middleware.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.accounts.middleware.StaffSessionMiddleware",
    "portal.entities.middleware.EntityMiddleware",
    "portal.people.middleware.ActingMiddleware",
    "portal.accounts.middleware.SecondFactorMiddleware",
    "portal.site.middleware.RefusalMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.site.context_processors.portal",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"


# --- Data -------------------------------------------------------------------------------------------------------
EMBEDDED_PLACE = places.place_for(DATA_DIR)
DATABASE_URL = env.text("DATABASE_URL")
REDIS_URL = env.text("REDIS_URL")
if PRODUCTION and not (DATABASE_URL and REDIS_URL and SECRET_KEY and ALLOWED_HOSTS):
    raise ImproperlyConfigured("In produzione servono DATABASE_URL, REDIS_URL, SECRET_KEY e ALLOWED_HOSTS.")

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.database(DATABASE_URL)
    if DATABASE_URL
    else {"ENGINE": "portal.operations.postgres", "NAME": "portale"},
}
DATABASES["default"] |= {"ATOMIC_REQUESTS": False, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}

EMBEDDED_REDIS = not REDIS_URL
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "portal.operations.cache.FailOpenRedisCache",
        "LOCATION": REDIS_URL or embedded_redis.url(EMBEDDED_PLACE),
        "KEY_PREFIX": f"portale-{ENVIRONMENT}",
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    },
}
if ENVIRONMENT == "test":
    CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}

# --- Carrying things out ----------------------------------------------------------------------------------------
CELERY_BROKER_URL = embedded_redis.broker_address(REDIS_URL or embedded_redis.url(EMBEDDED_PLACE))
if ENVIRONMENT == "test":
    CELERY_BROKER_URL = "memory://"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_DEFAULT_QUEUE = "portale"
CELERY_TIMEZONE = "Europe/Rome"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# `.delay()` gives up within about two seconds when Redis is away: the outbox sends it later.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = embedded_redis.TRANSPORT_OPTIONS
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = timetable.schedule(production=PRODUCTION)

# --- Language and time ------------------------------------------------------------------------------------------
LANGUAGE_CODE = "it"
LANGUAGES = [("it", "Italiano"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["portal.formats"]
TIME_ZONE = "Europe/Rome"
USE_THOUSAND_SEPARATOR = True

# --- Files ------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(DATA_DIR / "static")))
# Two wheels give only their static files: their templates and forms are not ours.
STATICFILES_DIRS = [
    BASE_DIR / "static",
    places.package_folder("bootstrap_italia_template") / "static",
    places.package_folder("leaflet") / "static",
]
MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = ""
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(MEDIA_ROOT), "base_url": None},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if ENVIRONMENT == "test":
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_TEMP_DIR = None
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000
# The largest body of a request, refused before it is read: a file of 10 MB and its form.
LARGEST_BODY = 12 * 1024 * 1024
# The same for documents of the treasury and the node, from the accountant's page or from another system: files of
# 50 MB and what carries them.
LARGEST_DOCUMENT = 52 * 1024 * 1024
LARGE_BODIES = {"/admin/payments_reconciliation/reconciledreceipt/carica/": LARGEST_DOCUMENT}

# --- Who comes in -----------------------------------------------------------------------------------------------
LOGIN_URL = "/accedi/"
LOGIN_REDIRECT_URL = "/area/"
# After the login a citizen says for whom they act and confirms their e-mail, then goes where they were going.
CITIZEN_WELCOME_URL = "/benvenuto/"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "portal.accounts.backends.StaffBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "portal.accounts.adapter.StaffAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_FORMS = conf.ACCOUNT_FORMS
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "portal.accounts.tokens.StaffTokenGenerator"  # noqa: S105 - a dotted name
PASSWORD_RESET_TIMEOUT = 3600
# The brake on an address; attempts on a name are counted in the database (portal.accounts.services).
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip", "reset_password": "5/m/ip"}
# Who of the staff works only with a second factor: no roles means everybody.
STAFF_MFA_REQUIRED = env.flag("STAFF_MFA_REQUIRED", default=PRODUCTION)
STAFF_MFA_ROLES = env.words("STAFF_MFA_ROLES")
STAFF_SESSION_IDLE_MINUTES = int(env.text("STAFF_SESSION_IDLE_MINUTES", "30"))
SOCIALACCOUNT_ADAPTER = "spid_auth.oidc.flow.ClosedAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_STORE_TOKENS = False
MFA_FORMS = conf.MFA_FORMS
MFA_ADAPTER = "portal.accounts.mfa_adapter.StaffMFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Portale dei servizi"
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds: clocks of phones are not exact (RFC 6238, 5.2)

# --- Cookies and headers ----------------------------------------------------------------------------------------
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
if PRODUCTION:
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = [r"^stato/$"]
    SECURE_HSTS_SECONDS = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
else:
    # Cookies know no ports: the demos of two checkouts on one machine must not log each other out.
    SESSION_COOKIE_NAME = f"session_{PORTAL_BASE_URL.rpartition(':')[2]}"
    CSRF_COOKIE_NAME = f"csrf_{PORTAL_BASE_URL.rpartition(':')[2]}"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # The theme carries one icon font inside its style sheet.
        "font-src": [SELF, "data:"],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

# --- Counterparts -----------------------------------------------------------------------------------------------
# Proxies in front of the portal that write X-Forwarded-For: 0 believes nobody, the address is that of the connection.
TRUSTED_PROXIES = int(env.text("TRUSTED_PROXIES", "0"))
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
# The brakes of portal.site.limits: off only for tools that log in hundreds of times from one address.
RATE_LIMITS = env.flag("RATE_LIMITS", default=True)
# SHA-256 of the node's client certificates, as the proxy passes them in X-Client-Fingerprint.
PAGOPA_CLIENT_FINGERPRINTS = env.words("PAGOPA_CLIENT_FINGERPRINTS")
# The journal of the node's calls: how many are written at once, and the days it is kept (a choice, not a norm).
PAGOPA_JOURNAL_ROWS = 1 if ENVIRONMENT == "test" else int(env.text("PAGOPA_JOURNAL_ROWS", "500"))
PAGOPA_JOURNAL_DAYS = int(env.text("PAGOPA_JOURNAL_DAYS", "730"))
# Messages in quarantine: the days they are kept (a choice, not a norm).
PAGOPA_QUARANTINE_DAYS = int(env.text("PAGOPA_QUARANTINE_DAYS", "730"))
# A folder of PEM certificates: who may have signed a digital stamp. Empty means that signatures are not judged.
SPONTANEOUS_GRACE_DAYS = int(env.text("SPONTANEOUS_GRACE_DAYS", "15"))
SPONTANEOUS_RETRY_SECONDS = int(env.text("SPONTANEOUS_RETRY_SECONDS", "120"))
PAGOPA_STAMP_ANCHORS = env.text("PAGOPA_STAMP_ANCHORS")
# A folder of captions_<language>.toml: more second languages for the printed notice.
PAYMENTS_CAPTIONS_DIR = env.text("PAYMENTS_CAPTIONS_DIR")
CHECKOUT_URL = env.text("CHECKOUT_URL")
CHECKOUT_SUBSCRIPTION_KEY = env.text("CHECKOUT_SUBSCRIPTION_KEY")
# PagoPA's platform (GPD, ACA, back office) and the Region's IRIS; keys by broker: payments/providers/conf.py.
PAGOPA_PLATFORM_URL = env.text("PAGOPA_PLATFORM_URL")
PAGOPA_GPD_VERSION = env.text("PAGOPA_GPD_VERSION", "v3")
IRIS_URL = env.text("IRIS_URL")
FDR_BASE_URL = env.text("FDR_BASE_URL")
FDR_SUBSCRIPTION_KEY = env.text("FDR_SUBSCRIPTION_KEY")
# Missing receipts are asked of biz-events by the portal itself, once a day, for so many days; 0 means never.
RECEIPTS_ASKED_FOR_DAYS = int(env.text("RECEIPTS_ASKED_FOR_DAYS", "0"))
TREASURY_DIR = env.text("TREASURY_DIR")
SPID_KEYS_DIR = env.text("SPID_KEYS_DIR")
SPID_LOCALITY = env.text("SPID_LOCALITY", "Pisa")
SPID_LEVEL = int(env.text("SPID_LEVEL", "2"))
SPID_COMPARISON = env.text("SPID_COMPARISON", "minimum")
SPID_CONTACTS = env.flag("SPID_CONTACTS")
SPID_CLOCK_SKEW = int(env.text("SPID_CLOCK_SKEW", "60"))
# Newest first: the register of logins is sealed with the first, older entries open with the others.
SPID_REGISTER_KEYS = env.words("SPID_REGISTER_KEYS")
# Where the identity providers are published, and who must have signed (SHA-256 of certificates).
SPID_REGISTRY_URL = env.text("SPID_REGISTRY_URL")
SPID_REGISTRY_PIN = env.words("SPID_REGISTRY_PIN")
# ARPA, or any other OpenID Connect provider, as spid_auth.oidc.conf reads it; the secret stands by itself.
ARPA_OIDC = env.mapping("ARPA_OIDC")
ARPA_OIDC_SECRET = env.text("ARPA_OIDC_SECRET")

# --- Mail -------------------------------------------------------------------------------------------------------
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = int(env.text("EMAIL_PORT", str(_ports["mail"])))
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=PRODUCTION)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Portale dei servizi <non-rispondere@portale.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# The right-hand side of Message-ID: the same for every process, so that answers find their message.
MESSAGE_ID_DOMAIN = env.text("MESSAGE_ID_DOMAIN", "portale.example")

# --- API --------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Portale dei servizi: servizi per altri sistemi",
    "DESCRIPTION": "Ogni chiave vale per un solo ente. Gli errori sono in application/problem+json (RFC 9457).",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.0.3",
    "SERVERS": [{"url": PORTAL_BASE_URL, "description": "Questa installazione"}],
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v[0-9]+",
}

# --- Demonstration ----------------------------------------------------------------------------------------------
SANDBOXES = wiring.sandboxes(production=PRODUCTION)
DEMO_SEEDS = wiring.demo_seeds(production=PRODUCTION)
DEMO_GUIDE = wiring.DEMO_GUIDE
BENCHES = wiring.BENCHES

# --- Logs: no personal data, one line each ----------------------------------------------------------------------
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": wiring.log_lines(production=PRODUCTION)},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "WARNING")},
    "loggers": {
        "portal": {"level": "INFO"},
        "django.security.DisallowedHost": {"level": "ERROR", "propagate": True},
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
    },
}
