"""A shopper's own orders: the list, the page of one, and taking one back. Guests come through a signed link."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.postgres.aggregates import ArrayAgg
from django.core.paginator import Paginator
from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import person
from catalog.models import ProductImage
from orders import lifecycle, timeline
from orders.access import guest_order, own_order
from orders.actors import GUEST, Actor, customer
from orders.emails import payment_instructions
from orders.errors import IllegalMove, InvalidOrder
from orders.models import Order, OrderLine, Payment
from orders.paying import failure_of
from orders.payments.methods import find_method, is_manual
from orders.pieces import still_to_come
from orders.shipping.parcels import with_contents
from orders.views import documents
from orders.views.paying import Pages
from orders.views.privacy import behind_signed_link, personal
from orders.views.refunds import refunds_shown
from orders.views.returns import returns_shown

PER_PAGE = 10


@personal
@require_safe
@login_required
def history(request: HttpRequest) -> HttpResponse:
    """The customer's orders, latest first."""
    orders = Order.objects.owned_by(person(request)).order_by("-placed_at", "-pk")
    orders = orders.annotate(names=ArrayAgg("lines__product_name", order_by="lines__pk"))
    page = Paginator(orders, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "orders/history.html", {"page_obj": page, "here": "orders"})


@personal
@require_safe
@login_required
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One order of the customer's."""
    return _order_page(request, own_order(person(request), number))


@personal
@require_safe
@login_required
def confirmation(request: HttpRequest, number: str) -> HttpResponse:
    """The same page, with thanks."""
    return _order_page(request, own_order(person(request), number), thanks=True)


@personal
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Ask whether it is meant, then cancel."""
    order = own_order(person(request), number)
    page = reverse("orders:detail", args=[number])
    return _cancel(request, order, page, actor=customer(person(request).get_username()))


@behind_signed_link
@require_safe
def guest_detail(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """One order of a guest's, for whoever holds its link."""
    return _order_page(request, guest_order(number, token), token=token)


@behind_signed_link
@require_safe
def guest_confirmation(request: HttpRequest, number: str, token: str) -> HttpResponse:
    return _order_page(request, guest_order(number, token), token=token, thanks=True)


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def guest_cancel(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """As `cancel`. This page has a form, so it stays with the site's `same-origin` referrer policy."""
    order = guest_order(number, token)
    page = reverse("orders:guest-detail", args=[number, token])
    return _cancel(request, order, page, actor=GUEST)


def _cancel(request: HttpRequest, order: Order, page: str, *, actor: Actor) -> HttpResponse:
    if request.method != "POST":
        if not lifecycle.customer_may_cancel(order):
            return redirect(page)
        return render(request, "orders/cancel.html", {"order": order, "order_url": page})
    try:
        lifecycle.cancel(order=order, actor=actor, by_customer=True)
        messages.success(request, f"Order {order.number} is cancelled.")
    except IllegalMove as error:
        messages.error(request, str(error))
    return redirect(page)


def _order_page(request: HttpRequest, order: Order, *, token: str = "", thanks: bool = False) -> HttpResponse:
    pictures = Prefetch("variant__product__images", ProductImage.objects.stored())
    lines = OrderLine.objects.select_related("variant__product").prefetch_related(pictures)
    prefetch_related_objects([order], Prefetch("lines", lines), "events", "payments", documents.listed())
    pages = Pages(order.number, token)
    context: dict[str, Any] = {
        "order": order,
        "thanks": thanks,
        "is_guest": bool(token),
        "steps": timeline.steps(order),
        "parcels": with_contents(order.shipments.all()),
        "to_come": still_to_come(order),
        "entries": timeline.entries(order.events.all()),
        "method": _method_label(order),
        "instructions": payment_instructions(order),
        "documents": documents.links(order, token),
        "cancel_url": pages.url("cancel") if lifecycle.customer_may_cancel(order) else "",
        "returns": returns_shown(order, token),
        "refunds": refunds_shown(order, token),
    }
    if lifecycle.is_payable(order):
        is_online = not is_manual(_gateway(order))
        context |= {"pay_url": pages.url("pay"), "is_online": is_online, "failure": failure_of(order)}
    response = render(request, "orders/detail.html", context)
    if context.get("is_online"):
        response["Referrer-Policy"] = "same-origin"  # the page has a form
    return response


def _gateway(order: Order) -> str:
    """Of the payment that is open; when none is, of the way to pay that was chosen."""
    begun = [payment.gateway for payment in order.payments.all() if payment.state == Payment.State.STARTED]
    try:
        return begun[0] if begun else find_method(order.payment_method)[0].code
    except InvalidOrder:  # a way to pay that is no longer offered
        return ""


def _method_label(order: Order) -> str:
    try:
        return find_method(order.payment_method)[1].label
    except InvalidOrder:  # a way to pay that is no longer offered
        return order.payment_method.replace("_", " ").capitalize()
