from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.db.models import Sum

from catalog.errors import InvalidProduct, OutOfStock, StockTooLow
from catalog.inventory import stock, watching
from catalog.models import StockLevel, StockMovement, Variant
from catalog.tests.factories import VariantFactory
from shop.testing.races import at_once

pytestmark = pytest.mark.django_db


def numbers(variant: Variant) -> tuple[int, int]:
    level = StockLevel.objects.get(variant=variant)
    return level.on_hand, level.reserved


def ledger(variant: Variant) -> int:
    return StockMovement.objects.filter(level__variant=variant).aggregate(sum=Sum("quantity"))["sum"] or 0


def test_reserving_promises_without_moving_anything() -> None:
    variant = VariantFactory.create(stock=5)

    with transaction.atomic():
        stock.reserve({variant.pk: 3})

    assert numbers(variant) == (5, 3)
    assert ledger(variant) == 5


def test_a_shortage_names_every_short_variant_and_reserves_nothing() -> None:
    plenty, few, none = (VariantFactory.create(stock=n) for n in (9, 1, 0))

    with pytest.raises(OutOfStock) as caught, transaction.atomic():
        stock.reserve({plenty.pk: 2, few.pk: 2, none.pk: 1})

    assert [(s.sku, s.requested, s.available) for s in caught.value.shortages] == [
        (few.sku, 2, 1),
        (none.sku, 1, 0),
    ]
    assert [numbers(v) for v in (plenty, few, none)] == [(9, 0), (1, 0), (0, 0)]


def test_a_variant_that_was_deleted_meanwhile_is_a_shortage() -> None:
    variant, gone = VariantFactory.create(stock=5), VariantFactory.create(stock=5)
    gone_id = gone.pk
    gone.delete()

    with pytest.raises(OutOfStock) as caught, transaction.atomic():
        stock.reserve({variant.pk: 1, gone_id: 2})

    assert [(s.variant_id, s.requested, s.available) for s in caught.value.shortages] == [(gone_id, 2, 0)]
    assert numbers(variant) == (5, 0)


@pytest.mark.parametrize(
    ("stock_before", "taken", "is_told"), [(10, 5, False), (10, 6, True), (5, 1, True), (4, 1, False), (6, 6, True)]
)
def test_reserving_tells_which_levels_have_become_low(
    settings: Any, stock_before: int, taken: int, is_told: bool, django_assert_num_queries: Any
) -> None:
    settings.SHOP_LOW_STOCK = 5
    plenty, variant = VariantFactory.create(stock=100), VariantFactory.create(stock=stock_before)

    with transaction.atomic(), django_assert_num_queries(2):
        low = stock.reserve({plenty.pk: 1, variant.pk: taken})

    assert [(level.variant_id, level.available) for level in low] == [(variant.pk, stock_before - taken)] * is_told


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What is left of the levels that somebody was told about."""
    heard: list[int] = []
    monkeypatch.setattr(watching, "_listeners", [])
    watching.on_low(lambda levels: heard.extend(level.available for level in levels))
    return heard


@pytest.mark.parametrize(
    ("stock_before", "change", "is_told"),
    [(10, -5, False), (10, -6, True), (5, -1, True), (4, -1, False), (4, 1, False), (3, 9, False), (6, 0, False)],
)
def test_a_correction_tells_when_it_makes_a_level_low(
    settings: Any, heard: list[int], stock_before: int, change: int, is_told: bool
) -> None:
    settings.SHOP_LOW_STOCK = 5
    ways: tuple[Callable[[int], StockLevel], ...] = (
        lambda pk: stock.adjust(variant_id=pk, quantity=change),
        lambda pk: stock.recount(variant_id=pk, counted=stock_before + change),
        lambda pk: stock.set_available(variant_id=pk, available=stock_before + change),
    )
    for way in ways:
        way(VariantFactory.create(stock=stock_before).pk)
    assert heard == [stock_before + change] * 3 * is_told


@pytest.fixture
def welcomed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many can be bought of the levels that somebody heard were back."""
    welcomed: list[int] = []
    monkeypatch.setattr(watching, "_welcomers", [])
    watching.on_back(lambda levels: welcomed.extend(level.available for level in levels))
    return welcomed


def sold_out(*, stock_before: int = 2) -> Variant:
    """Every piece is promised to somebody."""
    variant: Variant = VariantFactory.create(stock=stock_before)
    StockLevel.objects.filter(variant=variant).update(reserved=stock_before)
    return variant


def test_whatever_lets_a_sold_out_variant_be_bought_again_is_told(welcomed: list[int]) -> None:
    ways: dict[str, Callable[[int], object]] = {
        "released": lambda pk: stock.release({pk: 1}),
        "put back": lambda pk: stock.put_back({pk: 1}, reference="X", actor="otto"),
        "received": lambda pk: stock.receive(variant_id=pk, quantity=1),
        "adjusted": lambda pk: stock.adjust(variant_id=pk, quantity=1),
        "counted": lambda pk: stock.recount(variant_id=pk, counted=3),
        "made available": lambda pk: stock.set_available(variant_id=pk, available=1),
    }
    for way, act in ways.items():
        pk = sold_out().pk
        act(pk)
        assert (way, welcomed) == (way, [1])
        act(pk) if way != "released" else stock.release({pk: 1})
        assert (way, welcomed.pop(), welcomed) == (way, 1, [])  # the second piece is no news


def test_what_is_written_off_does_not_come_back(welcomed: list[int]) -> None:
    variant = sold_out()
    stock.write_off({variant.pk: 1}, reference="X", actor="otto")
    assert (numbers(variant), ledger(variant), welcomed) == ((1, 1), 1, [])


@pytest.mark.django_db(transaction=True)
def test_of_many_deliveries_exactly_one_is_the_first(welcomed: list[int]) -> None:
    variant = VariantFactory.create(stock=0)
    at_once(8, lambda _: stock.receive(variant_id=variant.pk, quantity=1))
    assert (welcomed, numbers(variant)) == ([1], (8, 0))


@pytest.mark.django_db(transaction=True)
def test_of_many_corrections_exactly_one_crosses_the_line(settings: Any, heard: list[int]) -> None:
    settings.SHOP_LOW_STOCK = 5
    variant = VariantFactory.create(stock=12)
    at_once(12, lambda _: stock.adjust(variant_id=variant.pk, quantity=-1))
    assert (heard, numbers(variant)) == ([4], (0, 0))


@pytest.mark.django_db(transaction=True)
def test_of_many_buyers_exactly_one_crosses_the_line(settings: Any) -> None:
    settings.SHOP_LOW_STOCK = 5
    variant = VariantFactory.create(stock=12)

    def reserve(_: int) -> int:
        with transaction.atomic():
            return len(stock.reserve({variant.pk: 1}))

    told = at_once(12, reserve)
    assert sorted(map(str, told)) == ["0"] * 11 + ["1"]


def test_releasing_gives_the_promise_back() -> None:
    variant = VariantFactory.create(stock=5)
    with transaction.atomic():
        stock.reserve({variant.pk: 3})
        stock.release({variant.pk: 3})

    assert numbers(variant) == (5, 0)


def test_shipping_takes_reserved_pieces_and_writes_the_ledger() -> None:
    variant = VariantFactory.create(stock=5)
    with transaction.atomic():
        stock.reserve({variant.pk: 3})
        stock.ship({variant.pk: 2}, reference="BCDFG-HJKLM", actor="otto")

    assert numbers(variant) == (3, 1)
    movement = StockMovement.objects.filter(level__variant=variant).latest("pk")
    assert (movement.quantity, movement.reason, movement.reference, movement.actor) == (
        -2,
        "shipped",
        "BCDFG-HJKLM",
        "otto",
    )
    assert ledger(variant) == 3


@pytest.mark.parametrize("act", [stock.release, lambda demand: stock.ship(demand, reference="", actor="")])
def test_what_was_not_reserved_is_neither_released_nor_shipped(act: object) -> None:
    variant = VariantFactory.create(stock=5)

    with pytest.raises(stock.StockInconsistent), transaction.atomic():
        act({variant.pk: 1})  # type: ignore[operator]

    assert numbers(variant) == (5, 0)


def test_receiving_and_adjusting_write_the_ledger() -> None:
    variant = VariantFactory.create(stock=5)

    stock.receive(variant_id=variant.pk, quantity=4, note="delivery", actor="clara")
    stock.adjust(variant_id=variant.pk, quantity=-2, note="broken", actor="clara")

    assert numbers(variant) == (7, 0)
    assert ledger(variant) == 7
    newest = StockMovement.objects.filter(level__variant=variant).order_by("-pk")[:2]
    assert [(m.quantity, m.reason, m.note) for m in newest] == [
        (-2, "adjusted", "broken"),
        (4, "received", "delivery"),
    ]


def test_nothing_promised_can_be_taken_away() -> None:
    variant = VariantFactory.create(stock=5)
    with transaction.atomic():
        stock.reserve({variant.pk: 4})

    with pytest.raises(StockTooLow):
        stock.adjust(variant_id=variant.pk, quantity=-2)

    assert numbers(variant) == (5, 4)
    assert ledger(variant) == 5


def test_each_movement_says_what_it_left() -> None:
    variant = VariantFactory.create(stock=5)
    with transaction.atomic():
        stock.reserve({variant.pk: 3})
        stock.ship({variant.pk: 2}, reference="X", actor="otto")
        stock.put_back({variant.pk: 1}, reference="X", actor="otto")
        stock.write_off({variant.pk: 1}, reference="X", actor="otto")
    stock.receive(variant_id=variant.pk, quantity=4)
    stock.recount(variant_id=variant.pk, counted=6)
    movements = StockMovement.objects.filter(level__variant=variant).order_by("pk")
    assert [(m.on_hand_before, m.quantity, m.on_hand_after) for m in movements] == [
        (0, 5, 5),
        (5, -2, 3),
        (3, 1, 4),
        (4, -1, 3),
        (3, 4, 7),
        (7, -1, 6),
    ]


def test_a_correction_has_a_reason_that_fits() -> None:
    variant = VariantFactory.create(stock=5)
    stock.adjust(variant_id=variant.pk, quantity=-1, reason=StockMovement.Reason.LOST)
    for quantity, reason in ((1, "damaged"), (-1, "shipped"), (-1, "counted")):
        with pytest.raises(InvalidProduct):
            stock.adjust(variant_id=variant.pk, quantity=quantity, reason=StockMovement.Reason(reason))
    assert (numbers(variant), StockMovement.objects.latest("pk").reason) == ((4, 0), "lost")


def test_a_level_of_its_own_is_warned_of_at_its_own_number(settings: Any, heard: list[int]) -> None:
    settings.SHOP_LOW_STOCK = 5
    early, never = VariantFactory.create(stock=20), VariantFactory.create(stock=20)
    stock.set_rules(variant_id=early.pk, allows_backorders=False, low_at=20)
    stock.set_rules(variant_id=never.pk, allows_backorders=False, low_at=0)
    for variant in (early, never):
        stock.adjust(variant_id=variant.pk, quantity=-1)
        stock.adjust(variant_id=variant.pk, quantity=-19)
    assert heard == [19]
    assert [level.variant_id for level in StockLevel.objects.low()] == [early.pk]


@pytest.mark.parametrize("quantity", [0, -1])
def test_receiving_nothing_is_refused(quantity: int) -> None:
    variant = VariantFactory.create(stock=5)
    with pytest.raises(InvalidProduct):
        stock.receive(variant_id=variant.pk, quantity=quantity)
    assert numbers(variant) == (5, 0)


def test_more_than_a_warehouse_holds_is_refused() -> None:
    variant = VariantFactory.create(stock=5)
    with pytest.raises(InvalidProduct):
        stock.receive(variant_id=variant.pk, quantity=stock.MAX_ON_HAND)
    assert numbers(variant) == (5, 0)


def test_making_seven_available_leaves_what_is_reserved_alone() -> None:
    variant = VariantFactory.create(stock=5)
    with transaction.atomic():
        stock.reserve({variant.pk: 2})
        stock.set_available(variant_id=variant.pk, available=7, actor="clara")

    assert numbers(variant) == (9, 2)
    assert ledger(variant) == 9


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_stock_can_only_be_reserved_inside_a_transaction() -> None:
    """Outside one the lock would end before the order exists."""
    variant = VariantFactory.create(stock=5)
    with pytest.raises(transaction.TransactionManagementError):
        stock.reserve({variant.pk: 1})
    assert numbers(variant) == (5, 0)


def test_postgresql_refuses_to_promise_more_than_there_is() -> None:
    variant = VariantFactory.create(stock=5)
    with pytest.raises(IntegrityError, match="reserved_within_on_hand"), transaction.atomic():
        StockLevel.objects.filter(variant=variant).update(reserved=6)


def test_postgresql_refuses_to_rewrite_the_ledger() -> None:
    variant = VariantFactory.create(stock=5)
    with pytest.raises((InternalError, IntegrityError), match="append-only"), transaction.atomic():
        StockMovement.objects.filter(level__variant=variant).update(quantity=50)


def test_the_number_of_queries_does_not_grow_with_the_variants(django_assert_num_queries: object) -> None:
    for count in (1, 20):
        demand = {VariantFactory.create(stock=5).pk: 1 for _ in range(count)}
        with django_assert_num_queries(4), transaction.atomic():  # type: ignore[operator]
            stock.reserve(demand)  # two of its own, two for the savepoint


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_parallel_corrections_all_count() -> None:
    variant = VariantFactory.create(stock=10)

    at_once(12, lambda _: stock.adjust(variant_id=variant.pk, quantity=1))

    assert numbers(variant) == (22, 0)
    assert ledger(variant) == 22
