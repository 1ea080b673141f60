"""Once a day: what has become low since the last time, to whoever wants to know.

A letter for every variant that crosses its line would be noise. A level is named once, and again only after it was
restocked in between.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from procrastinate.types import JSONDict

from catalog import letters
from catalog.inventory.models import StockLevel
from catalog.jobs import job

NAMED = 100


@transaction.atomic(durable=True)
def tell_what_became_low() -> int:
    """Enqueue the letter for everybody in SHOP_LOW_STOCK_EMAILS; returns how many levels it is about.

    Nothing new, or nobody to tell: nothing happens. What is being sold at this moment is looked at tomorrow.
    """
    recipients = settings.SHOP_LOW_STOCK_EMAILS
    if not recipients:
        return 0
    low = StockLevel.objects.low()
    _mark(StockLevel.objects.filter(is_told_low=True).exclude(pk__in=low), told=False)
    new = _mark(low.filter(is_told_low=False), told=True)
    if new:
        letters: list[JSONDict] = [
            {"to": to, "level_ids": list(new[:NAMED]), "count": len(new)} for to in dict.fromkeys(recipients)
        ]
        job("catalog.send_low_stock").batch_defer(*letters)
    return len(new)


def send_digest(*, to: str, level_ids: list[int], count: int, number: int) -> None:
    """Send one of these letters; `number` is its job's. What was restocked meanwhile is left out."""
    found = StockLevel.objects.low().filter(pk__in=level_ids).select_related("variant__product")
    levels = sorted(found, key=lambda level: (level.available, level.variant.sku))
    if levels:
        link = f"{settings.SITE_URL}{reverse('admin:catalog_stocklevel_changelist')}?available=low"
        shown = {"levels": levels, "more": count - len(level_ids), "link": link}
        letters.compose("stock-low", shown, to=to, number=number).send()


def _mark(levels: QuerySet[StockLevel], *, told: bool) -> list[int]:
    rows = levels.select_for_update(no_key=True, of=("self",), skip_locked=True).order_by("pk")
    ids = list(rows.values_list("pk", flat=True))
    StockLevel.objects.filter(pk__in=ids).update(is_told_low=told)
    return ids
