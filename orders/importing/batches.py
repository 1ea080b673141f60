"""Imported orders are written in batches: each one transaction, each order in it whole or not at all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import F

from accounts.email_addresses import canonical_email
from accounts.models import User
from catalog.importing.models import ImportProblem, ImportRun
from catalog.importing.running import TakenOver, claim, still_here
from catalog.models import Variant
from orders.importing.reading import Problem, ReadOrder
from orders.importing.rows import (
    Known,
    Source,
    address_of,
    ends_as,
    events,
    line_rows,
    order_row,
    payment_row,
    refund_row,
)
from orders.locks import retried
from orders.models import Order, OrderEvent, OrderLine, Payment, Refund

BATCH = 500


@dataclass
class Tally:
    """What came of orders: how many, their lines and pieces, and their totals by currency, cancelled ones apart."""

    created: int = 0
    unchanged: int = 0
    refused: int = 0
    lines: int = 0
    pieces: int = 0
    cancelled: int = 0
    revenue: dict[str, int] = field(default_factory=dict)
    called_off: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        for name in ("created", "unchanged", "refused", "lines", "pieces", "cancelled"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("revenue", "called_off"):
            sums = getattr(self, name)
            for currency, amount in getattr(other, name).items():
                sums[currency] = sums.get(currency, 0) + amount

    def count(self, order: Order, read: ReadOrder) -> None:
        self.created += 1
        self.lines += len(read.lines)
        self.pieces += sum(line.quantity for line in read.lines)
        is_off = order.status == Order.Status.CANCELLED
        self.cancelled += is_off
        sums = self.called_off if is_off else self.revenue
        sums[order.currency] = sums.get(order.currency, 0) + order.total


@dataclass(frozen=True)
class Earlier:
    """An order that is there: how far it is now, and what tells whether it is the same one."""

    states: tuple[str, str]
    content: tuple[object, ...]


@retried
def import_batch(*, run: ImportRun, orders: Sequence[ReadOrder], source: Source, seen: Collection[str] = ()) -> Tally:
    """Write the orders that are new, leave alone those that are there, and keep with the run what was refused.

    No stock moves, no mail, no webhook and no invoice is asked for. In a dry run only the report is written; `seen`
    are the numbers it would have written before. Raises TakenOver when somebody else has written this batch, or has
    called the run off.
    """
    with transaction.atomic(durable=True):
        claim(run)
        tally = _sorted_out(orders, source, seen, is_dry=run.is_dry_run)
        ImportProblem.objects.bulk_create(
            ImportProblem(
                run=run,
                line=problem.line,
                column=problem.column[:100],
                value=problem.value,
                message=f"Order {problem.order}: {problem.message}"[:500] if problem.order else problem.message[:500],
                is_refusal=problem.is_refusal,
            )
            for problem in tally.problems
        )
        moved = still_here(run).update(
            line=orders[-1].last_line,
            created=F("created") + tally.created,
            unchanged=F("unchanged") + tally.unchanged,
            refused=F("refused") + tally.refused,
        )
        if not moved:
            raise TakenOver
        return tally


def _sorted_out(orders: Sequence[ReadOrder], source: Source, seen: Collection[str], *, is_dry: bool) -> Tally:
    tally = Tally()
    there = _there([order.number for order in orders if not order.is_refused])
    fresh: dict[str, ReadOrder] = {}
    for read in orders:
        tally.problems += read.problems
        if read.is_refused:
            tally.refused += 1
        elif read.number in fresh or read.number in seen:
            _refuse(tally, read, "Its rows must follow one another; others came before, and were taken as the order.")
        elif read.number not in there:
            fresh[read.number] = read
        elif there[read.number].content == _content(read, source):
            _leave(tally, read, there[read.number])
        else:
            _refuse(tally, read, "It was imported before, and differs now: what is there is left as it is.")
    known = _known(list(fresh.values()))
    pairs = [(order_row(read, known, source), read) for read in fresh.values()]
    for order, read in pairs:
        tally.count(order, read)
    if not is_dry:
        _write(pairs, known, source)
    return tally


def _refuse(tally: Tally, read: ReadOrder, why: str) -> None:
    tally.refused += 1
    tally.problems.append(Problem(read.first_line, "order", read.number, why, read.number))


def _leave(tally: Tally, read: ReadOrder, there: Earlier) -> None:
    """It is the same order; what has become of it since, here or there, is said and not followed."""
    tally.unchanged += 1
    if there.states != ends_as(read):
        says = f"It is {there.states[0]} and {there.states[1]} here, and is left so."
        tally.problems.append(Problem(read.first_line, "status", read.status, says, read.number, is_refusal=False))


def _write(pairs: Sequence[tuple[Order, ReadOrder]], known: Known, source: Source) -> None:
    Order.objects.bulk_create(order for order, _ in pairs)
    OrderLine.objects.bulk_create(line for order, read in pairs for line in line_rows(order, read, known))
    payments = Payment.objects.bulk_create(payment_row(order) for order, _ in pairs)
    Refund.objects.bulk_create(refund_row(payment, source) for payment in payments if payment.refunded_amount)
    OrderEvent.objects.bulk_create(event for order, _ in pairs for event in events(order, source))


def _there(numbers: Sequence[str]) -> dict[str, Earlier]:
    """The orders that were imported before, by their numbers there."""
    columns = ("external_number", "pk", "status", "payment_status", "currency", "total", "placed_at")
    rows = Order.objects.filter(external_number__in=numbers).values_list(*columns)
    lines: dict[int, list[tuple[str, int, int]]] = {}
    of_lines = OrderLine.objects.filter(order__external_number__in=numbers).order_by("pk")
    for order, sku, quantity, price in of_lines.values_list("order_id", "sku", "quantity", "unit_price"):
        lines.setdefault(order, []).append((sku, quantity, price))
    return {
        number: Earlier((status, payment_status), (*content, tuple(lines.get(pk, ()))))
        for number, pk, status, payment_status, *content in rows
    }


def _content(read: ReadOrder, source: Source) -> tuple[object, ...]:
    total = read.subtotal - read.discount + read.shipping + (0 if source.tax_included else read.tax)
    lines = tuple((line.sku, line.quantity, line.unit_price) for line in read.lines)
    return (read.currency, total, read.moment, lines)


def _known(orders: Sequence[ReadOrder]) -> Known:
    skus = {line.sku for order in orders for line in order.lines if line.sku}
    found = Variant.objects.by_reference(ids=[], skus=sorted(skus)).select_related("product")
    return Known(_customers({address_of(order) for order in orders}), {v.sku.lower(): v for v in found})


def _customers(emails: set[str]) -> dict[str, User]:
    """Accounts whose address is confirmed, as guests' orders join them: an address that is only claimed proves
    nothing."""
    confirmed = EmailAddress.objects.filter(email__in=emails, verified=True).select_related("user")
    return {canonical_email(address.email): address.user for address in confirmed}
