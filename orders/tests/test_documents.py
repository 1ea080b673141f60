"""Invoices of paid orders and credit notes of their refunds: once each, in any order, with the order's own numbers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from procrastinate.contrib.django.models import ProcrastinateJob
from pypdf import PdfReader

from catalog.models import Product, TaxClass
from catalog.money import spread
from catalog.tests.factories import VariantFactory
from orders import documents, emails, lifecycle, totals
from orders.actors import staff
from orders.documents import invoice_content
from orders.invoices.content import from_json
from orders.jobs import enqueue_credit_note
from orders.models import Invoice, InvoiceCounter, Order, OrderEvent, OrderLine, Payment, Refund, TaxRate
from orders.refunds import RefundTerms, mark_refunded, request_refund
from orders.tests.auditing import broken_rules
from orders.tests.factories import OrderFactory
from orders.tests.given_back import given_back
from orders.tests.placing import place
from orders.totals import PricedLine, Shipping
from shop.testing.races import at_once, run_parallel
from shop.testing.worker import work_off_the_queue

BOB = staff("bob")


def a_paid_order(quantity: int = 2, price: int = 1250) -> Order:
    variant = VariantFactory.create(stock=100, price=price)
    Product.objects.filter(pk=variant.product_id).update(name="Speckled mug")
    return lifecycle.mark_paid(order=place((variant, quantity)), actor=BOB)


def text_of(pdf: Any) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def mails_about(order: Order) -> list[str]:
    jobs = ProcrastinateJob.objects.filter(task_name="orders.send_message", args__order_id=order.pk)
    return sorted(job.args["message"] for job in jobs)


# --- invoices


@pytest.mark.django_db
def test_a_paid_order_gets_its_invoice_once() -> None:
    order = a_paid_order()
    invoices = {documents.issue_invoice(order_id=order.pk) for _ in range(3)}
    (invoice,) = invoices
    assert invoice is not None
    assert (invoice.number, invoice.sequence, invoice.order, invoice.refund) == ("INV-000001", 1, order, None)
    assert mails_about(order) == ["confirmation", "paid"]
    event = order.events.get(kind=OrderEvent.Kind.DOCUMENT)
    assert (event.message, event.actor_kind, event.actor) == ("Invoice INV-000001 issued", "shop", "invoices")


@pytest.mark.django_db
def test_paying_enqueues_the_invoice() -> None:
    order = a_paid_order()
    job = ProcrastinateJob.objects.get(task_name="orders.issue_invoice")
    assert job.args == {"order_id": order.pk}


@pytest.mark.django_db
def test_what_is_not_paid_gets_none() -> None:
    for order in (
        place((VariantFactory.create(), 1)),
        lifecycle.cancel(order=place((VariantFactory.create(), 1)), actor=BOB),
    ):
        assert documents.issue_invoice(order_id=order.pk) is None
        assert mails_about(order).count("paid") == 0
    assert not Invoice.objects.exists()
    assert not InvoiceCounter.objects.exists()


@pytest.mark.django_db
def test_what_was_imported_gets_none() -> None:
    order = OrderFactory.create(
        channel="imported", payment_status="paid", lines=[(VariantFactory.create(price=100), 1)]
    )
    assert documents.issue_invoice(order_id=order.pk) is None


@pytest.mark.django_db
def test_what_was_given_back_meanwhile_still_gets_its_invoice() -> None:
    order = a_paid_order()
    given_back(order, order.total)
    assert documents.issue_invoice(order_id=order.pk) is not None


@pytest.mark.django_db
def test_an_order_that_does_not_add_up_gets_none_and_takes_no_number() -> None:
    order = a_paid_order()
    OrderLine.objects.filter(order=order).update(tax=1)
    with pytest.raises(ValueError, match="does not add up"):
        documents.issue_invoice(order_id=order.pk)
    assert not Invoice.objects.exists()
    assert documents.issue_invoice(order_id=a_paid_order().pk).sequence == 1  # type: ignore[union-attr]


@pytest.mark.django_db
def test_the_invoice_says_what_the_order_was_whatever_changes_later(settings: Any) -> None:
    settings.SHOP_LEGAL_NAME, settings.SHOP_LEGAL_ADDRESS = "Juniper & Clay GmbH", "Töpfergasse 12\n10117 Berlin"
    settings.SHOP_VAT_ID, settings.SHOP_INVOICE_FOOTER = "DE123456789", "HRB 12345"
    order = a_paid_order()
    Order.objects.filter(pk=order.pk).update(vat_number="ATU12345678")
    invoice = documents.issue_invoice(order_id=order.pk)
    assert invoice is not None
    settings.SHOP_LEGAL_NAME = settings.SHOP_LOCALE = "changed"
    Order.objects.filter(pk=order.pk).update(name="Somebody else", line1="Elsewhere")
    content = from_json(Invoice.objects.get().content)
    assert content.seller.address == ("Töpfergasse 12", "10117 Berlin")
    assert content.buyer.address == ("Alice Miller", "Gartenweg 7", "10115 Berlin", "Germany")
    assert (content.buyer.vat_number, content.seller.name) == ("ATU12345678", "Juniper & Clay GmbH")
    assert (content.order_number, content.payment, content.total) == (order.number, "Bank transfer", order.total)
    assert [line.title for line in content.lines] == ["Speckled mug"]


@pytest.mark.django_db
def test_days_are_those_of_the_shop(settings: Any) -> None:
    """Late in the evening UTC it is tomorrow in Berlin, also for whoever asks through the API."""
    order = a_paid_order()
    order.placed_at = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    with timezone.override(UTC):
        assert invoice_content(order, issued_on=order.placed_at.date()).ordered_on.isoformat() == "2027-01-01"


class SumsEqualTheOrder(TestCase):
    """With PostgreSQL's own checks on the order."""

    @given(st.data())
    def test_in_every_currency_and_with_tax_in_the_prices_or_on_top(self, data: st.DataObject) -> None:
        rates = st.sampled_from([Decimal(0), Decimal("5.5"), Decimal(7), Decimal("8.875"), Decimal(19)])
        goods = data.draw(st.lists(st.tuples(st.integers(0, 10**8), st.integers(1, 999)), min_size=1, max_size=6))
        values = [price * quantity for price, quantity in goods]
        off = spread(data.draw(st.integers(0, sum(values))), values)
        lines = [
            PricedLine(number, price, quantity, min(less, price * quantity), data.draw(rates))
            for number, ((price, quantity), less) in enumerate(zip(goods, off, strict=True))
        ]
        included = data.draw(st.booleans())
        quote = totals.quote(
            lines, Shipping(data.draw(st.integers(0, 9999)), data.draw(rates)), prices_include_tax=included
        )
        variant = VariantFactory.create()
        order = OrderFactory.create(
            currency=data.draw(st.sampled_from(["JPY", "EUR", "KWD"])),
            **{name: value for name, value in vars(quote).items() if name not in ("lines", "line_taxes")},
        )
        OrderLine.objects.bulk_create(
            OrderLine(
                order=order, variant=variant, product_name="Mug", sku="S", unit_price=line.unit_price,
                quantity=line.quantity, discount=line.discount, tax=tax, tax_rate=line.tax_rate, total=line.total,
            )
            for line, tax in zip(quote.lines, quote.line_taxes, strict=True)
        )  # fmt: skip
        order = Order.objects.get(pk=order.pk)
        content = invoice_content(order, issued_on=order.placed_at.date())
        for sum_of in ("subtotal", "discount", "tax", "total", "currency"):
            assert getattr(content, sum_of) == getattr(order, sum_of)
        assert content.shipping is not None
        assert (content.shipping.total, content.shipping.tax) == (order.shipping, order.shipping_tax)
        assert sum(map(content.gross, content.charged)) == order.total


# --- credit notes


@pytest.mark.django_db
def test_a_refund_gets_its_credit_note_once() -> None:
    order = a_paid_order()
    documents.issue_invoice(order_id=order.pk)
    refund = given_back(order, 1250, (order.lines.get(), 1, 1250))
    notes = {documents.issue_credit_note(refund_id=refund.pk) for _ in range(3)}
    (note,) = notes
    assert note is not None
    assert (note.number, note.kind, note.refund, note.order) == ("CR-000001", "credit_note", refund, order)
    content = from_json(note.content)
    assert content.corrects is not None
    assert (content.corrects.number, content.total) == ("INV-000001", 1250)
    assert [(line.title, line.quantity) for line in content.lines] == [("Speckled mug", 1)]
    assert mails_about(order) == ["confirmation", "paid", "refunded"]
    assert order.events.filter(message="Credit note CR-000001 issued").count() == 1


@pytest.mark.django_db
def test_a_credit_note_that_comes_first_brings_its_invoice() -> None:
    order = a_paid_order()
    refund = given_back(order, order.total)
    assert documents.issue_credit_note(refund_id=refund.pk) is not None
    assert documents.issue_invoice(order_id=order.pk) == Invoice.objects.get(kind="invoice")
    assert Invoice.objects.count() == 2


@pytest.mark.django_db
def test_what_has_not_arrived_gets_none_and_nobody_is_told() -> None:
    order = a_paid_order()
    refund = given_back(order, 100)
    for state in (Refund.State.REQUESTED, Refund.State.SENT, Refund.State.FAILED):
        Refund.objects.update(state=state)
        assert documents.issue_credit_note(refund_id=refund.pk) is None
    assert not Invoice.objects.exists()
    assert "refunded" not in mails_about(order)


@pytest.mark.django_db
def test_money_that_was_too_much_corrects_no_invoice_but_the_customer_is_told() -> None:
    order = a_paid_order()
    documents.issue_invoice(order_id=order.pk)
    refund = given_back(order, 100)
    Payment.objects.update(is_surplus=True)
    assert documents.issue_credit_note(refund_id=refund.pk) is None
    assert mails_about(order) == ["confirmation", "paid", "refunded"]


@pytest.mark.django_db
def test_all_credit_notes_together_are_the_invoice() -> None:
    order = a_paid_order(quantity=3, price=999)
    documents.issue_invoice(order_id=order.pk)
    for amount in (1, 333, 1000):
        documents.issue_credit_note(refund_id=given_back(order, amount).pk)
    documents.issue_credit_note(refund_id=given_back(order, order.total - 1334).pk)
    notes = [from_json(note.content) for note in Invoice.objects.filter(kind="credit_note")]
    assert [note.number for note in notes] == ["CR-000001", "CR-000002", "CR-000003", "CR-000004"]
    assert sum(note.total for note in notes) == order.total
    assert sum(note.tax for note in notes) == order.tax


def give_back(order: Order, terms: RefundTerms) -> None:
    """Through the acts, by hand, with the job that follows."""
    refund = request_refund(order=order, terms=terms, actor=BOB)
    mark_refunded(order=order, actor=BOB)
    documents.issue_credit_note(refund_id=refund.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("included", [True, False])
def test_what_staff_give_back_is_what_is_credited(settings: Any, included: bool) -> None:
    """Through the acts: a piece and the shipping, then an amount, then all the rest."""
    settings.SHOP_PRICES_INCLUDE_TAX = included
    standard = TaxClass.objects.create(name="Standard", code="standard", is_default=True)
    TaxRate.objects.create(tax_class=standard, country="DE", rate=Decimal(19))
    order = a_paid_order(quantity=3, price=999)
    assert order.tax
    give_back(order, RefundTerms(pieces={order.lines.get().pk: 1}, shipping=True))
    give_back(order, RefundTerms(amount=100))
    give_back(order, RefundTerms(amount=Payment.objects.get(order=order).refundable))
    first, second, third = (from_json(note.content) for note in Invoice.objects.filter(kind="credit_note"))
    assert first.shipping is not None
    assert [(line.title, line.quantity) for line in first.lines] == [("Speckled mug", 1)]
    assert [line.title for line in second.lines] == ["Price reduction"]
    assert [line.title for line in third.lines] == ["Speckled mug"]
    assert sum(note.total for note in (first, second, third)) == order.total
    assert sum(note.tax for note in (first, second, third)) == order.tax
    assert broken_rules() == []


# --- at the same moment


@pytest.mark.django_db(transaction=True)
def test_jobs_at_the_same_moment_issue_one_of_each_without_a_gap() -> None:
    orders = [a_paid_order() for _ in range(5)]
    refunds = [given_back(order, 100) for order in orders]
    acts: list[Callable[[], Any]] = []
    for order, refund in zip(orders, refunds, strict=True):
        acts += [lambda order=order: documents.issue_invoice(order_id=order.pk)] * 2  # type: ignore[misc]
        acts += [lambda refund=refund: documents.issue_credit_note(refund_id=refund.pk)] * 2  # type: ignore[misc]
    outcomes = run_parallel(acts)
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    for kind in Invoice.Kind:
        assert list(Invoice.objects.filter(kind=kind).order_by("sequence").values_list("sequence", flat=True)) == [
            1, 2, 3, 4, 5,
        ]  # fmt: skip
    for order in orders:
        assert mails_about(order) == ["confirmation", "paid", "refunded"]


@pytest.mark.django_db(transaction=True)
def test_control_without_the_orders_lock_a_second_invoice_meets_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    order = a_paid_order()
    everybody_has_looked = threading.Barrier(2, timeout=30)

    def unlocked(pk: int) -> Order:
        found = Order.objects.get(pk=pk)
        found.invoices.filter(kind="invoice").first()
        return found

    def late(*args: Any, **kwargs: Any) -> Any:
        everybody_has_looked.wait()
        return invoice_content(*args, **kwargs)

    monkeypatch.setattr(documents, "lock_order", unlocked)
    monkeypatch.setattr(documents, "invoice_content", late)
    outcomes = at_once(2, lambda _: documents.issue_invoice(order_id=order.pk))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["IntegrityError", "Invoice"]


# --- letters


@pytest.mark.django_db
def test_the_letter_that_thanks_has_the_invoice_with_it() -> None:
    order = a_paid_order()
    documents.issue_invoice(order_id=order.pk)
    for _ in range(3):
        emails.send(order_id=order.pk, message="paid")
    (letter,) = mail.outbox
    ((name, pdf, kind),) = letter.attachments
    assert (name, kind) == ("INV-000001.pdf", "application/pdf")
    for part in ("INV-000001", order.number, "Speckled mug", "€29.90"):
        assert part in text_of(pdf)
        assert part in str(letter.body)
    assert letter.to == [order.email]


@pytest.mark.django_db
def test_each_refund_has_a_letter_of_its_own() -> None:
    order = a_paid_order()
    for amount in (100, 200):
        refund = given_back(order, amount)
        documents.issue_credit_note(refund_id=refund.pk)
        emails.send(order_id=order.pk, message="refunded", about=refund.pk)
        emails.send(order_id=order.pk, message="refunded", about=refund.pk)
    first, second = mail.outbox
    assert "€1.00" in str(first.body)
    assert "€2.00" in str(second.body)
    assert [letter.attachments[0][0] for letter in (first, second)] == ["CR-000001.pdf", "CR-000002.pdf"]
    assert first.extra_headers["Message-ID"] != second.extra_headers["Message-ID"]


@pytest.mark.django_db
def test_a_refund_that_corrects_nothing_has_a_letter_without_enclosure() -> None:
    order = a_paid_order()
    refund = given_back(order, 100)
    emails.send(order_id=order.pk, message="refunded", about=refund.pk)
    (letter,) = mail.outbox
    assert letter.attachments == []
    assert "attached" not in str(letter.body)


@pytest.mark.django_db(transaction=True)
def test_from_the_payment_through_the_worker_to_the_mailbox() -> None:
    work_off_the_queue()  # what other tests have left there
    order = a_paid_order()
    mail.outbox.clear()
    work_off_the_queue()
    paid = [letter for letter in mail.outbox if letter.attachments]
    assert [letter.attachments[0][0] for letter in paid] == ["INV-000001.pdf"]
    with transaction.atomic():
        refund = given_back(order, order.total)
        enqueue_credit_note(refund)
    mail.outbox.clear()
    work_off_the_queue()
    assert [letter.attachments[0][0] for letter in mail.outbox] == ["CR-000001.pdf"]
    work_off_the_queue()
    assert len(mail.outbox) == 1
