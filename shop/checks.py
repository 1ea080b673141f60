"""System checks: a production that is set up wrongly fails at start, not at the first order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

from accounts.countries import is_country
from catalog.money import CURRENCIES, InvalidAmount, parse_amount
from catalog.search.language import LANGUAGES
from orders.payments.methods import payment_methods
from shop.media import LOCAL, S3

HINTS = {
    "SECRET_KEY": "Set SECRET_KEY to 50 or more random characters: "
    "python -c 'import secrets; print(secrets.token_urlsafe(50))'",
    "ALLOWED_HOSTS": "Set ALLOWED_HOSTS to the shop's host names, separated by commas: shop.example.com",
    "DATABASE_URL": "Set DATABASE_URL to a PostgreSQL address: postgresql://user:password@host:5432/shop",
}
IDS = {"SECRET_KEY": "shop.E001", "ALLOWED_HOSTS": "shop.E002", "DATABASE_URL": "shop.E003"}


@register
def required_settings(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """With DEBUG off, the settings without which the shop must not start."""
    return [
        Error(f"{name} is not set, and DEBUG is off.", hint=HINTS[name], id=IDS[name])
        for name in settings.MISSING_SETTINGS
    ]


@register
def database_is_postgresql(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Locks, constraints and search rely on PostgreSQL; nothing else is accepted."""
    if settings.DATABASES["default"]["ENGINE"] == "shop.database":
        return []
    return [Error("The database is not PostgreSQL.", hint=HINTS["DATABASE_URL"], id="shop.E004")]


@register
def money_settings(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """The currency is known and the shipping amounts fit it."""
    if settings.SHOP_CURRENCY not in CURRENCIES:
        return [
            Error(
                f"SHOP_CURRENCY is {settings.SHOP_CURRENCY!r}.",
                hint="Set it to an ISO 4217 code such as EUR.",
                id="shop.E005",
            )
        ]
    wrong = {
        "SHOP_SHIPPING_FLAT_RATE": _amount_problem(settings.SHOP_SHIPPING_FLAT_RATE),
        # Empty: shipping is never free.
        "SHOP_SHIPPING_FREE_FROM": settings.SHOP_SHIPPING_FREE_FROM
        and _amount_problem(settings.SHOP_SHIPPING_FREE_FROM),
    }
    return [
        Error(f"{name}: {problem}", hint="Set it to an amount such as 4.90.", id="shop.E006")
        for name, problem in wrong.items()
        if problem
    ]


def _amount_problem(text: str) -> str:
    try:
        return "This is less than nothing." if parse_amount(text, settings.SHOP_CURRENCY) < 0 else ""
    except InvalidAmount as error:
        return str(error)


@register
def selling_settings(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """The shop sells somewhere, its own country is among those places, and times and counts make sense."""
    found: list[CheckMessage] = []
    unknown = [code for code in settings.SHOP_COUNTRIES if not is_country(code)]
    if unknown or not settings.SHOP_COUNTRIES:
        said = f"SHOP_COUNTRIES has {', '.join(map(repr, unknown))}." if unknown else "SHOP_COUNTRIES is empty."
        found.append(Error(said, hint="Set it to ISO 3166 codes such as DE,AT.", id="shop.E020"))
    if settings.SHOP_COUNTRY not in settings.SHOP_COUNTRIES:
        said = f"SHOP_COUNTRY is {settings.SHOP_COUNTRY!r}, which is not one of SHOP_COUNTRIES."
        hint = "Set it to the country that carts show tax and shipping for."
        found.append(Error(said, hint=hint, id="shop.E021"))
    least: dict[str, tuple[Any, Any]] = {
        "SHOP_BANK_TRANSFER_DAYS": (settings.SHOP_BANK_TRANSFER_TERM, timedelta(days=1)),
        "SHOP_PAYMENT_MINUTES": (settings.SHOP_PAYMENT_TERM, timedelta(minutes=1)),
        "SHOP_RETURN_DAYS": (settings.SHOP_RETURN_DAYS, 0),
        "SHOP_LOW_STOCK": (settings.SHOP_LOW_STOCK, 0),
    }
    found += [
        Error(f"{name} is too small.", hint="Look at .env.example for what it means.", id="shop.E022")
        for name, (value, smallest) in least.items()
        if value < smallest
    ]
    found += [
        Error(
            f"SHOP_LOW_STOCK_EMAILS has {address!r}.",
            hint="Set it to e-mail addresses, separated by commas.",
            id="shop.E026",
        )
        for address in settings.SHOP_LOW_STOCK_EMAILS
        if not _is_mailbox(address)
    ]
    return found


def _is_mailbox(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True


@register
def search_language(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """PostgreSQL knows the language of search."""
    if settings.SHOP_SEARCH_LANGUAGE in LANGUAGES:
        return []
    known = ", ".join(LANGUAGES)
    return [
        Error(
            f"SHOP_SEARCH_LANGUAGE is {settings.SHOP_SEARCH_LANGUAGE!r}.", hint=f"Known are: {known}.", id="shop.E030"
        )
    ]


@register
def invoice_settings(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """The two series of numbers cannot meet, and a number can be the name of a file."""
    prefixes = (settings.SHOP_INVOICE_PREFIX, settings.SHOP_CREDIT_NOTE_PREFIX)
    if all(re.fullmatch(r"([A-Za-z0-9-]{0,9}[A-Za-z-])?", prefix) for prefix in prefixes) and len(set(prefixes)) == 2:
        return []
    return [
        Error(
            f"SHOP_INVOICE_PREFIX is {prefixes[0]!r}, SHOP_CREDIT_NOTE_PREFIX is {prefixes[1]!r}.",
            hint="Set them to different letters, digits and hyphens, not with a digit at the end: INV- and CR-.",
            id="shop.E007",
        )
    ]


@register(deploy=True)
def printed_seller(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """An invoice without the seller's address is none."""
    if settings.SHOP_LEGAL_ADDRESS or settings.DEBUG:
        return []
    return [
        Warning(
            "SHOP_LEGAL_ADDRESS is not set: invoices do not say who sells.",
            hint="Set SHOP_LEGAL_NAME, SHOP_LEGAL_ADDRESS and SHOP_VAT_ID.",
            id="shop.W002",
        )
    ]


@register
def stripe_settings(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Stripe is set up wholly or not at all: money that nobody tells us of would be found late."""
    found: list[CheckMessage] = []
    key = settings.STRIPE_SECRET_KEY
    if settings.STRIPE_CAPTURE not in ("automatic", "manual"):
        hint = "Set it to automatic or manual."
        found.append(Error(f"STRIPE_CAPTURE is {settings.STRIPE_CAPTURE!r}.", hint=hint, id="shop.E010"))
    if key and not key.startswith(("sk_", "rk_")):
        hint = "Set it to the secret key, sk_…, or to a restricted one, rk_…; the publishable one is not needed."
        found.append(Error("STRIPE_SECRET_KEY is not a secret key of Stripe's.", hint=hint, id="shop.E011"))
    if key and not settings.STRIPE_WEBHOOK_SECRETS and not settings.DEBUG:
        hint = (
            f"Make an endpoint for {settings.SITE_URL}/payments/webhooks/stripe/ at Stripe and set its secret, whsec_…"
        )
        found.append(Error("STRIPE_SECRET_KEY is set, STRIPE_WEBHOOK_SECRETS is not.", hint=hint, id="shop.E012"))
    return found


@register(deploy=True)
def stripe_in_production(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """What is possible with Stripe, and probably not meant."""
    found: list[CheckMessage] = []
    if not settings.STRIPE_SECRET_KEY:
        return found
    if "_test_" in settings.STRIPE_SECRET_KEY:
        hint = "Set the live key, sk_live_…, before real customers come."
        found.append(Warning("STRIPE_SECRET_KEY is a test key: no money moves.", hint=hint, id="shop.W010"))
    if CURRENCIES.get(settings.SHOP_CURRENCY) == 3:
        hint = "Give prices, shipping rates and discounts two decimals."
        message = f"Cards take {settings.SHOP_CURRENCY} in steps of 0.010 only; other totals are refused at Stripe."
        found.append(Warning(message, hint=hint, id="shop.W011"))
    return found


@register
def payment_methods_have_names_of_their_own(
    app_configs: Sequence[Any] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Of two ways to pay with one code the second could never be chosen."""
    counted = Counter(method.code for method in payment_methods())
    return [
        Error(f"Two ways to pay are called {code!r}.", hint="Rename the method of your gateway.", id="shop.E023")
        for code, times in counted.items()
        if times > 1
    ]


@register
def media_settings(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Files have a place, and what the shop alone may read is not in the bucket that everybody reads."""
    media = settings.MEDIA
    if media.storage not in (LOCAL, S3):
        return [Error(f"MEDIA_STORAGE is {media.storage!r}.", hint="Set it to local or s3.", id="shop.E030")]
    if media.storage == LOCAL:
        return []
    found: list[CheckMessage] = [
        Error(f"MEDIA_STORAGE is s3, and {name} is not set.", hint="Set it to the name of a bucket.", id="shop.E031")
        for name in media.missing
    ]
    buckets = [media.storages[name]["OPTIONS"]["bucket_name"] for name in ("default", "private")]
    if not media.missing and buckets[0] == buckets[1]:
        hint = "Everybody may read S3_BUCKET: make another one for what is imported."
        found.append(Error("S3_BUCKET and S3_PRIVATE_BUCKET are the same.", hint=hint, id="shop.E032"))
    if find_spec("storages") is None or find_spec("boto3") is None:
        hint = "Install it: pip install -r requirements-s3.txt"
        found.append(Error("MEDIA_STORAGE is s3, and django-storages is not installed.", hint=hint, id="shop.E033"))
    return found


@register(deploy=True)
def pictures_come_from_outside(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """On a server, pictures are fetched from the public internet alone."""
    if not settings.SHOP_IMAGES_ALLOW_PRIVATE or settings.DEBUG:
        return []
    return [
        Warning(
            "SHOP_IMAGES_ALLOW_PRIVATE is on: an import may make the shop call itself.",
            hint="Leave it unset; it is for development.",
            id="shop.W004",
        )
    ]


@register(deploy=True)
def webhooks_stay_outside(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """On a server, messages go into the public internet, and encrypted."""
    if not settings.SHOP_WEBHOOKS_ALLOW_PRIVATE or settings.DEBUG:
        return []
    return [
        Warning(
            "SHOP_WEBHOOKS_ALLOW_PRIVATE is on: webhooks may be sent to this machine, and unencrypted.",
            hint="Leave it unset; it is for development.",
            id="shop.W003",
        )
    ]


@register(deploy=True)
def shared_cache(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Throttles count per process unless the processes share a cache."""
    if settings.CACHE_URL or settings.DEBUG:
        return []
    return [
        Warning(
            "CACHE_URL is not set: throttles count in every process for itself.",
            hint="Set CACHE_URL to a Redis address: redis://host:6379/0",
            id="shop.W001",
        )
    ]


def refuse_unsafe_start() -> None:
    """Stop a server process (which runs no system checks of its own) that must not start.

    Raises ImproperlyConfigured with every missing setting and what to do about it.
    """
    errors = [
        *required_settings(),
        *database_is_postgresql(),
        *money_settings(),
        *selling_settings(),
        *invoice_settings(),
        *stripe_settings(),
        *media_settings(),
    ]
    if errors:
        raise ImproperlyConfigured("The shop does not start. " + " ".join(f"{e.msg} {e.hint}" for e in errors))
