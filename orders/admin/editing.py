"""Pages on which staff add to an order: a note, a corrected address, an e-mail once more."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.decorators import action

from orders import editing
from orders.actors import staff
from orders.admin.base import asked_order, dressed, money
from orders.checkout import ShippingAddress
from orders.emails import SentMessage, sent_messages
from orders.errors import EditNotPossible, InvalidOrder
from orders.forms import AddressForm, Text
from orders.models import Order

EDITS = ["add_note", "correct_address", "resend_message"]


class NoteForm(forms.Form):
    text = Text(label="Note", max_length=editing.MAX_NOTE, widget=forms.Textarea(attrs={"rows": 4}))


class CorrectionForm(AddressForm):
    version = forms.CharField(widget=forms.HiddenInput)


class CopyField(forms.ChoiceField):
    """An e-mail and which copy of it, as "shipped-12:2". A second click asks for a copy that is no longer offered."""

    def valid_value(self, value: str) -> bool:
        name, _, copy = value.rpartition(":")
        choices: Any = self.choices
        offered = {choice.rpartition(":")[0] for choice, _ in choices}
        return re.fullmatch("[0-9]{1,6}", copy) is not None and name in offered


class ResendForm(forms.Form):
    message = CopyField(label="E-mail", widget=forms.RadioSelect)

    def __init__(self, *args: Any, sent: list[SentMessage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["message"].choices = [  # type: ignore[attr-defined]  # it is a ChoiceField
            (f"{each.name}:{each.copies + 1}", label) for each, label in zip(sent, _labels(sent), strict=True)
        ]


class EditingPages:
    """For the admin of orders."""

    admin_site: Any
    model: Any
    message_user: Callable[..., None]

    def has_edit_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perms(["orders.change_order", "orders.view_order"])

    def has_correct_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        order = asked_order(request, object_id) if self.has_edit_permission(request) else None
        return order is not None and editing.may_correct_address(order)

    @action(description="Add a note", permissions=["edit"], url_path="note")
    def add_note(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def act(order: Order, data: dict[str, Any]) -> str:
            editing.add_note(order=order, text=data["text"], actor=staff(request.user.get_username()))
            return "The note is on the timeline."

        order = _order(request, object_id)
        form = dressed(NoteForm(request.POST or None))
        return self._edit(request, order, form, act, "Add a note", "Only the staff see it, never the customer.")

    @action(description="Correct the address", permissions=["correct"], url_path="address")
    def correct_address(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def act(order: Order, data: dict[str, Any]) -> str:
            version = data.pop("version")
            editing.correct_address(
                order=order,
                address=ShippingAddress(**data),
                version=version,
                actor=staff(request.user.get_username()),
            )
            return "The address is corrected."

        order = _order(request, object_id)
        now = {name: getattr(order, name) for name in editing.LABELS} | {"version": editing.address_version(order)}
        form = CorrectionForm(request.POST or None, initial=now)
        said = "The price stays what it is: an address with another tax or other shipping costs is refused."
        return self._edit(request, order, dressed(form), act, "Correct the address", said)

    @action(description="Send an e-mail again", permissions=["edit"], url_path="send-again")
    def resend_message(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def act(order: Order, data: dict[str, Any]) -> str:
            name, _, copy = data["message"].rpartition(":")
            editing.resend_message(order=order, name=name, copy=int(copy), actor=staff(request.user.get_username()))
            return f"The e-mail is on its way to {order.email}."

        order, title = _order(request, object_id), "Send an e-mail again"
        sent = sent_messages(order)
        if not sent:
            said = "Nothing was sent yet: no e-mail about this order has left the shop."
            return self._page(request, order, None, title, said, status=409 if request.method == "POST" else 200)
        form = dressed(ResendForm(request.POST or None, sent=sent))
        said = f"It goes to {order.email} once more, as the order is now."
        return self._edit(request, order, form, act, title, said)

    def _edit(
        self,
        request: HttpRequest,
        order: Order,
        form: forms.Form,
        act: Callable[[Order, dict[str, Any]], str],
        title: str,
        explanation: str,
    ) -> HttpResponse:
        """Show the form; posted and valid, act and go back to the order. A refusal is told beside the form."""
        if request.method == "POST" and form.is_valid():
            try:
                said = act(order, form.cleaned_data)
            except (EditNotPossible, InvalidOrder) as error:
                form.add_error(None, str(error))
            else:
                self.message_user(request, said, messages.SUCCESS)
                return redirect(reverse("admin:orders_order_change", args=[order.pk]))
        return self._page(request, order, form, title, explanation, status=422 if form.errors else 200)

    def _page(
        self, request: HttpRequest, order: Order, form: forms.Form | None, title: str, explanation: str, *, status: int
    ) -> HttpResponse:
        """What is said, and the form; without one there is only the way back."""
        context = {
            **self.admin_site.each_context(request),
            "title": f"{title}: order {order.number}",
            "opts": self.model._meta,
            "order": order,
            "total": money(order.total, order.currency),
            "form": form,
            "button": title,
            "explanation": explanation,
        }
        return TemplateResponse(request, "admin/orders/edit.html", context, status=status)


def _order(request: HttpRequest, object_id: str) -> Order:
    order = asked_order(request, object_id)
    if order is None:
        raise PermissionDenied
    return order


def _labels(sent: list[SentMessage]) -> list[str]:
    """The e-mails in words; those of one sort are counted."""
    seen: Counter[str] = Counter()
    labels = []
    for each in sent:
        seen[each.message] += 1
        number = f" {seen[each.message]}" if each.about is not None else ""
        labels.append(each.message.replace("-", " ").capitalize() + number)
    return labels
