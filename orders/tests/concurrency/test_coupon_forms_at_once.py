"""Two managers at the coupon pages of the admin at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction
from django.db.models import F
from django.test import Client

from catalog.tests.factories import VariantFactory
from orders.models import Coupon, Redemption
from orders.tests.factories import CouponFactory
from orders.tests.placing import place
from orders.tests.test_admin import browser_of, person
from orders.tests.test_admin_coupons import ADD, TERMS, errors, page_of, shown
from shop.testing.races import at_once, run_parallel
from shop.testing.strangers import wait_for_waiting

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

IN_USE = {"code": ["This code is in use."]}


@pytest.fixture
def mona() -> Client:
    return browser_of(person("mona", "Managers"))


def overtaken(saves: Callable[[], Any], act: Callable[[], Any]) -> Any:
    """What comes of `act` when it has looked before, and writes after, what `saves` writes."""
    written = threading.Event()

    def overtake() -> None:
        with transaction.atomic():
            saves()
            written.set()
            wait_for_waiting(1)

    def act_when_written() -> Any:
        assert written.wait(20)
        return act()

    _, outcome = run_parallel([overtake, act_when_written])
    return outcome


def test_eight_managers_save_one_code_in_all_spellings_and_one_of_them_has_it() -> None:
    clients = [browser_of(person(f"mona-{number}", "Managers")) for number in range(8)]
    spellings = ["RACE-10", "race-10", "Race-10", " rAcE\u201310 "] * 2
    answers: list[Any] = at_once(8, lambda number: clients[number].post(ADD, TERMS | {"code": spellings[number]}))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [302]
    assert [errors(answer) for answer in answers if answer.status_code == 200] == [IN_USE] * 7
    assert Coupon.objects.get().code.upper() == "RACE-10"
    assert LogEntry.objects.count() == 1


@pytest.mark.parametrize("spelling", ["RACE", "race"])
def test_a_code_that_is_taken_between_look_and_save_is_told_at_its_field(mona: Client, spelling: str) -> None:
    sent = TERMS | {"code": spelling, "note": "For the fair"}
    told = overtaken(lambda: CouponFactory.create(code="RACE"), lambda: mona.post(ADD, sent))
    assert errors(told) == IN_USE
    assert told.context["adminform"].form["note"].value() == "For the fair"
    assert Coupon.objects.get().code == "RACE"
    assert not LogEntry.objects.exists()


def test_a_coupon_whose_new_code_is_taken_between_look_and_save_keeps_its_old_one(mona: Client) -> None:
    coupon = CouponFactory.create(code="OLD")
    form = shown(mona, coupon) | {"code": "race"}
    told = overtaken(lambda: CouponFactory.create(code="RACE"), lambda: mona.post(page_of(coupon), form))
    assert errors(told) == IN_USE
    assert sorted(Coupon.objects.values_list("code", flat=True)) == ["OLD", "RACE"]


def test_control_without_a_second_look_the_database_refuses_and_the_page_breaks() -> None:
    """The form had found the code free; the constraint is what stands behind it."""
    failed = overtaken(lambda: CouponFactory.create(code="RACE"), lambda: CouponFactory.create(code="race"))
    assert isinstance(failed, IntegrityError)
    assert Coupon.objects.get().code == "RACE"


def test_a_coupon_that_is_redeemed_while_it_is_deleted_stays(mona: Client) -> None:
    coupon, order = CouponFactory.create(code="RACE"), place((VariantFactory.create(stock=1), 1))

    def redeem() -> None:
        """As `redeem` does it: the use is counted, which locks the coupon, and written down."""
        Coupon.objects.update(used=F("used") + 1)
        Redemption.objects.create(coupon=coupon, order=order, email_key="guest@example.com", amount=0)

    told = overtaken(redeem, lambda: mona.post(page_of(coupon, "delete"), {"post": "yes"}, follow=True))
    assert "Nothing was deleted" in str([*told.context["messages"]])
    assert Redemption.objects.get().coupon == Coupon.objects.get()
