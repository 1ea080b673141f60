"""The tables on the page of an order: lines, payments, timeline."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import TabularInline

from catalog.templatetags.money import percent
from orders.admin.base import LINK, ReadOnly, link_to, money, told_actor
from orders.models import OrderEvent, OrderLine, Payment, Return, Shipment
from orders.payments.methods import method_label
from orders.pieces import awaited_pieces, still_to_come
from orders.shipping.parcels import with_contents


class LineInline(ReadOnly, TabularInline):
    model = OrderLine
    hide_title = True
    verbose_name_plural = "Lines"
    fields = ["title", "sku", "quantity", "shipped", "price_each", "less", "taxed", "line_total"]
    readonly_fields = [*fields, "waits"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderLine]:
        lines: QuerySet[OrderLine] = super().get_queryset(request).select_related("order", "variant__stock")
        return lines

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """With a column for goods that have not come in, when there are such."""
        waits = ["waits"] if obj and awaited_pieces(still_to_come(obj)) else []
        return [*self.fields[:4], *waits, *self.fields[4:]]

    @admin.display(description="Waits for goods")
    def waits(self, line: OrderLine) -> str:
        there = line.variant.stock.on_hand if line.variant else 0
        return f"{line.open - there} of {line.open} have not come in" if there < line.open else "–"

    @admin.display(description="Product")
    def title(self, line: OrderLine) -> str:
        return line.title

    @admin.display(description="Unit price")
    def price_each(self, line: OrderLine) -> str:
        return money(line.unit_price, line.order.currency)

    @admin.display(description="Discount")
    def less(self, line: OrderLine) -> str:
        return money(line.discount, line.order.currency) if line.discount else "–"

    @admin.display(description="Tax")
    def taxed(self, line: OrderLine) -> str:
        return f"{money(line.tax, line.order.currency)} ({percent(line.tax_rate)})" if line.tax_rate else "–"

    @admin.display(description="Total")
    def line_total(self, line: OrderLine) -> str:
        return money(line.total, line.order.currency)


class ShipmentInline(ReadOnly, TabularInline):
    model = Shipment
    hide_title = True
    verbose_name_plural = "Parcels"
    fields = readonly_fields = ["shipped_at", "contents", "carrier", "tracking", "shipped_by"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shipment]:
        return with_contents(super().get_queryset(request))

    @admin.display(description="Contents")
    def contents(self, shipment: Shipment) -> str:
        return ", ".join(f"{piece.quantity} × {piece.title}" for piece in shipment.lines.all())

    @admin.display(description="Tracking")
    def tracking(self, shipment: Shipment) -> str:
        if not shipment.tracking_url:
            return shipment.tracking_number or "–"
        return format_html(
            '<a href="{}" class="{}" rel="noopener noreferrer" target="_blank">{}</a>',
            shipment.tracking_url,
            LINK,
            shipment.tracking_number or "Follow",
        )


class PaymentInline(ReadOnly, TabularInline):
    model = Payment
    hide_title = True
    verbose_name_plural = "Payments"
    fields = readonly_fields = ["way", "stands", "asked", "captured", "refunded", "reference", "updated_at"]
    extra = 0

    @admin.display(description="Method")
    def way(self, payment: Payment) -> str:
        return method_label(payment.method)

    @admin.display(description="State")
    def stands(self, payment: Payment) -> str:
        """With what else there is to know: money that is not wanted, a provider that has not answered, a decline."""
        more = [
            payment.get_state_display(),
            "not asked for: goes back" if payment.is_surplus else "",
            "not confirmed yet" if payment.is_closing else "",
            payment.failure,
        ]
        return ", ".join(part for part in more if part)

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
        return link_to(page, "Open")

    @admin.display(description="Pieces")
    def pieces(self, back: Any) -> int:
        return int(back.piece_count)


class EventInline(ReadOnly, TabularInline):
    model = OrderEvent
    hide_title = True
    verbose_name_plural = "Timeline"
    fields = readonly_fields = ["created_at", "kind", "said", "who"]
    extra = 0

    @admin.display(description="Message")
    def said(self, event: OrderEvent) -> str:
        """E-mails have names that say which parcel or refund they were about, by a number that nobody knows."""
        return re.sub(r"-\d+(?=,|$)", "", event.message) if event.kind == OrderEvent.Kind.EMAIL else event.message

    @admin.display(description="Who")
    def who(self, event: OrderEvent) -> str:
        return told_actor(event.actor_kind, event.actor)
