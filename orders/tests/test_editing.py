"""What staff add to an order: notes, a corrected address, an e-mail once more."""

from __future__ import annotations

import threading
from dataclasses import replace
from decimal import Decimal

import pytest
from django.core import mail
from django.core.management import call_command
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.models import TaxClass
from catalog.tests.factories import VariantFactory
from orders import editing, emails, lifecycle, timeline
from orders.actors import staff
from orders.checkout import ShippingAddress
from orders.errors import EditNotPossible, InvalidOrder
from orders.models import Order, OrderEvent, ShippingMethod, ShippingZone, TaxRate, ZoneArea
from orders.tests.placing import ADDRESS, place
from shop.testing.races import at_once, run_parallel
from shop.testing.worker import work_off_the_queue

pytestmark = pytest.mark.django_db
OTTO = staff("otto")


@pytest.fixture
def order() -> Order:
    return place((VariantFactory.create(stock=5, price=1250), 2))


def correct(order: Order, address: ShippingAddress) -> Order:
    return editing.correct_address(order=order, address=address, version=editing.address_version(order), actor=OTTO)


def told(order: Order) -> list[str]:
    return [entry.text for entry in timeline.entries(order.events.all())]


# --- notes -----------------------------------------------------------------------------------------------------


def test_a_note_is_on_the_timeline_with_its_author_and_never_shown_to_the_customer(order: Order) -> None:
    editing.add_note(order=order, text="  Rings twice.\nAsk for Ada.  ", actor=OTTO)

    note = order.events.get(kind=OrderEvent.Kind.NOTE)
    assert (note.message, note.actor_kind, note.actor) == ("Rings twice.\nAsk for Ada.", "staff", "otto")
    assert told(order) == ["Order placed"]


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 1001])
def test_a_note_that_is_none_is_refused(order: Order, text: str) -> None:
    with pytest.raises(InvalidOrder):
        editing.add_note(order=order, text=text, actor=OTTO)
    assert order.events.count() == 1


# --- the address -----------------------------------------------------------------------------------------------


def test_a_corrected_address_is_on_the_timeline_with_what_was_there_before(order: Order) -> None:
    corrected = correct(order, replace(ADDRESS, line1="Gartenweg 17", phone="030 123456"))

    assert (corrected.line1, corrected.phone, corrected.total) == ("Gartenweg 17", "030 123456", order.total)
    entry = order.events.get(kind=OrderEvent.Kind.EDITED)
    assert entry.message == "Shipping address corrected: street “Gartenweg 7” → “Gartenweg 17”, phone number"
    assert entry.actor == "otto"
    assert told(order) == ["Shipping address corrected", "Order placed"]
    call_command("audit")


def test_the_longest_addresses_fit_the_timeline(order: Order) -> None:
    long = ShippingAddress("n" * 120, "l" * 160, "c" * 120, "FR", "m" * 160, "r" * 120, "1" * 20, "+" * 40)
    correct(correct(order, long), ADDRESS)
    assert [len(event.message) <= 1000 for event in order.events.all()] == [True] * 3


def test_a_correction_that_changes_nothing_writes_nothing(order: Order) -> None:
    correct(order, ADDRESS)
    assert order.events.count() == 1


def test_after_the_first_parcel_the_address_stays(order: Order) -> None:
    lifecycle.accept(order=order, actor=OTTO)
    lifecycle.ship(order=order, actor=OTTO, pieces={order.lines.get().pk: 1})
    with pytest.raises(EditNotPossible, match="first parcel"):
        correct(order, replace(ADDRESS, line1="Elsewhere 1"))
    assert Order.objects.get().line1 == ADDRESS.line1


def test_the_address_of_a_cancelled_order_stays(order: Order) -> None:
    lifecycle.cancel(order=order, actor=OTTO)
    with pytest.raises(EditNotPossible):
        correct(order, replace(ADDRESS, line1="Elsewhere 1"))


def test_a_country_we_do_not_ship_to_is_refused(order: Order) -> None:
    with pytest.raises(InvalidOrder, match="do not ship"):
        correct(order, replace(ADDRESS, country="US"))


def test_another_country_is_fine_while_tax_and_shipping_are_the_same(order: Order) -> None:
    assert correct(order, replace(ADDRESS, country="AT", postcode="1010", city="Wien")).country == "AT"


def test_where_the_tax_is_another_the_order_does_not_go(order: Order) -> None:
    standard = TaxClass.objects.create(name="Standard", code="standard", is_default=True)
    TaxRate.objects.create(tax_class=standard, country="DE", rate=Decimal(19))
    TaxRate.objects.create(tax_class=standard, country="AT", rate=Decimal(20))
    with pytest.raises(EditNotPossible, match="taxed differently"):
        correct(order, replace(ADDRESS, country="AT"))
    assert Order.objects.get().country == "DE"
    assert order.events.count() == 1


def test_where_shipping_costs_something_else_the_order_does_not_go() -> None:
    here, island = ShippingZone.objects.create(name="Mainland"), ShippingZone.objects.create(name="Islands")
    ZoneArea.objects.create(zone=here, country="DE")
    ZoneArea.objects.create(zone=island, country="DE", postcode_prefix="25")
    ZoneArea.objects.create(zone=island, country="DE", postcode_prefix="26")
    ShippingMethod.objects.create(zone=here, name="Parcel", price=490)
    by_ferry = ShippingMethod.objects.create(zone=island, name="Parcel", price=990)
    order = place((VariantFactory.create(stock=5), 1))

    assert correct(order, replace(ADDRESS, postcode="10117")).postcode == "10117"
    order.refresh_from_db()
    with pytest.raises(EditNotPossible, match="Shipping"):
        correct(order, replace(ADDRESS, postcode="25849"))
    by_ferry.price = 490
    by_ferry.save()
    assert correct(order, replace(ADDRESS, postcode="26571")).postcode == "26571"
    order.refresh_from_db()
    with pytest.raises(EditNotPossible, match="Shipping"):
        correct(order, replace(ADDRESS, country="FR", postcode="75001"))


def test_who_looked_at_an_older_address_is_told(order: Order) -> None:
    seen = editing.address_version(order)
    correct(order, replace(ADDRESS, line1="Gartenweg 17"))
    with pytest.raises(EditNotPossible, match="Somebody else"):
        editing.correct_address(order=order, address=replace(ADDRESS, city="Bern"), version=seen, actor=OTTO)
    assert Order.objects.get().line1 == "Gartenweg 17"


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_parcel_that_leaves_meanwhile_goes_to_the_address_that_stands_there() -> None:
    order = lifecycle.accept(order=place((VariantFactory.create(stock=5), 1)), actor=OTTO)

    corrected, _ = run_parallel(
        [
            lambda: correct(order, replace(ADDRESS, line1="Gartenweg 17")),
            lambda: lifecycle.ship(order=order, actor=OTTO),
        ]
    )

    kinds = list(order.events.filter(kind__in=["edited", "shipment"]).values_list("kind", flat=True))
    if isinstance(corrected, Order):
        assert kinds == ["edited", "shipment"]
    else:
        assert isinstance(corrected, EditNotPossible)
        assert kinds == ["shipment"]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_control_without_the_lock_an_address_is_corrected_after_the_parcel_has_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = lifecycle.accept(order=place((VariantFactory.create(stock=5), 1)), actor=OTTO)
    has_looked, has_left = threading.Event(), threading.Event()

    def take_time(*args: object) -> None:
        has_looked.set()
        assert has_left.wait(20)

    def ship() -> Order:
        assert has_looked.wait(20)
        shipped = lifecycle.ship(order=order, actor=OTTO)
        has_left.set()
        return shipped

    monkeypatch.setattr(editing, "lock_order", lambda pk: Order.objects.get(pk=pk))
    monkeypatch.setattr(editing, "_expect_same_price", take_time)
    corrected, shipped = run_parallel([lambda: correct(order, replace(ADDRESS, line1="Gartenweg 17")), ship])

    assert isinstance(corrected, Order)
    assert isinstance(shipped, Order)
    kinds = order.events.filter(kind__in=["edited", "shipment"]).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["shipment", "edited"]


# --- e-mails ---------------------------------------------------------------------------------------------------


def resend(order: Order, name: str = "confirmation", copy: int = 2) -> None:
    editing.resend_message(order=order, name=name, copy=copy, actor=OTTO)


@pytest.mark.django_db(transaction=True)
def test_an_email_goes_out_again_on_purpose_and_the_timeline_says_who_asked() -> None:
    order = place((VariantFactory.create(stock=5), 1))
    work_off_the_queue()
    mail.outbox.clear()

    resend(order)
    work_off_the_queue()
    work_off_the_queue()

    assert [email.to for email in mail.outbox] == [[order.email]]
    assert ".confirmation.copy-2@" in mail.outbox[0].extra_headers["Message-ID"]
    assert list(order.events.filter(kind="email").values_list("message", "actor_kind", "actor")) == [
        ("E-mail sent: confirmation", "shop", "e-mails"),
        ("E-mail to be sent again: confirmation, copy 2", "staff", "otto"),
        ("E-mail sent: confirmation, copy 2", "shop", "e-mails"),
    ]
    assert told(order) == ["Order placed"]
    call_command("audit")


def test_each_parcel_has_its_own_email(order: Order) -> None:
    lifecycle.accept(order=order, actor=OTTO)
    line = order.lines.get().pk
    for _ in range(2):
        lifecycle.ship(order=order, actor=OTTO, pieces={line: 1})
    first, second = order.shipments.order_by("pk").values_list("pk", flat=True)
    for message, about in (("confirmation", None), ("shipped", first), ("shipped", second)):
        emails.send(order_id=order.pk, message=message, about=about)

    resend(order, f"shipped-{second}")

    assert [(each.name, each.about, each.copies) for each in emails.sent_messages(order)] == [
        ("confirmation", None, 1),
        (f"shipped-{first}", first, 1),
        (f"shipped-{second}", second, 2),
    ]
    job = ProcrastinateJob.objects.latest("pk")
    assert job.args == {"order_id": order.pk, "message": "shipped", "about": second, "copy": 2}


@pytest.mark.parametrize(("name", "copy"), [("cancelled", 2), ("nonsense", 2), ("confirmation", 4), ("shipped-1", 2)])
def test_what_was_not_sent_is_not_sent_again(order: Order, name: str, copy: int) -> None:
    emails.send(order_id=order.pk, message="confirmation")
    jobs = ProcrastinateJob.objects.count()
    with pytest.raises(EditNotPossible):
        resend(order, name, copy)
    assert ProcrastinateJob.objects.count() == jobs


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_clicks_send_one_copy() -> None:
    order = place((VariantFactory.create(stock=5), 1))
    emails.send(order_id=order.pk, message="confirmation")

    assert at_once(10, lambda _: resend(order)) == [None] * 10

    assert ProcrastinateJob.objects.filter(args__copy=2, args__order_id=order.pk).count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_control_without_the_lock_each_click_sends_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    order = place((VariantFactory.create(stock=5), 1))
    emails.send(order_id=order.pk, message="confirmation")
    everybody_has_read, read = threading.Barrier(4), emails.sent_messages

    def slow_read(order: Order) -> list[emails.SentMessage]:
        sent = read(order)
        everybody_has_read.wait(20)
        return sent

    monkeypatch.setattr(editing, "lock_order", lambda pk: Order.objects.get(pk=pk))
    monkeypatch.setattr(editing, "sent_messages", slow_read)
    assert at_once(4, lambda _: resend(order)) == [None] * 4

    assert ProcrastinateJob.objects.filter(args__copy=2, args__order_id=order.pk).count() == 4


# --- the timeline ----------------------------------------------------------------------------------------------


def test_customers_read_what_concerns_them_in_every_kind(order: Order) -> None:
    for kind, message in (
        ("shipment", "2 pieces sent with DHL"),
        ("refund", "Refund of €5.00 requested"),
        ("refund", "Refund failed"),
        ("refund", "Refund of €5.00 tried again"),
        ("return", "Return accepted"),
        ("document", "Invoice INV-000001 issued"),
        ("edited", "Shipping address corrected: street “a” → “b”"),
        ("email", "E-mail sent: confirmation"),
        ("note", "Rings twice."),
    ):
        OrderEvent.objects.create(order=order, kind=kind, message=message, actor_kind="staff", actor="otto")
    assert told(order) == [
        "Shipping address corrected",
        "Invoice INV-000001 issued",
        "Return accepted",
        "We are returning €5.00",
        "2 pieces sent with DHL",
        "Order placed",
    ]
