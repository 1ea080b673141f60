from __future__ import annotations

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import User
from catalog.models import Variant


class CartQuerySet(models.QuerySet["Cart"]):
    def open(self) -> Self:
        """Carts that have not become an order."""
        return self.filter(status=Cart.Status.OPEN)

    def owned_by(self, user: User) -> Self:
        return self.filter(customer=user)


class Cart(models.Model):
    """What a shopper means to buy. A guest holds it by its token, a customer by the account.

    A cart promises nothing: stock is reserved when the order is placed. It becomes at most one order.
    """

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        ORDERED = "ordered", "Ordered"
        MERGED = "merged", "Merged into another cart"

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="carts"
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    coupon_code = models.CharField(max_length=40, blank=True, help_text="The coupon to be used; checked each time.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CartQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], condition=Q(status="open"), name="orders_cart_one_open_per_customer"
            ),
        ]

    def __str__(self) -> str:
        return f"Cart {self.pk}"


class CartLine(models.Model):
    """A variant and how many of it. `unit_price_seen` is the price when the shopper last saw it."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField()
    unit_price_seen = models.BigIntegerField(help_text="Minor units.")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant"], name="orders_cartline_one_per_variant"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1) & Q(quantity__lte=999), name="orders_cartline_quantity_in_bounds"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}"
