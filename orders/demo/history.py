"""Ninety days of a demo shop, planned: who bought what, when, and how far each order has come. No database.

The same seed and moment give the same plan.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils import timezone

from orders.demo.guests import guest
from orders.demo.people import CUSTOMERS, Home, Person
from orders.models import Order

DAYS = 90
ORDERS = 220
OF_CUSTOMERS = {"alice": 14, "bruno": 9, "chloe": 6}
WEEKDAYS = (1.15, 1.0, 0.95, 0.95, 0.8, 0.75, 1.4)  # Monday to Sunday
# However short the time since they were placed, the last orders show every stage on the way.
LATEST = {-1: 0, -2: 2, -3: 1, -4: 0, -5: 1, -6: 2, -7: 1}
GROWTH = 1.3  # the last day has this much more than the first has
HOURS = (7, 8, 9, 10, 11, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 20, 20, 21, 21, 22)
NOTES = (
    "Please leave the parcel with the neighbours.",
    "It is a present: no invoice in the box, please.",
    "The bell does not work, please knock.",
)
Status = Order.Status


class Step(StrEnum):
    """What happens to an order after it was placed; the values are those of the status it leads to."""

    PAID = "paid"
    ACCEPTED = "processing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


@dataclass(frozen=True)
class Happened:
    step: Step
    at: datetime


@dataclass(frozen=True)
class PlannedOrder:
    """An order of the demo's past. `basket` holds (position in the assortment, pieces); `person` is None for guests."""

    placed_at: datetime
    person: Person | None
    email: str
    home: Home
    basket: tuple[tuple[int, int], ...]
    method: str
    note: str = ""
    steps: tuple[Happened, ...] = ()


def plan(*, now: datetime, variants: int) -> list[PlannedOrder]:
    """The orders of the last ninety days, oldest first, out of an assortment of so many variants."""
    rng = random.Random("juniper")
    popularity = [1 / (1 + rng.randrange(variants)) ** 0.6 for _ in range(variants)]
    buyers = _buyers(rng)
    moments = sorted(_moment(rng, now) for _ in range(ORDERS))
    past = [
        _order(rng, number, placed_at, buyer, popularity)
        for number, (placed_at, buyer) in enumerate(zip(moments, buyers, strict=True))
    ]
    return [replace(order, steps=_so_far(order, now, LATEST.get(number - ORDERS))) for number, order in enumerate(past)]


def _buyers(rng: random.Random) -> list[Person | None]:
    buyers: list[Person | None] = [person for person in CUSTOMERS for _ in range(OF_CUSTOMERS[person.username] - 1)]
    buyers += [None] * (ORDERS - len(buyers) - len(CUSTOMERS))
    rng.shuffle(buyers)
    # Each customer also has one order from the last days, so that something can still be cancelled.
    return buyers[:-1] + list(CUSTOMERS) + buyers[-1:]


def _moment(rng: random.Random, now: datetime) -> datetime:
    today = timezone.localtime(now).replace(minute=0, second=0, microsecond=0)
    dates = [today - timedelta(days=DAYS - 1 - day) for day in range(DAYS)]
    weights = [WEEKDAYS[date.weekday()] * (1 + GROWTH * day / DAYS) for day, date in enumerate(dates)]
    [date] = rng.choices(dates, weights)
    at = date.replace(hour=rng.choice(HOURS)) + timedelta(seconds=rng.randrange(3600))
    return at if at < now else now - timedelta(minutes=rng.randint(5, 300))


def _order(
    rng: random.Random, number: int, placed_at: datetime, person: Person | None, popularity: Sequence[float]
) -> PlannedOrder:
    email, home = guest(rng) if person is None else (person.email, rng.choice(person.homes[:1] * 3 + person.homes))
    method = rng.choice(("bank_transfer", "bank_transfer", "pay_on_delivery"))
    happens = _by_transfer if method == "bank_transfer" else _on_delivery
    return PlannedOrder(
        placed_at=placed_at,
        person=person,
        email=email,
        home=home,
        basket=_basket(rng, popularity),
        method=method,
        note=rng.choice(NOTES) if number % 17 == 4 else "",
        steps=tuple(happens(rng, number, placed_at)),
    )


def _so_far(order: PlannedOrder, now: datetime, stage: int | None) -> tuple[Happened, ...]:
    """What has happened by now: the first `stage` steps, or those whose time has come."""
    if stage is None:
        return tuple(happened for happened in order.steps if happened.at < now)
    pause = (now - order.placed_at) / (stage + 1)
    return tuple(
        Happened(happened.step, order.placed_at + pause * (step + 1) * 0.9)
        for step, happened in enumerate(order.steps[:stage])
    )


def _basket(rng: random.Random, popularity: Sequence[float]) -> tuple[tuple[int, int], ...]:
    wanted = rng.choices((1, 2, 3, 4, 5), (40, 28, 18, 9, 5))[0]
    chosen: dict[int, int] = {}
    while len(chosen) < min(wanted, len(popularity)):
        [variant] = rng.choices(range(len(popularity)), popularity)
        chosen[variant] = rng.choices((1, 2, 3, 4), (70, 20, 6, 4))[0]
    return tuple(chosen.items())


def _by_transfer(rng: random.Random, number: int, placed_at: datetime) -> list[Happened]:
    """Paid after some days, then shipped and delivered; a few never pay, a few change their minds."""
    if number % 16 == 5:
        return [Happened(Step.CANCELLED, _later(rng, placed_at, 10, 14))]
    paid = _later(rng, placed_at, 0.5, 3)
    if number % 19 == 7:
        cancelled = _later(rng, paid, 0.1, 1)
        return [
            Happened(Step.PAID, paid),
            Happened(Step.CANCELLED, cancelled),
            Happened(Step.REFUNDED, _later(rng, cancelled, 0.1, 2)),
        ]
    return [Happened(Step.PAID, paid), *_parcel(rng, paid)]


def _on_delivery(rng: random.Random, number: int, placed_at: datetime) -> list[Happened]:
    """Accepted by the shop, shipped, and paid when the parcel is handed over."""
    if number % 15 == 8:
        return [Happened(Step.CANCELLED, _later(rng, placed_at, 0.1, 1))]
    accepted = _later(rng, placed_at, 0.2, 1)
    parcel = _parcel(rng, accepted)
    return [Happened(Step.ACCEPTED, accepted), *parcel, Happened(Step.PAID, parcel[-1].at + timedelta(minutes=1))]


def _parcel(rng: random.Random, ready: datetime) -> list[Happened]:
    shipped = _later(rng, ready, 0.3, 2)
    return [Happened(Step.SHIPPED, shipped), Happened(Step.DELIVERED, _later(rng, shipped, 1, 4))]


def _later(rng: random.Random, at: datetime, least: float, most: float) -> datetime:
    return at + timedelta(days=rng.uniform(least, most))
