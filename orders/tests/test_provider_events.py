"""Messages of providers: stored once, believed never, applied once."""

from __future__ import annotations

import copy
import json
import time
from typing import Any

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from orders import lifecycle
from orders.actors import staff
from orders.errors import ProviderUnavailable
from orders.models import Order, Payment, ProviderEvent
from orders.provider_events import deal_with, look_at
from orders.tests.paying import WEBHOOKS, broken_rules, card_order, payment_of, tell, tell_all
from shop.testing.provider import Double, Fault, signed

pytestmark = pytest.mark.django_db


def event_jobs() -> list[int]:
    jobs = ProcrastinateJob.objects.filter(task_name="orders.apply_event").order_by("pk")
    return [job.args["event_id"] for job in jobs]


def dealt_with() -> list[tuple[str, str]]:
    """Deal with everything that is stored; what became of it."""
    for event in ProviderEvent.objects.order_by("pk"):
        deal_with(event_id=event.pk)
    return [*ProviderEvent.objects.order_by("pk").values_list("outcome", "remark")]


def paid(double: Double) -> tuple[Order, dict[str, Any]]:
    """An order that was paid at the provider, and the provider's message about its page."""
    order = card_order()
    double.ledger.pay(payment_of(order).reference)
    event = next(e for e in double.ledger.events if e["type"] == "checkout.session.completed")
    return order, copy.deepcopy(event)


def stays_unpaid(order: Order) -> bool:
    order.refresh_from_db()
    return (order.status, order.payment_status) == ("pending", "unpaid") and broken_rules() == []


def test_a_message_is_stored_answered_and_left_to_a_job(stripe_double: Double) -> None:
    order, event = paid(stripe_double)

    answer = tell(event)

    assert answer.status_code == 200
    stored = ProviderEvent.objects.get()
    assert (stored.gateway, stored.event_id, stored.outcome) == ("stripe", event["id"], "received")
    assert (stored.order_number, stored.amount, stored.currency) == (order.number, order.total, "EUR")
    assert event_jobs() == [stored.pk]
    assert stays_unpaid(order)


def test_the_job_asks_the_provider_and_the_order_is_paid(stripe_double: Double) -> None:
    order, event = paid(stripe_double)
    tell(event)

    assert dealt_with() == [("applied", "")]

    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("processing", "paid")
    assert ProviderEvent.objects.get().payment_id == payment_of(order).pk
    assert broken_rules() == []


def test_a_message_that_comes_again_is_one_row_and_one_job(stripe_double: Double) -> None:
    _, event = paid(stripe_double)
    for _ in range(5):
        assert tell(event).status_code == 200
    assert ProviderEvent.objects.count() == len(event_jobs()) == 1


def test_everything_a_provider_tells_about_a_payment_has_one_effect(stripe_double: Double) -> None:
    order, _ = paid(stripe_double)
    tell_all(stripe_double)
    tell_all(stripe_double)

    outcomes = dealt_with() + dealt_with()

    assert {outcome for outcome, _ in outcomes} == {"applied", "ignored"}
    assert order.payments.get().captured_amount == order.total
    assert order.events.filter(message="Payment received").count() == 1


def change(event: dict[str, Any], **members: Any) -> dict[str, Any]:
    event["data"]["object"] |= members
    return event


@pytest.mark.parametrize(
    ("members", "remark"),
    [
        ({"amount_total": 1}, "It says an amount of 1"),
        ({"currency": "usd"}, "It says USD"),
        ({"metadata": {"order_number": "22222-22222"}}, "It says order 22222-22222"),
        ({"id": "cs_unknown", "metadata": {}}, "names no payment"),
        ({"id": "cs_unknown"}, "names no payment"),
        ({"id": "cs_unknown", "metadata": {"order_number": "22222-22222"}}, "names no payment"),
    ],
)
def test_what_does_not_fit_is_flagged_and_changes_nothing(
    stripe_double: Double, members: dict[str, Any], remark: str
) -> None:
    order, event = paid(stripe_double)
    assert tell(change(event, **members)).status_code == 200

    ((outcome, said),) = dealt_with()

    assert outcome == "flagged"
    assert remark in said
    assert stays_unpaid(order)


def test_a_message_that_is_too_early_finds_its_payment(stripe_double: Double) -> None:
    """The provider made the page, its answer was lost, and its message comes first."""
    order, event = paid(stripe_double)
    Payment.objects.update(reference="")
    tell(event)

    assert dealt_with() == [("applied", "")]
    order.refresh_from_db()
    assert order.payment_status == "paid"


def test_a_message_about_the_order_finds_all_its_payments(stripe_double: Double) -> None:
    """Stripe's payment intents know our order, not our reference."""
    order, _ = paid(stripe_double)
    tell(next(e for e in stripe_double.ledger.events if e["type"] == "payment_intent.succeeded"))
    assert dealt_with() == [("applied", "")]
    order.refresh_from_db()
    assert order.payment_status == "paid"


def test_while_the_provider_is_away_the_message_waits(stripe_double: Double) -> None:
    order, event = paid(stripe_double)
    tell(event)
    stripe_double.faults.plan(Fault.ERROR, times=2)

    with pytest.raises(ProviderUnavailable):
        dealt_with()

    assert ProviderEvent.objects.get().outcome == "received"
    assert stays_unpaid(order)


def test_a_message_about_what_is_settled_is_ignored(stripe_double: Double) -> None:
    order, event = paid(stripe_double)
    lifecycle.cancel(order=order, actor=staff("otto"))
    tell(event)
    assert dealt_with() == [("applied", "")]
    tell(event | {"id": "evt_again"})
    assert dealt_with()[-1] == ("ignored", "")


def test_nul_characters_are_no_problem(stripe_double: Double) -> None:
    _, event = paid(stripe_double)
    assert tell(change(event, description="a\x00b")).status_code == 200
    assert ProviderEvent.objects.get().payload["data"]["object"]["description"] == "ab"


# --- what is not the provider's


def refused(body: bytes, headers: dict[str, str], path: str = WEBHOOKS) -> int:
    answer = Client(headers=headers).post(path, body, content_type="application/json")
    assert not ProviderEvent.objects.exists()
    assert event_jobs() == []
    return answer.status_code


def test_forged_changed_old_and_unsigned_messages_are_refused(stripe_double: Double) -> None:
    _, event = paid(stripe_double)
    body, headers = signed(event)
    assert refused(body[:-1] + b" ", headers) == 400
    assert refused(body.replace(b"2990", b"2991"), headers) == 400
    assert refused(json.dumps(event).encode(), headers) == 400  # the same, written in another way
    assert refused(*signed(event, "whsec_of_somebody")) == 400
    assert refused(*signed(event, timestamp=int(time.time()) - 301)) == 400
    assert refused(body, {}) == 400
    assert refused(*signed({}, body=b"[]")) == 400
    assert refused(*signed({}, body=b"\xff")) == 400


def test_both_secrets_are_good_while_one_is_exchanged(stripe_double: Double, settings: Any) -> None:
    _, event = paid(stripe_double)
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", "whsec_of_the_double"]
    assert tell(event, secret="whsec_new").status_code == 200
    assert tell(event | {"id": "evt_2"}).status_code == 200


def test_there_are_only_the_providers_that_there_are(stripe_double: Double) -> None:
    _, event = paid(stripe_double)
    for gateway in ("manual", "nobody", "STRIPE", "%00"):
        assert refused(*signed(event), path=f"/payments/webhooks/{gateway}/") == 404


def test_a_message_is_posted_and_not_too_large(stripe_double: Double) -> None:
    assert Client().get(WEBHOOKS).status_code == 405
    assert refused(b"x" * 300_000, {}) == 413
    assert refused(b"x" * 2_000_000, {}) == 413


def test_no_cross_site_check_and_no_session(stripe_double: Double) -> None:
    _, event = paid(stripe_double)
    body, headers = signed(event)
    answer = Client(enforce_csrf_checks=True, headers=headers).post(WEBHOOKS, body, content_type="application/json")
    assert answer.status_code == 200
    assert not answer.cookies


def test_staff_look_at_what_was_flagged_once(stripe_double: Double) -> None:
    _, event = paid(stripe_double)
    tell(change(event, amount_total=1))
    dealt_with()
    stored = ProviderEvent.objects.get()
    assert [look_at(event=stored), look_at(event=stored)] == [True, False]
    assert ProviderEvent.objects.get().outcome == "reviewed"
