from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest

from catalog.tests.factories import CategoryFactory, ProductFactory
from orders.errors import BatchExists, InvalidOrder
from orders.models import Coupon
from orders.promotions import batches
from orders.promotions.batches import CodePlan, make_batch
from orders.tests.factories import CouponFactory
from shop.testing.races import at_once
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db


def terms(**changes: Any) -> Coupon:
    return Coupon(**{"kind": "amount", "amount": 500, "max_uses": 1} | changes)


def make(name: str = "Newsletter", count: int = 20, prefix: str = "MAY-", length: int = 10, **fields: Any) -> int:
    return make_batch(name=name, plan=CodePlan(count, prefix, length), terms=terms(), **fields)


def test_a_batch_is_many_coupons_with_the_same_terms_and_codes_of_their_own() -> None:
    mug, cups = ProductFactory.create(), CategoryFactory.create(name="Cups")
    made = make_batch(
        name="Newsletter",
        plan=CodePlan(20, "MAY-", 10),
        terms=terms(only_chosen=True, minimum_spend=2000),
        products=[mug],
        categories=[cups],
    )
    assert made == 20
    coupons = list(Coupon.objects.filter(batch="Newsletter"))
    assert len({coupon.code for coupon in coupons}) == 20
    for coupon in coupons:
        assert re.fullmatch("MAY-[2-9B-DF-HJ-NP-TV-Z]{10}", coupon.code)
        assert (coupon.kind, coupon.amount, coupon.minimum_spend, coupon.max_uses) == ("amount", 500, 2000, 1)
        assert list(coupon.products.all()) == [mug]
        assert list(coupon.categories.all()) == [cups]


def test_ten_thousand_are_written_in_bulk() -> None:
    """In the same handful of statements for every thousand, not one for each."""
    with captured_sql() as statements:
        make(count=10_000, products=[ProductFactory.create()])
    assert Coupon.objects.filter(batch="Newsletter").count() == 10_000
    assert len([sql for sql in statements if sql.startswith('INSERT INTO "orders_coupon"')]) == 10
    assert len(statements) < 50


def test_a_second_batch_of_the_same_name_is_refused() -> None:
    make()
    with pytest.raises(BatchExists, match="Newsletter"):
        make(prefix="JUNE-")
    assert Coupon.objects.count() == 20


def test_codes_that_are_taken_are_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those that are taken in small letters."""
    CouponFactory.create(code="may-bbbbbbbb")
    drawn = iter(["MAY-BBBBBBBB", "MAY-CCCCCCCC", "MAY-CCCCCCCC", "MAY-DDDDDDDD"])
    monkeypatch.setattr(batches, "random_code", lambda prefix, length: next(drawn))
    make(count=2)
    assert {*Coupon.objects.filter(batch="Newsletter").values_list("code", flat=True)} == {
        "MAY-CCCCCCCC",
        "MAY-DDDDDDDD",
    }


def test_a_code_that_is_taken_at_this_very_moment_makes_the_act_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["MAY-BBBBBBBB", "MAY-CCCCCCCC"])
    look = batches._new_codes

    def look_and_be_overtaken(plan: CodePlan) -> list[str]:
        codes = look(plan)
        CouponFactory.create(code=codes[0]) if codes == ["MAY-BBBBBBBB"] else None
        return codes

    monkeypatch.setattr(batches, "random_code", lambda prefix, length: next(drawn))
    monkeypatch.setattr(batches, "_new_codes", look_and_be_overtaken)
    make(count=1)
    # The other coupon was made inside the transaction that was undone, so it is gone with it.
    assert [coupon.code for coupon in Coupon.objects.all()] == ["MAY-CCCCCCCC"]


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        (CodePlan(0), "count"),
        (CodePlan(-1), "count"),
        (CodePlan(10_001), "count"),
        (CodePlan(5, "", 7), "length"),
        (CodePlan(5, "A" * 31, 10), "length"),
        (CodePlan(5, "may-"), "prefix"),
        (CodePlan(5, "-MAY"), "prefix"),
        (CodePlan(5, "MÄRZ"), "prefix"),
        (CodePlan(5, "=1+1"), "prefix"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(plan: CodePlan, field: str) -> None:
    with pytest.raises(InvalidOrder) as refusal:
        make_batch(name="Newsletter", plan=plan, terms=terms())
    assert refusal.value.field == field
    assert not Coupon.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_clicks_at_once_make_one_batch() -> None:
    outcomes = at_once(4, lambda _: make(count=5))
    assert outcomes.count(5) == 1
    assert sum(isinstance(outcome, BatchExists) for outcome in outcomes) == 3
    assert Coupon.objects.count() == 5


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_control_without_waiting_for_one_another_two_clicks_make_two_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    everybody_has_looked = threading.Barrier(2)
    draw: Callable[[CodePlan], list[str]] = batches._new_codes

    def slow_draw(plan: CodePlan) -> list[str]:
        everybody_has_looked.wait(20)
        return draw(plan)

    monkeypatch.setattr(batches, "_one_at_a_time", lambda: None)
    monkeypatch.setattr(batches, "_new_codes", slow_draw)
    assert at_once(2, lambda _: make(count=5)) == [5, 5]
