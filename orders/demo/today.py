"""An order of today that has seen everything: paid, invoiced, sent, and one piece of it given back with a credit note.

Unlike the past it is made by the acts themselves, so its e-mails go out, in development into a folder.
"""

from __future__ import annotations

from catalog.inventory import stock
from catalog.models import Variant
from orders import documents, lifecycle, refunds
from orders.actors import staff
from orders.checkout import Buyer, Item, ShippingAddress, Terms, place_order
from orders.demo.loading import CLERK, demo_variants
from orders.demo.people import CUSTOMERS
from orders.errors import OrdersError
from orders.models import Order
from orders.refunds import RefundTerms
from orders.shipping.parcels import parcel_with

KEY = "demo-today"
PIECES = 2


def load_today() -> int:
    """Let the first customer order two sorts of things today, unless that was done before; returns how many orders.

    None where the merchant's own zones or ways to pay are not for them.
    """
    if Order.objects.filter(idempotency_key=KEY).exists():
        return 0
    variants = [variant for variant in demo_variants() if variant.stock.available >= PIECES][:2]
    try:
        order = _placed(variants)
    except OrdersError:
        return 0
    for variant in variants:
        # What can be bought stays as the assortment has it.
        stock.receive(variant_id=variant.pk, quantity=PIECES, note="Delivery", actor=CLERK)
    lifecycle.mark_paid(order=order, actor=staff(CLERK))
    documents.issue_invoice(order_id=order.pk)
    lifecycle.send_parcel(order=order, actor=staff(CLERK), parcel=parcel_with("DHL", "DEMO000000001"))
    _give_one_back(order)
    return 1


def _placed(variants: list[Variant]) -> Order:
    alice = CUSTOMERS[0]
    home = ShippingAddress(**vars(alice.homes[0]))
    return place_order(
        buyer=Buyer(email=alice.email, customer=alice.account(), vat_number="DE123456789"),
        address=home,
        terms=Terms(payment_method="bank_transfer", channel=Order.Channel.STOREFRONT, idempotency_key=KEY),
        items=[Item(variant=variant.pk, quantity=PIECES) for variant in variants],
    )


def _give_one_back(order: Order) -> None:
    line = order.lines.all()[0]
    terms = RefundTerms(pieces={line.pk: 1}, reason="Arrived with a crack")
    refund = refunds.request_refund(order=order, terms=terms, actor=staff(CLERK))
    refunds.confirm_refund(refund=refund, actor=staff(CLERK))
    documents.issue_credit_note(refund_id=refund.pk)
