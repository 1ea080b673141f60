from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils import timezone

from catalog.models import Category, Product


class Standing(models.TextChoices):
    """What may become of a coupon today."""

    RUNNING = "running", "Running"
    SCHEDULED = "scheduled", "Scheduled"
    EXPIRED = "expired", "Expired"
    USED_UP = "used_up", "Used up"
    OFF = "off", "Switched off"


class CouponQuerySet(models.QuerySet["Coupon"]):
    def standing(self, standing: str, *, now: datetime) -> Self:
        """The coupons of which `Coupon.standing` says this."""
        if standing == Standing.OFF:
            return self.filter(is_active=False)
        expired, used_up = Q(ends_at__lte=now), Q(max_uses__lte=F("used"))
        scheduled = Q(starts_at__gt=now)
        on = self.filter(is_active=True)
        if standing == Standing.EXPIRED:
            return on.filter(expired)
        on = on.exclude(expired)
        if standing == Standing.USED_UP:
            return on.filter(used_up)
        on = on.exclude(used_up)
        return on.filter(scheduled) if standing == Standing.SCHEDULED else on.exclude(scheduled)


class Coupon(models.Model):
    """A code that makes an order cheaper. Amounts in minor units of the shop's currency.

    `used` counts redemptions that have not been given back; PostgreSQL keeps it within `max_uses`.
    """

    class Kind(models.TextChoices):
        PERCENTAGE = "percentage", "Percentage"
        AMOUNT = "amount", "Amount"
        FREE_SHIPPING = "free_shipping", "Free shipping"

    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=14, choices=Kind)
    percentage = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(0))
    amount = models.BigIntegerField(default=0)
    minimum_spend = models.BigIntegerField(default=0, help_text="Value of the goods from which it counts.")
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    # Said apart from the choice itself: a coupon for one category is not one for everything when that is deleted.
    only_chosen = models.BooleanField(
        "only for chosen products", default=False, help_text="Only for the products and categories named here."
    )
    products = models.ManyToManyField(Product, blank=True, related_name="+")
    categories = models.ManyToManyField(Category, blank=True, related_name="+")
    max_uses = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: as often as you like.")
    max_uses_per_customer = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: as often as you like.")
    used = models.PositiveIntegerField(default=0, editable=False)
    batch = models.CharField(max_length=60, blank=True, db_index=True, help_text="Name of the series it was made in.")
    note = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField("active", default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CouponQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                Upper("code"), name="orders_coupon_code_unique", violation_error_message="This code is in use."
            ),
            models.CheckConstraint(condition=Q(code__regex=r"^[A-Za-z0-9-]{3,40}$"), name="orders_coupon_code_form"),
            models.CheckConstraint(
                condition=Q(max_uses=None) | Q(used__lte=F("max_uses")), name="orders_coupon_used_within_limit"
            ),
            models.CheckConstraint(
                condition=Q(kind="percentage", percentage__gt=0, percentage__lte=100, amount=0)
                | Q(kind="amount", amount__gt=0, percentage=0)
                | Q(kind="free_shipping", amount=0, percentage=0),
                name="orders_coupon_value_fits_kind",
                violation_error_message="Give a percentage, an amount, or neither for free shipping.",
            ),
            models.CheckConstraint(condition=Q(minimum_spend__gte=0), name="orders_coupon_minimum_not_negative"),
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="orders_coupon_ends_after_start",
                violation_error_message="The end must be after the start.",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def standing(self, now: datetime) -> Standing:
        """What may become of it today; the first that is true."""
        if not self.is_active:
            return Standing.OFF
        if self.ends_at is not None and self.ends_at <= now:
            return Standing.EXPIRED
        if self.max_uses is not None and self.used >= self.max_uses:
            return Standing.USED_UP
        return Standing.SCHEDULED if self.starts_at is not None and self.starts_at > now else Standing.RUNNING


class Redemption(models.Model):
    """One use of a coupon by an order, taken like a unit of stock and given back when the order is off.

    A customer is known by any of three marks: the account, its mailbox, and the mailbox the order was placed with.
    """

    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="redemptions")
    order = models.OneToOneField("orders.Order", on_delete=models.PROTECT, related_name="redemption")
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    email_key = models.CharField(max_length=254, help_text="The order's mailbox, whatever its spelling.")
    account_key = models.CharField(max_length=254, blank=True, help_text="The account's mailbox; empty for guests.")
    amount = models.BigIntegerField(help_text="What the order became cheaper, shipping included.")
    redeemed_at = models.DateTimeField(default=timezone.now, editable=False)
    given_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["coupon", "email_key"], name="orders_redemption_by_email"),
            models.Index(fields=["coupon", "account_key"], name="orders_redemption_by_account"),
            models.Index(fields=["coupon", "customer"], name="orders_redemption_by_customer"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="orders_redemption_amount_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.coupon_id} by order {self.order_id}"
