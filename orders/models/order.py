from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from catalog.models import Variant
from orders.actors import ActorKind
from orders.models.cart import Cart
from orders.totals import TaxSum, taxes_by_rate


class OrderQuerySet(models.QuerySet["Order"]):
    def owned_by(self, user: User) -> Self:
        """The orders of this customer."""
        return self.filter(customer=user)

    def due(self, now: datetime) -> Self:
        """The orders whose time to be paid is over, and that are still waiting."""
        return self.filter(status="pending", payment_status="unpaid", expires_at__lte=now)

    def with_details(self) -> Self:
        """Lines, timeline and payments fetched along, whatever their number."""
        return self.prefetch_related("lines", "events", "payments")


class Order(models.Model):
    """A placed order. Names, prices and addresses are copies: nothing that changes later changes it.

    Amounts are minor units of `currency`. `tax` is all the tax of lines and shipping; it is part of the prices when
    `prices_include_tax`, and comes on top of them otherwise. Status and payment status move only through
    `orders.lifecycle`, `orders.settlement` and `orders.refunds`.
    """

    class Status(models.TextChoices):
        PENDING = "pending", "Pending"
        PROCESSING = "processing", "Processing"
        SHIPPED = "shipped", "Shipped"
        DELIVERED = "delivered", "Delivered"
        CANCELLED = "cancelled", "Cancelled"

    class PaymentStatus(models.TextChoices):
        UNPAID = "unpaid", "Unpaid"
        AUTHORIZED = "authorized", "Authorized"
        PAID = "paid", "Paid"
        PARTIALLY_REFUNDED = "partially_refunded", "Partially refunded"
        REFUNDED = "refunded", "Refunded"

    class Channel(models.TextChoices):
        STOREFRONT = "storefront", "Storefront"
        API = "api", "API"
        IMPORTED = "imported", "Imported"

    number = models.CharField(max_length=11, unique=True)
    external_number = models.CharField(
        max_length=64, blank=True, editable=False, help_text="Of an imported order: its number where it came from."
    )
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="orders"
    )
    cart = models.OneToOneField(
        Cart, null=True, blank=True, on_delete=models.SET_NULL, related_name="order", editable=False
    )
    idempotency_key = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)
    channel = models.CharField(max_length=12, choices=Channel)
    status = models.CharField(max_length=12, choices=Status, default=Status.PENDING)
    payment_status = models.CharField(max_length=20, choices=PaymentStatus, default=PaymentStatus.UNPAID)
    payment_method = models.CharField(max_length=40)

    email = models.EmailField("e-mail address")
    name = models.CharField(max_length=120)
    line1 = models.CharField("address", max_length=160)
    line2 = models.CharField("address, second line", max_length=160, blank=True)
    city = models.CharField(max_length=120)
    region = models.CharField(max_length=120, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2)
    phone = models.CharField(max_length=40, blank=True)
    vat_number = models.CharField("VAT number", max_length=20, blank=True)
    customer_note = models.TextField(max_length=1000, blank=True)

    currency = models.CharField(max_length=3)
    subtotal = models.BigIntegerField()
    discount = models.BigIntegerField(default=0)
    shipping = models.BigIntegerField()
    tax = models.BigIntegerField(default=0)
    total = models.BigIntegerField()
    prices_include_tax = models.BooleanField(default=True)
    shipping_tax = models.BigIntegerField(default=0)
    shipping_tax_rate = models.DecimalField(max_digits=7, decimal_places=4, default=Decimal(0))
    shipping_method = models.CharField(max_length=80)
    shipping_estimate = models.CharField(max_length=80, blank=True)
    coupon_code = models.CharField(max_length=40, blank=True)

    placed_at = models.DateTimeField(db_index=True)
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="Unpaid until then, the order is called off; empty: never."
    )
    expired_at = models.DateTimeField(null=True, blank=True, editable=False)
    delivered_at = models.DateTimeField(null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-placed_at", "-pk"]
        permissions = [
            ("view_reports", "Can see reports over all orders"),
            ("fulfil_order", "Can move orders through their lifecycle"),
            ("refund_order", "Can give money back"),
        ]
        indexes = [
            models.Index(fields=["customer", "-placed_at"], name="orders_order_by_customer"),
            models.Index(fields=["status", "-placed_at"], name="orders_order_by_status"),
            # The sweeper's: what is due.
            models.Index(
                fields=["expires_at"], condition=Q(status="pending", payment_status="unpaid"), name="orders_order_due"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(subtotal__gte=0, discount__gte=0, shipping__gte=0, tax__gte=0, total__gte=0),
                name="orders_order_nothing_negative",
            ),
            models.CheckConstraint(
                condition=Q(prices_include_tax=True, total=F("subtotal") - F("discount") + F("shipping"))
                | Q(prices_include_tax=False, total=F("subtotal") - F("discount") + F("shipping") + F("tax")),
                name="orders_order_total_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(shipping_tax__gte=0, shipping_tax__lte=F("tax"), shipping_tax_rate__gte=0),
                name="orders_order_shipping_tax_within_tax",
            ),
            models.CheckConstraint(
                condition=Q(expired_at=None) | ~Q(expires_at=None), name="orders_order_expired_had_a_term"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "processing", "shipped", "delivered", "cancelled"]),
                name="orders_order_status_known",
            ),
            models.CheckConstraint(
                condition=Q(payment_status__in=["unpaid", "authorized", "paid", "partially_refunded", "refunded"]),
                name="orders_order_payment_status_known",
            ),
            models.CheckConstraint(
                condition=Q(number__regex=r"^[2-9B-DF-HJ-NP-TV-Z]{5}-[2-9B-DF-HJ-NP-TV-Z]{5}$"),
                name="orders_order_number_form",
            ),
            models.UniqueConstraint(
                fields=["external_number"], condition=~Q(external_number=""), name="orders_order_external_number_once"
            ),
            models.CheckConstraint(
                condition=Q(external_number="") | Q(channel="imported"), name="orders_order_external_is_imported"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """The page of a logged-in customer's order; a guest's is `orders.access.guest_link`."""
        return reverse("orders:detail", args=[self.number])

    @property
    def is_imported(self) -> bool:
        """It was placed somewhere else, before this shop."""
        return self.channel == self.Channel.IMPORTED

    @property
    def is_nobodys(self) -> bool:
        """Its e-mail address ends in `.invalid`, as nobody's does (RFC 2606): nobody is told of this order."""
        return self.email.lower().endswith(".invalid")

    @property
    def address_lines(self) -> list[str]:
        """The shipping address as it is written on a parcel."""
        town = " ".join(part for part in (self.postcode, self.city) if part)
        return [part for part in (self.name, self.line1, self.line2, town, self.region, self.country) if part]

    @property
    def taxes(self) -> tuple[TaxSum, ...]:
        """`tax` by rate (needs `lines`)."""
        parts = [(line.tax_rate, line.total, line.tax) for line in self.lines.all()]
        return taxes_by_rate([*parts, (self.shipping_tax_rate, self.shipping, self.shipping_tax)])


class OrderLine(models.Model):
    """One variant of an order, as it was sold, and what has become of its pieces. Only imported lines may lack one.

    `shipped` pieces have left the house, `cancelled` ones never will; the rest is open, and reserved as long as the
    order is alive. `returned` counts shipped pieces that came back. `tax` at `tax_rate` percent is what the line's
    `total` contains, or what comes on top of it (`Order.prices_include_tax`).
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    # PROTECT: what was ever ordered is archived, never destroyed. Imported orders may be about what never was here.
    variant = models.ForeignKey(Variant, null=True, blank=True, on_delete=models.PROTECT, related_name="order_lines")
    product_name = models.CharField(max_length=200)
    variant_name = models.CharField(max_length=120, blank=True)
    sku = models.CharField("SKU", max_length=64)
    unit_price = models.BigIntegerField()
    quantity = models.PositiveIntegerField()
    discount = models.BigIntegerField(default=0)
    tax = models.BigIntegerField(default=0)
    tax_rate = models.DecimalField(max_digits=7, decimal_places=4, default=Decimal(0), help_text="Percent.")
    total = models.BigIntegerField()
    shipped = models.PositiveIntegerField(default=0)
    cancelled = models.PositiveIntegerField(default=0)
    returned = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="orders_orderline_quantity_positive"),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("shipped") + F("cancelled")), name="orders_orderline_pieces_within_quantity"
            ),
            models.CheckConstraint(
                condition=Q(returned__lte=F("shipped")), name="orders_orderline_returned_within_shipped"
            ),
            models.CheckConstraint(condition=Q(tax_rate__gte=0), name="orders_orderline_tax_rate_not_negative"),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0, discount__gte=0, tax__gte=0, total__gte=0),
                name="orders_orderline_nothing_negative",
            ),
            models.CheckConstraint(
                condition=Q(total=F("unit_price") * F("quantity") - F("discount")),
                name="orders_orderline_total_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.title}"

    @property
    def gross(self) -> int:
        """Before any discount."""
        return self.unit_price * self.quantity

    @property
    def open(self) -> int:
        """Pieces that are neither shipped nor called off."""
        return self.quantity - self.shipped - self.cancelled

    @property
    def title(self) -> str:
        """Product and variant as one name."""
        return f"{self.product_name} – {self.variant_name}" if self.variant_name else self.product_name


class OrderEvent(models.Model):
    """One entry of an order's append-only timeline. PostgreSQL refuses to change an entry."""

    class Kind(models.TextChoices):
        PLACED = "placed", "Placed"
        STATUS = "status", "Status changed"
        PAYMENT = "payment", "Payment"
        EMAIL = "email", "E-mail sent"
        SHIPMENT = "shipment", "Shipment"
        REFUND = "refund", "Refund"
        RETURN = "return", "Return"
        DOCUMENT = "document", "Document"
        EDITED = "edited", "Edited"
        NOTE = "note", "Internal note"

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind)
    from_status = models.CharField(max_length=12, blank=True)
    to_status = models.CharField(max_length=12, blank=True)
    message = models.CharField(max_length=1000, blank=True)
    actor_kind = models.CharField(max_length=10, choices=[(kind.value, kind.name.capitalize()) for kind in ActorKind])
    actor = models.CharField(max_length=150, blank=True, help_text="Who did it, by name.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.message or self.get_kind_display()
