"""The page on which staff send a parcel: what is in it, who carries it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.decorators import action

from accounts.models import one_line
from orders import lifecycle
from orders.actors import staff
from orders.admin.base import asked_order, dressed, money
from orders.errors import IllegalMove, InvalidOrder
from orders.forms import Text
from orders.models import Order, OrderLine
from orders.pieces import awaited_pieces, open_pieces, still_to_come
from orders.shipping.carriers import CARRIERS
from orders.shipping.parcels import Parcel, parcel_with

OTHER = "other"


class ParcelForm(forms.Form):
    """How many of each line that is open, and the carrier. `seen` is what was open when the page was made."""

    carrier = forms.ChoiceField(
        required=False,
        choices=[("", "Not said"), *((each.name, each.name) for each in CARRIERS), (OTHER, "Another one")],
    )
    other_carrier = Text(label="Name of another carrier", max_length=40, required=False, validators=[one_line])
    tracking_number = Text(max_length=80, required=False, validators=[one_line])
    tracking_url = forms.URLField(
        label="Tracking page",
        max_length=300,
        required=False,
        assume_scheme="https",
        help_text="Needed only for another carrier: the others' are known.",
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=5000)

    def __init__(self, *args: Any, lines: list[OrderLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines, self.awaited = lines, awaited_pieces(lines)
        for line in lines:
            here = line.open - self.awaited.get(line.pk, 0)
            self.fields[_field(line)] = forms.IntegerField(
                label=f"Pieces of {line.title}", min_value=0, max_value=line.open, initial=here
            )
        self.initial["seen"] = _as_text(lines)

    def rows(self) -> Iterator[tuple[OrderLine, forms.BoundField, int]]:
        """Each line that is open, with its field, and how many of its pieces have not come in."""
        return ((line, self[_field(line)], self.awaited.get(line.pk, 0)) for line in self.lines)

    @property
    def is_stale(self) -> bool:
        """Something else was open when the page was made."""
        return self.is_bound and self.data.get("seen") != _as_text(self.lines)

    @property
    def pieces(self) -> dict[int, int]:
        return {line.pk: self.cleaned_data[_field(line)] for line in self.lines}

    @property
    def parcel(self) -> Parcel:
        chosen = self.cleaned_data["carrier"]
        return parcel_with(
            self.cleaned_data["other_carrier"] if chosen == OTHER else chosen,
            self.cleaned_data["tracking_number"],
            self.cleaned_data["tracking_url"],
        )

    def clean_tracking_url(self) -> str:
        url: str = self.cleaned_data["tracking_url"]
        if url and not url.startswith(("https://", "http://")):
            raise forms.ValidationError("Give an address that begins with https://.")
        return url

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        if data.get("carrier") == OTHER and not data.get("other_carrier"):
            self.add_error("other_carrier", "Name the carrier.")
        return data


class ParcelPages:
    """For the admin of orders."""

    admin_site: Any
    model: Any
    message_user: Callable[..., None]

    @action(description="Ship", permissions=["ship"], url_path="ship")
    def ship(self, request: HttpRequest, object_id: str) -> HttpResponse:
        order = asked_order(request, object_id)
        if order is None:
            raise PermissionDenied
        lines = still_to_come(order)
        form = ParcelForm(request.POST or None, lines=lines)
        if form.is_stale:
            return self._parcel_page(request, order, ParcelForm(lines=lines), problem=STALE, status=409)
        if request.method == "POST" and form.is_valid():
            try:
                _send(request, order, form)
            except (IllegalMove, InvalidOrder) as error:
                form.add_error(None, str(error))
            else:
                self.message_user(request, f"{order.number}: the parcel is on its way.", messages.SUCCESS)
                return redirect(reverse("admin:orders_order_change", args=[order.pk]))
        return self._parcel_page(request, order, form, status=422 if form.errors else 200)

    def _parcel_page(
        self, request: HttpRequest, order: Order, form: ParcelForm, *, problem: str = "", status: int = 200
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"Send a parcel: order {order.number}",
            "opts": self.model._meta,
            "order": order,
            "total": money(order.total, order.currency),
            "form": dressed(form),
            "problem": problem,
        }
        return TemplateResponse(request, "admin/orders/ship.html", context, status=status)


STALE = "What is still to be shipped has changed since you opened this page. This is how it is now: nothing was sent."


def _send(request: HttpRequest, order: Order, form: ParcelForm) -> None:
    lifecycle.send_parcel(
        order=order,
        actor=staff(request.user.get_username()),
        pieces=form.pieces,
        parcel=form.parcel,
        seen=open_pieces(form.lines),
    )


def _field(line: OrderLine) -> str:
    return f"line_{line.pk}"


def _as_text(lines: list[OrderLine]) -> str:
    return ",".join(f"{pk}:{quantity}" for pk, quantity in open_pieces(lines).items())
