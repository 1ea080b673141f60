"""What payment providers told, and what the shop noticed about payments: the flagged ones are for a person."""

from __future__ import annotations

import json

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from orders.admin.base import ReadOnly, link_to, money
from orders.models import ProviderEvent
from orders.provider_events import look_at

Outcome = ProviderEvent.Outcome


@admin.register(ProviderEvent)
class ProviderEventAdmin(ReadOnly, ModelAdmin):
    list_display = ["received_at", "gateway", "kind", "order_number", "show_outcome", "remark"]
    list_filter = ["outcome", "gateway", "received_at"]
    search_fields = ["event_id", "reference", "order_number", "kind"]
    search_help_text = "Order number, reference, the message's name or kind"
    ordering = ["-pk"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["look_at_all"]
    actions_detail = ["looked_at"]
    fields = readonly_fields = [
        "show_outcome", "remark", "gateway", "kind", "event_id", "to_order", "reference", "says", "received_at",
        "applied_at", "content",
    ]  # fmt: skip

    @display(
        description="Outcome",
        ordering="outcome",
        label={
            Outcome.RECEIVED.label: "info",
            Outcome.APPLIED.label: "success",
            Outcome.FLAGGED.label: "danger",
            Outcome.REVIEWED.label: "warning",
        },
    )
    def show_outcome(self, event: ProviderEvent) -> str:
        return event.get_outcome_display()

    @admin.display(description="Order")
    def to_order(self, event: ProviderEvent) -> str:
        if event.payment is None:
            return event.order_number or "–"
        page = reverse("admin:orders_order_change", args=[event.payment.order_id])
        number = event.payment.order.number
        return link_to(page, number)

    @admin.display(description="Amount it names")
    def says(self, event: ProviderEvent) -> str:
        if event.amount is None:
            return "–"
        is_ours = event.payment is not None and event.payment.currency == event.currency
        return money(event.amount, event.currency) if is_ours else f"{event.amount} minor units of {event.currency}"

    @admin.display(description="Message")
    def content(self, event: ProviderEvent) -> str:
        text = json.dumps(event.payload, indent=2, ensure_ascii=False)
        return format_html('<pre class="overflow-auto text-xs">{}</pre>', text)

    def has_look_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        if not request.user.has_perms(["orders.change_providerevent", "orders.view_providerevent"]):
            return False
        if not object_id:
            return True
        event = ProviderEvent.objects.filter(pk=object_id).first() if str(object_id).isdecimal() else None
        return event is not None and event.outcome == Outcome.FLAGGED

    @action(description="Mark as looked at", permissions=["look"], url_path="looked-at")
    def looked_at(self, request: HttpRequest, object_id: str) -> HttpResponse:
        event = ProviderEvent.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        if event is None:
            raise PermissionDenied
        page = reverse("admin:orders_providerevent_change", args=[event.pk])
        if request.method == "POST":
            self._look(request, [event])
            return redirect(page)
        context = {
            **self.admin_site.each_context(request),
            "title": "Is this message looked at?",
            "opts": self.model._meta,
            "subject": " · ".join(filter(None, (event.gateway, event.kind, event.order_number))),
            "explanation": f"{event.remark} You have looked at this and done what was to be done.",
            "button": "Mark as looked at",
            "page": page,
        }
        return TemplateResponse(request, "admin/orders/money_step.html", context)

    @admin.action(description="Mark as looked at", permissions=["look"])
    def look_at_all(self, request: HttpRequest, events: QuerySet[ProviderEvent]) -> None:
        self._look(request, list(events))

    def _look(self, request: HttpRequest, events: list[ProviderEvent]) -> None:
        done = sum(look_at(event=event) for event in events)
        if done:
            self.message_user(request, f"{done} looked at.", messages.SUCCESS)
        else:
            self.message_user(request, "Nothing of this was flagged.", messages.WARNING)
