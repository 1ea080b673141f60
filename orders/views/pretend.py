"""The hosted page of the pretend provider. It stands for a site of somebody else's: it reads nothing of the shop's,
and tells it only by signed messages, as the world does.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from orders.errors import ProviderRefused
from orders.payments.pretend import books
from orders.payments.pretend.books import Act
from orders.payments.pretend.gateway import PretendGateway
from orders.payments.pretend.models import PretendPayment
from orders.payments.pretend.signing import message_about
from orders.provider_events import receive
from orders.views.privacy import personal


@dataclass(frozen=True)
class Choice:
    """A button of the page, and what it is good for."""

    act: Act
    label: str
    effect: str
    style: str = "button--quiet"


CHOICES = [
    Choice(Act.APPROVE, "Approve", "The money is taken, and the shop is told.", style=""),
    Choice(Act.DECLINE, "Decline", "The bank says no. The order can be paid again."),
    Choice(Act.ABANDON, "Walk away", "Back to the shop with nothing done, as when the tab is closed."),
    Choice(Act.AUTHORIZE, "Authorize only", "The money is set aside; staff take it from the order’s page."),
    Choice(Act.APPROVE_TWICE, "Approve, and say so twice", "The shop is told again and again. It must count once."),
    Choice(Act.APPROVE_LATE, "Approve, but late", "Nothing arrives yet. Come back here to let it arrive."),
    Choice(Act.ARRIVE, "Let the money arrive", "Whatever has become of the order meanwhile.", style=""),
]


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, reference: str) -> HttpResponse:
    """Choose how the payment ends, then go back to the shop."""
    payment = _find(reference)
    if request.method != "POST":
        possible = books.possible_acts(payment)
        choices = [choice for choice in CHOICES if choice.act in possible]
        return render(request, "orders/pretend_pay.html", {"payment": payment, "choices": choices})
    try:
        act = Act(request.POST.get("act", ""))
        payment = books.act(reference, act)
    except (ValueError, ProviderRefused):
        messages.error(request, "That is not possible any more.")
        return redirect("orders:pretend-pay", reference=reference)
    _tell_the_shop(payment, act)
    return redirect(payment.return_url)


def _find(reference: str) -> PretendPayment:
    try:
        if not settings.PRETEND_PAYMENTS or "\x00" in reference:
            raise Http404("Nobody pretends here.")
        return books.find(reference)
    except ProviderRefused:
        raise Http404("There is no such payment.")


def _tell_the_shop(payment: PretendPayment, act: Act) -> None:
    if act in {Act.ABANDON, Act.APPROVE_LATE}:
        return
    message = message_about(payment)
    _send(*message)
    if act == Act.APPROVE_TWICE:
        _send(*message)
        _send(*message_about(payment))


def _send(body: bytes, headers: dict[str, str]) -> None:
    """What a webhook leads to; only the network is left out, as a server with one thread could not call itself."""
    receive(gateway=PretendGateway.code, body=body, headers=headers)
