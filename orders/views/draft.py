"""The checkout form between its pages: kept in the session until the order is placed."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest

from orders.checkout import ShippingAddress
from orders.forms import Draft

_DRAFT = "checkout"
_PLACED = "placed_order"


def load_draft(request: HttpRequest) -> Draft | None:
    """What was typed before, if anything."""
    stored = request.session.get(_DRAFT)
    if stored is None:
        return None
    try:
        return Draft(**{**stored, "address": ShippingAddress(**stored["address"])})
    except (KeyError, TypeError):  # written by another release of the shop
        return None


def save_draft(request: HttpRequest, draft: Draft) -> None:
    request.session[_DRAFT] = asdict(draft)


def finish_draft(request: HttpRequest, number: str) -> None:
    """The order is placed: forget what was typed, remember the order for a shopper who goes back."""
    request.session.pop(_DRAFT, None)
    request.session[_PLACED] = number


def placed_number(request: HttpRequest) -> str:
    """The number of the order that was placed last in this session."""
    number: str = request.session.get(_PLACED, "")
    return number
