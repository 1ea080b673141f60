"""Webhook endpoints and what was sent to them: for administrators, who decide what leaves the shop."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from catalog.outbound.addresses import AddressRefused
from orders.admin.base import ReadOnly
from orders.errors import EndpointOff
from orders.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from orders.webhooks import delivering
from orders.webhooks.events import EVENTS
from orders.webhooks.sealing import SecretUnreadable
from orders.webhooks.signing import PREFIX

State = WebhookDelivery.State
JUST_MADE = "webhook_endpoint_just_made"


class AdministratorsOnly:
    """Pages for superusers: a webhook takes facts about orders out of the house, and its secret vouches for them."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.is_administrator(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.is_administrator(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.is_administrator(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.is_administrator(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.is_administrator(request)

    def has_manage_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """For buttons and actions, which ask by this name."""
        return self.is_administrator(request)

    def is_administrator(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)


class EndpointForm(ModelForm[WebhookEndpoint]):
    url = forms.CharField(
        label="URL",
        max_length=500,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "url", "spellcheck": "false"}),
        help_text="Where messages are sent: https://host/path, on the public internet.",
    )
    events = forms.MultipleChoiceField(
        choices=[(name, f"{name}: {meaning.lower()}") for name, meaning in EVENTS.items()],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = WebhookEndpoint
        fields = ["url", "description", "events", "is_active"]

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            delivering.expect_public(url)
        except AddressRefused as error:
            raise forms.ValidationError(str(error)) from error
        return url


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(AdministratorsOnly, ModelAdmin):
    form = EndpointForm
    list_display = ["url", "description", "listens_to", "show_state", "disabled_reason"]
    list_filter = ["is_active"]
    search_fields = ["url", "description"]
    ordering = ["pk"]
    show_full_result_count = False
    readonly_fields = ["masked_secret", "disabled_reason", "created_at", "log"]
    actions_detail = ["send_test", "rotate_secret"]

    def get_fieldsets(self, request: HttpRequest, obj: WebhookEndpoint | None = None) -> Any:
        typed = (None, {"fields": ["url", "description", "events", "is_active"]})
        told = ("History", {"fields": ["masked_secret", "disabled_reason", "log", "created_at"]})
        return [typed] if obj is None else [typed, told]

    @admin.display(description="Events")
    def listens_to(self, endpoint: WebhookEndpoint) -> str:
        return ", ".join(endpoint.events)

    @display(description="State", label={"Active": "success", "Off": "danger"})
    def show_state(self, endpoint: WebhookEndpoint) -> str:
        return "Active" if endpoint.is_active else "Off"

    @admin.display(description="Secret")
    def masked_secret(self, endpoint: WebhookEndpoint) -> str:
        """Enough to tell which one a receiver has."""
        try:
            return f"{PREFIX}{endpoint.secret.removeprefix(PREFIX)[:4]}…"
        except SecretUnreadable as error:
            return str(error)

    @admin.display(description="Deliveries")
    def log(self, endpoint: WebhookEndpoint) -> str:
        page = reverse("admin:orders_webhookdelivery_changelist")
        return format_html('<a href="{}?endpoint__id__exact={}">What was sent to it</a>', page, endpoint.pk)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Only what is switched off: an order that is being placed may just be writing to it."""
        may = super().has_delete_permission(request, obj)
        return may and (obj is None or not obj.is_active)  # type: ignore[attr-defined]

    def get_actions(self, request: HttpRequest) -> Any:
        """Endpoints are deleted one by one, each on its page."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def save_model(self, request: HttpRequest, obj: WebhookEndpoint, form: Any, change: bool) -> None:
        if obj.is_active:
            obj.disabled_reason = ""
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: WebhookEndpoint, post_url_continue: Any = None) -> HttpResponse:
        """Its receiver needs the secret now."""
        return self._show_once(request, obj)

    # --- the secret: shown when it was made, to whom it was made for, and never again

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(never_cache(self.new_secret))
        return [path("<str:object_id>/secret/", view, name="orders_webhookendpoint_new_secret"), *super().get_urls()]

    def new_secret(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not self.is_administrator(request):
            raise PermissionDenied
        endpoint = self._endpoint(object_id)
        if request.session.pop(JUST_MADE, None) != endpoint.pk:
            said = "A secret is shown once, when it is made. Whoever needs it again needs a new one: replace it."
            self.message_user(request, said, messages.WARNING)
            return redirect("admin:orders_webhookendpoint_change", endpoint.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": "The endpoint's secret",
            "opts": self.model._meta,
            "endpoint": endpoint,
        }
        return TemplateResponse(request, "admin/orders/webhook_secret.html", context)

    def _show_once(self, request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
        request.session[JUST_MADE] = endpoint.pk
        return redirect("admin:orders_webhookendpoint_new_secret", endpoint.pk)

    # --- buttons; each leads to a page that asks, and only its form acts

    @action(description="Send a test", permissions=["manage"], url_path="send-test")
    def send_test(self, request: HttpRequest, object_id: str) -> HttpResponse:
        endpoint = self._endpoint(object_id)
        if request.method != "POST":
            return self._ask(request, endpoint, "Send a test", "The endpoint gets a message of the type webhook.test.")
        try:
            delivery = delivering.send_test(endpoint=endpoint)
        except EndpointOff as error:
            self.message_user(request, str(error), messages.ERROR)
            return redirect("admin:orders_webhookendpoint_change", endpoint.pk)
        self.message_user(request, "The test is on its way. Load this page again to see what came of it.")
        return redirect("admin:orders_webhookdelivery_change", delivery.pk)

    @action(description="Replace the secret", permissions=["manage"], url_path="rotate")
    def rotate_secret(self, request: HttpRequest, object_id: str) -> HttpResponse:
        endpoint = self._endpoint(object_id)
        if request.method != "POST":
            explanation = "From now on a new secret signs the messages. For 24 hours the old one signs them, too."
            return self._ask(request, endpoint, "Replace the secret", explanation)
        endpoint = delivering.rotate_secret(endpoint=endpoint)
        self.log_change(request, endpoint, "Secret replaced.")
        return self._show_once(request, endpoint)

    def _endpoint(self, object_id: str) -> WebhookEndpoint:
        endpoint = WebhookEndpoint.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        if endpoint is None:
            raise Http404
        return endpoint

    def _ask(self, request: HttpRequest, endpoint: WebhookEndpoint, label: str, explanation: str) -> HttpResponse:
        return TemplateResponse(
            request,
            "admin/orders/webhook_step.html",
            {
                **self.admin_site.each_context(request),
                "title": f"{label}?",
                "opts": self.model._meta,
                "endpoint": endpoint,
                "label": label,
                "explanation": explanation,
            },
        )


class AttemptInline(ReadOnly, AdministratorsOnly, TabularInline):
    model = WebhookAttempt
    verbose_name_plural = "attempts"
    fields = readonly_fields = ["at", "status", "error"]
    extra = 0
    hide_title = True

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.is_administrator(request)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnly, AdministratorsOnly, ModelAdmin):
    list_display = ["created_at", "event", "endpoint", "show_state", "attempts", "last_status", "next_attempt_at"]
    list_filter = ["state", "event", "endpoint", "created_at"]
    list_select_related = ["endpoint"]
    search_fields = ["message_id", "payload"]
    search_help_text = "Message id, order number or SKU"
    ordering = ["-pk"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["send_all_again"]
    actions_detail = ["send_again"]
    inlines = [AttemptInline]
    fields = [
        "event", "endpoint", "message_id", "show_state", "attempts", "attempted_at", "next_attempt_at", "last_status",
        "last_error", "show_payload", "created_at",
    ]  # fmt: skip
    readonly_fields = fields

    @display(
        description="State",
        ordering="state",
        label={State.PENDING.label: "warning", State.SUCCEEDED.label: "success", State.FAILED.label: "danger"},
    )
    def show_state(self, delivery: WebhookDelivery) -> str:
        return delivery.get_state_display()

    @admin.display(description="Payload")
    def show_payload(self, delivery: WebhookDelivery) -> str:
        """Indented for people, with spaces that do not vanish and lines that may wrap on a phone."""
        lines = json.dumps(json.loads(delivery.payload), indent=2, ensure_ascii=False).splitlines()
        indented = ((line.replace("  ", "\u00a0\u00a0"),) for line in lines)
        return format_html("<code>{}</code>", format_html_join(mark_safe("<br>"), "{}", indented))

    @action(description="Send again", permissions=["manage"], url_path="send-again")
    def send_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        delivery = WebhookDelivery.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        if delivery is None:
            raise Http404
        if request.method == "POST":
            self._send(request, [delivery])
            return redirect("admin:orders_webhookdelivery_change", delivery.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": "Send again?",
            "opts": self.model._meta,
            "delivery": delivery,
            "endpoint": delivery.endpoint,
            "label": "Send again",
            "explanation": "The same message goes out under the same id; a receiver that has it already ignores it.",
        }
        return TemplateResponse(request, "admin/orders/webhook_step.html", context)

    @admin.action(description="Send again", permissions=["manage"])
    def send_all_again(self, request: HttpRequest, deliveries: QuerySet[WebhookDelivery]) -> None:
        self._send(request, deliveries)

    def _send(self, request: HttpRequest, deliveries: Any) -> None:
        sent = 0
        for delivery in deliveries:
            try:
                delivering.send_again(delivery=delivery)
                self.log_change(request, delivery, "Sent again.")
                sent += 1
            except EndpointOff as error:
                self.message_user(request, f"{delivery.message_id}: {error}", messages.ERROR)
        if sent:
            self.message_user(request, f"{sent} on the way.", messages.SUCCESS)
