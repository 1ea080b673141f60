"""The pretend provider keeps the gateway's promises as a real one does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.utils import timezone

from orders.errors import InvalidOrder, ProviderRefused, WebhookInvalid
from orders.models import PretendPayment, PretendRefund
from orders.payments.gateway import RefundStanding, Snapshot, Standing
from orders.payments.methods import find_method, payment_methods
from orders.payments.pretend import books
from orders.payments.pretend.books import Act
from orders.payments.pretend.gateway import PretendGateway
from orders.payments.pretend.signing import message_about
from orders.payments.tests.asking import payment_request, refund_request
from shop.testing.races import at_once

GATEWAY = PretendGateway()
pytestmark = pytest.mark.django_db


def started(**changes: Any) -> str:
    return GATEWAY.start(payment_request(**changes)).reference


def snapshot(reference: str, standing: Standing, *, captured: int = 0, failure: str = "") -> Snapshot:
    return Snapshot(reference, "A-1", 1250, "EUR", standing, captured, failure)


def test_development_offers_it_last_so_that_nothing_else_changes_its_place(settings: Any) -> None:
    assert [method.code for method in payment_methods()] == ["bank_transfer", "pay_on_delivery", "test_card"]
    gateway, method = find_method("test_card")
    assert (gateway.code, gateway.is_manual, method.term) == ("test", False, settings.SHOP_PAYMENT_TERM)


@pytest.mark.parametrize(
    "call",
    [
        lambda name: GATEWAY.start(payment_request()),
        lambda name: GATEWAY.fetch(name),
        lambda name: GATEWAY.capture(name, amount=1250, currency="EUR", key="1"),
        lambda name: GATEWAY.cancel(name, key="1"),
        lambda name: GATEWAY.refund(refund_request(name)),
        lambda name: GATEWAY.fetch_refund(name),
    ],
)
def test_where_it_is_off_it_does_nothing(settings: Any, call: Callable[[str], Any]) -> None:
    reference = started()
    message = message_about(books.find(reference))
    settings.PRETEND_PAYMENTS = False
    with pytest.raises(InvalidOrder):
        find_method("test_card")
    with pytest.raises(ProviderRefused, match="Nobody pretends here"):
        call(reference)
    with pytest.raises(WebhookInvalid):
        GATEWAY.read_webhook(*message)


def test_the_shopper_is_sent_to_a_page_of_its_own(settings: Any) -> None:
    answer = GATEWAY.start(payment_request())
    assert answer.redirect_url == f"{settings.SITE_URL}/pretend-pay/{answer.reference}/"
    assert GATEWAY.fetch(answer.reference) == snapshot(answer.reference, Standing.OPEN)


def test_one_key_is_one_payment_and_not_another_one() -> None:
    assert started() == started()
    with pytest.raises(ProviderRefused, match="another payment"):
        started(amount=1)
    assert started(key="payment-2") != started()
    assert PretendPayment.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_with_one_key_are_one() -> None:
    assert len({*at_once(10, lambda _: started())}) == 1
    assert PretendPayment.objects.count() == 1


@pytest.mark.parametrize(
    ("act", "standing", "captured", "failure"),
    [
        (Act.APPROVE, Standing.CAPTURED, 1250, ""),
        (Act.APPROVE_TWICE, Standing.CAPTURED, 1250, ""),
        (Act.AUTHORIZE, Standing.AUTHORIZED, 0, ""),
        (Act.APPROVE_LATE, Standing.OPEN, 0, ""),
        (Act.DECLINE, Standing.FAILED, 0, "Declined by the pretend bank."),
        (Act.ABANDON, Standing.OPEN, 0, ""),
    ],
)
def test_what_is_pressed_is_what_the_shop_is_told(act: Act, standing: Standing, captured: int, failure: str) -> None:
    reference = started()
    books.act(reference, act)
    assert GATEWAY.fetch(reference) == snapshot(reference, standing, captured=captured, failure=failure)


@pytest.mark.parametrize("first", [Act.APPROVE, Act.AUTHORIZE, Act.DECLINE])
def test_what_is_settled_is_not_played_again(first: Act) -> None:
    reference = started()
    before = books.act(reference, first)
    assert books.possible_acts(before) == []
    for act in Act:
        with pytest.raises(ProviderRefused):
            books.act(reference, act)
    assert books.find(reference).state == before.state


def test_late_money_arrives_although_the_shop_called_the_payment_off() -> None:
    reference = started()
    books.act(reference, Act.APPROVE_LATE)
    assert GATEWAY.cancel(reference, key="1").standing == Standing.CANCELLED
    assert books.possible_acts(books.find(reference)) == [Act.ARRIVE]
    books.act(reference, Act.ARRIVE)
    assert GATEWAY.fetch(reference) == snapshot(reference, Standing.CAPTURED, captured=1250)


def test_cancelling_says_what_has_become_of_it() -> None:
    for number, (act, standing) in enumerate(
        [
            (Act.ABANDON, Standing.CANCELLED),
            (Act.AUTHORIZE, Standing.CANCELLED),
            (Act.APPROVE, Standing.CAPTURED),
            (Act.DECLINE, Standing.FAILED),
        ]
    ):
        reference = started(key=str(number))
        books.act(reference, act)
        assert GATEWAY.cancel(reference, key="1").standing == standing


def test_authorized_money_is_captured_whole_and_once() -> None:
    reference = started()
    with pytest.raises(ProviderRefused):
        GATEWAY.capture(reference, amount=1250, currency="EUR", key="1")
    books.act(reference, Act.AUTHORIZE)
    for amount, currency in ((1249, "EUR"), (1250, "USD")):
        with pytest.raises(ProviderRefused):
            GATEWAY.capture(reference, amount=amount, currency=currency, key="1")
    for _ in range(2):
        answer = GATEWAY.capture(reference, amount=1250, currency="EUR", key="1")
        assert answer == snapshot(reference, Standing.CAPTURED, captured=1250)


# --- refunds ------------------------------------------------------------------------------------------------------


@pytest.fixture
def paid() -> str:
    reference = started()
    books.act(reference, Act.APPROVE)
    return reference


def test_one_key_gives_back_once(paid: str) -> None:
    first, second = (GATEWAY.refund(refund_request(paid, 500)) for _ in range(2))
    assert first == second == GATEWAY.fetch_refund(first.reference)
    assert (first.amount, first.currency, first.standing) == (500, "EUR", RefundStanding.SUCCEEDED)
    assert books.find(paid).refunded == 500


@pytest.mark.parametrize("changes", [{"amount": 1251}, {"amount": 0}, {"amount": -1}, {"currency": "USD"}])
def test_what_cannot_be_given_back_is_refused(paid: str, changes: dict[str, Any]) -> None:
    with pytest.raises(ProviderRefused):
        GATEWAY.refund(refund_request(paid, **changes))
    assert not PretendRefund.objects.exists()


def test_one_key_is_for_one_refund(paid: str) -> None:
    GATEWAY.refund(refund_request(paid, 500))
    with pytest.raises(ProviderRefused, match="another refund"):
        GATEWAY.refund(refund_request(paid, 400))


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_never_give_back_more_than_there_is() -> None:
    reference = started()
    books.act(reference, Act.APPROVE)
    answers = at_once(10, lambda number: GATEWAY.refund(refund_request(reference, 500, key=str(number))))
    assert sum(not isinstance(answer, Exception) for answer in answers) == 2
    assert books.find(reference).refunded == 1000


def test_an_amount_that_ends_in_thirteen_fails_once_and_can_be_tried_again(paid: str) -> None:
    failed = GATEWAY.refund(refund_request(paid, 613))
    assert (failed.standing, books.find(paid).refunded) == (RefundStanding.FAILED, 0)
    again = GATEWAY.refund(refund_request(paid, 613))
    assert (again.standing, again.reference) == (RefundStanding.SUCCEEDED, failed.reference)
    assert books.find(paid).refunded == 613


# --- messages -----------------------------------------------------------------------------------------------------


def test_a_message_says_how_the_payment_stands(paid: str) -> None:
    told = GATEWAY.read_webhook(*message_about(books.find(paid)))
    assert (told.kind, told.reference, told.order_number) == ("payment.captured", paid, "A-1")
    assert (told.amount, told.currency) == (1250, "EUR")


def test_each_message_has_a_name_of_its_own(paid: str) -> None:
    payment = books.find(paid)
    names = {GATEWAY.read_webhook(*message_about(payment)).event_id for _ in range(2)}
    assert len(names) == 2


def test_a_changed_message_or_another_signature_is_refused(paid: str) -> None:
    body, headers = message_about(books.find(paid))
    other = signing.TimestampSigner(salt="somebody else").sign("x")
    for changed in (
        (body + b" ", headers),
        (body.replace(b"1250", b"1"), headers),
        (body, {}),
        (body, {"Pretend-Signature": ""}),
        (body, {"Pretend-Signature": "é"}),
        (body, {"Pretend-Signature": other}),
    ):
        with pytest.raises(WebhookInvalid):
            GATEWAY.read_webhook(*changed)


def test_an_old_message_is_refused(paid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    message = message_about(books.find(paid))
    later = timezone.now() + timedelta(minutes=6)
    monkeypatch.setattr(signing.time, "time", later.timestamp)  # type: ignore[attr-defined]
    with pytest.raises(WebhookInvalid):
        GATEWAY.read_webhook(*message)
