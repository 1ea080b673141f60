"""A coupon for the cart, given or taken off on the cart page or on the review page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.throttling import client_address, spend
from orders import cart as carts
from orders.access import find_cart
from orders.cart_cookie import cart_token, current_user
from orders.forms import CouponForm
from orders.views.basket import read_basket
from orders.views.cart import cart_page
from orders.views.checkout import review_page
from orders.views.draft import load_draft
from orders.views.privacy import personal
from orders.views.refusals import Refused, explain


@personal
@require_POST
def put(request: HttpRequest) -> HttpResponse:
    """Use the coupon whose code was typed, or say why it does not count."""
    form = CouponForm(request.POST)
    if not form.is_valid():
        return _refused(request, str(form.errors["code"][0]), status=422)
    spend("coupons", client_address(request))
    cart = find_cart(user=current_user(request), token=cart_token(request))
    try:
        if cart is not None:
            coupon = carts.put_coupon(cart=cart, code=form.cleaned_data["code"])
            messages.success(request, f"Coupon {coupon.code} counts for your order.")
    except Refused as error:
        return _refused(request, explain(error), status=409)
    return redirect(_page(request))


@personal
@require_POST
def take_off(request: HttpRequest) -> HttpResponse:
    """Order without a coupon."""
    cart = find_cart(user=current_user(request), token=cart_token(request))
    if cart is not None:
        carts.take_coupon_off(cart=cart)
    return redirect(_page(request))


def _page(request: HttpRequest) -> str:
    """The page that the form stands on."""
    return "orders:review" if request.POST.get("at") == "review" else "orders:cart"


def _refused(request: HttpRequest, reason: str, *, status: int) -> HttpResponse:
    said = {"coupon_error": reason, "coupon_typed": request.POST.get("code", "")[:80]}
    draft = load_draft(request)
    if _page(request) == "orders:review" and draft is not None:
        basket = read_basket(request, draft)
        if basket.can_be_ordered:
            return review_page(request, basket, draft, status=status, **said)
    return cart_page(request, status=status, **said)
