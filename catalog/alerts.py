"""Back in stock: who finds a variant sold out leaves an address, and is told once when it can be bought again.

The address is asked for under the lock of the stock level that the restock takes, too: whoever came first is seen by
the other, so nobody waits for what is there already. Claiming an alert and enqueuing its letter is one transaction, so
each alert has one letter, however often and wherever the jobs run.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from procrastinate.types import JSONDict

from catalog import letters
from catalog.errors import NotSoldOut, ProductGone
from catalog.jobs import job
from catalog.models import StockAlert, StockLevel, Variant

CLAIMED_TOGETHER = 100
NOBODY_WAITS_LONGER = timedelta(days=365)


@transaction.atomic(durable=True)
def ask_for_alert(*, variant_id: int, email: str) -> None:
    """Write to this address when the variant is back. Who waits already goes on waiting: nothing tells them apart.

    Raises ProductGone, and NotSoldOut for what can be bought now.
    """
    level = _level_of(variant_id)
    if level is None:
        raise ProductGone("This variant is no longer offered.")
    if level.is_buyable:
        raise NotSoldOut("This can be bought right now.")
    alert = StockAlert(variant_id=variant_id, email=email, token=secrets.token_urlsafe(32))
    StockAlert.objects.bulk_create([alert], ignore_conflicts=True)


@transaction.atomic(durable=True)
def withdraw_alert(*, token: str) -> bool:
    """Forget the address, at any time: nothing is sent to it any more. False when there is no such alert."""
    deleted, _ = StockAlert.objects.filter(token=token).delete()
    return bool(deleted)


def tell_back(levels: Sequence[StockLevel]) -> None:
    """These variants are back: have those told who wait for them. Part of the transaction that brought them."""
    returned = [level.variant_id for level in levels]
    waiting = StockAlert.objects.filter(sent_at=None, variant__in=returned).order_by("variant")
    jobs: list[JSONDict] = [{"variant_id": pk} for pk in waiting.values_list("variant", flat=True).distinct()]
    if jobs:
        job("catalog.claim_alerts").batch_defer(*jobs)


@transaction.atomic(durable=True)
def look_after_alerts() -> int:
    """Have those told whom no restock told: their variant came back while its product was not shown, or its moment
    had not come. Returns of how many variants."""
    waiting = StockAlert.objects.filter(sent_at=None, variant__in=Variant.objects.buyable())
    back = waiting.filter(variant__stock__in=StockLevel.objects.buyable()).order_by("variant")
    jobs: list[JSONDict] = [{"variant_id": pk} for pk in back.values_list("variant", flat=True).distinct()]
    if jobs:
        job("catalog.claim_alerts").batch_defer(*jobs)
    return len(jobs)


def claim_alerts(*, variant_id: int) -> int:
    """Enqueue the letter of everybody who waits for a variant, if it can still be bought; returns how many.

    Otherwise nothing happens, and they go on waiting.
    """
    claimed = 0
    while batch := _claim_some(variant_id):
        claimed += batch
    return claimed


def send_alert(*, alert_id: int) -> None:
    """Send the letter of an alert that was claimed, unless it was withdrawn.

    Sold out again while the letter lay there (a mail server was away): it is not sent, and they wait again.
    """
    alert = StockAlert.objects.select_related("variant__product").exclude(sent_at=None).filter(pk=alert_id).first()
    if alert is None:
        return
    if _is_back(alert.variant_id):
        _letter(alert).send()
    else:
        _wait_again(alert)


@transaction.atomic(durable=True)
def forget_alerts() -> int:
    """Delete the addresses that have served their purpose, and those of whom nothing came for a year."""
    now = timezone.now()
    told = Q(sent_at__lt=now - timedelta(days=settings.SHOP_STOCK_ALERT_DAYS))
    return StockAlert.objects.filter(told | Q(created_at__lt=now - NOBODY_WAITS_LONGER)).delete()[0]


def _letter(alert: StockAlert) -> EmailMultiAlternatives:
    """It says that the variant is back, and how to withdraw (needs the variant's product)."""
    withdraw = settings.SITE_URL + reverse("catalog:alert-withdraw", args=[alert.token])
    link = settings.SITE_URL + alert.variant.get_absolute_url()
    return letters.compose(
        "stock-alert",
        {"variant": alert.variant, "link": link, "withdraw": withdraw},
        to=alert.email,
        number=alert.pk,
        headers={"List-Unsubscribe": f"<{withdraw}>"},
    )


@transaction.atomic(durable=True)
def _claim_some(variant_id: int) -> int:
    if not _is_back(variant_id):
        return 0
    due = StockAlert.objects.select_for_update(of=("self",), skip_locked=True).filter(variant=variant_id, sent_at=None)
    claimed = list(due.order_by("pk").values_list("pk", flat=True)[:CLAIMED_TOGETHER])
    if claimed:
        StockAlert.objects.filter(pk__in=claimed, sent_at=None).update(sent_at=timezone.now())
        letters: list[JSONDict] = [{"alert_id": pk} for pk in claimed]
        job("catalog.send_alert").batch_defer(*letters)
    return len(claimed)


def _wait_again(alert: StockAlert) -> None:
    """Open the alert again; if its address has asked anew meanwhile, that one waits for both."""
    try:
        with transaction.atomic():
            StockAlert.objects.filter(pk=alert.pk).update(sent_at=None)
    except IntegrityError:
        StockAlert.objects.filter(pk=alert.pk).delete()


def _level_of(variant_id: int) -> StockLevel | None:
    """The level of what is sold, locked until the transaction ends: restocks wait, and are waited for."""
    levels = StockLevel.objects.select_for_update(no_key=True, of=("self",))
    return levels.filter(variant__in=Variant.objects.buyable().filter(pk=variant_id)).order_by("pk").first()


def _is_back(variant_id: int) -> bool:
    level = StockLevel.objects.filter(variant__in=Variant.objects.buyable().filter(pk=variant_id)).first()
    return level is not None and level.is_buyable
