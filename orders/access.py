"""The only door to a shopper's own carts and orders. What is not yours does not exist: 404."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.core.signing import Signer
from django.db.models import Model, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import User
from orders.models import Cart, Invoice, Order, Payment, Refund, Return

_signer = Signer(salt="orders.guest-link")
Row = TypeVar("Row", bound=Model)


def find_cart(*, user: User | None, token: UUID | None) -> Cart | None:
    """The open cart of a customer, or the guest's cart with this token. A customer's cart has no other key."""
    if user is not None:
        return Cart.objects.open().owned_by(user).first()
    if token is not None:
        return Cart.objects.open().filter(customer=None, token=token).first()
    return None


def cart_to_order(*, user: User | None, token: UUID | None) -> Cart | None:
    """The cart that becomes an order: the open one, or else the last that did, so that a retry is told so."""
    found = find_cart(user=user, token=token)
    ordered = Cart.objects.filter(status=Cart.Status.ORDERED, customer=user)
    if found is not None or user is not None:
        return found or ordered.order_by("-updated_at").first()
    return ordered.filter(token=token).first() if token is not None else None


def may(user: User, permission: str) -> bool:
    """The user has this permission. Asks nothing when the permissions were loaded with the user."""
    loaded: Sequence[str] | None = getattr(user, "permission_names", None)
    if loaded is None or user.is_superuser:
        return user.has_perm(permission)
    return user.is_active and permission in loaded


def orders_visible_to(user: User) -> QuerySet[Order]:
    """All orders for staff who may view orders, a customer's own for everybody else."""
    if may(user, "orders.view_order"):
        return Order.objects.all()
    return Order.objects.owned_by(user)


def visible_order(user: User, number: str) -> Order:
    """An order this user may see, through the API. Raises Http404."""
    return _get(orders_visible_to(user), number)


def own_order(user: User, number: str) -> Order:
    """A customer's own order, whatever else the user may see. Raises Http404."""
    return _get(Order.objects.owned_by(user), number)


def guest_order(number: str, token: str) -> Order:
    """The order whose signed link was followed. Raises Http404 for a forged one, before looking anything up."""
    if not constant_time_compare(token.encode(errors="replace"), guest_token(number).encode()):
        raise Http404("There is no such order.")
    return _get(Order.objects.all(), number)


def document_of(order: Order, number: str) -> Invoice:
    """An invoice or credit note of an order that was got here. Raises Http404."""
    document = None if "\x00" in number else order.invoices.filter(number=number).first()
    if document is None:
        raise Http404("There is no such document.")
    return document


def returns_visible_to(user: User) -> QuerySet[Return]:
    """All returns for staff who may view them, none for others."""
    return Return.objects.all() if may(user, "orders.view_return") else Return.objects.none()


def visible_return(user: User, pk: int) -> Return:
    """A return, for the staff. Raises Http404."""
    back = returns_visible_to(user).filter(pk=pk).first()
    if back is None:
        raise Http404("There is no such return.")
    return back


def visible_payment(user: User, pk: int) -> Payment:
    """A payment of an order that this user may see. Raises Http404."""
    payments = Payment.objects.select_related("order").filter(pk=pk, order__in=orders_visible_to(user))
    return _first(payments, "There is no such payment.")


def guest_payment(pk: int, token: str) -> Payment:
    """A payment of the order whose token this is. Raises Http404, whether there is another one or none."""
    payment = _first(Payment.objects.select_related("order").filter(pk=pk), "There is no such payment.")
    payment.order = guest_order(payment.order.number, token)
    return payment


def visible_refund(user: User, pk: int) -> Refund:
    """A refund of an order that this user may see. Raises Http404."""
    refunds = Refund.objects.select_related("order", "payment").filter(pk=pk, order__in=orders_visible_to(user))
    return _first(refunds, "There is no such refund.")


def order_placed_with(key: str, *, user: User | None) -> Order | None:
    """The order that this shopper placed with a retry key before; to guests the key itself is the secret."""
    return Order.objects.filter(idempotency_key=key, customer=user).first()


def order_just_placed(number: str, *, user: User | None) -> Order | None:
    """The order with this number, if it is this shopper's (or a guest's) and not older than half an hour."""
    since = timezone.now() - timedelta(minutes=30)
    return Order.objects.filter(number=number, customer=user, placed_at__gte=since).first()


def guest_token(number: str) -> str:
    """The secret half of a guest's link: a keyed hash (HMAC) of the order number."""
    return _signer.signature(number.encode(errors="replace"))


def order_link(order: Order) -> str:
    """The absolute address of an order's page: behind the login for customers, signed for guests."""
    if order.customer_id:
        return settings.SITE_URL + reverse("orders:detail", args=[order.number])
    return settings.SITE_URL + reverse("orders:guest-detail", args=[order.number, guest_token(order.number)])


def return_link(order: Order) -> str:
    """The absolute address to which a payment provider sends the shopper back. It proves nothing."""
    if order.customer_id:
        return settings.SITE_URL + reverse("orders:return", args=[order.number])
    return settings.SITE_URL + reverse("orders:guest-return", args=[order.number, guest_token(order.number)])


def _first(rows: QuerySet[Row], otherwise: str) -> Row:
    row = rows.first()
    if row is None:
        raise Http404(otherwise)
    return row


def _get(orders: QuerySet[Order], number: str) -> Order:
    # PostgreSQL knows no NUL in text; no order number has one.
    order = None if "\x00" in number else orders.filter(number=number).first()
    if order is None:
        raise Http404("There is no such order.")
    return order
