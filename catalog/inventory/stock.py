"""The only writer of stock.

Functions on *demand* (`{variant id: pieces}`, duplicates summed by the caller) run inside the caller's
transaction and take one lock statement and one update, however many variants: the levels are locked in key
order, so that two orders for the same things in opposite order wait for each other instead of deadlocking,
and the update repeats the condition, so that it cannot take what is not there. `receive` and `adjust` are
acts of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, IntegerField, Value, When
from django.db.models.expressions import Combinable

from catalog.errors import InvalidProduct, OutOfStock, Shortage, StockTooLow
from catalog.inventory.models import StockLevel, StockMovement
from catalog.inventory.watching import tell_back, tell_low

MAX_ON_HAND = 1_000_000_000
Demand = Mapping[int, int]


class StockInconsistent(RuntimeError):
    """Stock that was promised is not reserved: the invariants were broken by something outside this module."""


def reserve(demand: Demand) -> list[StockLevel]:
    """Promise pieces to an order; returns the levels that this order has made low, as they are now.

    Raises OutOfStock, naming every short variant, and reserves nothing then.
    """
    levels = _lock_present(demand)
    shortages = [
        _shortage(variant_id, wanted, levels.get(variant_id))
        for variant_id, wanted in demand.items()
        if variant_id not in levels or levels[variant_id].available < wanted
    ]
    if shortages:
        raise OutOfStock(shortages)
    pieces = _pieces(demand)
    updated = StockLevel.objects.filter(variant_id__in=demand, on_hand__gte=F("reserved") + pieces).update(
        reserved=F("reserved") + pieces
    )
    _expect_all(updated, demand)
    return [levels[variant_id] for variant_id, wanted in demand.items() if _reserved_to_low(levels[variant_id], wanted)]


def release(demand: Demand) -> None:
    """Take a promise back: the order was cancelled before it was shipped."""
    levels = _lock(demand)
    pieces = _pieces(demand)
    updated = StockLevel.objects.filter(variant_id__in=demand, reserved__gte=pieces).update(
        reserved=F("reserved") - pieces
    )
    _expect_all(updated, demand)
    with _telling_back(levels.values()):
        for variant_id, quantity in demand.items():
            levels[variant_id].reserved -= quantity


def ship(demand: Demand, *, reference: str, actor: str) -> None:
    """Let reserved pieces leave the house, with one movement for each variant."""
    levels = _lock(demand)
    pieces = _pieces(demand)
    updated = StockLevel.objects.filter(variant_id__in=demand, reserved__gte=pieces).update(
        on_hand=F("on_hand") - pieces, reserved=F("reserved") - pieces
    )
    _expect_all(updated, demand)
    StockMovement.objects.bulk_create(
        StockMovement(
            level=levels[variant_id],
            quantity=-quantity,
            reason=StockMovement.Reason.SHIPPED,
            reference=reference,
            actor=actor,
        )
        for variant_id, quantity in demand.items()
    )


def put_back(demand: Demand, *, reference: str, actor: str) -> None:
    """Take pieces that had left the house into the stock again, with one movement for each variant."""
    levels = _lock(demand)
    updated = StockLevel.objects.filter(variant_id__in=demand).update(on_hand=F("on_hand") + _pieces(demand))
    _expect_all(updated, demand)
    with _telling_back(levels.values()):
        for variant_id, quantity in demand.items():
            levels[variant_id].on_hand += quantity
    StockMovement.objects.bulk_create(
        StockMovement(
            level=levels[variant_id],
            quantity=quantity,
            reason=StockMovement.Reason.RETURNED,
            reference=reference,
            actor=actor,
        )
        for variant_id, quantity in demand.items()
    )


def write_off(demand: Demand, *, reference: str, actor: str) -> None:
    """Reserved pieces cannot be sold any more, nor sent to whom they were promised, with one movement for each variant.

    As many can be sold as before, so nobody is told that they have become scarce.
    """
    levels = _lock(demand)
    pieces = _pieces(demand)
    updated = StockLevel.objects.filter(variant_id__in=demand, reserved__gte=pieces).update(
        on_hand=F("on_hand") - pieces, reserved=F("reserved") - pieces
    )
    _expect_all(updated, demand)
    StockMovement.objects.bulk_create(
        StockMovement(
            level=levels[variant_id],
            quantity=-quantity,
            reason=StockMovement.Reason.ADJUSTED,
            note="Written off",
            reference=reference,
            actor=actor,
        )
        for variant_id, quantity in demand.items()
    )


def hold(variant_ids: Iterable[int]) -> None:
    """Lock the levels of several of these functions at once, so that their sum, too, is locked in key order."""
    _lock(dict.fromkeys(variant_ids, 0))


@transaction.atomic(durable=True)
def receive(*, variant_id: int, quantity: int, note: str = "", actor: str = "") -> StockLevel:
    """Take in `quantity` (> 0) pieces from a supplier."""
    if quantity <= 0:
        raise InvalidProduct("Receive at least one piece.", field="quantity")
    return move(variant_id=variant_id, quantity=quantity, reason=StockMovement.Reason.RECEIVED, note=note, actor=actor)


@transaction.atomic(durable=True)
def adjust(*, variant_id: int, quantity: int, note: str = "", actor: str = "") -> StockLevel:
    """Correct the stock by `quantity` pieces, up or down. Raises StockTooLow below what is reserved."""
    return move(variant_id=variant_id, quantity=quantity, reason=StockMovement.Reason.ADJUSTED, note=note, actor=actor)


@transaction.atomic(durable=True)
def recount(*, variant_id: int, counted: int, note: str = "", actor: str = "") -> StockLevel:
    """Somebody counted what is there: make it `on_hand`, whatever was shipped meanwhile.

    The change is computed under the level's lock. Raises StockTooLow below what is reserved, InvalidProduct for a
    negative number.
    """
    if counted < 0:
        raise InvalidProduct("The stock cannot be negative.", field="quantity")
    level = _lock({variant_id: counted})[variant_id]
    delta = counted - level.on_hand
    return _write(level, delta, reason=StockMovement.Reason.ADJUSTED, note=note, reference="", actor=actor)


def move(
    *,
    variant_id: int,
    quantity: int,
    reason: StockMovement.Reason,
    note: str = "",
    reference: str = "",
    actor: str = "",
) -> StockLevel:
    """Change `on_hand` by `quantity` and write it into the ledger; part of the caller's transaction.

    Nothing happens for a quantity of 0. Raises StockTooLow when fewer would be left than are reserved.
    """
    level = _lock({variant_id: quantity})[variant_id]
    return _write(level, quantity, reason=reason, note=note, reference=reference, actor=actor)


def set_available(*, variant_id: int, available: int, note: str = "", actor: str = "") -> StockLevel:
    """Make `available` pieces buyable now, whatever was sold meanwhile; part of the caller's transaction.

    What is reserved stays reserved: the change is computed under the level's lock. Raises InvalidProduct for
    a negative number.
    """
    if available < 0:
        raise InvalidProduct("The stock cannot be negative.", field="stock_quantity")
    level = _lock({variant_id: available})[variant_id]
    delta = available - level.available
    return _write(level, delta, reason=StockMovement.Reason.ADJUSTED, note=note, reference="", actor=actor)


def _write(
    level: StockLevel, quantity: int, *, reason: StockMovement.Reason, note: str, reference: str, actor: str
) -> StockLevel:
    """Apply a movement to a level that is locked."""
    if quantity == 0:
        return level
    if level.on_hand + quantity < level.reserved:
        raise StockTooLow(
            f"{level.reserved} of the {level.on_hand} pieces on hand are promised to orders; "
            f"at most {level.available} can be taken away.",
            on_hand=level.on_hand,
            reserved=level.reserved,
        )
    if level.on_hand + quantity > MAX_ON_HAND:
        raise InvalidProduct(f"The stock cannot exceed {MAX_ON_HAND} pieces.", field="stock_quantity")
    before = level.available
    with _telling_back([level]):
        level.on_hand += quantity
        level.save(update_fields=["on_hand"])
        StockMovement.objects.create(
            level=level, quantity=quantity, reason=reason, note=note, reference=reference, actor=actor
        )
    if _made_low(level, before):
        tell_low([level])
    return level


@contextmanager
def _telling_back(levels: Collection[StockLevel]) -> Iterator[None]:
    """Who waits for a level hears that it can be bought again, if what is done here made it so.

    The levels are locked since they were read, so exactly one change crosses the line.
    """
    empty = [level for level in levels if not level.is_buyable]
    yield
    if back := [level for level in empty if level.is_buyable]:
        tell_back(back)


def _reserved_to_low(level: StockLevel, taken: int) -> bool:
    """Count `taken` pieces as reserved: has that made the level low?"""
    before = level.available
    level.reserved += taken
    return _made_low(level, before)


def _made_low(level: StockLevel, before: int) -> bool:
    """Less than the warning level is left now, and was not before.

    The level is locked since it was read, so exactly one change crosses the line.
    """
    return level.available < settings.SHOP_LOW_STOCK <= before


def _shortage(variant_id: int, wanted: int, level: StockLevel | None) -> Shortage:
    if level is None:  # deleted since the shopper looked
        return Shortage(variant_id, sku="", name="A product that is gone", requested=wanted, available=0)
    variant = level.variant
    return Shortage(variant_id, variant.sku, str(variant), requested=wanted, available=level.available)


def _lock(demand: Demand) -> dict[int, StockLevel]:
    """The levels of variants that must be there, locked in key order until the transaction ends."""
    levels = _lock_present(demand)
    _expect_all(len(levels), demand)
    return levels


def _lock_present(demand: Demand) -> dict[int, StockLevel]:
    """The levels by variant id, as far as there are any, locked in key order until the transaction ends."""
    levels = (
        StockLevel.objects.select_for_update(no_key=True, of=("self",))
        .select_related("variant__product")
        .filter(variant_id__in=demand)
        .order_by("pk")
    )
    return {level.variant_id: level for level in levels}


def _pieces(demand: Demand) -> Combinable:
    """The demanded quantity of the row at hand, as SQL."""
    return Case(
        *(When(variant_id=variant_id, then=Value(quantity)) for variant_id, quantity in demand.items()),
        output_field=IntegerField(),
    )


def _expect_all(count: int, demand: Demand) -> None:
    if count != len(demand):
        raise StockInconsistent(f"{len(demand) - count} of {len(demand)} stock levels do not fit: {dict(demand)}")
