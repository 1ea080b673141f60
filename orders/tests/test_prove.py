"""`manage.py prove`: it passes on a healthy shop and leaves nothing behind; without a guard it fails and says where."""

from __future__ import annotations

import io
import json
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.models import F
from django.test import Client

from catalog.inventory import stock
from catalog.models import Category, Product, StockLevel, Variant
from catalog.rehearsal import rehearsed_products, rehearsing
from catalog.tests.factories import VariantFactory
from orders import checkout, emails, lifecycle, refunds
from orders.actors import SHOP
from orders.errors import CouponRefused
from orders.models import Cart, Coupon, Order, OrderEvent, Payment, Redemption, Refund, WebhookDelivery, WebhookEndpoint
from orders.proof import races
from orders.proof.proving import Proof, prove
from orders.proof.racing import run_parallel
from orders.proof.stage import MARK, _make, stage
from orders.proof.tallies import Finding
from orders.reports.invariants import INVARIANTS
from orders.tests.placing import place
from shop.testing.strangers import stranger
from shop.testing.worker import work_off_the_queue

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

BUYERS = 8


@pytest.fixture(autouse=True)
def shop_with_an_order() -> None:
    """The operator's own rows, which a proof must not touch; everybody listens to everything."""
    place((VariantFactory.create(stock=5), 2))
    work_off_the_queue()


def rows() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def run(*options: str) -> str:
    said = io.StringIO()
    call_command("prove", f"--buyers={BUYERS}", *options, stdout=said, no_color=True)
    return said.getvalue()


def proof_of(*chosen: races.Race) -> Proof:
    return prove(buyers=BUYERS, tell=lambda found: None, races=chosen)


def test_a_healthy_shop_keeps_every_promise_and_nothing_is_left() -> None:
    before = rows()

    said = run()

    assert said.count("ok  ") == len(races.RACES) + len(INVARIANTS) + 1
    assert "ok   Stock on hand is the sum of its movements" in said
    assert "FAIL" not in said
    assert said.rstrip().endswith("The shop keeps its promises.")
    assert rows() == before
    work_off_the_queue()
    assert Order.objects.count() == before["orders.Order"]


def test_programs_are_told_in_json() -> None:
    told = json.loads(run("--json"))
    assert (told["holds"], told["buyers"]) == (True, BUYERS)
    promises = [found["promise"].lower() for found in told["findings"]]
    rules = [rule.name.lower() for rule in INVARIANTS]
    assert promises[-len(rules) - 1 :] == [*rules, "nothing of the proof is left"]
    assert {"promise", "holds", "told", "seconds"} == {*told["findings"][0]}


@pytest.mark.parametrize("buyers", ["1", "201", "many", "-3"])
def test_a_senseless_number_of_buyers_is_refused(buyers: str) -> None:
    before = rows()
    with pytest.raises(CommandError, match="from 2 to 200"):
        call_command("prove", f"--buyers={buyers}")
    assert rows() == before


def test_an_empty_shop_can_be_proved_too() -> None:
    Payment.objects.all().delete()
    Order.objects.all().delete()
    Product.objects.all().delete()
    Category.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    before = rows()
    assert proof_of(races.last_piece).holds
    assert rows() == before


# --- nobody meets it -------------------------------------------------------------------------------------------


def test_shoppers_and_worker_do_not_meet_it_while_it_runs(client: Client) -> None:
    WebhookEndpoint.objects.create(url="https://example.com/hook", events=["order.placed", "stock.low"])
    with stage() as made:
        variant = made.variant(stock=3)
        order = races._place(made, "seen", (variant, 3))
        lifecycle.mark_paid(order=order, actor=SHOP)
        seen: list[Any] = run_in_another_context(
            lambda: [
                client.get(variant.product.get_absolute_url()).status_code,
                client.post("/cart/add/", {"variant": variant.pk, "quantity": 1}).status_code,
                Variant.objects.buyable().filter(pk=variant.pk).exists(),
                MARK in client.get("/products/").content.decode(),
                MARK in client.get("/search/?q=manage+prove").content.decode(),
            ]
        )
        work_off_the_queue()
        assert not order.events.filter(kind__in=["email", "document"]).exists()
        assert not WebhookDelivery.objects.exists()
    assert seen[0] == 404
    assert seen[2:] == [False, False, False]


def run_in_another_context(ask: Callable[[], Any]) -> Any:
    found: list[Any] = []

    def answer() -> None:
        try:
            found.append(ask())
        finally:
            connection.close()

    thread = threading.Thread(target=answer)  # a thread begins outside of any rehearsal
    thread.start()
    thread.join(30)
    return found[0]


def test_a_rehearsal_ends_with_its_block() -> None:
    with rehearsing([7]):
        assert run_parallel([rehearsed_products]) == [frozenset({7})]
    assert rehearsed_products() == frozenset()


def test_nobody_is_written_to_at_an_address_that_nobody_has(mailoutbox: list[Any]) -> None:
    order = place((VariantFactory.create(stock=5), 1))
    Order.objects.filter(pk=order.pk).update(email="Somebody@Shop.INVALID")
    mailoutbox.clear()
    for _ in range(2):
        emails.send(order_id=order.pk, message="confirmation")
    assert not mailoutbox
    said = OrderEvent.objects.filter(order=order, kind=OrderEvent.Kind.EMAIL).values_list("message", flat=True)
    assert list(said) == ["E-mail not sent, nobody has such an address: confirmation"]
    assert emails.sent_messages(order) == []


# --- it is cleaned up, whatever happens ------------------------------------------------------------------------


def test_an_interrupted_run_removes_what_it_made() -> None:
    before = rows()

    def interrupt(made: Any, buyers: int) -> Finding:
        races.last_piece(made, buyers)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        proof_of(races.one_cart, races.last_use_of_a_coupon, interrupt)
    assert rows() == before


def test_what_a_killed_run_has_left_is_removed_by_the_next() -> None:
    before = rows()
    made = _make()
    with rehearsing([made.product.pk]):
        for race in (races.last_piece, races.one_cart, races.last_use_of_a_coupon, races.full_refunds):
            race(made, BUYERS)
    assert Order.objects.filter(email__endswith=".invalid").exists()

    assert proof_of(races.last_piece).holds

    assert rows() == before
    assert not Product.objects.filter(slug__startswith=MARK).exists()


def test_two_proofs_do_not_run_at_once() -> None:
    before = rows()
    with stranger() as other:
        other.execute("SELECT pg_advisory_lock(7305614002)")
        with pytest.raises(CommandError, match="Another proof is running"):
            run()
    assert rows() == before
    assert run().rstrip().endswith("The shop keeps its promises.")


# --- without a guard it fails, and says which promise is broken ------------------------------------------------


def broken_in(race: races.Race) -> list[str]:
    before = rows()
    proof = proof_of(race)
    assert rows() == before
    return proof.broken


def test_control_stock_that_is_read_and_then_written(monkeypatch: pytest.MonkeyPatch) -> None:
    everybody_has_read = threading.Barrier(BUYERS)

    def careless(demand: Mapping[int, int]) -> list[StockLevel]:
        levels = {level.variant_id: level for level in StockLevel.objects.filter(variant_id__in=demand)}
        everybody_has_read.wait(20)
        for variant_id, wanted in demand.items():
            levels[variant_id].reserved += wanted
            levels[variant_id].save(update_fields=["reserved"])
        return []

    monkeypatch.setattr(stock, "reserve", careless)
    broken = broken_in(races.last_piece)
    assert broken == ["The last piece is sold once", "Reserved stock is what live orders have not shipped"]


def test_a_coupon_of_the_proof_is_worth_nothing_to_shoppers() -> None:
    """Its code is in the database while a proof runs; whoever reads it there gets nothing off anything else."""
    with stage() as made:
        coupon = made.coupon()
        with pytest.raises(CouponRefused):
            place((VariantFactory.create(stock=1), 1), coupon=coupon.code)


def test_control_coupons_that_are_counted_and_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    everybody_has_looked = threading.Barrier(BUYERS)

    def careless(coupon: Coupon, *, order: Order, amount: int) -> None:
        everybody_has_looked.wait(20)
        Redemption.objects.create(coupon=coupon, order=order, email_key=order.email, amount=amount)

    monkeypatch.setattr(checkout, "redeem", careless)
    # The lock of the one stock level would let the buyers come one after the other.
    monkeypatch.setattr(stock, "reserve", lambda demand: [])
    broken = broken_in(races.last_use_of_a_coupon)
    assert "The last use of a coupon is given once, and nobody pays the full price unasked" in broken


def test_control_a_cart_that_is_not_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    everybody_has_the_cart = threading.Barrier(BUYERS)

    def careless(pk: int) -> Cart:
        cart = Cart.objects.get(pk=pk)
        everybody_has_the_cart.wait(20)
        return cart

    monkeypatch.setattr(checkout, "lock_cart", careless)
    # The unique constraint is the last wall: nothing is sold twice, but buyers meet an error.
    assert broken_in(races.one_cart) == ["One cart becomes one order"]


def test_control_a_key_that_nobody_looks_at(monkeypatch: pytest.MonkeyPatch) -> None:
    write = checkout._write_order

    def without_key(buyer: Any, address: Any, terms: Any, *rest: Any) -> Order:
        order = write(buyer, address, terms, *rest)
        Order.objects.filter(pk=order.pk).update(idempotency_key=None)
        return order

    monkeypatch.setattr(checkout, "_write_order", without_key)
    broken = broken_in(races.one_key)
    assert broken == ["One key places one order, and everybody is told its number"]


def test_control_money_that_is_promised_without_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(payment: Payment, amount: int, *, reason: str, requested_by: str, shipping: int = 0) -> Refund:
        return Refund.objects.create(
            payment=payment,
            order_id=payment.order_id,
            key=uuid.uuid4(),
            currency=payment.currency,
            amount=amount,
            reason=reason,
        )

    monkeypatch.setattr(refunds, "promise_refund", careless)
    assert broken_in(races.full_refunds)[0] == "All the money of an order is promised back once"


def test_control_money_that_is_given_back_without_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(*, refund: Refund, actor: Any) -> Refund:
        Payment.objects.filter(pk=refund.payment_id).update(refunded_amount=F("refund_committed"))
        return refund

    monkeypatch.setattr(refunds, "confirm_refund", careless)
    assert broken_in(races.money_given_back)[0] == "A refund is given back once"
