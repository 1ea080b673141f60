"""The cart page, and putting things into the cart."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from catalog.models import Variant
from orders import cart as carts
from orders.access import find_cart
from orders.cart_cookie import cart_token, current_user, remember_cart
from orders.errors import InvalidOrder
from orders.forms import AddForm, QuantityForm
from orders.views.basket import read_basket
from orders.views.privacy import personal
from orders.views.refusals import Refused, explain

ADDED = '“{}” is in your cart. <a href="{}">View cart</a>'


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def cart(request: HttpRequest) -> HttpResponse:
    """The cart. Posting says "I have seen the new prices"."""
    if request.method == "POST":
        basket = read_basket(request)
        if basket.cart is not None:
            carts.acknowledge_prices(basket.cart, basket.lines)
        return redirect("orders:cart")
    return cart_page(request)


@personal
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Put a variant into the cart, then back to where the shopper was, or on to the cart."""
    form = AddForm(request.POST)
    if not form.is_valid():
        return _not_added(request, _first_error(form), status=422)
    variant_id = form.cleaned_data["variant"]
    try:
        filled = carts.add(
            user=current_user(request),
            token=cart_token(request),
            variant_id=variant_id,
            quantity=form.cleaned_data["quantity"],
        )
    except Refused as error:
        return _not_added(request, explain(error), status=422 if isinstance(error, InvalidOrder) else 409)
    variant = Variant.objects.select_related("product").get(pk=variant_id)
    messages.success(request, format_html(ADDED, variant, reverse("orders:cart")))
    response = HttpResponseRedirect(_next(request))
    remember_cart(response, filled)
    return response


@personal
@require_POST
def line(request: HttpRequest, variant_id: int) -> HttpResponse:
    """Change how many of a variant are in the cart; 0 removes it."""
    form = QuantityForm(request.POST)
    if not form.is_valid():
        return cart_page(request, error=_first_error(form), status=422)
    found = find_cart(user=current_user(request), token=cart_token(request))
    try:
        if found is not None:
            carts.change_quantity(cart=found, variant_id=variant_id, quantity=form.cleaned_data["quantity"])
    except Refused as error:
        return cart_page(request, error=explain(error), status=409)
    return redirect("orders:cart")


def cart_page(request: HttpRequest, *, status: int = 200, error: str = "", **said: str) -> HttpResponse:
    """The cart as it is now, with what the template is to say besides."""
    context = {"basket": read_basket(request), "error": error, **said}
    return render(request, "orders/cart.html", context, status=status)


def _not_added(request: HttpRequest, reason: str, *, status: int) -> HttpResponse:
    """Back to where the shopper was, if the form said where that is; else the cart with the reason."""
    if status == 409 and "next" in request.POST:
        messages.error(request, reason)
        return HttpResponseRedirect(_next(request))
    return cart_page(request, error=reason, status=status)


def _next(request: HttpRequest) -> str:
    """Where the form wants to go on to, if that is one of our own pages; else the cart."""
    wanted = request.POST.get("next", "")
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else reverse("orders:cart")


def _first_error(form: forms.Form) -> str:
    field, errors = next(iter(form.errors.items()))
    return f"{field.capitalize()}: {errors[0]}"
