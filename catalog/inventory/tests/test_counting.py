"""Stock-takes and deliveries by file."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from catalog.errors import StockTooLow
from catalog.importing.shapes import Unreadable
from catalog.inventory import counting, stock
from catalog.inventory.sheets import written
from catalog.models import StockLevel, StockMovement, StockSheet, StockSheetLine, Variant
from catalog.tests.factories import VariantFactory
from shop.testing.races import at_once

pytestmark = pytest.mark.django_db
Kind = StockSheet.Kind


def sheet_text() -> str:
    return "".join(written(counting.to_count(StockLevel.objects.all())))


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def counted(text: str, **numbers: object) -> bytes:
    """The sheet with numbers in it, by SKU (with _ for -)."""
    found = rows(text)
    for row in found:
        row["Counted"] = str(numbers.get(row["SKU"].replace("-", "_"), ""))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=list(found[0]))
    writer.writeheader()
    writer.writerows(found)
    return out.getvalue().encode()


def hand_in(data: bytes, kind: StockSheet.Kind = Kind.COUNT, **options: Any) -> StockSheet:
    return counting.hand_in(file=io.BytesIO(data), name="sheet.csv", kind=kind, actor="clara", **options)


def confirm(sheet: StockSheet) -> int:
    return counting.confirm(sheet_id=sheet.pk, actor="clara")


def on_hand() -> dict[str, int]:
    return dict(StockLevel.objects.order_by("pk").values_list("variant__sku", "on_hand"))


def problems(sheet: StockSheet) -> list[tuple[int, str]]:
    return [(each.line.number, each.problem) for each in counting.standings(sheet) if each.problem]


def test_what_was_counted_becomes_the_stock_and_the_ledger_says_so() -> None:
    for sku, pieces in (("A", 5), ("B", 7), ("C", 2)):
        VariantFactory.create(sku=sku, stock=pieces)
    sheet = hand_in(counted(sheet_text(), A=6, B=7), note="Spring stock-take")
    assert on_hand() == {"A": 5, "B": 7, "C": 2}
    assert [(each.expected, each.change, each.becomes) for each in counting.standings(sheet)] == [(5, 1, 6), (7, 0, 7)]

    assert confirm(sheet) == 2
    assert on_hand() == {"A": 6, "B": 7, "C": 2}
    movement = StockMovement.objects.latest("pk")
    assert (movement.quantity, movement.on_hand_after, movement.reason, movement.note, movement.actor) == (
        1,
        6,
        "counted",
        "Spring stock-take",
        "clara",
    )
    assert movement.reference == f"stock-take {sheet.pk}"
    assert StockMovement.objects.count() == 4


def test_what_left_after_the_sheet_was_downloaded_has_left() -> None:
    variant = VariantFactory.create(sku="A", stock=10)
    sheet = hand_in(counted(sheet_text(), A=9))
    with transaction.atomic():
        stock.reserve({variant.pk: 4})
        stock.ship({variant.pk: 4}, reference="X", actor="otto")
    (found,) = counting.standings(sheet)
    assert (found.expected, found.since, found.change, found.becomes) == (10, -4, -1, 5)
    confirm(sheet)
    assert on_hand() == {"A": 5}


def test_who_counted_just_now_says_so() -> None:
    variant = VariantFactory.create(sku="A", stock=10)
    text = sheet_text()
    stock.adjust(variant_id=variant.pk, quantity=-4)
    confirm(hand_in(counted(text, A=5), counted_now=True))
    assert on_hand() == {"A": 5}


def test_a_sheet_of_ones_own_holds_for_the_moment_it_is_handed_in() -> None:
    variant = VariantFactory.create(sku="A", stock=10)
    sheet = hand_in(b"sku;counted\r\na;8\r\n")
    stock.receive(variant_id=variant.pk, quantity=3)
    confirm(sheet)
    assert on_hand() == {"A": 11}


def test_confirming_twice_does_it_once() -> None:
    variant = VariantFactory.create(sku="A", stock=10)
    sheet = hand_in(counted(sheet_text(), A=8))
    confirm(sheet)
    stock.receive(variant_id=variant.pk, quantity=1)
    assert confirm(sheet) == 0
    assert on_hand() == {"A": 9}
    (found,) = counting.standings(sheet)
    assert (found.change, found.line.moved) == (-2, -2)


def test_lines_that_cannot_be_are_refused_and_the_others_taken() -> None:
    VariantFactory.create(sku="A", stock=5)
    promised = VariantFactory.create(sku="B", stock=5)
    VariantFactory.create(sku="C", stock=5)
    with transaction.atomic():
        stock.reserve({promised.pk: 3})
    lines = ["SKU,Counted", "A,4", "nothing,1", "C,1", "c,2", "B,2", "A2,x", ",3", "A3,-1", "A4,1.5", "A5,9999999999"]
    sheet = hand_in("\n".join(lines).encode())
    said = dict(problems(sheet))
    assert set(said) == {3, 4, 5, 6, 7, 8, 9, 10, 11}
    assert said[3] == "No variant has this SKU."
    assert said[4] == said[5] == "This SKU stands on several lines."
    assert "promised to orders" in said[6]
    assert said[7] == "“x” is not a whole number."
    assert said[9] == "A number of pieces cannot be negative."
    assert confirm(sheet) == 1
    assert on_hand() == {"A": 4, "B": 5, "C": 5}
    assert sheet.lines.get(number=6).problem


def test_a_sheet_that_nobody_finished_goes_after_a_while() -> None:
    VariantFactory.create(sku="A", stock=5)
    forgotten, young, applied = (hand_in(counted(sheet_text(), A=4)) for _ in range(3))
    confirm(applied)
    long_ago = timezone.now() - counting.KEPT - timedelta(minutes=1)
    StockSheet.objects.exclude(pk=young.pk).update(uploaded_at=long_ago)

    assert counting.forget_unfinished() == 1
    assert set(StockSheet.objects.values_list("pk", flat=True)) == {young.pk, applied.pk}
    assert not StockSheetLine.objects.filter(sheet=forgotten.pk).exists()


def test_a_ledger_entry_of_something_else_is_no_moment() -> None:
    VariantFactory.create(sku="A", stock=5)
    other = VariantFactory.create(sku="B", stock=5)
    entry = StockMovement.objects.get(level__variant=other).pk
    sheet = hand_in(f"SKU,Counted,Ledger entry\nA,4,{entry}\nB,4,{entry}\n".encode())
    assert [number for number, _ in problems(sheet)] == [2]


def test_a_delivery_is_received_line_by_line() -> None:
    VariantFactory.create(sku="A", stock=5)
    sheet = hand_in(b"SKU,Quantity\nA,7\n", Kind.DELIVERY, note="Order 77")
    confirm(sheet)
    confirm(sheet)
    assert (on_hand(), StockMovement.objects.latest("pk").reason) == ({"A": 12}, "received")


@pytest.mark.parametrize("data", [b"", b"SKU,Amount\nA,1\n", b"\xff\xfeS\0K\0U\0", b"Counted\n1\n"])
def test_what_is_no_sheet_is_refused_whole(data: bytes) -> None:
    with pytest.raises(Unreadable):
        hand_in(data)
    assert not StockSheet.objects.exists()


def test_no_cell_of_the_sheet_is_a_formula() -> None:
    VariantFactory.create(sku="=1+1", product__name="@SUM(A1)", stock=5)
    text = sheet_text()
    (row,) = rows(text)
    assert (row["SKU"], row["Name"]) == ("'=1+1", "'@SUM(A1)")
    confirm(hand_in(counted(text, **{"'=1+1": 3})))
    assert on_hand() == {"=1+1": 3}


def test_a_sheet_of_many_lines_takes_few_statements(django_assert_max_num_queries: Any) -> None:
    for number in range(60):
        VariantFactory.create(sku=f"V{number}", stock=5)
    text = sheet_text()
    data = counted(text, **{f"V{number}": 4 for number in range(60)})
    with django_assert_max_num_queries(8):
        sheet = hand_in(data)
    with django_assert_max_num_queries(1):
        counting.standings(sheet)
    with django_assert_max_num_queries(14):
        confirm(sheet)
    assert set(on_hand().values()) == {4}


# --- at once


@pytest.mark.django_db(transaction=True)
def test_many_who_confirm_at_once_do_it_once() -> None:
    VariantFactory.create(sku="A", stock=10)
    sheet = hand_in(counted(sheet_text(), A=7))
    applied = at_once(8, lambda _: confirm(sheet))
    assert (sorted(map(str, applied)), on_hand()) == (["0"] * 7 + ["1"], {"A": 7})


@pytest.mark.django_db(transaction=True)
def test_counting_and_selling_at_once_lose_nothing() -> None:
    variant: Variant = VariantFactory.create(sku="A", stock=20)
    sheet = hand_in(counted(sheet_text(), A=19))

    def act(number: int) -> object:
        if number == 0:
            return confirm(sheet)
        with transaction.atomic():
            stock.reserve({variant.pk: 1})
            stock.ship({variant.pk: 1}, reference="X", actor="otto")
        return None

    at_once(9, act)
    assert on_hand() == {"A": 11}


@pytest.mark.django_db(transaction=True)
def test_control_what_is_counted_absolutely_forgets_what_left_meanwhile() -> None:
    variant: Variant = VariantFactory.create(sku="A", stock=20)
    with transaction.atomic():
        stock.reserve({variant.pk: 8})
        stock.ship({variant.pk: 8}, reference="X", actor="otto")
    stock.recount(variant_id=variant.pk, counted=19)  # what the sheet said before they left
    assert on_hand() == {"A": 19}


def test_below_what_is_promised_nothing_is_counted_away() -> None:
    variant: Variant = VariantFactory.create(sku="A", stock=5)
    sheet = hand_in(counted(sheet_text(), A=1))
    with transaction.atomic():
        stock.reserve({variant.pk: 4})
    assert confirm(sheet) == 0
    assert (on_hand(), bool(sheet.lines.get().problem)) == ({"A": 5}, True)
    with pytest.raises(StockTooLow):
        stock.recount(variant_id=variant.pk, counted=1)
