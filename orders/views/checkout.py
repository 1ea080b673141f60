"""From the cart to the order: one form, one page to look it over, one button."""

from __future__ import annotations

import re
from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts import address_book
from accounts.errors import AddressBookFull
from accounts.models import Address, User
from accounts.throttling import client_address, spend
from orders.access import guest_token, order_just_placed, order_placed_with
from orders.cart_cookie import current_user
from orders.checkout import Buyer, Terms, place_order
from orders.errors import CartChanged
from orders.forms import ADDRESS_FIELDS, CheckoutForm, Draft, PlaceForm
from orders.models import Order
from orders.payments.methods import payment_methods
from orders.views.basket import Basket, read_basket
from orders.views.draft import finish_draft, load_draft, placed_number, save_draft
from orders.views.paying import on_to_payment
from orders.views.privacy import personal
from orders.views.refusals import Refused, explain


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """Contact, address, payment. Nothing is stored in the shop yet."""
    basket = read_basket(request)
    if not basket.can_be_ordered:
        return _nothing_to_order(request, basket)
    user = current_user(request)
    form = CheckoutForm(request.POST or None, user=user, initial=_initial(request, user))
    if request.method == "POST" and form.is_valid():
        earlier = load_draft(request)
        save_draft(request, replace(form.draft(), shipping=earlier.shipping if earlier else ""))
        return redirect("orders:review")
    context = {"form": form, "basket": basket, "methods": payment_methods(), "login_next": reverse("orders:checkout")}
    return render(request, "orders/checkout.html", context, status=422 if form.errors else 200)


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest) -> HttpResponse:
    """All of it once more; posting places the order."""
    if request.method == "POST":
        return _place(request)
    draft = load_draft(request)
    basket = read_basket(request, draft)
    if not basket.can_be_ordered:
        return _nothing_to_order(request, basket)
    if draft is None:
        return redirect("orders:checkout")
    return review_page(request, basket, draft)


@personal
@require_POST
def choose_shipping(request: HttpRequest) -> HttpResponse:
    """Ship it the way that was chosen on the review page, which is shown again with the new total."""
    draft = load_draft(request)
    if draft is None:
        return redirect("orders:checkout")
    chosen = request.POST.get("shipping", "")
    if re.fullmatch(r"[a-z0-9]{1,20}", chosen):
        save_draft(request, replace(draft, shipping=chosen))
    return redirect("orders:review")


def _place(request: HttpRequest) -> HttpResponse:
    """Place the order, or show why not; the same form again leads to the same order."""
    form = PlaceForm(request.POST)
    key = f"cart:{form.cleaned_data['key']}" if form.is_valid() else ""
    earlier = order_placed_with(key, user=current_user(request)) if key else None
    if earlier is not None:
        return on_to_payment(request, earlier, _confirmation(earlier))
    draft = load_draft(request)
    basket = read_basket(request, draft)
    if not basket.lines:
        return _nothing_to_order(request, basket)
    if draft is None:
        return redirect("orders:checkout")
    spend("orders", client_address(request))
    try:
        order = _order(request, form, basket, draft)
    except Refused as error:
        # The other click may have been faster: then this is its order.
        earlier = order_placed_with(key, user=current_user(request)) if key else None
        if earlier is not None:
            return on_to_payment(request, earlier, _confirmation(earlier))
        return _refused(request, draft, explain(error))
    _keep_address(request, draft)
    finish_draft(request, order.number)
    return on_to_payment(request, order, _confirmation(order))


def _order(request: HttpRequest, form: PlaceForm, basket: Basket, draft: Draft) -> Order:
    if not form.is_valid() or form.cleaned_data["key"] != basket.key:
        raise CartChanged("Your cart has changed since you reviewed it. Please look at it again.")
    return place_order(
        buyer=Buyer(email=draft.email, customer=current_user(request), vat_number=draft.vat_number),
        address=draft.address,
        terms=Terms(
            payment_method=draft.payment_method,
            channel=Order.Channel.STOREFRONT,
            shipping=form.cleaned_data["shipping"],
            expected_total=form.cleaned_data["expected_total"],
            idempotency_key=f"cart:{basket.key}",
            note=draft.note,
            reviewed=form.cleaned_data["reviewed"],
        ),
        cart=basket.cart,
    )


def _confirmation(order: Order) -> str:
    if order.customer_id:
        return reverse("orders:confirmation", args=[order.number])
    return reverse("orders:guest-confirmation", args=[order.number, guest_token(order.number)])


def _nothing_to_order(request: HttpRequest, basket: Basket) -> HttpResponse:
    """The cart is empty, short, or ordered a moment ago (somebody pressed "back")."""
    if not basket.lines:
        just_placed = order_just_placed(placed_number(request), user=current_user(request))
        if just_placed is not None:
            return redirect(_confirmation(just_placed))
        messages.info(request, "Your cart is empty.")
    else:
        messages.warning(request, "Something in your cart cannot be ordered as it is. Please look at it first.")
    return redirect("orders:cart")


def review_page(
    request: HttpRequest, basket: Basket, draft: Draft, *, status: int = 200, problem: str = "", **said: str
) -> HttpResponse:
    """All that is ordered, with what the template is to say besides."""
    method = next((m for m in payment_methods() if m.code == draft.payment_method), None)
    context = {"basket": basket, "draft": draft, "method": method, "problem": problem, **said}
    return render(request, "orders/review.html", context, status=status)


def _refused(request: HttpRequest, draft: Draft, reason: str) -> HttpResponse:
    """The page again, with the reason and with what holds now."""
    basket = read_basket(request, draft)
    if not basket.lines:
        return _nothing_to_order(request, basket)
    return review_page(request, basket, draft, problem=reason, status=409)


def _initial(request: HttpRequest, user: User | None) -> dict[str, object]:
    """What the form begins with: what was typed before, or what we know about the customer."""
    draft = load_draft(request)
    if draft is not None:
        return draft.initial
    initial: dict[str, object] = {"payment_method": payment_methods()[0].code}
    if user is not None:
        favourite = Address.objects.owned_by(user).first()
        initial |= {"email": user.email, "name": user.get_full_name()}
        initial["address"] = str(favourite.pk) if favourite else "new"
    return initial


def _keep_address(request: HttpRequest, draft: Draft) -> None:
    """Into the address book, when the customer asked for it."""
    user = current_user(request)
    if user is None or not draft.save_address or draft.choice not in ("", "new"):
        return
    fields = {name: getattr(draft.address, name) for name in ADDRESS_FIELDS}
    if Address.objects.owned_by(user).filter(**fields).exists():
        return
    try:
        address_book.save_address(address=Address(user=user, **fields))
    except AddressBookFull as error:
        messages.warning(request, str(error))
