"""Sending back: what can be asked for, and what each step writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.models import StockLevel, StockMovement, Variant
from catalog.tests.factories import VariantFactory
from orders import aftersales, lifecycle, timeline
from orders.actors import GUEST, customer
from orders.aftersales import Arrived
from orders.errors import InvalidOrder, ReturnNotPossible
from orders.models import Order, OrderLine, Return, ReturnLine
from orders.returns import reading
from orders.tests.placing import place
from orders.tests.returning import OTTO, accepted, ask, delivered, received, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def mug() -> Variant:
    return VariantFactory.create(stock=10, price=1250)


@pytest.fixture
def bowl() -> Variant:
    return VariantFactory.create(stock=10, price=3000)


@pytest.fixture
def order(mug: Variant, bowl: Variant) -> Order:
    """Three mugs and a bowl, delivered and paid."""
    return delivered((mug, 3), (bowl, 1))


def on_hand(variant: Variant) -> int:
    return StockLevel.objects.get(variant=variant).on_hand


def messages() -> list[str]:
    jobs = ProcrastinateJob.objects.filter(task_name="orders.send_message").order_by("pk")
    return [job.args["message"] for job in jobs if job.args["message"].startswith("return")]


def nothing_written(order: Order) -> bool:
    return not Return.objects.exists() and not order.events.filter(kind="return").exists() and messages() == []


# --- asking ----------------------------------------------------------------------------------------------------


def test_a_request_has_its_pieces_its_reason_its_entry_and_its_email(order: Order) -> None:
    back = ask(order, 2, 0, reason="  Too small \n")

    assert (back.state, back.reason) == ("requested", "Too small")
    assert list(back.lines.values_list("line__sku", "quantity")) == [(order.lines.first().sku, 2)]  # type: ignore[union-attr]
    entry = order.events.latest("pk")
    assert (entry.kind, entry.message, entry.actor) == ("return", "Return requested: 2 pieces", "guest")
    assert messages() == ["return-requested"]
    call_command("audit")


@pytest.mark.parametrize("step", ["pending", "processing", "shipped", "cancelled"])
def test_only_what_is_delivered_is_sent_back(mug: Variant, step: str) -> None:
    order = place((mug, 1))
    if step == "cancelled":
        order = lifecycle.cancel(order=order, actor=OTTO)
    if step in ("processing", "shipped"):
        order = lifecycle.accept(order=order, actor=OTTO)
    if step == "shipped":
        order = lifecycle.ship(order=order, actor=OTTO)
    with pytest.raises(ReturnNotPossible, match="delivered"):
        ask(order, 1)
    assert nothing_written(order)


@pytest.mark.parametrize(
    ("now", "is_possible"),
    [
        (datetime(2026, 3, 11, 12, 0, tzinfo=UTC), True),
        # Berlin: delivered on the 1st of March, 30 days end with the 31st, in summer time.
        (datetime(2026, 3, 31, 21, 59, 59, 999999, tzinfo=UTC), True),
        (datetime(2026, 3, 31, 22, 0, tzinfo=UTC), False),
    ],
)
def test_the_last_day_ends_at_midnight(
    order: Order, monkeypatch: pytest.MonkeyPatch, settings: Any, now: datetime, is_possible: bool
) -> None:
    settings.SHOP_RETURN_DAYS = 30
    Order.objects.update(delivered_at=datetime(2026, 3, 1, 8, 30, tzinfo=UTC))
    order.refresh_from_db()
    monkeypatch.setattr(timezone, "now", lambda: now)

    assert reading.is_in_time(order) == is_possible
    if is_possible:
        assert ask(order, 1).state == "requested"
    else:
        with pytest.raises(ReturnNotPossible, match="until 31 March 2026, 30 days"):
            ask(order, 1)
        assert nothing_written(order)


def test_a_shop_may_take_nothing_back_but_on_the_day_of_delivery(order: Order, settings: Any) -> None:
    settings.SHOP_RETURN_DAYS = 0
    assert reading.is_in_time(order)
    Order.objects.update(delivered_at=timezone.now() - timedelta(days=1))
    order.refresh_from_db()
    assert not reading.is_in_time(order)


@pytest.mark.parametrize(
    ("quantities", "error"), [((4,), ReturnNotPossible), ((0, 0), InvalidOrder), ((-1,), InvalidOrder)]
)
def test_quantities_that_cannot_be_are_refused(
    order: Order, quantities: tuple[int, ...], error: type[Exception]
) -> None:
    with pytest.raises(error):
        ask(order, *quantities)
    assert nothing_written(order)


def test_lines_of_another_order_are_refused(order: Order, mug: Variant) -> None:
    other = delivered((mug, 1))
    with pytest.raises(InvalidOrder):
        aftersales.request_return(order=order, pieces={other.lines.get().pk: 1}, actor=GUEST)
    assert nothing_written(order)


def test_a_reason_that_is_too_long_is_refused(order: Order) -> None:
    with pytest.raises(InvalidOrder):
        ask(order, 1, reason="x" * 501)
    assert nothing_written(order)


def test_one_return_at_a_time(order: Order) -> None:
    ask(order, 1)
    with pytest.raises(ReturnNotPossible, match="already"):
        ask(order, 1)
    assert Return.objects.count() == 1


def test_postgresql_itself_holds_one_open_return_and_its_states(order: Order) -> None:
    back = ask(order, 1)
    for broken in (
        lambda: Return.objects.create(order=order, state="accepted"),
        lambda: Return.objects.filter(pk=back.pk).update(state="lost"),
        lambda: Return.objects.filter(pk=back.pk).update(state="refunded"),
        lambda: ReturnLine.objects.update(received=2),
        lambda: ReturnLine.objects.update(received=1, restocked=2),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            broken()


# --- answers ---------------------------------------------------------------------------------------------------


def test_a_request_is_withdrawn_while_nobody_has_answered(order: Order) -> None:
    ask(order, 3)
    assert aftersales.withdraw_return(order=order, actor=customer("alice")).state == "withdrawn"
    with pytest.raises(ReturnNotPossible):
        aftersales.withdraw_return(order=order, actor=GUEST)

    accepted(order, 3)
    with pytest.raises(ReturnNotPossible):
        aftersales.withdraw_return(order=order, actor=GUEST)
    assert messages() == ["return-requested", "return-withdrawn", "return-requested", "return-accepted"]


def test_an_accepted_return_has_its_answer(order: Order) -> None:
    back = aftersales.accept_return(of_return=ask(order, 1), answer=" With pleasure. ", actor=OTTO)
    back.refresh_from_db()
    assert (back.state, back.answer) == ("accepted", "With pleasure.")
    assert (order.events.latest("pk").message, order.events.latest("pk").actor) == ("Return accepted", "otto")


def test_a_refusal_says_why_and_frees_the_pieces(order: Order) -> None:
    back = ask(order, 3)
    with pytest.raises(InvalidOrder, match="why"):
        aftersales.refuse_return(of_return=back, answer=" ", actor=OTTO)
    assert Return.objects.get().state == "requested"

    aftersales.refuse_return(of_return=back, answer="It was engraved for you.", actor=OTTO)

    assert ask(order, 3).state == "requested"
    assert messages() == ["return-requested", "return-refused", "return-requested"]


def test_what_was_accepted_and_never_came_is_refused(order: Order) -> None:
    aftersales.refuse_return(of_return=accepted(order, 1), answer="Nothing has arrived.", actor=OTTO)
    assert Return.objects.get().state == "refused"
    assert ask(order, 3, 1).state == "requested"


STEPS: dict[str, Any] = {
    "accept": lambda back: aftersales.accept_return(of_return=back, actor=OTTO),
    "refuse": lambda back: aftersales.refuse_return(of_return=back, answer="No.", actor=OTTO),
    "receive": lambda back: take_in(back, (1, 1)),
    "close": lambda back: aftersales.close_return(of_return=back, answer="Settled.", actor=OTTO),
}
LEGAL = {
    ("requested", "accept"), ("requested", "refuse"), ("accepted", "receive"), ("accepted", "refuse"),
    ("received", "close"),
}  # fmt: skip
BEFORE = {
    "accepted": ["accept"], "received": ["accept", "receive"], "closed": ["accept", "receive", "close"],
    "refused": ["refuse"],
}  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", ["requested", "accepted", "received", "closed", "refused", "withdrawn"])
def test_only_the_steps_of_the_table_are_taken(order: Order, state: str, step: str) -> None:
    back = ask(order, 1)
    if state == "withdrawn":
        aftersales.withdraw_return(order=order, actor=GUEST)
    for before in BEFORE.get(state, []):
        STEPS[before](back)
    events, mails, stock = order.events.count(), len(messages()), StockMovement.objects.count()

    if (state, step) in LEGAL:
        STEPS[step](back)
        assert order.events.count() == events + 1
        assert len(messages()) == mails + 1
    else:
        with pytest.raises(ReturnNotPossible):
            STEPS[step](back)
        assert Return.objects.get().state == state
        assert (order.events.count(), len(messages()), StockMovement.objects.count()) == (events, mails, stock)


# --- taking in -------------------------------------------------------------------------------------------------


def test_restocked_pieces_go_into_the_ledger_and_others_are_written_off(
    order: Order, mug: Variant, bowl: Variant
) -> None:
    back = take_in(accepted(order, 3, 1), (3, 2), (1, 0))

    assert (on_hand(mug), on_hand(bowl)) == (9, 9)
    movement = StockMovement.objects.filter(reason="returned").get()
    assert (movement.level.variant, movement.quantity, movement.actor) == (mug, 2, "otto")
    assert movement.reference == order.number
    assert list(OrderLine.objects.order_by("pk").values_list("returned", flat=True)) == [3, 1]
    assert [(part.received, part.restocked, part.written_off) for part in back.lines.all()] == [(3, 2, 1), (1, 0, 1)]
    assert order.events.latest("pk").message == "Return arrived: 4 pieces (2 restocked, 2 written off)"
    assert messages()[-1] == "return-received"
    call_command("audit")


@pytest.mark.parametrize("answer", ["Your money\n\nwas returned", "Refund failed", "We agreed on a voucher (€10.00)."])
def test_a_closed_return_says_why_and_waits_for_nobody(order: Order, mug: Variant, answer: str) -> None:
    back = received(order, 2)
    stock, returned = on_hand(mug), order.lines.order_by("pk")[0].returned
    with pytest.raises(InvalidOrder, match="why"):
        aftersales.close_return(of_return=back, answer=" \n", actor=OTTO)
    with pytest.raises(InvalidOrder, match="500"):
        aftersales.close_return(of_return=back, answer="x" * 501, actor=OTTO)
    assert Return.objects.to_refund().exists()

    aftersales.close_return(of_return=back, answer=f" {answer} ", actor=OTTO)

    closed = Return.objects.get()
    assert (closed.state, closed.answer, closed.refund) == ("closed", answer, None)
    assert not Return.objects.to_refund().exists()
    entry = order.events.latest("pk")
    assert (entry.kind, entry.message, entry.actor) == ("return", f"Return closed: {answer}", "otto")
    assert timeline.entries(order.events.all())[0].text == "Return closed"
    assert messages()[-1] == "return-closed"
    assert (on_hand(mug), order.lines.order_by("pk")[0].returned) == (stock, returned)
    assert ask(order, 1).state == "requested"
    call_command("audit")


def test_two_lines_of_one_variant_are_put_back_together(mug: Variant) -> None:
    order = delivered((mug, 2))
    line = order.lines.get()
    OrderLine.objects.filter(pk=line.pk).update(quantity=1, shipped=1, total=1250, tax=0)
    line.pk = None
    line.quantity = line.shipped = 1
    line.total = 1250
    line.save()

    take_in(accepted(order, 1, 1), (1, 1), (1, 1))

    assert on_hand(mug) == 10
    assert StockMovement.objects.filter(reason="returned").get().quantity == 2


def test_a_part_may_come_back_and_the_rest_later(order: Order, mug: Variant) -> None:
    take_in(accepted(order, 3, 1), (1, 1))

    assert list(OrderLine.objects.order_by("pk").values_list("returned", flat=True)) == [1, 0]
    assert on_hand(mug) == 8
    with pytest.raises(ReturnNotPossible, match="2 can be sent back"):
        ask(order, 3)
    assert take_in(accepted(order, 2, 1), (2, 2), (1, 1)).state == "received"
    with pytest.raises(ReturnNotPossible, match="0 can be sent back"):
        ask(order, 1)
    call_command("audit")


@pytest.mark.parametrize(
    "arrived", [{}, {0: (0, 0)}, {0: (3, 0)}, {0: (1, 2)}, {0: (-1, 0)}, {0: (1, -1)}, {1: (1, 1)}, {9: (1, 1)}]
)
def test_what_cannot_have_come_back_is_refused(order: Order, arrived: dict[int, tuple[int, int]], mug: Variant) -> None:
    back = accepted(order, 2)
    lines = [*order.lines.values_list("pk", flat=True), *[0] * 9]
    with pytest.raises(InvalidOrder):
        aftersales.receive_return(
            of_return=back, arrived={lines[at]: Arrived(*numbers) for at, numbers in arrived.items()}, actor=OTTO
        )
    assert Return.objects.get().state == "accepted"
    assert on_hand(mug) == 7
    call_command("audit")


def test_pieces_that_a_refund_took_back_meanwhile_do_not_come_back_again(order: Order) -> None:
    back = accepted(order, 3)
    OrderLine.objects.filter(order=order, quantity=3).update(returned=2)
    with pytest.raises(InvalidOrder, match="Between 0 and 1"):
        take_in(back, (3, 3))
    assert take_in(back, (1, 1)).state == "received"


def test_the_customer_reads_every_step_and_no_names(order: Order) -> None:
    received(order, 1)
    told = [entry.text for entry in timeline.entries(order.events.all())]
    assert told[:3] == ["Return arrived: 1 piece", "Return accepted", "Return requested: 1 piece"]
    assert not any("otto" in text for text in told)
