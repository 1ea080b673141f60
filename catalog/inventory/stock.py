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
from typing import TypedDict, Unpack

from django.db import transaction
from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.expressions import Combinable

from catalog.errors import InvalidProduct, NotHereYet, OutOfStock, ProductGone, Shortage, StockTooLow
from catalog.inventory.models import MAX_PIECES, StockLevel, StockMovement
from catalog.inventory.watching import tell_back, tell_low

MAX_ON_HAND = MAX_PIECES
Demand = Mapping[int, int]
Reason = StockMovement.Reason
# What staff can give as the reason of a correction; pieces only leave by the last three.
CORRECTIONS = (Reason.ADJUSTED, Reason.DAMAGED, Reason.LOST, Reason.GIVEN_AWAY)


class Entry(TypedDict, total=False):
    """What the ledger says of a movement beside its pieces."""

    reason: Reason
    note: str
    reference: str
    actor: str


class StockInconsistent(RuntimeError):
    """Stock that was promised is not reserved: the invariants were broken by something outside this module."""


def reserve(demand: Demand) -> list[StockLevel]:
    """Promise pieces to an order; returns the levels that this order has made low, as they are now.

    A level that allows back-orders promises more than there is. Raises OutOfStock, naming every short variant, and
    reserves nothing then.
    """
    levels = _lock_present(demand)
    shortages = [
        _shortage(variant_id, wanted, levels.get(variant_id))
        for variant_id, wanted in demand.items()
        if variant_id not in levels or levels[variant_id].promisable < wanted
    ]
    if shortages:
        raise OutOfStock(shortages)
    pieces = _pieces(demand)
    enough = Q(on_hand__gte=F("reserved") + pieces) | Q(allows_backorders=True)
    updated = StockLevel.objects.filter(enough, variant_id__in=demand).update(reserved=F("reserved") + pieces)
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
    """Let reserved pieces leave the house, with one movement for each variant.

    Raises NotHereYet, naming every variant of which too few have come in.
    """
    levels = _take_promised(demand)
    _enter(levels, _negative(demand), reason=Reason.SHIPPED, reference=reference, actor=actor)


def put_back(demand: Demand, *, reference: str, actor: str) -> None:
    """Take pieces that had left the house into the stock again, with one movement for each variant."""
    levels = _lock(demand)
    updated = StockLevel.objects.filter(variant_id__in=demand).update(on_hand=F("on_hand") + _pieces(demand))
    _expect_all(updated, demand)
    with _telling_back(levels.values()):
        _enter(levels, demand, reason=Reason.RETURNED, reference=reference, actor=actor)


def write_off(demand: Demand, *, reference: str, actor: str) -> None:
    """Reserved pieces cannot be sold any more, nor sent to whom they were promised, with one movement for each variant.

    As many can be sold as before, so nobody is told that they have become scarce. Raises NotHereYet, naming every
    variant of which too few have come in.
    """
    levels = _take_promised(demand)
    _enter(levels, _negative(demand), reason=Reason.ADJUSTED, note="Written off", reference=reference, actor=actor)


def lock(variant_ids: Iterable[int]) -> dict[int, StockLevel]:
    """The levels by variant id, as far as there are any, locked in key order; part of the caller's transaction."""
    return _lock_present(dict.fromkeys(variant_ids, 0))


def correct(levels: Mapping[int, StockLevel], changes: Mapping[int, int], **entry: Unpack[Entry]) -> None:
    """Change `on_hand` of levels that the caller has locked and checked, by variant id, in a few statements."""
    changes = {variant_id: quantity for variant_id, quantity in changes.items() if quantity}
    if not changes:
        return
    before = {variant_id: levels[variant_id].available for variant_id in changes}
    changed = [levels[variant_id] for variant_id in changes]
    StockLevel.objects.filter(variant_id__in=changes).update(on_hand=F("on_hand") + _pieces(changes))
    with _telling_back(changed):
        _enter(levels, changes, **entry)
    if low := [level for level in changed if _made_low(level, before[level.variant_id])]:
        tell_low(low)


def hold(variant_ids: Iterable[int]) -> None:
    """Lock the levels of several of these functions at once, so that their sum, too, is locked in key order."""
    _lock(dict.fromkeys(variant_ids, 0))


@transaction.atomic(durable=True)
def receive(*, variant_id: int, quantity: int, note: str = "", actor: str = "") -> StockLevel:
    """Take in `quantity` (> 0) pieces from a supplier."""
    if quantity <= 0:
        raise InvalidProduct("Receive at least one piece.", field="quantity")
    return move(variant_id=variant_id, quantity=quantity, reason=Reason.RECEIVED, note=note, actor=actor)


@transaction.atomic(durable=True)
def adjust(
    *, variant_id: int, quantity: int, reason: Reason = Reason.ADJUSTED, note: str = "", actor: str = ""
) -> StockLevel:
    """Correct the stock by `quantity` pieces, up or down, for one of the reasons of a correction.

    Raises StockTooLow below what is reserved, InvalidProduct for a reason that does not fit.
    """
    if reason not in CORRECTIONS:
        raise InvalidProduct("This is no reason for a correction.", field="reason")
    if quantity > 0 and reason != Reason.ADJUSTED:
        raise InvalidProduct(f"“{reason.label}” takes pieces away: give a negative number.", field="quantity")
    return move(variant_id=variant_id, quantity=quantity, reason=reason, note=note, actor=actor)


@transaction.atomic(durable=True)
def recount(*, variant_id: int, counted: int, note: str = "", actor: str = "") -> StockLevel:
    """Somebody counted what is there: make it `on_hand`, whatever was shipped meanwhile.

    The change is computed under the level's lock. Raises StockTooLow below what is reserved, InvalidProduct for a
    negative number.
    """
    if counted < 0:
        raise InvalidProduct("The stock cannot be negative.", field="quantity")
    level = _locked(variant_id)
    delta = counted - level.on_hand
    return _write(level, delta, reason=Reason.COUNTED, note=note, reference="", actor=actor)


@transaction.atomic(durable=True)
def set_rules(*, variant_id: int, allows_backorders: bool, low_at: int | None) -> StockLevel:
    """Whether more can be promised than there is, and below how many pieces staff are warned (None: the shop's number).

    Raises StockTooLow when orders wait for goods that could not be promised any more, ProductGone.
    """
    level = _locked(variant_id)
    if level.allows_backorders != allows_backorders and allow_backorders([variant_id], allowed=allows_backorders):
        raise StockTooLow(
            f"{level.awaited} pieces are promised to orders and not here yet. Back-orders can end when they are.",
            on_hand=level.on_hand,
            reserved=level.reserved,
        )
    StockLevel.objects.filter(pk=level.pk).update(low_at=low_at)
    level.allows_backorders, level.low_at = allows_backorders, low_at
    return level


def allow_backorders(variant_ids: Iterable[int], *, allowed: bool) -> list[StockLevel]:
    """Let more be promised than there is, or end that; part of the caller's transaction.

    Returns the levels for which it could not be ended, because orders wait for goods: those stay as they are.
    """
    levels = _lock_present(dict.fromkeys(variant_ids, 0))
    stuck = [level for level in levels.values() if level.awaited and not allowed]
    changed = [level for level in levels.values() if level.allows_backorders != allowed and level not in stuck]
    StockLevel.objects.filter(pk__in=[level.pk for level in changed]).update(allows_backorders=allowed)
    with _telling_back(changed):
        for level in changed:
            level.allows_backorders = allowed
    return stuck


def move(
    *,
    variant_id: int,
    quantity: int,
    reason: Reason,
    note: str = "",
    reference: str = "",
    actor: str = "",
) -> StockLevel:
    """Change `on_hand` by `quantity` and write it into the ledger; part of the caller's transaction.

    Nothing happens for a quantity of 0. Raises StockTooLow when fewer would be left than are reserved.
    """
    level = _locked(variant_id)
    return _write(level, quantity, reason=reason, note=note, reference=reference, actor=actor)


def set_available(*, variant_id: int, available: int, note: str = "", actor: str = "") -> StockLevel:
    """Make `available` pieces buyable now, whatever was sold meanwhile; part of the caller's transaction.

    What is reserved stays reserved: the change is computed under the level's lock. To make none available while orders
    wait for goods changes nothing. Raises InvalidProduct for a negative number.
    """
    if available < 0:
        raise InvalidProduct("The stock cannot be negative.", field="stock_quantity")
    level = _locked(variant_id)
    delta = available - (level.available if available else max(level.available, 0))
    return _write(level, delta, reason=Reason.ADJUSTED, note=note, reference="", actor=actor)


def first_movements(levels: Iterable[StockLevel], *, actor: str) -> list[StockMovement]:
    """The ledger's first entries of levels that were just made, still to be inserted; what begins empty has none."""
    return [
        StockMovement(
            level=level,
            quantity=level.on_hand,
            on_hand_after=level.on_hand,
            reason=StockMovement.Reason.RECEIVED,
            note="Initial stock",
            actor=actor,
        )
        for level in levels
        if level.on_hand
    ]


def _write(level: StockLevel, quantity: int, *, reason: Reason, note: str, reference: str, actor: str) -> StockLevel:
    """Apply a movement to a level that is locked."""
    if quantity == 0:
        return level
    check_change(level, quantity)
    before = level.available
    with _telling_back([level]):
        level.on_hand += quantity
        level.save(update_fields=["on_hand"])
        StockMovement.objects.create(
            level=level,
            quantity=quantity,
            on_hand_after=level.on_hand,
            reason=reason,
            note=note,
            reference=reference,
            actor=actor,
        )
    if _made_low(level, before):
        tell_low([level])
    return level


def check_change(level: StockLevel, quantity: int) -> None:
    """The stock can change by so much. Raises StockTooLow below what must stay, InvalidProduct beyond all bounds."""
    after = level.on_hand + quantity
    if after < 0 and level.allows_backorders:
        raise StockTooLow(f"Only {level.on_hand} pieces are on hand.", on_hand=level.on_hand, reserved=level.reserved)
    if after < level.reserved and not level.allows_backorders:
        raise StockTooLow(
            f"{level.reserved} of the {level.on_hand} pieces on hand are promised to orders; "
            f"at most {level.available} can be taken away.",
            on_hand=level.on_hand,
            reserved=level.reserved,
        )
    if after > MAX_ON_HAND:
        raise InvalidProduct(f"The stock cannot exceed {MAX_ON_HAND} pieces.", field="stock_quantity")


def _take_promised(demand: Demand) -> dict[int, StockLevel]:
    """Take reserved pieces off what is there; their levels, as they were. Raises NotHereYet."""
    levels = _lock(demand)
    missing = [
        _shortage(variant_id, wanted, levels[variant_id], present=levels[variant_id].on_hand)
        for variant_id, wanted in demand.items()
        if levels[variant_id].on_hand < wanted
    ]
    if missing:
        raise NotHereYet(missing)
    pieces = _pieces(demand)
    updated = StockLevel.objects.filter(variant_id__in=demand, reserved__gte=pieces, on_hand__gte=pieces).update(
        on_hand=F("on_hand") - pieces, reserved=F("reserved") - pieces
    )
    _expect_all(updated, demand)
    for variant_id, quantity in demand.items():
        levels[variant_id].reserved -= quantity
    return levels


def _enter(levels: Mapping[int, StockLevel], changes: Mapping[int, int], **entry: Unpack[Entry]) -> None:
    """Write into the ledger, and into the locked levels at hand, what has been changed of `on_hand`."""
    for variant_id, quantity in changes.items():
        levels[variant_id].on_hand += quantity
    StockMovement.objects.bulk_create(
        StockMovement(
            level=levels[variant_id],
            quantity=quantity,
            on_hand_after=levels[variant_id].on_hand,
            **entry,
        )
        for variant_id, quantity in changes.items()
    )


def _negative(demand: Demand) -> dict[int, int]:
    return {variant_id: -quantity for variant_id, quantity in demand.items()}


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
    return level.is_low and before >= level.warns_below


def _shortage(variant_id: int, wanted: int, level: StockLevel | None, *, present: int | None = None) -> Shortage:
    if level is None:  # deleted since the shopper looked
        return Shortage(variant_id, sku="", name="A product that is gone", requested=wanted, available=0)
    variant, found = level.variant, level.promisable if present is None else present
    return Shortage(variant_id, variant.sku, str(variant), requested=wanted, available=found)


def _locked(variant_id: int) -> StockLevel:
    """The level of one variant, locked until the transaction ends. Raises ProductGone."""
    level = _lock_present({variant_id: 0}).get(variant_id)
    if level is None:
        raise ProductGone("This variant is no longer offered.")
    return level


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
