"""Coupons for those who set the shop's prices: one by one, what became of each, and in batches."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db import IntegrityError
from django.db.models import Exists, OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import display

from orders.admin.base import ReadOnly, link_to, money
from orders.admin.coupon_batches import BatchPages
from orders.admin.coupon_forms import SAVED, CouponForm
from orders.models import Coupon, Redemption
from orders.promotions.models import Standing

Kind = Coupon.Kind
NAMED = 20  # so many are named before something is done to all of them


class StandingFilter(admin.SimpleListFilter):
    title = "standing"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(standing.value, str(standing.label)) for standing in Standing]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        wanted = self.value()
        return queryset.standing(wanted, now=timezone.now()) if wanted in Standing.values else queryset


class BatchFilter(admin.SimpleListFilter):
    """The latest batches; older ones are found on the page of all batches."""

    title = "batch"
    parameter_name = "batch"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        named = Coupon.objects.exclude(batch="").order_by().values_list("batch", flat=True).distinct()
        names = list(
            dict.fromkeys([*filter(None, [self.used_parameters.get("batch")]), *named.order_by("-batch")[:20]])
        )
        return [("-", "None"), *((name, name) for name in names)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        wanted = self.value()
        return queryset if wanted is None else queryset.filter(batch="" if wanted == "-" else wanted)


@admin.register(Coupon)
class CouponAdmin(BatchPages, ModelAdmin):
    form = CouponForm
    list_display = ["code", "worth", "runs", "uses", "revenue", "show_standing", "batch"]
    list_filter = [StandingFilter, "kind", BatchFilter]
    search_fields = ["code", "batch", "note"]
    search_help_text = "Code, batch or note"
    ordering = ["-pk"]
    list_per_page = 50
    show_full_result_count = False
    autocomplete_fields = ["products", "categories"]
    conditional_fields = {"percentage": "kind == 'percentage'", "amount": "kind == 'amount'"} | dict.fromkeys(
        ["products", "categories"], "only_chosen"
    )
    actions = ["switch_off", "switch_on"]
    fieldsets = [
        (None, {"fields": ["code", "kind", "percentage", "amount", "minimum_spend", "version"]}),
        ("What it is for", {"fields": ["only_chosen", "products", "categories"]}),
        ("When and how often", {"fields": ["starts_at", "ends_at", "max_uses", "max_uses_per_customer", "is_active"]}),
        (None, {"fields": ["note"]}),
    ]
    FACTS = ("What became of it", {"fields": ["uses", "revenue", "redeemed_by", "batch", "created_at"]})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        coupons: QuerySet[Any] = super().get_queryset(request)
        live = Redemption.objects.filter(coupon=OuterRef("pk"), given_back_at=None).order_by().values("coupon")
        annotated: QuerySet[Any] = coupons.annotate(
            sold=Subquery(live.annotate(total=Sum("order__total")).values("total")),
            was_redeemed=Exists(Redemption.objects.filter(coupon=OuterRef("pk"))),
        )
        return annotated

    # --- what is shown

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*self.fieldsets, self.FACTS] if obj is not None else self.fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return []
        return ["uses", "revenue", "redeemed_by", "batch", "created_at", *(["code"] if obj.was_redeemed else [])]

    @admin.display(description="Worth")
    def worth(self, coupon: Coupon) -> str:
        if coupon.kind == Kind.PERCENTAGE:
            return f"{coupon.percentage.normalize():f} %"
        return money(coupon.amount, settings.SHOP_CURRENCY) if coupon.kind == Kind.AMOUNT else "Free shipping"

    @admin.display(description="Runs", ordering="ends_at")
    def runs(self, coupon: Coupon) -> str:
        starts, ends = (_day(moment) for moment in (coupon.starts_at, coupon.ends_at))
        if not starts and not ends:
            return "always"
        return f"{starts} – {ends}" if starts and ends else f"from {starts}" if starts else f"until {ends}"

    @admin.display(description="Uses", ordering="used")
    def uses(self, coupon: Coupon) -> str:
        return str(coupon.used) if coupon.max_uses is None else f"{coupon.used} / {coupon.max_uses}"

    @admin.display(description="Revenue", ordering="sold")
    def revenue(self, coupon: Any) -> str:
        return money(coupon.sold or 0, settings.SHOP_CURRENCY)

    @display(
        description="Standing",
        label={
            Standing.RUNNING.label: "success",
            Standing.SCHEDULED.label: "info",
            Standing.EXPIRED.label: "warning",
            Standing.USED_UP.label: "warning",
            Standing.OFF.label: "danger",
        },
    )
    def show_standing(self, coupon: Coupon) -> str:
        return str(coupon.standing(timezone.now()).label)

    @admin.display(description="Redeemed by")
    def redeemed_by(self, coupon: Any) -> str:
        if not coupon.was_redeemed:
            return "no order yet"
        page = f"{reverse('admin:orders_redemption_changelist')}?coupon__id__exact={coupon.pk}"
        return link_to(page, "Show the orders")

    # --- saving

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"kind": Kind.PERCENTAGE, **super().get_changeform_initial_data(request)}

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Of two people who save the same code at once the second gets the form back, with what was typed."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except IntegrityError:  # nothing was written, and looked at again the form says what is in the way
            return super().changeform_view(request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().delete_view(request, *args, **kwargs)
        except IntegrityError:
            said = "Nothing was deleted: the coupon was redeemed at this moment."
            self.message_user(request, said, messages.ERROR)
            return redirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: Coupon, form: Any, change: bool) -> None:
        """Only what the form is about: how often it was used is counted elsewhere, at the same time."""
        obj.save(update_fields=SAVED if change else None)

    @admin.action(description="Switch off", permissions=["change"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Coupon]) -> None:
        self.message_user(request, f"{queryset.update(is_active=False)} switched off.", messages.SUCCESS)

    @admin.action(description="Switch on", permissions=["change"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Coupon]) -> None:
        self.message_user(request, f"{queryset.update(is_active=True)} switched on.", messages.SUCCESS)

    # --- deleting

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was redeemed is part of orders' history: it is switched off instead."""
        return bool(super().has_delete_permission(request, obj)) and not getattr(obj, "was_redeemed", False)

    def get_deleted_objects(self, objs: Iterable[Any], request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """In few words, also for a batch of ten thousand; redeemed ones stand in the way of deleting."""
        pks = [coupon.pk for coupon in objs]
        codes = Coupon.objects.filter(pk__in=pks)
        redeemed = codes.filter(Exists(Redemption.objects.filter(coupon=OuterRef("pk"))))
        in_the_way = [f"{code} (redeemed: switch it off instead)" for code in _few(redeemed)]
        return _few(codes), {"coupons": len(pks)}, set(), in_the_way


@admin.register(Redemption)
class RedemptionAdmin(ReadOnly, ModelAdmin):
    list_display = ["redeemed_at", "show_coupon", "show_order", "email", "saved", "given_back_at"]
    list_filter = ["redeemed_at", ("given_back_at", admin.EmptyFieldListFilter)]
    list_select_related = ["coupon", "order"]
    search_fields = ["coupon__code", "coupon__batch", "order__number", "order__email"]
    search_help_text = "Code, batch, order number or e-mail address"
    ordering = ["-pk"]
    list_display_links = None
    list_per_page = 50
    show_full_result_count = False
    fields = readonly_fields = ["redeemed_at", "show_coupon", "show_order", "email", "saved", "given_back_at"]

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return self._columns(request)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self._columns(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self._columns(request)

    def _columns(self, request: HttpRequest) -> list[str]:
        """Who sets coupons up need not be one who sees orders: then the number is no link, which would end in a 403."""
        opens_orders = request.user.has_perm("orders.view_order")
        return [*self.fields] if opens_orders else ["order_number" if f == "show_order" else f for f in self.fields]

    @admin.display(description="Coupon", ordering="coupon__code")
    def show_coupon(self, redemption: Redemption) -> str:
        page = reverse("admin:orders_coupon_change", args=[redemption.coupon_id])
        return format_html('<a href="{}">{}</a>', page, redemption.coupon.code)

    @admin.display(description="Order")
    def show_order(self, redemption: Redemption) -> str:
        page = reverse("admin:orders_order_change", args=[redemption.order_id])
        return format_html('<a href="{}">{}</a>', page, redemption.order.number)

    @admin.display(description="Order")
    def order_number(self, redemption: Redemption) -> str:
        return redemption.order.number

    @admin.display(description="E-mail address")
    def email(self, redemption: Redemption) -> str:
        return redemption.order.email

    @admin.display(description="Saved", ordering="amount")
    def saved(self, redemption: Redemption) -> str:
        return money(redemption.amount, redemption.order.currency)


def _day(moment: Any) -> str:
    day: date | None = timezone.localdate(moment) if moment else None
    return date_format(day, "SHORT_DATE_FORMAT") if day else ""


def _few(coupons: QuerySet[Coupon]) -> list[str]:
    codes = list(coupons.order_by("pk").values_list("code", flat=True)[: NAMED + 1])
    return [*codes[:NAMED], f"and {coupons.count() - NAMED} more"] if len(codes) > NAMED else codes
