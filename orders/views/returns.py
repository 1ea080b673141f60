"""Sending something back: asking for it, taking that back, and what the order's page says about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import person
from catalog.models import ProductImage
from orders import aftersales
from orders.access import guest_order, own_order
from orders.actors import GUEST, Actor, customer
from orders.errors import InvalidOrder, ReturnNotPossible
from orders.forms import Text
from orders.models import Order, OrderLine, Return
from orders.returns.reading import is_in_time, last_day, pieces_to_return, returns_of
from orders.views.privacy import personal


class ReturnForm(forms.Form):
    """How many of each line, and why."""

    reason = Text(
        label="Why do you send it back?",
        required=False,
        max_length=aftersales.MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="You need not say. It helps us to do better, and to answer quickly.",
    )

    def __init__(self, *args: Any, lines: list[OrderLine], possible: dict[int, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = [(line, possible[line.pk]) for line in lines if line.pk in possible]
        for line, most in self.parts:
            self.fields[f"line-{line.pk}"] = forms.TypedChoiceField(
                label=line.title,
                choices=[(number, number) for number in range(most + 1)],
                coerce=int,
                required=False,
            )

    @property
    def rows(self) -> list[tuple[OrderLine, Any]]:
        """The lines with their fields."""
        return [(line, self[f"line-{line.pk}"]) for line, _ in self.parts]

    @property
    def pieces(self) -> dict[int, int]:
        """What was chosen in a valid form, by line id."""
        return {line.pk: self.cleaned_data[f"line-{line.pk}"] or 0 for line, _ in self.parts}


@dataclass(frozen=True)
class ReturnsOfOrder:
    """What an order's page says: the returns so far, whether one can be asked for, or until when it could be."""

    returns: list[Return]
    until: datetime
    request_url: str = ""
    withdraw_url: str = ""
    is_over: bool = False
    address: str = ""


def returns_shown(order: Order, token: str) -> ReturnsOfOrder | None:
    """For the order's page; None before delivery. Costs nothing then."""
    until = last_day(order)
    if until is None:
        return None
    returns = list(returns_of(order))
    has_left = bool(pieces_to_return(order.lines.all(), returns))
    is_waiting = any(back.is_open for back in returns)
    is_requested = any(back.state == Return.State.REQUESTED for back in returns)
    return ReturnsOfOrder(
        returns=returns,
        until=until,
        request_url=_address(order, token, "send-back") if is_in_time(order) and has_left and not is_waiting else "",
        withdraw_url=_address(order, token, "send-back-withdraw") if is_requested else "",
        is_over=not is_in_time(order),
        address=settings.SHOP_RETURN_ADDRESS,
    )


@personal
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """What is to go back, and why; posting asks for it."""
    return _ask(request, own_order(person(request), number), "", customer(person(request).get_username()))


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def guest_ask(request: HttpRequest, number: str, token: str) -> HttpResponse:
    return _ask(request, guest_order(number, token), token, GUEST)


@personal
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Ask whether it is meant, then keep the things after all."""
    return _withdraw(request, own_order(person(request), number), "", customer(person(request).get_username()))


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def guest_withdraw(request: HttpRequest, number: str, token: str) -> HttpResponse:
    return _withdraw(request, guest_order(number, token), token, GUEST)


def _ask(request: HttpRequest, order: Order, token: str, actor: Actor) -> HttpResponse:
    page = _address(order, token, "detail")
    pictures = Prefetch("variant__product__images", ProductImage.objects.stored())
    lines = OrderLine.objects.select_related("variant__product").prefetch_related(pictures)
    prefetch_related_objects([order], Prefetch("lines", lines))
    shown = returns_shown(order, token)
    if request.method != "POST" and (shown is None or not shown.request_url):
        return redirect(page)
    possible = pieces_to_return(order.lines.all(), shown.returns if shown else [])
    form = ReturnForm(request.POST or None, lines=list(order.lines.all()), possible=possible)
    if request.method == "POST" and form.is_valid():
        try:
            aftersales.request_return(order=order, pieces=form.pieces, reason=form.cleaned_data["reason"], actor=actor)
        except InvalidOrder as error:
            form.add_error(None, str(error))
        except ReturnNotPossible as error:
            messages.error(request, str(error))
            return redirect(page)
        else:
            messages.success(request, "We have your request and will answer soon.")
            return redirect(page)
    context = {"order": order, "order_url": page, "form": form, "until": last_day(order)}
    return render(request, "orders/return.html", context, status=422 if form.errors else 200)


def _withdraw(request: HttpRequest, order: Order, token: str, actor: Actor) -> HttpResponse:
    page = _address(order, token, "detail")
    if request.method == "POST":
        try:
            aftersales.withdraw_return(order=order, actor=actor)
            messages.success(request, "The return is withdrawn.")
        except ReturnNotPossible as error:
            messages.error(request, str(error))
        return redirect(page)
    back = order.returns.filter(state=Return.State.REQUESTED).first()
    if back is None:
        return redirect(page)
    return render(request, "orders/return_withdraw.html", {"order": order, "order_url": page, "back": back})


def _address(order: Order, token: str, page: str) -> str:
    """A page of the order, as the visitor came: logged in, or by a signed link."""
    if token:
        return reverse(f"orders:guest-{page}", args=[order.number, token])
    return reverse(f"orders:{page}", args=[order.number])
