"""The tables on the page of an order: lines, payments, timeline."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import TabularInline

from orders.admin.base import ReadOnly, money, told_actor
from orders.models import OrderEvent, OrderLine, Payment, Return
from orders.payments.methods import method_label


class LineInline(ReadOnly, TabularInline):
    model = OrderLine
    hide_title = True
    verbose_name_plural = "Lines"
    fields = readonly_fields = ["title", "sku", "quantity", "price_each", "line_total"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderLine]:
        lines: QuerySet[OrderLine] = super().get_queryset(request).select_related("order")
        return lines

    @admin.display(description="Product")
    def title(self, line: OrderLine) -> str:
        return line.title

    @admin.display(description="Unit price")
    def price_each(self, line: OrderLine) -> str:
        return money(line.unit_price, line.order.currency)

    @admin.display(description="Total")
    def line_total(self, line: OrderLine) -> str:
        return money(line.total, line.order.currency)


class PaymentInline(ReadOnly, TabularInline):
    model = Payment
    hide_title = True
    verbose_name_plural = "Payments"
    fields = readonly_fields = ["way", "state", "asked", "captured", "refunded", "reference", "updated_at"]
    extra = 0

    @admin.display(description="Method")
    def way(self, payment: Payment) -> str:
        return method_label(payment.method)

    @admin.display(description="Asked for")
    def asked(self, payment: Payment) -> str:
        return money(payment.amount, payment.currency)

    @admin.display(description="Captured")
    def captured(self, payment: Payment) -> str:
        return money(payment.captured_amount, payment.currency)

    @admin.display(description="Refunded")
    def refunded(self, payment: Payment) -> str:
        return money(payment.refunded_amount, payment.currency)


class ReturnInline(ReadOnly, TabularInline):
    model = Return
    hide_title = True
    verbose_name_plural = "Returns"
    fields = readonly_fields = ["opened", "state", "pieces", "reason", "requested_at"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Return]:
        returns: QuerySet[Return] = super().get_queryset(request).annotate(piece_count=Sum("lines__quantity"))
        return returns

    @admin.display(description="Return")
    def opened(self, back: Return) -> str:
        page = reverse("admin:orders_return_change", args=[back.pk])
        return format_html('<a href="{}" class="text-primary-600 underline">Open</a>', page)

    @admin.display(description="Pieces")
    def pieces(self, back: Any) -> int:
        return int(back.piece_count)


class EventInline(ReadOnly, TabularInline):
    model = OrderEvent
    hide_title = True
    verbose_name_plural = "Timeline"
    fields = readonly_fields = ["created_at", "kind", "message", "who"]
    extra = 0

    @admin.display(description="Who")
    def who(self, event: OrderEvent) -> str:
        return told_actor(event.actor_kind, event.actor)
