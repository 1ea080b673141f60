"""Paying an order that is placed: again, in another way, and the way back from the provider's page."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import person
from accounts.throttling import client_address, spend
from orders.access import guest_order, own_order
from orders.actors import GUEST, Actor, customer
from orders.errors import InvalidOrder, PaymentNotPossible, ProviderRefused, ProviderUnavailable
from orders.lifecycle import is_payable
from orders.models import Order
from orders.paying import change_method, failure_of, news_of, start_payment
from orders.payments.methods import payment_methods
from orders.views.privacy import personal

NO_PAGE = "We could not open the payment page just now. Your order is safe: please press “Pay now” in a moment."
NO_NEWS = "We have not heard from the payment provider yet. As soon as we do, it shows here and you get an e-mail."
NOT_PAID = (
    "The payment has not been completed. If you have just paid, load this page again in a moment; "
    "otherwise pay now or choose another way."
)


@dataclass(frozen=True)
class Pages:
    """Where the pages of an order are: a guest's have the token in their address."""

    number: str
    token: str = ""

    def url(self, name: str) -> str:
        if self.token:
            return reverse(f"orders:guest-{name}", args=[self.number, self.token])
        return reverse(f"orders:{name}", args=[self.number])


@personal
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def pay(request: HttpRequest, number: str) -> HttpResponse:
    """Choose how to pay; posting goes on to the provider's page."""
    order = own_order(person(request), number)
    return _pay(request, order, Pages(number), actor=customer(person(request).get_username()))


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def guest_pay(request: HttpRequest, number: str, token: str) -> HttpResponse:
    return _pay(request, guest_order(number, token), Pages(number, token), actor=GUEST)


@personal
@require_safe
@login_required
def back(request: HttpRequest, number: str) -> HttpResponse:
    """Back from the provider. The address proves nothing: the provider is asked."""
    return _back(request, own_order(person(request), number), Pages(number))


@personal
@require_safe
def guest_back(request: HttpRequest, number: str, token: str) -> HttpResponse:
    return _back(request, guest_order(number, token), Pages(number, token))


def on_to_payment(request: HttpRequest, order: Order, otherwise: str) -> HttpResponse:
    """To the provider's page if there is one to pay at; else on, where the order's page says what to do."""
    if not is_payable(order):
        return redirect(otherwise)
    try:
        return redirect(start_payment(order=order).redirect_url or otherwise)
    except (PaymentNotPossible, InvalidOrder) as error:
        messages.warning(request, str(error))
    except (ProviderUnavailable, ProviderRefused):
        messages.warning(request, NO_PAGE)
    return redirect(otherwise)


def _pay(request: HttpRequest, order: Order, pages: Pages, *, actor: Actor) -> HttpResponse:
    page = pages.url("detail")
    if request.method == "POST":
        spend("orders", client_address(request))
        return _paid(request, order, page, actor)
    if not is_payable(order):
        return redirect(page)
    context = {"order": order, "order_url": page, "methods": payment_methods(), "failure": failure_of(order)}
    return render(request, "orders/pay.html", context)


def _paid(request: HttpRequest, order: Order, page: str, actor: Actor) -> HttpResponse:
    chosen = request.POST.get("payment_method", "")
    if chosen and chosen != order.payment_method:
        try:
            change_method(order=order, method=chosen, actor=actor)
        except (ProviderUnavailable, ProviderRefused):
            messages.warning(request, NO_PAGE)
            return redirect(page)
        except (PaymentNotPossible, InvalidOrder) as error:
            messages.warning(request, str(error))
            return redirect(page)
        order.refresh_from_db()
    if not is_payable(order):
        messages.info(request, "There is nothing to pay any more.")
    return on_to_payment(request, order, page)


def _back(request: HttpRequest, order: Order, pages: Pages) -> HttpResponse:
    spend("orders", client_address(request))
    try:
        news_of(order)
    except (ProviderUnavailable, ProviderRefused):
        messages.info(request, NO_NEWS)
        return redirect(pages.url("detail"))
    order.refresh_from_db()
    if order.payment_status != Order.PaymentStatus.UNPAID and order.status != Order.Status.CANCELLED:
        return redirect(pages.url("confirmation"))
    # Why an attempt failed stands on the page itself, as long as it can be paid.
    if is_payable(order) and not failure_of(order):
        messages.warning(request, NOT_PAID)
    return redirect(pages.url("detail"))
