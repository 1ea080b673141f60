"""What staff add to an order that was placed: a note, a corrected address, an e-mail once more. Never another price."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction

from orders.actors import Actor
from orders.checkout import ShippingAddress
from orders.emails import sent_messages
from orders.errors import EditNotPossible, InvalidOrder
from orders.jobs import Message, enqueue_message
from orders.locks import lock_order, retried
from orders.models import Order, OrderEvent, OrderLine
from orders.pricing import Destination
from orders.shipping.options import Consignment, options_for
from orders.tax.rates import rates_at

MAX_NOTE = 1000
LABELS = {
    "name": "name",
    "line1": "street",
    "line2": "second line",
    "postcode": "postcode",
    "city": "town",
    "region": "region",
    "country": "country",
    "phone": "phone number",
}
# A timeline entry holds all of them, each shortened.
SHOWN = 50
Status = Order.Status


@retried
def add_note(*, order: Order, text: str, actor: Actor) -> OrderEvent:
    """A note among the staff, onto the timeline. Raises InvalidOrder for one that is empty or too long."""
    note = text.strip()
    if not 1 <= len(note) <= MAX_NOTE:
        raise InvalidOrder(f"A note has 1 to {MAX_NOTE} characters.", field="text")
    with transaction.atomic(durable=True):
        return _write(order, OrderEvent.Kind.NOTE, note, actor)


def may_correct_address(order: Order) -> bool:
    """Nothing has left the house, and something still will."""
    return order.status in (Status.PENDING, Status.PROCESSING) and not any(line.shipped for line in order.lines.all())


def address_version(order: Order) -> str:
    """A short name of the address as it is now; another one after every correction."""
    return hashlib.sha256("\n".join(getattr(order, name) for name in LABELS).encode()).hexdigest()[:16]


@retried
def correct_address(*, order: Order, address: ShippingAddress, version: str, actor: Actor) -> Order:
    """The parcel goes to this address instead, for the same price; onto the timeline with what was there before.

    `version` is the `address_version` that was looked at. Nothing is written when nothing changes. Raises
    InvalidOrder for a country we do not ship to; EditNotPossible once a parcel has left, after somebody else's
    correction, and when tax or shipping would be others there.
    """
    with transaction.atomic(durable=True):
        locked = lock_order(order.pk)
        changed = [name for name in LABELS if getattr(locked, name) != getattr(address, name)]
        if not changed:
            return locked
        if version != address_version(locked):
            raise EditNotPossible("Somebody else has corrected the address meanwhile. Please look at it again.")
        if not may_correct_address(locked):
            raise EditNotPossible("The address can be corrected until the first parcel leaves.", status=locked.status)
        _expect_same_price(locked, address.destination)
        said = "Shipping address corrected: " + ", ".join(_described(locked, address, name) for name in changed)
        for name in changed:
            setattr(locked, name, getattr(address, name))
        locked.save(update_fields=[*changed, "updated_at"])
        _write(locked, OrderEvent.Kind.EDITED, said, actor)
        return locked


@retried
def resend_message(*, order: Order, name: str, copy: int, actor: Actor) -> None:
    """Have an e-mail that was sent sent again, as its `copy`-th; asking for the same copy twice sends one.

    Raises EditNotPossible for an e-mail that was never sent, or a copy that is not the next.
    """
    with transaction.atomic(durable=True):
        locked = lock_order(order.pk)
        sent = {each.name: each for each in sent_messages(locked)}.get(name)
        if sent is None or copy > sent.copies + 1:
            raise EditNotPossible("This e-mail has not been sent yet.")
        if copy <= sent.copies:
            return
        _write(locked, OrderEvent.Kind.EMAIL, f"E-mail to be sent again: {name}, copy {copy}", actor)
        enqueue_message(locked, Message(sent.message), about=sent.about, copy=copy)


def _expect_same_price(order: Order, there: Destination) -> None:
    """Both places are priced as of today: what was changed in the shop since the order was placed does not matter."""
    if there.country not in settings.SHOP_COUNTRIES:
        raise InvalidOrder("We do not ship to this country.", field="country")
    here = Destination(order.country, order.region, order.postcode)
    if here == there:
        return
    # Lines without a variant are imported ones, and tell neither a weight nor a class of tax.
    lines = list(order.lines.exclude(variant=None).select_related("variant__product"))
    if _tax_rates(lines, here) != _tax_rates(lines, there):
        raise EditNotPossible("At this address the order is taxed differently. Cancel it and have it placed again.")
    if _shipping_prices(order, lines, here) != _shipping_prices(order, lines, there):
        raise EditNotPossible("Shipping to this address is another. Cancel the order and have it placed again.")


def _tax_rates(lines: Sequence[OrderLine], place: Destination) -> list[object]:
    rates = rates_at(place.country, place.region)
    return [rates.shipping, *(rates.of(line.variant.product.tax_class_id) for line in lines if line.variant)]


def _shipping_prices(order: Order, lines: Sequence[OrderLine], place: Destination) -> list[tuple[str, int]]:
    """What the order's way to ship costs there; all ways, if it has been renamed or given up since."""
    consignment = Consignment(
        value=sum(line.unit_price * line.quantity for line in lines),
        weight=sum(line.variant.weight * line.quantity for line in lines if line.variant),
    )
    offered = [(option.name, option.price) for option in options_for(place.country, place.postcode, consignment)]
    return [option for option in offered if option[0] == order.shipping_method] or offered


def _described(order: Order, address: ShippingAddress, name: str) -> str:
    """A change as the timeline tells it; of a phone number, which no parcel carries, only that there was one."""
    if name == "phone":
        return LABELS[name]
    return f"{LABELS[name]} “{_short(getattr(order, name))}” → “{_short(getattr(address, name))}”"


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _write(order: Order, kind: OrderEvent.Kind, message: str, actor: Actor) -> OrderEvent:
    return OrderEvent.objects.create(order=order, kind=kind, message=message, actor_kind=actor.kind, actor=actor.name)
