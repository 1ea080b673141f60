"""Orders for the staff: everything to look at, nothing to type over; an order moves only through its lifecycle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from catalog.admin.ledger import link_references
from catalog.templatetags.money import percent
from orders.actors import staff
from orders.admin.base import ReadOnly, asked_order, money
from orders.admin.documents import DocumentInline
from orders.admin.editing import EDITS, EditingPages
from orders.admin.inlines import EventInline, LineInline, PaymentInline, ReturnInline, ShipmentInline
from orders.admin.parcels import ParcelPages
from orders.admin.refunds import RefundInline, RefundPages
from orders.admin.steps import STEPS, Status, Step
from orders.errors import OrdersError
from orders.models import Order
from orders.payments.methods import method_label


def pages_of(request: HttpRequest, references: Sequence[str]) -> dict[str, str]:
    """For the stock's ledger: the pages of the orders that moved it, by number."""
    if not request.user.has_perm("orders.view_order"):
        return {}
    orders = Order.objects.filter(number__in=references).values_list("number", "pk")
    return {number: reverse("admin:orders_order_change", args=[pk]) for number, pk in orders}


link_references(pages_of)


@admin.register(Order)
class OrderAdmin(EditingPages, ParcelPages, RefundPages, ReadOnly, ModelAdmin):
    list_display = ["number", "placed_at", "who", "show_status", "show_payment_status", "show_total", "channel"]
    list_filter = ["status", "payment_status", "payment_method", "channel", "placed_at"]
    search_fields = ["number", "external_number", "email", "name", "lines__sku"]
    search_help_text = "Order number (also of where it was imported from), e-mail address, name or SKU"
    list_select_related = ["customer"]
    date_hierarchy = "placed_at"
    ordering = ["-placed_at"]
    list_per_page = 50
    show_full_result_count = False
    view_on_site = False  # the page belongs to the customer
    inlines = [LineInline, ShipmentInline, PaymentInline, RefundInline, ReturnInline, DocumentInline, EventInline]
    actions = ["accept_all", "mark_all_paid", "ship_all", "deliver_all"]
    actions_detail = [*STEPS, "refund", {"title": "Edit", "icon": "edit", "items": EDITS}]
    fieldsets = [
        (None, {"fields": ["number", "placed_at", "show_status", "show_payment_status", "origin"]}),
        ("Customer", {"fields": ["who", "email", "phone", "ship_to", "vat_number", "customer_note"]}),
        (
            "Amounts",
            {
                "fields": [
                    "show_subtotal", "show_discount", "coupon_code", "show_shipping", "show_tax", "show_total",
                    "show_payment_method", "shipping_method", "shipping_estimate",
                ]
            },
        ),
    ]  # fmt: skip

    # --- what is shown

    def get_inline_formsets(self, *args: Any, **kwargs: Any) -> list[Any]:
        """The tables that have rows: most orders are never sent back or refunded."""
        return [table for table in super().get_inline_formsets(*args, **kwargs) if table.formset.forms]

    @admin.display(description="Customer", ordering="email")
    def who(self, order: Order) -> str:
        return f"{order.name} ({order.customer})" if order.customer else f"{order.name} (guest)"

    @admin.display(description="Channel")
    def origin(self, order: Order) -> str:
        number = f", there {order.external_number}" if order.external_number else ""
        return order.get_channel_display() + number

    @admin.display(description="Ship to")
    def ship_to(self, order: Order) -> str:
        return ", ".join(order.address_lines)

    @display(
        description="Status",
        ordering="status",
        label={
            Status.PENDING.label: "warning",
            Status.PROCESSING.label: "info",
            Status.SHIPPED.label: "primary",
            Status.DELIVERED.label: "success",
            Status.CANCELLED.label: "danger",
        },
    )
    def show_status(self, order: Order) -> str:
        return order.get_status_display()

    @display(
        description="Payment",
        ordering="payment_status",
        label={
            Order.PaymentStatus.UNPAID.label: "warning",
            Order.PaymentStatus.AUTHORIZED.label: "primary",
            Order.PaymentStatus.PAID.label: "success",
            Order.PaymentStatus.PARTIALLY_REFUNDED.label: "info",
            Order.PaymentStatus.REFUNDED.label: "info",
        },
    )
    def show_payment_status(self, order: Order) -> str:
        return order.get_payment_status_display()

    @admin.display(description="Subtotal")
    def show_subtotal(self, order: Order) -> str:
        return money(order.subtotal, order.currency)

    @admin.display(description="Discount")
    def show_discount(self, order: Order) -> str:
        return money(order.discount, order.currency)

    @admin.display(description="Shipping")
    def show_shipping(self, order: Order) -> str:
        return money(order.shipping, order.currency)

    @admin.display(description="Tax")
    def show_tax(self, order: Order) -> str:
        """By rate, with the word that says whether it is in the total by the prices or on top of them."""
        how = "of which" if order.prices_include_tax else "plus"
        return ", ".join(f"{how} {percent(each.rate)} {money(each.tax, order.currency)}" for each in order.taxes) or "–"

    @admin.display(description="Payment method")
    def show_payment_method(self, order: Order) -> str:
        return method_label(order.payment_method)

    @admin.display(description="Total", ordering="total")
    def show_total(self, order: Order) -> str:
        return money(order.total, order.currency)

    # --- who may do what

    def may_fulfil(self, request: HttpRequest) -> bool:
        user = request.user
        return user.has_perm("orders.fulfil_order") and user.has_perm("orders.view_order")

    def has_fulfil_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """For the actions on the list, which Django asks by this name."""
        return self.may_fulfil(request)

    def _offers(self, request: HttpRequest, object_id: str | None, name: str) -> bool:
        """The button of a step is shown: the user may, and the order's state allows it."""
        if not self.may_fulfil(request) or object_id is None:
            return False
        order = asked_order(request, object_id)
        return order is not None and STEPS[name].fits(order)

    def has_accept_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._offers(request, object_id, "accept")

    def has_mark_paid_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._offers(request, object_id, "mark_paid")

    def has_ship_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._offers(request, object_id, "ship")

    def has_deliver_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._offers(request, object_id, "deliver")

    def has_cancel_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._offers(request, object_id, "cancel")

    def has_mark_refunded_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("orders.refund_order") and self._offers(request, object_id, "mark_refunded")

    def has_take_money_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return self._offers(request, object_id, "take_money")

    # --- one order: a button leads to a page that asks, and only its form acts

    @action(description="Accept", permissions=["accept"], url_path="accept")
    def accept(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._take(request, object_id, "accept")

    @action(description="Mark as paid", permissions=["mark_paid"], url_path="mark-paid")
    def mark_paid(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._take(request, object_id, "mark_paid")

    @action(description="Mark as delivered", permissions=["deliver"], url_path="deliver")
    def deliver(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._take(request, object_id, "deliver")

    @action(description="Cancel", permissions=["cancel"], url_path="cancel")
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._take(request, object_id, "cancel")

    @action(description="Mark as refunded", permissions=["mark_refunded"], url_path="mark-refunded")
    def mark_refunded(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._take(request, object_id, "mark_refunded")

    @action(description="Take the money", permissions=["take_money"], url_path="take-money")
    def take_money(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._take(request, object_id, "take_money")

    def _take(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        order = asked_order(request, object_id)
        if order is None:
            raise PermissionDenied
        step = STEPS[name]
        if request.method == "POST":
            self._run(request, [order], step)
            return redirect(reverse("admin:orders_order_change", args=[order.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": step.question.format(order.number),
            "opts": self.model._meta,
            "order": order,
            "total": money(order.total, order.currency),
            "step": step,
        }
        return TemplateResponse(request, "admin/orders/step.html", context)

    # --- many orders

    @admin.action(description="Accept", permissions=["fulfil"])
    def accept_all(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        self._run(request, orders, STEPS["accept"])

    @admin.action(description="Mark as paid", permissions=["fulfil"])
    def mark_all_paid(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        self._run(request, orders, STEPS["mark_paid"])

    @admin.action(description="Ship", permissions=["fulfil"])
    def ship_all(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        self._run(request, orders, STEPS["ship"])

    @admin.action(description="Mark as delivered", permissions=["fulfil"])
    def deliver_all(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        self._run(request, orders, STEPS["deliver"])

    def _run(self, request: HttpRequest, orders: Any, step: Step) -> None:
        """Take the step with every order by itself and say what became of each that could not."""
        done = []
        for order in orders:
            try:
                step.act(order=order, actor=staff(request.user.get_username()))
                done.append(order.number)
            except OrdersError as error:
                self.message_user(request, f"{order.number}: {error}", messages.ERROR)
        if done:
            self.message_user(request, f"{', '.join(done)} {step.done}.", messages.SUCCESS)
