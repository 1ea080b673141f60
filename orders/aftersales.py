"""What happens after delivery: a customer sends something back, staff take it in, and the money follows.

Every act locks the order first and reads the return under that lock; a step that was taken already is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.dateformat import format as date_format

from catalog.inventory import stock
from orders.actors import Actor
from orders.errors import InvalidOrder, ReturnNotPossible
from orders.jobs import Message, enqueue_message
from orders.lifecycle import say
from orders.locks import lock_order, retried
from orders.models import Order, OrderEvent, OrderLine, Return, ReturnLine
from orders.pieces import Pieces, count_pieces, demand_of
from orders.refunds import RefundTerms, refund_locked
from orders.returns.reading import is_in_time, last_day, may_become, pieces_to_return, returns_of

MAX_TEXT = 500
State = Return.State


@dataclass(frozen=True)
class Arrived:
    """Pieces of a line that came back, and how many of them go into the stock again; the rest is written off."""

    pieces: int
    restocked: int


@retried
def request_return(*, order: Order, pieces: Pieces, reason: str = "", actor: Actor) -> Return:
    """The customer asks to send `pieces` back, by order line id; the staff will answer.

    Raises ReturnNotPossible before delivery, after the last day, while another return is open, and for more pieces
    than there are to send back; InvalidOrder for no pieces at all, or a line that is not the order's.
    """
    with transaction.atomic(durable=True):
        locked = lock_order(order.pk)
        lines, returns = list(locked.lines.all()), list(returns_of(locked))
        _expect_returnable(locked, returns)
        chosen = _chosen(lines, pieces_to_return(lines, returns), pieces)
        back = Return.objects.create(order=locked, reason=_text(reason, "reason"))
        ReturnLine.objects.bulk_create(
            ReturnLine(of_return=back, line_id=line_id, quantity=quantity) for line_id, quantity in chosen.items()
        )
        _tell(back, f"Return requested: {_count(sum(chosen.values()))}", actor, Message.RETURN_REQUESTED)
        return back


@retried
def withdraw_return(*, order: Order, actor: Actor) -> Return:
    """The customer keeps the things after all, while nobody has answered. Raises ReturnNotPossible."""
    with transaction.atomic(durable=True):
        locked = lock_order(order.pk)
        back = locked.returns.filter(state=State.REQUESTED).first()
        if back is None:
            raise ReturnNotPossible("There is no return that waits for an answer.")
        back.order = locked
        return _move(back, State.WITHDRAWN, "Return withdrawn", actor, Message.RETURN_WITHDRAWN)


@retried
def accept_return(*, of_return: Return, answer: str = "", actor: Actor) -> Return:
    """The staff want the pieces back; the customer is told where to send them. Raises ReturnNotPossible."""
    with transaction.atomic(durable=True):
        back = _locked(of_return)
        back.answer = _text(answer, "answer")
        return _move(back, State.ACCEPTED, "Return accepted", actor, Message.RETURN_ACCEPTED)


@retried
def refuse_return(*, of_return: Return, answer: str, actor: Actor) -> Return:
    """No, with an answer that says why; also when nothing arrived of what was accepted. The pieces are free again.

    Raises ReturnNotPossible once it has been received, InvalidOrder without an answer.
    """
    with transaction.atomic(durable=True):
        back = _locked(of_return)
        back.answer = _text(answer, "answer")
        if not back.answer:
            raise InvalidOrder("Tell the customer why.", field="answer")
        return _move(back, State.REFUSED, "Return refused", actor, Message.RETURN_REFUSED)


@retried
def receive_return(*, of_return: Return, arrived: Mapping[int, Arrived], actor: Actor) -> Return:
    """What came back, by order line id; it need not be everything. Restocked pieces can be sold again at once.

    The pieces count as returned, the restocked ones go into the ledger. Raises ReturnNotPossible unless the return
    is accepted and not yet received, InvalidOrder for numbers that cannot be.
    """
    with transaction.atomic(durable=True):
        back = _locked(of_return)
        _expect_move(back, State.RECEIVED)
        parts = list(back.lines.select_related("line"))
        _expect_arrivable(parts, arrived)
        for part in parts:
            came = arrived.get(part.line_id, Arrived(0, 0))
            part.received, part.restocked = came.pieces, came.restocked
        ReturnLine.objects.bulk_update(parts, ["received", "restocked"])
        demand = demand_of([part.line for part in parts], {part.line_id: part.restocked for part in parts})
        if demand:
            stock.put_back(demand, reference=back.order.number, actor=actor.name)
        count_pieces("returned", {part.line_id: part.received for part in parts})
        return _move(back, State.RECEIVED, f"Return arrived: {_arrival(parts)}", actor, Message.RETURN_RECEIVED)


@retried
def refund_return(*, of_return: Return, shipping: bool = False, amount: int | None = None, actor: Actor) -> Return:
    """The money for what came back is on its way: what was paid for just these pieces, or a smaller `amount`.

    With `shipping`, that of the order's shipping, too. What becomes of it, and the e-mail with the credit note, is up
    to `orders.refunds`. Raises ReturnNotPossible unless the return has been received and not refunded,
    RefundNotPossible when so much cannot be given back.
    """
    with transaction.atomic(durable=True):
        back = _locked(of_return)
        _expect_move(back, State.REFUNDED)
        # The stock has them already: `receive_return` put them back.
        terms = RefundTerms(
            pieces={part.line_id: part.received for part in back.lines.all() if part.received},
            shipping=shipping,
            amount=amount,
            reason="Sent back",
        )
        back.refund, back.state = refund_locked(back.order, terms, actor), State.REFUNDED
        back.save(update_fields=["refund", "state", "updated_at"])
        say(back.order, OrderEvent.Kind.RETURN, "Return refunded", actor)
        return back


@retried
def close_return(*, of_return: Return, answer: str, actor: Actor) -> Return:
    """It has come back, and no money follows through it: it went back in another way, was never paid, or stays here.

    The customer is told why. Raises ReturnNotPossible unless the return has been received and not refunded,
    InvalidOrder without an answer.
    """
    with transaction.atomic(durable=True):
        back = _locked(of_return)
        back.answer = _text(answer, "answer")
        if not back.answer:
            raise InvalidOrder("Tell the customer why.", field="answer")
        return _move(back, State.CLOSED, f"Return closed: {back.answer}", actor, Message.RETURN_CLOSED)


def _locked(of_return: Return) -> Return:
    """The return as it is now, with its order locked; whoever comes next waits."""
    order = lock_order(of_return.order_id)
    back = Return.objects.get(pk=of_return.pk)
    back.order = order
    return back


def _move(back: Return, to: State, said: str, actor: Actor, message: Message) -> Return:
    _expect_move(back, to)
    back.state = to
    back.save(update_fields=["state", "answer", "updated_at"])
    _tell(back, said, actor, message)
    return back


def _tell(back: Return, said: str, actor: Actor, message: Message) -> None:
    say(back.order, OrderEvent.Kind.RETURN, said, actor)
    enqueue_message(back.order, message, about=back.pk)


def _expect_move(back: Return, to: State) -> None:
    if not may_become(back, to):
        raise ReturnNotPossible(
            f"A return that is {back.get_state_display().lower()} cannot become {to.label.lower()}.", state=back.state
        )


def _expect_returnable(order: Order, returns: Sequence[Return]) -> None:
    until = last_day(order)
    if until is None:
        raise ReturnNotPossible("Only what has been delivered can be sent back.", order_status=order.status)
    if not is_in_time(order):
        raise ReturnNotPossible(
            f"A return was possible until {date_format(until, 'j F Y')}, "
            f"{settings.SHOP_RETURN_DAYS} days after delivery.",
            possible_until=until.isoformat(),
        )
    if any(back.is_open for back in returns):
        raise ReturnNotPossible("There is a return of this order already. One at a time, please.")


def _chosen(lines: Sequence[OrderLine], possible: Pieces, wanted: Pieces) -> dict[int, int]:
    """The wanted pieces by line id, without zeros."""
    titles = {line.pk: line.title for line in lines}
    for pk, quantity in wanted.items():
        if pk not in titles or quantity < 0:
            raise InvalidOrder(f"This order has no line {pk} to send {quantity} back of.", field="lines")
        if quantity > possible.get(pk, 0):
            raise ReturnNotPossible(f"{titles[pk]}: {possible.get(pk, 0)} can be sent back.", line=pk)
    chosen = {pk: quantity for pk, quantity in wanted.items() if quantity}
    if not chosen:
        raise InvalidOrder("Choose at least one piece to send back.", field="lines")
    return chosen


def _expect_arrivable(parts: Sequence[ReturnLine], arrived: Mapping[int, Arrived]) -> None:
    # A refund may have taken pieces back meanwhile.
    possible = {part.line_id: min(part.quantity, part.line.shipped - part.line.returned) for part in parts}
    for pk, came in arrived.items():
        if pk not in possible:
            raise InvalidOrder(f"Line {pk} is not part of this return.", field="lines")
        if not 0 <= came.pieces <= possible[pk]:
            raise InvalidOrder(f"Between 0 and {possible[pk]} pieces can have come back.", field="lines")
        if not 0 <= came.restocked <= came.pieces:
            raise InvalidOrder("No more can go back into the stock than came back.", field="lines")
    if not any(came.pieces for came in arrived.values()):
        raise InvalidOrder("At least one piece must have come back; otherwise refuse the return.", field="lines")


def _text(text: str, field: str) -> str:
    if len(text) > MAX_TEXT:
        raise InvalidOrder(f"Use at most {MAX_TEXT} characters.", field=field)
    return text.strip()


def _arrival(parts: Sequence[ReturnLine]) -> str:
    """What came, and what became of it."""
    restocked, written_off = sum(part.restocked for part in parts), sum(part.written_off for part in parts)
    return f"{_count(restocked + written_off)} ({restocked} restocked, {written_off} written off)"


def _count(pieces: int) -> str:
    return "1 piece" if pieces == 1 else f"{pieces} pieces"
