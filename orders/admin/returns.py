"""Returns for the staff: what waits, and a page for each step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display

from catalog.forms_money import AmountFormField
from orders import aftersales
from orders.actors import Actor, staff
from orders.admin.base import ReadOnly, dressed, link_to, money
from orders.aftersales import MAX_TEXT, Arrived
from orders.errors import InvalidOrder, OrdersError
from orders.forms import Text
from orders.models import Return, ReturnLine
from orders.returns.reading import may_become, with_lines

State = Return.State
Act = Callable[[Return, dict[str, Any], Actor], Return]


class AcceptForm(forms.Form):
    answer = Text(
        label="Answer",
        required=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The customer reads it in the e-mail and on the order's page, above the return address.",
    )


class RefuseForm(forms.Form):
    answer = Text(
        label="Answer",
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Why; the customer reads it in the e-mail and on the order's page.",
    )


class CloseForm(forms.Form):
    answer = Text(
        label="Answer",
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Why no money follows, or how it went back; the customer reads it in the e-mail and on the order's "
        "page.",
    )


class ReceiveForm(forms.Form):
    """What came back of each line, and how many of it can be sold again."""

    def __init__(self, *args: Any, parts: list[ReturnLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = parts
        for part in parts:
            options: dict[str, Any] = {"min_value": 0, "max_value": part.quantity, "initial": part.quantity}
            self.fields[f"received-{part.line_id}"] = forms.IntegerField(
                label=f"{part.line.title} ({part.line.sku}): came back, of {part.quantity}", **options
            )
            self.fields[f"restocked-{part.line_id}"] = forms.IntegerField(
                label="of which go back into the stock",
                help_text="The rest is written off: it can no longer be sold.",
                **options,
            )

    @property
    def arrived(self) -> dict[int, Arrived]:
        data = self.cleaned_data
        return {
            part.line_id: Arrived(data[f"received-{part.line_id}"], data[f"restocked-{part.line_id}"])
            for part in self.parts
        }


class RefundForm(forms.Form):
    shipping = forms.BooleanField(label="Give the shipping back, too", required=False)
    amount = AmountFormField(
        label="Amount", required=False, help_text="Empty: what was paid for the pieces that came back, to the cent."
    )


class PartInline(ReadOnly, TabularInline):
    model = ReturnLine
    hide_title = True
    verbose_name_plural = "Pieces"
    fields = readonly_fields = ["title", "sku", "quantity", "received", "restocked", "written_off"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReturnLine]:
        parts: QuerySet[ReturnLine] = super().get_queryset(request).select_related("line")
        return parts

    @admin.display(description="Product")
    def title(self, part: ReturnLine) -> str:
        return part.line.title

    @admin.display(description="SKU")
    def sku(self, part: ReturnLine) -> str:
        return part.line.sku

    @admin.display(description="Written off")
    def written_off(self, part: ReturnLine) -> int:
        return part.written_off


@admin.register(Return)
class ReturnAdmin(ReadOnly, ModelAdmin):
    list_display = ["number", "who", "show_state", "pieces", "reason", "requested_at"]
    list_display_links = ["number"]
    list_filter = ["state", "requested_at"]
    list_select_related = ["order"]
    search_fields = ["order__number", "order__email", "order__name", "lines__line__sku"]
    search_help_text = "Order number, e-mail address, name or SKU"
    ordering = ["-pk"]
    list_per_page = 50
    show_full_result_count = False
    inlines = [PartInline]
    actions_detail = ["accept", "receive", "refund", "close", "refuse"]
    fields = readonly_fields = [
        "to_order", "who", "show_state", "reason", "answer", "show_refund", "requested_at", "updated_at",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Return]:
        returns: QuerySet[Return] = super().get_queryset(request)
        return returns.select_related("order", "refund").annotate(piece_count=Sum("lines__quantity"))

    # --- what is shown

    @admin.display(description="Order", ordering="order__number")
    def number(self, back: Return) -> str:
        return back.order.number

    @admin.display(description="Order")
    def to_order(self, back: Return) -> str:
        page = reverse("admin:orders_order_change", args=[back.order_id])
        return link_to(page, back.order.number)

    @admin.display(description="Customer", ordering="order__name")
    def who(self, back: Return) -> str:
        return f"{back.order.name}, {back.order.email}"

    @display(
        description="State",
        ordering="state",
        label={
            State.REQUESTED.label: "warning",
            State.ACCEPTED.label: "info",
            State.RECEIVED.label: "primary",
            State.REFUNDED.label: "success",
            State.CLOSED.label: "success",
            State.REFUSED.label: "danger",
        },
    )
    def show_state(self, back: Return) -> str:
        return back.get_state_display()

    @admin.display(description="Pieces", ordering="piece_count")
    def pieces(self, back: Any) -> int:
        return int(back.piece_count)

    @admin.display(description="Refund")
    def show_refund(self, back: Return) -> str:
        refund = back.refund
        return f"{money(refund.amount, refund.currency)}, {refund.get_state_display().lower()}" if refund else "–"

    # --- who may do what

    def _offers(self, request: HttpRequest, object_id: str | None, to: State) -> bool:
        """The button of a step is shown: the user may, and the return is where the step begins."""
        needed = "orders.refund_order" if to == State.REFUNDED else "orders.fulfil_order"
        if not request.user.has_perms([needed, "orders.view_return"]):
            return False
        back = _asked_return(request, object_id)
        return back is not None and may_become(back, to)

    def has_accept_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._offers(request, object_id, State.ACCEPTED)

    def has_refuse_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._offers(request, object_id, State.REFUSED)

    def has_receive_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._offers(request, object_id, State.RECEIVED)

    def has_refund_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._offers(request, object_id, State.REFUNDED)

    def has_close_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._offers(request, object_id, State.CLOSED)

    # --- a button leads to a page that asks, and only its form acts

    @action(description="Accept", permissions=["accept"], url_path="accept")
    def accept(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def act(back: Return, data: dict[str, Any], actor: Actor) -> Return:
            return aftersales.accept_return(of_return=back, answer=data["answer"], actor=actor)

        said = "The customer gets an e-mail that says where to send the parcel."
        return self._take(request, object_id, AcceptForm(request.POST or None), act, "Accept the return", said)

    @action(description="Refuse", permissions=["refuse"], url_path="refuse")
    def refuse(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def act(back: Return, data: dict[str, Any], actor: Actor) -> Return:
            return aftersales.refuse_return(of_return=back, answer=data["answer"], actor=actor)

        said = "The customer gets an e-mail with your answer. The pieces could be asked for again."
        return self._take(request, object_id, RefuseForm(request.POST or None), act, "Refuse the return", said)

    @action(description="Take in", permissions=["receive"], url_path="receive")
    def receive(self, request: HttpRequest, object_id: str) -> HttpResponse:
        parts = list(with_lines(Return.objects.filter(pk=_return(request, object_id).pk)).get().lines.all())
        form = ReceiveForm(request.POST or None, parts=parts)

        def act(back: Return, data: dict[str, Any], actor: Actor) -> Return:
            return aftersales.receive_return(of_return=back, arrived=form.arrived, actor=actor)

        said = "What came back, once: it is counted, the customer gets an e-mail, and what goes back can be sold."
        return self._take(request, object_id, form, act, "Take the pieces in", said)

    @action(description="Refund", permissions=["refund"], url_path="refund")
    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def act(back: Return, data: dict[str, Any], actor: Actor) -> Return:
            return aftersales.refund_return(of_return=back, **data, actor=actor)

        said = "The money goes back the way it came; by transfer or in cash it waits for you as a refund of the order."
        return self._take(request, object_id, RefundForm(request.POST or None), act, "Refund the return", said)

    @action(description="Close", permissions=["close"], url_path="close")
    def close(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def act(back: Return, data: dict[str, Any], actor: Actor) -> Return:
            return aftersales.close_return(of_return=back, answer=data["answer"], actor=actor)

        said = "For what is not to be refunded here, for good. The customer gets an e-mail with your answer."
        return self._take(request, object_id, CloseForm(request.POST or None), act, "Close the return", said)

    def _take(
        self, request: HttpRequest, object_id: str, form: forms.Form, act: Act, button: str, explanation: str
    ) -> HttpResponse:
        back = _return(request, object_id)
        page = reverse("admin:orders_return_change", args=[back.pk])
        dressed(form)
        if request.method == "POST" and form.is_valid():
            try:
                act(back, form.cleaned_data, staff(request.user.get_username()))
            except InvalidOrder as error:
                form.add_error(None, str(error))
            except OrdersError as error:
                self.message_user(request, str(error), messages.ERROR)
                return redirect(page)
            else:
                self.message_user(request, "Done.", messages.SUCCESS)
                return redirect(page)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{button}: order {back.order.number}",
            "opts": self.model._meta,
            "back": back,
            "page": page,
            "form": form,
            "button": button,
            "explanation": explanation,
        }
        return TemplateResponse(request, "admin/orders/return.html", context, status=422 if form.errors else 200)


def _asked_return(request: HttpRequest, object_id: str | None) -> Return | None:
    """The return that all buttons of a page ask about, read once."""
    seen: dict[str, Return | None] = request.__dict__.setdefault("_returns_seen", {})
    if object_id is None:
        return None
    if object_id not in seen:
        found = Return.objects.select_related("order").filter(pk=object_id) if object_id.isdecimal() else None
        seen[object_id] = found.first() if found is not None else None
    return seen[object_id]


def _return(request: HttpRequest, object_id: str) -> Return:
    back = _asked_return(request, object_id)
    if back is None:
        raise PermissionDenied
    return back
