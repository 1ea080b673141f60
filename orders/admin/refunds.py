"""Giving money back: the form on an order, and the list of refunds with what can be done about each."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display

from accounts.models import one_line
from catalog.forms_money import AmountFormField
from orders import refunds
from orders.actors import staff
from orders.admin.base import ReadOnly, asked_order, dressed, link_to, money
from orders.errors import InvalidOrder, OrdersError, RefundNotPossible
from orders.forms import Text
from orders.models import Order, OrderLine, Payment, Refund, RefundLine
from orders.payments.methods import is_manual, method_label
from orders.payments.shares import Shares
from orders.refunds import Refundable, RefundTerms, quote_refund, refundable, request_refund

State = Refund.State
LABELS = {
    State.REQUESTED.label: "warning",
    State.SENT.label: "info",
    State.SUCCEEDED.label: "success",
    State.FAILED.label: "danger",
}


class RefundForm(forms.Form):
    """How many pieces of each line, whether they can be sold again, the shipping, and an amount instead of their
    worth. `key` makes one refund of two clicks."""

    shipping = forms.BooleanField(label="Give the shipping back", required=False)
    amount = AmountFormField(
        label="Amount",
        required=False,
        help_text="Empty: what was paid for what you chose, to the cent. Without pieces and shipping: just this much.",
    )
    reason = Text(max_length=200, required=False, validators=[one_line], help_text="For your own records.")
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, lines: list[OrderLine], left: Refundable, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines, self.left = lines, left
        self.initial["key"] = uuid.uuid4()
        for line in lines:
            most = left.lines[line.pk].left
            self.fields[f"pieces_{line.pk}"] = forms.IntegerField(
                label=f"Pieces of {line.title}", min_value=0, max_value=most, initial=0, disabled=not most
            )
            self.fields[f"restock_{line.pk}"] = forms.BooleanField(
                label=f"{line.title} can be sold again", required=False, disabled=not most
            )
        if not left.shipping:
            del self.fields["shipping"]

    def rows(self) -> Iterator[tuple[OrderLine, int, forms.BoundField, forms.BoundField]]:
        """Each line, how many pieces of it can be given back, and its fields."""
        for line in self.lines:
            yield line, self.left.lines[line.pk].left, self[f"pieces_{line.pk}"], self[f"restock_{line.pk}"]

    @property
    def terms(self) -> RefundTerms:
        data = self.cleaned_data
        pieces = {line.pk: data[f"pieces_{line.pk}"] for line in self.lines if data[f"pieces_{line.pk}"]}
        restock = frozenset(pk for pk in pieces if data[f"restock_{pk}"])
        chosen = RefundTerms(pieces, restock, data.get("shipping", False), data["amount"], data["reason"])
        # The same form with something else in it is something else.
        said = f"{sorted(pieces.items())} {sorted(restock)} {chosen.shipping} {chosen.amount}"
        return RefundTerms(**{**vars(chosen), "key": uuid.uuid5(data["key"], said)})


class RefundPages:
    """For the admin of orders."""

    admin_site: Any
    model: Any
    message_user: Callable[..., None]

    def has_refund_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        if not request.user.has_perms(["orders.refund_order", "orders.view_order"]):
            return False
        order = asked_order(request, object_id)
        return order is not None and any(
            payment.refundable for payment in order.payments.filter(state=Payment.State.CAPTURED, is_surplus=False)
        )

    @action(description="Refund", permissions=["refund"], url_path="refund")
    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """First what and how much, then "is that right?": only the second form acts."""
        order = asked_order(request, object_id)
        if order is None:
            raise PermissionDenied
        lines = list(order.lines.all())
        form = dressed(RefundForm(request.POST or None, lines=lines, left=refundable(order, lines)))
        if request.method != "POST" or not form.is_valid():
            return self._refund_page(request, order, form)
        try:
            given = _quoted(order, form)
            if request.POST.get("agreed") != str(given.amount):
                return self._refund_page(request, order, form, given)
            refund = request_refund(order=order, terms=form.terms, actor=staff(request.user.get_username()))
        except (RefundNotPossible, InvalidOrder) as error:
            form.add_error(None, str(error))
            return self._refund_page(request, order, form)
        self.message_user(request, f"{money(refund.amount, refund.currency)} {_what_now(refund)}", messages.SUCCESS)
        return redirect(reverse("admin:orders_order_change", args=[order.pk]))

    def _refund_page(
        self, request: HttpRequest, order: Order, form: RefundForm, given: Shares | None = None
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"Refund: order {order.number}",
            "opts": self.model._meta,
            "order": order,
            "total": money(order.total, order.currency),
            "left": money(form.left.amount, order.currency),
            "left_shipping": money(form.left.shipping, order.currency),
            "form": form,
            "given": _told(order, form, given) if given is not None else None,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/orders/refund.html", context, status=status)


def _quoted(order: Order, form: RefundForm) -> Shares:
    """What the form gives back. A second click on the same form gives what the first one did."""
    earlier = order.refunds.filter(key=str(form.terms.key)).first()
    if earlier is not None:
        return Shares(earlier.amount, {})
    given = quote_refund(order, form.lines, form.terms)
    if not given.amount:
        raise RefundNotPossible("Choose what to give back: pieces, the shipping, or an amount.")
    if given.amount > form.left.amount:
        most = money(form.left.amount, order.currency)
        raise RefundNotPossible(f"At most {most} can still be given back. Give an amount, if it is to be less.")
    return given


def _told(order: Order, form: RefundForm, given: Shares) -> dict[str, Any]:
    """What is about to happen, in words."""
    chosen = form.terms
    payment = order.payments.get(state=Payment.State.CAPTURED, is_surplus=False)
    lines = {line.pk: line for line in form.lines}
    return {
        "agreed": given.amount,
        "amount": money(given.amount, order.currency),
        "way": method_label(payment.method),
        "by_hand": is_manual(payment.gateway),
        "shipping": money(given.shipping, order.currency) if given.shipping else "",
        "pieces": [
            (pieces, lines[pk].title, money(given.lines[pk], order.currency), pk in chosen.restock)
            for pk, pieces in chosen.pieces.items()
        ],
    }


def _what_now(refund: Refund) -> str:
    if is_manual(refund.payment.gateway):
        return "is to be given back by you; confirm it when it is."
    return "is on its way back to the customer."


class RefundInline(ReadOnly, TabularInline):
    model = Refund
    hide_title = True
    verbose_name_plural = "Refunds"
    fields = readonly_fields = ["opened", "state", "reason", "failure", "requested_by", "created_at"]
    extra = 0

    @admin.display(description="Refund")
    def opened(self, refund: Refund) -> str:
        page = reverse("admin:orders_refund_change", args=[refund.pk])
        amount = money(refund.amount, refund.currency)
        return link_to(page, amount)


class RefundLineInline(ReadOnly, TabularInline):
    model = RefundLine
    hide_title = True
    verbose_name_plural = "Pieces"
    fields = readonly_fields = ["title", "quantity", "worth", "restock"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("line", "refund")

    @admin.display(description="Product")
    def title(self, part: RefundLine) -> str:
        return part.line.title

    @admin.display(description="Amount")
    def worth(self, part: RefundLine) -> str:
        return money(part.amount, part.refund.currency)


@admin.register(Refund)
class RefundAdmin(ReadOnly, ModelAdmin):
    list_display = ["number", "show_amount", "show_state", "reason", "failure", "requested_by", "created_at"]
    list_display_links = ["number"]
    list_filter = ["state", "payment__gateway", "created_at"]
    list_select_related = ["order"]
    search_fields = ["order__number", "order__email", "reference"]
    search_help_text = "Order number, e-mail address or the provider's reference"
    ordering = ["-pk"]
    list_per_page = 50
    show_full_result_count = False
    inlines = [RefundLineInline]
    actions_detail = ["retry", "confirm"]
    fields = readonly_fields = [
        "to_order", "show_amount", "show_shipping", "show_state", "failure", "reason", "requested_by", "way",
        "reference", "created_at", "updated_at",
    ]  # fmt: skip

    @admin.display(description="Order", ordering="order__number")
    def number(self, refund: Refund) -> str:
        return refund.order.number

    @admin.display(description="Order")
    def to_order(self, refund: Refund) -> str:
        page = reverse("admin:orders_order_change", args=[refund.order_id])
        return link_to(page, refund.order.number)

    @admin.display(description="Amount", ordering="amount")
    def show_amount(self, refund: Refund) -> str:
        return money(refund.amount, refund.currency)

    @admin.display(description="Of which shipping")
    def show_shipping(self, refund: Refund) -> str:
        return money(refund.shipping, refund.currency)

    @admin.display(description="Goes back by")
    def way(self, refund: Refund) -> str:
        return method_label(refund.payment.method)

    @display(description="State", ordering="state", label=LABELS)
    def show_state(self, refund: Refund) -> str:
        return refund.get_state_display()

    def has_retry_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        refund = self._asked(request, object_id)
        return refund is not None and refund.state == State.FAILED

    def has_confirm_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        refund = self._asked(request, object_id)
        return refund is not None and (
            refund.state == State.FAILED or (refund.state == State.REQUESTED and is_manual(refund.payment.gateway))
        )

    @action(description="Try again", permissions=["retry"], url_path="retry")
    def retry(self, request: HttpRequest, object_id: str) -> HttpResponse:
        said = "The provider is asked once more, under the same name: it never gives back twice."
        return self._take(request, object_id, refunds.retry_refund, "Try again", said)

    @action(description="Money was sent", permissions=["confirm"], url_path="confirm")
    def confirm(self, request: HttpRequest, object_id: str) -> HttpResponse:
        said = "You have given the money back by hand. The customer gets an e-mail with the credit note."
        return self._take(request, object_id, refunds.confirm_refund, "Money was sent", said)

    def _asked(self, request: HttpRequest, object_id: str | None) -> Refund | None:
        may = request.user.has_perms(["orders.refund_order", "orders.view_refund"])
        if not may or object_id is None or not object_id.isdecimal():
            return None
        return Refund.objects.select_related("payment", "order").filter(pk=object_id).first()

    def _take(
        self, request: HttpRequest, object_id: str, act: Callable[..., Refund], button: str, explanation: str
    ) -> HttpResponse:
        refund = self._asked(request, object_id)
        if refund is None:
            raise PermissionDenied
        page, given = reverse("admin:orders_refund_change", args=[refund.pk]), money(refund.amount, refund.currency)
        if request.method == "POST":
            try:
                act(refund=refund, actor=staff(request.user.get_username()))
                self.message_user(request, "Done.", messages.SUCCESS)
            except OrdersError as error:
                self.message_user(request, str(error), messages.ERROR)
            return redirect(page)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{button}: refund of order {refund.order.number}",
            "opts": self.model._meta,
            "subject": " · ".join(filter(None, (given, refund.get_state_display(), refund.failure))),
            "explanation": explanation,
            "button": button,
            "page": page,
        }
        return TemplateResponse(request, "admin/orders/money_step.html", context)
