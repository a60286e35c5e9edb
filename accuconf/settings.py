"""All settings, one file: every value from the environment, secrets without a default.

ACCUCONF_MODE is `sandbox` (the default: localhost only, made-up secrets, servers of its own) or
`production`, which refuses to start without its secrets; README lists the variables.
"""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from kombu import Queue

from accuconf.sandbox import servers

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("ACCUCONF_DATA", default=str(BASE_DIR / "var")))

MODE = env.str("ACCUCONF_MODE", default="sandbox")
if MODE not in {"sandbox", "production"}:
    raise ImproperlyConfigured(f"ACCUCONF_MODE is {MODE!r}; it must be sandbox or production.")
SANDBOX = MODE == "sandbox"


#: What the sandbox takes where the environment gives nothing; accuconf/checks.py knows them again.
SANDBOX_VALUES = {}


def secret(name, in_sandbox):
    """Read a value that production must be given and for which the sandbox has one of its own."""
    SANDBOX_VALUES[name] = in_sandbox
    return env.str(name, default=in_sandbox) if SANDBOX else env.str(name)


SECRET_KEY = secret("SECRET_KEY", "sandbox-only-" + "0123456789abcdef" * 4)
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"] if SANDBOX else env.list("ALLOWED_HOSTS")
PORTAL_URL = secret("PORTAL_URL", "http://localhost:8000").rstrip("/")

INSTALLED_APPS = [
    "accounts",
    "users",
    "conferences",
    "billing",
    "accuconf",
    "accuconf.staff.StaffOfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django.contrib.postgres",
    "django_countries",
    "django_filters",
    "phonenumber_field",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "users.middleware.FirstSignInMiddleware",
    "accuconf.looking.middleware.LookingMiddleware",
    "users.middleware.ReaderTimeZoneMiddleware",
    "users.middleware.SecondFactorMiddleware",
    "users.middleware.LastSeenMiddleware",
    "accuconf.middleware.StaffToTheBackOfficeMiddleware",
    "accuconf.middleware.PrivatePagesMiddleware",
]

ROOT_URLCONF = "accuconf.urls"
WSGI_APPLICATION = "accuconf.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "users.menu.menu",
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Database, cache, queue -----------------------------------------------------------------

DATABASES = {"default": env.db_url_config(secret("DATABASE_URL", servers.database_url(DATA_DIR)))}
if pool_size := env.int("DATABASE_POOL", default=0):  # for web processes: they have many threads
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
        "min_size": 1,
        "max_size": pool_size,
        "timeout": 10,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = secret("REDIS_URL", servers.redis_url(DATA_DIR))
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

CELERY_BROKER_URL = servers.broker_url(REDIS_URL)
# Longer than any task: a message whose worker was killed is given out again after this.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# PDFs queue apart: workers take from both in turn, so that no letter waits behind a bill run.
CELERY_TASK_QUEUES = [Queue("celery"), Queue("documents")]
CELERY_TASK_ROUTES = {
    "billing.tasks.make_document": {"queue": "documents"},
    "billing.tasks.make_credit_note_document": {"queue": "documents"},
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 540
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_TIMEZONE = "UTC"

# --- Language, time, numbers ----------------------------------------------------------------

LANGUAGE_CODE = "en-us"
LANGUAGES = [("en-us", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
USE_THOUSAND_SEPARATOR = True
PHONENUMBER_DEFAULT_REGION = "US"

# --- Files ----------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = None if SANDBOX else DATA_DIR / "static"  # the sandbox serves them where they are
WHITENOISE_USE_FINDERS = SANDBOX
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Every file of call records as it came: outside of what any web server hands out.
    "call_files": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "call-files"},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if SANDBOX
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
    "recordings": {
        "BACKEND": "conferences.recordings.storage.OnDisk",
        "OPTIONS": {
            "location": DATA_DIR / "recordings",
            "file_permissions_mode": 0o640,
            "directory_permissions_mode": 0o750,
        },
    },
}
#: Recordings lie in this S3-compatible bucket instead, where one is named.
if bucket := env.str("RECORDINGS_BUCKET", default=""):
    STORAGES["recordings"] = {
        "BACKEND": "conferences.recordings.bucket.InBucket",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": env.str("RECORDINGS_S3_ENDPOINT", default=None),
            "region_name": env.str("RECORDINGS_S3_REGION", default="us-east-1"),
            "access_key": env.str("RECORDINGS_S3_ACCESS_KEY", default=None),
            "secret_key": env.str("RECORDINGS_S3_SECRET_KEY", default=None),
            "addressing_style": env.str("RECORDINGS_S3_ADDRESSING", default="auto"),
            "signature_version": "s3v4",
            "querystring_auth": False,
            "file_overwrite": True,  # each name is new; asking whether it is taken costs a request
        },
    }
#: A longer recording is refused; a day of telephone sound is 1.4 GB.
RECORDING_MAX_BYTES = env.int("RECORDING_MAX_BYTES", default=2 * 1024**3)
#: Where bridges put recordings to be taken in; empty: nowhere.
RECORDINGS_FOLDER = env.str("RECORDINGS_FOLDER", default="")
#: The location of nginx that serves DATA_DIR/recordings on our word; empty: we serve them.
X_ACCEL_PREFIX = "" if bucket else env.str("X_ACCEL_PREFIX", default="")
#: Where bridges lay their call records, a folder for each by its name; empty: nothing is watched.
CALLS_FOLDER = env.str("CALLS_FOLDER", default=str(DATA_DIR / "calls") if SANDBOX else "")
CALLS_FOLDER = Path(CALLS_FOLDER) if CALLS_FOLDER else None

# --- People signing in ----------------------------------------------------------------------

AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = [
    "users.backends.PolicyBackend",
    "users.backends.StaffBackend",
    "users.backends.PasswordBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
#: An address may wait in several invitations; one constraint makes it sign in one person only.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "users.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "users.forms.signing_in.SignInForm",
    "reset_password": "users.forms.signing_in.LinkWishForm",
    "user_token": "users.forms.signing_in.LinkForm",
    "reset_password_from_key": "users.forms.signing_in.NewPasswordForm",
    "set_password": "users.forms.signing_in.FirstPasswordForm",
    "change_password": "users.forms.signing_in.ChangePasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False  # letters are ours: users/letters
ACCOUNT_RATE_LIMITS = {
    # Signing in has limits of its own, which no stranger uses up for others: users/throttling.py.
    "login": None,
    "login_failed": None,
    # Per address, anybody could keep its owner from asking.
    "reset_password": "20/m/ip",
    # These take a person who has signed in.
    "change_password": "5/m/user,30/h/user",
    "reauthenticate": "10/m/user,60/h/user",
}
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGIN_TIMEOUT = 900
# Django's own tokens hold the address and the password; allauth's would keep addresses of its own.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"
PASSWORD_RESET_TIMEOUT = 72 * 60 * 60
MFA_ADAPTER = "users.mfa_adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1  # a code may be one step old or early; each works once all the same
MFA_FORMS = {
    "authenticate": "users.forms.second_factor.CodeForm",
    "reauthenticate": "users.forms.second_factor.CodeAgainForm",
    "activate_totp": "users.forms.second_factor.AppForm",
    "add_webauthn": "users.forms.second_factor.PasskeyForm",
    "authenticate_webauthn": "users.forms.second_factor.ByPasskeyForm",
    "reauthenticate_webauthn": "users.forms.second_factor.AgainByPasskeyForm",
    "login_webauthn": "users.forms.second_factor.SignInByPasskeyForm",
}
MFA_ALLOW_UNVERIFIED_EMAIL = True  # whether an address is proved, we keep ourselves
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = SANDBOX
SOCIALACCOUNT_ADAPTER = "users.single_sign_on.adapter.SocialAdapter"
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

# --- Security headers -----------------------------------------------------------------------

SECURE_SSL_REDIRECT = not SANDBOX
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked from inside, without TLS
SECURE_HSTS_SECONDS = 0 if SANDBOX else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not SANDBOX
SECURE_HSTS_PRELOAD = not SANDBOX
SESSION_COOKIE_SECURE = not SANDBOX
CSRF_COOKIE_SECURE = not SANDBOX
SESSION_COOKIE_AGE = 12 * 60 * 60
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # the table of rights has four boxes per conference
if ALLAUTH_TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- Mail -----------------------------------------------------------------------------------

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = secret("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = env.int("EMAIL_PORT", default=8025 if SANDBOX else 587)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=not SANDBOX)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = secret("DEFAULT_FROM_EMAIL", "Meridian Conferencing <bills@meridian.example>")

# --- The operator and its billing -----------------------------------------------------------

OPERATOR_NAME = secret("OPERATOR_NAME", "Meridian Conferencing, Inc.")
#: Its lines, parted by a bar.
OPERATOR_ADDRESS = secret(
    "OPERATOR_ADDRESS", "480 Harbor Street, Suite 900|Boston, MA 02210|USA"
).split("|")
#: Two letters (ISO 3166-1).
OPERATOR_COUNTRY = secret("OPERATOR_COUNTRY", "US")
#: The number by which a register or tax office knows the operator; no e-bill is without one.
OPERATOR_REGISTRATION = secret("OPERATOR_REGISTRATION", "04-3210987")
OPERATOR_PHONE = secret("OPERATOR_PHONE", "+1 617 555 0100")
OPERATOR_EMAIL = secret("OPERATOR_EMAIL", "billing@meridian.example")
#: Billing months are calendar months in this zone, which is printed on each bill.
BILLING_TIME_ZONE = env.str("BILLING_TIME_ZONE", default="America/New_York")
#: How long after a month's end late call records are waited for before its bill run opens.
BILLING_GRACE_HOURS = env.int("BILLING_GRACE_HOURS", default=6)
CHECK_TERMS_DAYS = 30
#: Refunds and write-offs above this need a second member of staff.
REFUND_LIMIT_CENTS = env.int("REFUND_LIMIT_CENTS", default=50_000)
#: A bill up to this is never held as absurd, however much larger than the ones before it.
ABSURD_BILL_CENTS = env.int("ABSURD_BILL_CENTS", default=50_000)

#: The largest body of call records that a bridge may post, and how many may wait to be taken in.
RECORDS_MAX_BYTES = env.int("RECORDS_MAX_BYTES", default=16 * 1024 * 1024)
RECORDS_MOST_WAITING = env.int("RECORDS_MOST_WAITING", default=10_000)

# --- Secrets of the domain ------------------------------------------------------------------

#: PINs are encrypted with the first key and read with any (newest first); Fernet keys.
PIN_KEYS = secret("PIN_KEYS", "c2FuZGJveC1waW4ta2V5LW5vdC1hLXNlY3JldC0wMDA=").split(",")
#: PINs are hashed for look-up with the first key and found by any; rotate_pin_keys changes both.
PIN_HASH_KEYS = secret("PIN_HASH_KEYS", "sandbox-pin-hash-key").split(",")

#: The secrets of second factors are encrypted likewise.
SECOND_FACTOR_KEYS = secret(
    "SECOND_FACTOR_KEYS", "c2FuZGJveC1zZWNvbmQtZmFjdG9yLWtleS0wMDAwMDA="
).split(",")
#: The secrets that we know of companies' sign-in providers are encrypted likewise; Fernet keys.
SINGLE_SIGN_ON_KEYS = secret(
    "SINGLE_SIGN_ON_KEYS", "c2FuZGJveC1zc28ta2V5LW5vdC1hLXNlY3JldC0wMDA="
).split(",")
#: What bridges prove themselves by, and how they are controlled, is encrypted likewise.
BRIDGE_KEYS = secret("BRIDGE_KEYS", "c2FuZGJveC1icmlkZ2Uta2V5LW5vdC1hLXNlY3JldCE=").split(",")

# --- Bridges --------------------------------------------------------------------------------

#: Countries into which moderators may call out, as ISO codes with commas; none: it is not offered.
OUT_DIAL_REGIONS = env.list("OUT_DIAL_REGIONS", default=["US", "CA"] if SANDBOX else [])
#: The trunk that bridges call out by: a FreeSWITCH gateway, a PJSIP endpoint of Asterisk.
OUT_DIAL_TRUNK = env.str("OUT_DIAL_TRUNK", default="outbound")
#: The number that is shown to those called, with + and country; empty: the trunk's own.
OUT_DIAL_CALLER_ID = env.str("OUT_DIAL_CALLER_ID", default="")
#: The folder on a bridge into which a moderator's recording is written.
BRIDGE_RECORDINGS_FOLDER = env.str(
    "BRIDGE_RECORDINGS_FOLDER", default="/var/lib/accuconf/recordings"
)
#: Where the demo's bridge listens for orders; 0: there is none.
SANDBOX_BRIDGE_PORT = env.int("SANDBOX_BRIDGE_PORT", default=0)

# --- Stripe ---------------------------------------------------------------------------------

STRIPE_SECRET_KEY = secret("STRIPE_SECRET_KEY", "sk_test_sandbox")
STRIPE_PUBLISHABLE_KEY = secret("STRIPE_PUBLISHABLE_KEY", "pk_test_sandbox")
#: What Stripe signs its webhooks with, parted by commas: two while one replaces the other.
STRIPE_WEBHOOK_SECRETS = secret("STRIPE_WEBHOOK_SECRETS", "whsec_sandbox").split(",")
STRIPE_ITSELF = "https://api.stripe.com"
STRIPE_API_BASE = env.str(
    "STRIPE_API_BASE", default="http://127.0.0.1:8430" if SANDBOX else STRIPE_ITSELF
)
#: Stripe.js comes from Stripe itself, never bundled, or from the stand-in that answers the API too.
STRIPE_JS_ITSELF = "https://js.stripe.com/endive/stripe.js"
STRIPE_JS_URL = env.str(
    "STRIPE_JS_URL",
    default=STRIPE_JS_ITSELF
    if STRIPE_API_BASE == STRIPE_ITSELF
    else f"{STRIPE_API_BASE}/endive/stripe.js",
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
}
