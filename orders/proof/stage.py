"""The rows of a proof: made for it alone, seen by nobody else, and removed again.

They are known by their product, which nobody can buy outside a rehearsal: its address and its unpublished state. So a
later run finds what a killed one has left.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.categories import create_category, delete_category
from catalog.errors import CategoryInUse
from catalog.models import Category, Product, Variant
from catalog.products import create_product
from catalog.rehearsal import NEVER, rehearsing
from catalog.variants import NewVariant, add_variant
from idempotency.models import IdempotencyRecord
from orders.checkout import ShippingAddress
from orders.models import (
    Cart,
    CartLine,
    Coupon,
    Order,
    Payment,
    Redemption,
    Refund,
    RefundLine,
    Shipment,
    ShipmentLine,
)
from orders.payments.methods import GATEWAYS
from orders.shipping.options import Consignment, options_for

MARK = "manage-py-prove-"
PRINCIPAL = "manage.py prove"
PRICE = 1000


class NothingToProveWith(Exception):
    """The shop cannot take an order as it is set up; the message says why, in one sentence."""


@dataclass(frozen=True)
class Stage:
    """What the races of one run happen with. `name` sets its rows apart from those of other runs."""

    name: str
    product: Product
    address: ShippingAddress
    payment_method: str

    def variant(self, *, stock: int) -> Variant:
        """A fresh variant with so many pieces."""
        new = NewVariant(price=PRICE, name=secrets.token_hex(4), stock_quantity=stock)
        return add_variant(product_id=self.product.pk, new=new, actor=PRINCIPAL)

    def coupon(self, *, uses: int | None = None, uses_per_customer: int | None = None) -> Coupon:
        """A fresh coupon for this product alone."""
        with transaction.atomic():  # or a killed proof would leave a coupon that its product does not lead to
            coupon = Coupon.objects.create(
                code=f"{self.name}-{secrets.token_hex(4)}".upper(),
                kind=Coupon.Kind.AMOUNT,
                amount=PRICE // 10,
                only_chosen=True,
                max_uses=uses,
                max_uses_per_customer=uses_per_customer,
                note=PRINCIPAL,
            )
            coupon.products.add(self.product)
        return coupon

    def email(self, name: object) -> str:
        """An address that nobody has, and nobody ever will (RFC 2606)."""
        return f"buyer-{name}@{self.name}.invalid"


@contextmanager
def stage() -> Iterator[Stage]:
    """Rows for one run, on sale to it alone; they are removed at the end, whatever happens."""
    clear()
    try:
        made = _make()
        with rehearsing([made.product.pk]):
            yield made
    finally:
        clear()


def clear() -> int:
    """Remove all rows of proofs, of this run and of runs that were killed; how many there were."""
    products = Product.objects.filter(slug__startswith=MARK, is_published=False)
    orders = Order.objects.filter(pk__in=Order.objects.filter(lines__variant__product__in=products).values("pk"))
    with transaction.atomic(durable=True):
        # What hangs on an order is protected, so that nobody deletes it by accident: each table by name.
        removed = [
            RefundLine.objects.filter(refund__order__in=orders).delete(),
            Refund.objects.filter(order__in=orders).delete(),
            ShipmentLine.objects.filter(shipment__order__in=orders).delete(),
            Shipment.objects.filter(order__in=orders).delete(),
            Redemption.objects.filter(order__in=orders).delete(),
            Payment.objects.filter(order__in=orders).delete(),
            orders.delete(),
            Cart.objects.filter(pk__in=CartLine.objects.filter(variant__product__in=products).values("cart")).delete(),
            Coupon.objects.filter(products__in=products, note=PRINCIPAL).delete(),
            IdempotencyRecord.objects.filter(principal=PRINCIPAL).delete(),
            products.delete(),
        ]
        jobs = list(ProcrastinateJob.objects.filter(scheduled_at=NEVER).values_list("pk", flat=True))
        for job in jobs:
            app.job_manager.cancel_job_by_id(job, delete_job=True)
    for category in Category.objects.filter(slug__startswith=MARK):
        with suppress(CategoryInUse):
            delete_category(category_id=category.pk)
    return len(jobs) + sum(count for count, _ in removed)


def _make() -> Stage:
    name = MARK + secrets.token_hex(4)
    category = Category.objects.order_by("pk").first() or create_category(name="Proof", slug=name)
    product = create_product(
        name="Made and removed by manage.py prove",
        category=category,
        variants=[NewVariant(price=PRICE)],
        is_published=False,
        slug=name,
        actor=PRINCIPAL,
    )
    return Stage(name, product, _address(), _payment_method())


def _address() -> ShippingAddress:
    """Somewhere the shop ships to."""
    for country in dict.fromkeys([settings.SHOP_COUNTRY, *settings.SHOP_COUNTRIES]):
        if options_for(country, "", Consignment(value=PRICE, weight=0)):
            return ShippingAddress(name="Nobody", line1="Nowhere 1", city="Nowhere", country=country)
    raise NothingToProveWith("The shop ships nowhere: no shipping method takes an order of any country.")


def _payment_method() -> str:
    """A way to pay for which nobody outside has to be asked."""
    offered = [method.code for gateway in GATEWAYS.values() if gateway.is_manual for method in gateway.methods()]
    if not offered:
        raise NothingToProveWith("The shop offers no way to pay without a provider, and a proof must not ask one.")
    return offered[0]
