"""Everything a provider tells about a payment that was declined, authorized, taken and given back: in every order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Any

import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.models import Variant
from catalog.tests.factories import VariantFactory
from orders import provider_events, settlement
from orders.actors import provider, staff
from orders.giving_back import send_refund
from orders.models import Order, Payment, ProviderEvent
from orders.payments.gateway import Standing
from orders.payments.methods import GATEWAYS
from orders.refunds import RefundTerms, request_refund
from orders.settlement import apply, settle
from orders.tests.paying import broken_rules, card_order, payment_of, tell
from shop.testing.provider import Double

pytestmark = pytest.mark.django_db
STAGES = ["created", "failed", "authorized", "captured", "refunded"]
PART = 500


class Story:
    """A payment as it goes on at the provider, stage by stage, and what the provider says of each."""

    def __init__(self, double: Double, variant: Variant, amount: int | None) -> None:
        self.ledger = double.ledger
        self.order = card_order((variant, 2))
        self.payment = payment_of(self.order)
        self.amount = amount or self.order.total
        self.session = self.ledger.sessions[self.payment.reference]
        self.acts: dict[str, Callable[[], object]] = {
            "created": self._create,
            "failed": lambda: self.ledger.decline(self.payment.reference),
            "authorized": lambda: self.ledger.pay(self.payment.reference),
            "captured": lambda: self.ledger.capture_intent(self.session["payment_intent"], {}),
            "refunded": self._refund,
        }

    def goes_on(self, stage: str) -> list[dict[str, Any]]:
        """The stage takes place; the messages about it, each as the payment was then."""
        so_far = len(self.ledger.events)
        self.acts[stage]()
        return self.ledger.events[so_far:]

    def _create(self) -> None:
        intent = {
            "id": "pi_to_be", "object": "payment_intent", "status": "requires_payment_method",
            "amount": self.payment.amount, "currency": "eur", "metadata": self.session["metadata"],
        }  # fmt: skip
        self.ledger.events.append(self.ledger.event("payment_intent.created", intent))

    def _refund(self) -> None:
        """Staff can give back what the shop has; it may have it from the shopper, who came back, alone."""
        settle(payment_id=self.payment.pk)
        refund = request_refund(order=self.order, terms=RefundTerms(amount=self.amount), actor=staff("bob"))
        send_refund(refund_id=refund.pk)
        refund.refresh_from_db()
        assert refund.state == "sent"
        self.ledger.settle_refund(refund.reference, "succeeded")


def hear(event: dict[str, Any]) -> None:
    """The message comes twice through the door, and is dealt with twice."""
    for _ in range(2):
        assert tell(event).status_code == 200
    stored = ProviderEvent.objects.get(event_id=event["id"])
    for _ in range(2):
        provider_events.deal_with(event_id=stored.pk)


def end_of(story: Story, news: Sequence[str]) -> tuple[Any, ...]:
    """How it stands when the messages have come in this order, each as soon as it can."""
    happened: dict[str, list[dict[str, Any]]] = {}
    waiting = list(news)
    for stage in STAGES:
        happened[stage] = story.goes_on(stage)
        while waiting and waiting[0] in happened:
            for event in happened[waiting.pop(0)]:
                hear(event)
    order = Order.objects.get(pk=story.order.pk)
    payment = Payment.objects.get(order=order)
    said = Counter(order.events.filter(kind__in=["payment", "refund"]).values_list("message", flat=True))
    jobs = ProcrastinateJob.objects.filter(task_name__in=["orders.issue_invoice", "orders.issue_credit_note"])
    mine = {"order_id": order.pk}, {"refund_id": order.refunds.get().pk}
    return (
        order.status, order.payment_status, payment.refunded_amount, payment.state, payment.captured_amount,
        payment.is_closing, payment.failure, order.refunds.get().state, said["Payment received"],
        sum(times for message, times in said.items() if message.endswith("returned")),
        sum(job.args in mine for job in jobs), ProviderEvent.objects.filter(outcome="flagged").count(),
    )  # fmt: skip


@pytest.fixture
def mug(stripe_double: Double, monkeypatch: pytest.MonkeyPatch) -> Variant:
    """Its money is authorized first and taken later; what is given back is on its way first."""
    monkeypatch.setattr(django_settings, "STRIPE_CAPTURE", "manual")
    stripe_double.ledger.refunds_begin_as = "pending"
    return VariantFactory.create(stock=1000, price=1000)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(news=st.permutations(STAGES), part=st.sampled_from([None, PART]))
@example(news=STAGES, part=None)
@example(news=STAGES[::-1], part=PART)
def test_every_order_of_the_news_ends_the_same(
    stripe_double: Double, mug: Variant, news: list[str], part: int | None
) -> None:
    story = Story(stripe_double, mug, part)
    total = story.order.total
    told = ("processing", "partially_refunded", PART) if part else ("processing", "refunded", total)

    assert end_of(story, news) == (*told, "captured", total, False, "", "succeeded", 1, 1, 2, 0)

    assert set(ProviderEvent.objects.values_list("outcome", flat=True)) == {"applied", "ignored"}
    assert broken_rules() == []


def test_control_without_looking_where_the_payment_is_the_last_message_decides(
    stripe_double: Double, mug: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard off: that the money is there is news each time, also when it has been given back since."""

    def settle_always(*, payment_id: int) -> Payment:
        payment = Payment.objects.get(pk=payment_id)
        return apply(payment_id=payment_id, snapshot=GATEWAYS["stripe"].fetch(payment.reference))

    monkeypatch.setattr(provider_events, "settle", settle_always)
    monkeypatch.setitem(
        settlement.STEPS, Standing.CAPTURED, lambda order, payment, _: settlement._take(order, payment, provider("x"))
    )
    ends = [
        end_of(Story(stripe_double, mug, None), news)
        for news in (STAGES, ["refunded", "captured", "authorized", "failed", "created"])
    ]

    assert ends[0] != ends[1]
    assert [end[1] for end in ends] == ["paid", "paid"]  # though all of it went back
    assert any("refund" in rule for rule in broken_rules())


def test_control_who_believes_the_messages_takes_the_one_that_comes_last(
    stripe_double: Double, mug: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guards off: the payment is where the message says, wherever it was; nobody asks the provider."""
    says = {
        "payment_intent.payment_failed": "failed",
        "payment_intent.amount_capturable_updated": "authorized",
        "payment_intent.succeeded": "captured",
    }

    def believe(*, event_id: int) -> None:
        event = ProviderEvent.objects.get(pk=event_id)
        if event.kind in says:
            taken = story.payment.amount if says[event.kind] == "captured" else 0
            Payment.objects.filter(order=story.order).update(state=says[event.kind], captured_amount=taken)

    monkeypatch.setattr(provider_events, "deal_with", believe)
    ends = []
    for news in permutations(["failed", "authorized", "captured"]):
        story = Story(stripe_double, mug, None)
        happened = {stage: story.goes_on(stage) for stage in STAGES[:4]}
        for event in [event for stage in news for event in happened[stage]]:
            hear(event)
        ends.append(payment_of(story.order).state)
    assert set(ends) == {"failed", "authorized", "captured"}  # the money was taken each time
