"""Settings: every value from the environment, safe when nothing is set.

`.env.example` explains each variable. `DEBUG` is off unless the environment opts in, and with `DEBUG` off
the shop refuses to start without `SECRET_KEY`, `ALLOWED_HOSTS` and `DATABASE_URL` (see `shop/checks.py`).
"""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import django_stubs_ext
import environ

from shop import embedded_postgres
from shop.api_description import API_DESCRIPTION
from shop.logs import logging_config
from shop.media import media_from
from shop.staff_theme import staff_theme
from shop.visitors import HEADERS_TAKEN, HEADERS_TOLD, RATES

BASE_DIR = Path(__file__).resolve().parent.parent
# Lets annotations such as ModelForm[User] stand at run time, where Django knows no generics yet.
django_stubs_ext.monkeypatch()

env = environ.Env()
env_file = os.environ.get("SHOP_ENV_FILE", str(BASE_DIR / ".env"))
if env_file and Path(env_file).is_file():
    environ.Env.read_env(env_file)

DEBUG: bool = env.bool("DEBUG", default=False)
DATA_DIR = Path(env.str("SHOP_DATA_DIR", default=str(BASE_DIR / ".data")))

# --- What production must say -----------------------------------------------------------------------------
# A value that is missing is replaced by something harmless and reported by a system check, so that the
# operator reads one sentence instead of a stack trace.
REQUIRED_IN_PRODUCTION = ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL")
MISSING_SETTINGS = [] if DEBUG else [name for name in REQUIRED_IN_PRODUCTION if not env.str(name, default="")]

SECRET_KEY: str = env.str("SECRET_KEY", default="") or (
    "development-only-key-never-used-in-production" if DEBUG else secrets.token_urlsafe(50)
)
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])

# --- The shop ---------------------------------------------------------------------------------------------
SHOP_NAME: str = env.str("SHOP_NAME", default="Juniper & Clay")
# The language of names and descriptions, as PostgreSQL calls it; "simple" for none. After a change: manage.py reindex
SHOP_SEARCH_LANGUAGE: str = env.str("SHOP_SEARCH_LANGUAGE", default="english")
SHOP_TAGLINE: str = env.str("SHOP_TAGLINE", default="Handmade things for kitchen, home and garden.")
SHOP_CURRENCY: str = env.str("SHOP_CURRENCY", default="EUR")
SHOP_LOCALE: str = env.str("SHOP_LOCALE", default="en_IE")
SHOP_COUNTRIES: list[str] = env.list(
    "SHOP_COUNTRIES",
    default=["AT", "BE", "CH", "DE", "DK", "ES", "FR", "GB", "IE", "IT", "LU", "NL", "PL", "SE"],
)
# Where the shop is: what carts show before the shopper has said where to.
SHOP_COUNTRY: str = env.str("SHOP_COUNTRY", default="DE" if "DE" in SHOP_COUNTRIES else "".join(SHOP_COUNTRIES[:1]))
SHOP_SHIPPING_FLAT_RATE: str = env.str("SHOP_SHIPPING_FLAT_RATE", default="4.90")
SHOP_SHIPPING_FREE_FROM: str = env.str("SHOP_SHIPPING_FREE_FROM", default="75.00")
SHOP_BANK_DETAILS: str = env.str(
    "SHOP_BANK_DETAILS",
    default="The bank details of this shop have not been set up yet; please wait for our e-mail.",
)
# Days in which a bank transfer must arrive, minutes in which a payment on the spot must; then the order is off.
SHOP_BANK_TRANSFER_TERM = timedelta(days=env.int("SHOP_BANK_TRANSFER_DAYS", default=14))
SHOP_PAYMENT_TERM = timedelta(minutes=env.int("SHOP_PAYMENT_MINUTES", default=30))
# Cards through Stripe, on as soon as its key is set. Two webhook secrets are valid while one is exchanged.
STRIPE_SECRET_KEY: str = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_WEBHOOK_SECRETS: list[str] = [part.strip() for part in env.list("STRIPE_WEBHOOK_SECRETS", default=[])]
STRIPE_CAPTURE: str = env.str("STRIPE_CAPTURE", default="automatic")
STRIPE_API_BASE: str = env.str("STRIPE_API_BASE", default="").rstrip("/")
STRIPE_TIMEOUT: float = env.float("STRIPE_TIMEOUT", default=10.0)
STRIPE_RETRIES: int = env.int("STRIPE_RETRIES", default=1)
# A provider that only pretends, so that development sells without an account anywhere. Never in production.
PRETEND_PAYMENTS: bool = DEBUG and env.bool("PRETEND_PAYMENTS", default=True)
# Prices of the catalogue contain the tax, or it comes on top; shipping is taxed as this tax class (empty: not at all).
SHOP_PRICES_INCLUDE_TAX: bool = env.bool("SHOP_PRICES_INCLUDE_TAX", default=True)
SHOP_TAX_NAME: str = env.str("SHOP_TAX_NAME", default="VAT")
SHOP_SHIPPING_TAX_CLASS: str = env.str("SHOP_SHIPPING_TAX_CLASS", default="standard")
# Days after delivery in which customers may ask for a return.
SHOP_RETURN_DAYS: int = env.int("SHOP_RETURN_DAYS", default=30)
# Available pieces below which staff and other systems are told that stock is low; a variant may have its own number.
SHOP_LOW_STOCK: int = env.int("SHOP_LOW_STOCK", default=5)
# Who gets a letter each morning on which something new is low.
SHOP_LOW_STOCK_EMAILS: list[str] = env.list("SHOP_LOW_STOCK_EMAILS", default=[])
# Days after which the address of somebody who was told that a variant is back is forgotten.
SHOP_STOCK_ALERT_DAYS: int = env.int("SHOP_STOCK_ALERT_DAYS", default=30)
# Who sells, as it is printed on invoices: address and footer may have several lines, written with \n between them.
SHOP_LEGAL_NAME: str = env.str("SHOP_LEGAL_NAME", default="") or SHOP_NAME
SHOP_LEGAL_ADDRESS: str = env.str("SHOP_LEGAL_ADDRESS", default="", multiline=True)
# Where accepted returns are sent; the seller's own address unless another is set.
SHOP_RETURN_ADDRESS: str = env.str(
    "SHOP_RETURN_ADDRESS",
    default=f"{SHOP_LEGAL_NAME}\n{SHOP_LEGAL_ADDRESS}" if SHOP_LEGAL_ADDRESS else "",
    multiline=True,
) or ("Juniper & Clay, returns\nTöpfergasse 12\n10117 Berlin\nGermany" if DEBUG else "")
SHOP_VAT_ID: str = env.str("SHOP_VAT_ID", default="")
SHOP_INVOICE_FOOTER: str = env.str("SHOP_INVOICE_FOOTER", default="", multiline=True)
# What the numbers of invoices and credit notes begin with: INV-000001, CR-000001.
SHOP_INVOICE_PREFIX: str = env.str("SHOP_INVOICE_PREFIX", default="INV-")
SHOP_CREDIT_NOTE_PREFIX: str = env.str("SHOP_CREDIT_NOTE_PREFIX", default="CR-")
# Webhooks may go to this machine, and by http: for development.
SHOP_WEBHOOKS_ALLOW_PRIVATE: bool = env.bool("SHOP_WEBHOOKS_ALLOW_PRIVATE", default=DEBUG)
# Pictures may be fetched from this machine: for development.
SHOP_IMAGES_ALLOW_PRIVATE: bool = env.bool("SHOP_IMAGES_ALLOW_PRIVATE", default=DEBUG)
SITE_URL: str = env.str("SITE_URL", default="").rstrip("/") or (
    f"http://127.0.0.1:{env.int('PORT', default=8000)}"
    if DEBUG
    else f"https://{(ALLOWED_HOSTS or ['localhost'])[0].lstrip('.')}"
)
# Pages of others to which a form of ours may lead: a browser sends nobody to a payment page that is not named here.
PAYMENT_PAGES: list[str] = env.list(
    "PAYMENT_PAGES",
    default=[
        *([STRIPE_API_BASE or "https://checkout.stripe.com"] if STRIPE_SECRET_KEY else []),
        *([SITE_URL] if PRETEND_PAYMENTS else []),
    ],
)
CART_MAX_LINES = 100
CART_COOKIE_LIFETIME = timedelta(days=60)
CART_MAX_QUANTITY = 999

# --- Applications -----------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "shop.apps.ShopConfig",
    "idempotency.apps.IdempotencyConfig",
    "accounts.apps.AccountsConfig",
    "catalog.apps.CatalogConfig",
    "orders.apps.OrdersConfig",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "corsheaders",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "procrastinate.contrib.django",
    "rest_framework",
    "treebeard",
]

MIDDLEWARE = [
    "shop.middleware.RequestIdMiddleware",
    "shop.health.HealthMiddleware",
    "shop.middleware.UniversalTimeMiddleware",
    "shop.middleware.UnavailableMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "shop.middleware.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "shop.limits.RequestSizeMiddleware",
    "shop.middleware.StaffAddressMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "shop.context.storefront",
            ],
        },
    },
]

# --- Database ---------------------------------------------------------------------------------------------
# A bounded pool: a hundred parallel requests wait their turn instead of exhausting the server.
# lock_timeout: a row held by somebody else costs the shopper a polite 503, never a hung worker. It counts twice at
# most, for a place in the queue and then for the row, so that the answer is there within five seconds.
if env.str("DATABASE_URL", default=""):
    DATABASES: dict[str, Any] = {"default": env.db_url("DATABASE_URL")}
else:
    DATABASES = {"default": env.db_url_config(embedded_postgres.url())}
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"]["ENGINE"] = "shop.database"
DATABASES["default"].setdefault("OPTIONS", {}).update(
    {
        "connect_timeout": 5,
        "pool": {
            "min_size": env.int("DB_POOL_MIN", default=1),
            "max_size": env.int("DB_POOL_MAX", default=20),
            "timeout": env.float("DB_POOL_TIMEOUT", default=20.0),
        },
        # jit: compiling a statement takes longer than any of ours runs.
        "options": "-c lock_timeout=2s -c idle_in_transaction_session_timeout=60s -c jit=off",
    }
)
ATOMIC_REQUESTS = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Cache: throttles only; never needed for correctness --------------------------------------------------
CACHE_URL: str = env.str("CACHE_URL", default="")
CACHES: dict[str, Any] = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}
        if CACHE_URL
        else {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            # Counters that are thrown out would give their clients a new quota.
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    )
}

# --- Accounts ---------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.AccountBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "accounts:profile"
LOGOUT_REDIRECT_URL = "catalog:home"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30

ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = False
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if DEBUG else "https"
ACCOUNT_USERNAME_VALIDATORS = "accounts.models.username_validators"
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "signup": "accounts.forms.SignupForm",
    "add_email": "accounts.forms.AddEmailForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
}
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# The doors are counted by accounts/throttling.py, pages and API together; of allauth's own limits remains what
# protects mailboxes.
ACCOUNT_RATE_LIMITS: dict[str, str | None] = {
    **dict.fromkeys(
        ("login", "login_failed", "signup", "reset_password", "reset_password_from_key", "change_password")
    ),
    "reauthenticate": None,
    "confirm_email": "1/2s/key" if DEBUG else "1/180s/key",
    "manage_email": "10/m/user",
}
PASSWORD_RESET_TIMEOUT = 60 * 60
# The mobile API may hand out tokens before the e-mail address is confirmed; production does not.
API_REQUIRES_CONFIRMED_EMAIL: bool = env.bool("API_REQUIRES_CONFIRMED_EMAIL", default=not DEBUG)

# --- API --------------------------------------------------------------------------------------------------
# Per address, each by THROTTLE_<NAME>; development's are high enough for load tests from one machine.
THROTTLE_RATES: dict[str, str] = {
    name: env.str(f"THROTTLE_{name.upper()}", default="100000/minute" if DEBUG else rate)
    for name, rate in RATES.items()
}

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["shop.wire.JsonParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "shop.wire.AnyJson",
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_SCHEMA_CLASS": "shop.schema.ProblemAutoSchema",
    "EXCEPTION_HANDLER": "shop.errors.problem_response",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "COERCE_DECIMAL_TO_STRING": True,
    "NUM_PROXIES": env.int("NUM_PROXIES", default=0),
}
SPECTACULAR_SETTINGS = API_DESCRIPTION
SIMPLE_JWT: dict[str, Any] = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=env.int("ACCESS_TOKEN_MINUTES", default=30)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env.int("REFRESH_TOKEN_DAYS", default=30)),
    "ALGORITHM": "HS256",
    "SIGNING_KEY": SECRET_KEY,
    "ISSUER": SITE_URL,
    "AUDIENCE": "shop-api",
    "TOKEN_TYPE_CLAIM": "type",
    "UPDATE_LAST_LOGIN": False,
}
CORS_ALLOWED_ORIGINS: list[str] = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/api/.*$"
CORS_ALLOW_HEADERS = [*HEADERS_TAKEN]
CORS_EXPOSE_HEADERS = [*HEADERS_TOLD]

# --- Language, time, files --------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Berlin")
USE_I18N = True
FORMAT_MODULE_PATH = ["shop.formats"]
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(DATA_DIR / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(DATA_DIR / "media"))
# Files that no address leads to, such as what is imported.
PRIVATE_ROOT = env.str("PRIVATE_ROOT", default=str(DATA_DIR / "private"))
MEDIA = media_from(env, private_root=PRIVATE_ROOT)
STORAGES: dict[str, Any] = {
    **MEDIA.storages,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE, DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000_000, 5_000  # a page of 100 variants has 1,500
# The largest file of products that staff may upload; the command takes files of any size.
IMPORT_MAX_MB: int = env.int("IMPORT_MAX_MB", default=200)

# --- E-mail -----------------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"{SHOP_NAME} <shop@example.com>")
if env.str("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
elif DEBUG:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(DATA_DIR / "mail")
EMAIL_TIMEOUT = 20

# --- HTTP security ----------------------------------------------------------------------------------------
_secure = not DEBUG
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=_secure)
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if _secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _secure
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = "__Host-session" if _secure else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if _secure else "csrf"
CART_COOKIE_NAME = "__Host-cart" if _secure else "cart"
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# --- Background work --------------------------------------------------------------------------------------
PROCRASTINATE_IMPORT_PATHS = ["catalog.tasks", "orders.tasks"]
# A worker that has not been heard of for so many seconds is dead, and others do again what it had begun.
WORKER_LOST_AFTER: float = env.float("WORKER_LOST_AFTER", default=30.0)
PROCRASTINATE_WORKER_DEFAULTS = {
    "update_heartbeat_interval": WORKER_LOST_AFTER / 3,
    "stalled_worker_timeout": WORKER_LOST_AFTER,
}

# --- Logging: JSON in production, readable lines in development; every line carries the request's id --------
LOGGING = logging_config(level=env.str("LOG_LEVEL", default="INFO"), for_people=DEBUG)

# --- Admin ------------------------------------------------------------------------------------------------
UNFOLD = staff_theme(SHOP_NAME)
CSRF_FAILURE_VIEW = "shop.errors.csrf_failure"
