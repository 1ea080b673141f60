"""Random shops: a small catalogue and any number of orders, many of them at the edges of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from accounts.models import User
from catalog.models import Variant
from catalog.tests.factories import CategoryFactory, ProductFactory, VariantFactory
from orders.models import Order, OrderLine
from orders.reports.parameters import GroupBy, Parameters
from orders.tests.factories import OrderFactory

# Each with its own idea of a day: no summer time, half hours, midnights that do not exist or come twice.
ZONES = ["Europe/Berlin", "America/Havana", "Atlantic/Azores", "Asia/Beirut", "Asia/Kathmandu", "Pacific/Kiritimati"]
FIRST_DAYS = [date(2026, 3, 20), date(2026, 10, 18), date(2024, 2, 26), date(2025, 12, 22), date(2026, 11, 1)]


@dataclass(frozen=True)
class Catalogue:
    variants: list[Variant]
    customers: list[User]
    category_slugs: list[str]


def make_catalogue() -> Catalogue:
    """Two top categories, one of them with two below it; products in all of them, some with two variants."""
    kitchen, garden = CategoryFactory.create(name="Kitchen"), CategoryFactory.create(name="Garden")
    mugs, bowls = (
        CategoryFactory.create(name="Mugs", parent=kitchen),
        CategoryFactory.create(name="Bowls", parent=kitchen),
    )
    categories = [kitchen, garden, mugs, bowls]
    products = [ProductFactory.create(category=category) for category in [*categories, mugs]]
    variants = [product.variants.get() for product in products]
    variants += [
        VariantFactory.create(product=products[0], name="Large"),
        VariantFactory.create(product=products[2], name="Large"),
    ]
    customers = [User.objects.create_user(username=name, email=f"{name}@example.com") for name in ("alice", "chloe")]
    return Catalogue(variants, customers, [category.slug for category in categories])


def make_orders(random: Random, catalogue: Catalogue, first_day: date, zone: ZoneInfo) -> None:
    """None to sixteen orders within about five weeks, with discounts, shipping and tax."""
    orders, lines = [], []
    for _ in range(random.choice([0, 1, 3, 8, 16])):
        of_order = [_line(random, catalogue) for _ in range(random.randint(1, 4))]
        order = OrderFactory.build(
            customer=random.choice([None, *catalogue.customers]),
            status=random.choice(Order.Status.values),
            placed_at=_moment(random, first_day, zone),
            subtotal=sum(line.gross for line in of_order),
            discount=sum(line.discount for line in of_order),
            shipping=random.choice([0, 490, 1]),
            tax=random.choice([0, random.randint(0, 999)]),
            prices_include_tax=len(of_order) % 2 == 0,
        )
        orders.append(order)
        lines += [(order, line) for line in of_order]
    Order.objects.bulk_create(orders)
    for order, line in lines:
        line.order = order
    OrderLine.objects.bulk_create(line for _, line in lines)


def _line(random: Random, catalogue: Catalogue) -> OrderLine:
    price, quantity = random.choice([0, 1, 1250, 333, 99_999_999_999]), random.randint(1, 999)
    discount = random.choice([0, 0, random.randint(0, price * quantity)])
    return OrderLine(
        variant=random.choice([*catalogue.variants, None]),
        product_name="As it was called then",
        sku="SKU",
        unit_price=price,
        quantity=quantity,
        discount=discount,
        total=price * quantity - discount,
    )


def _moment(random: Random, first_day: date, zone: ZoneInfo) -> datetime:
    """Any moment, or the last before, or the first of, a local day."""
    day = first_day + timedelta(days=random.randint(-2, 34))
    if random.random() < 0.5:
        return datetime.combine(day, time.min, UTC) + timedelta(seconds=random.randint(0, 86_399))
    midnight = datetime.combine(day, time.min, zone).replace(fold=random.randint(0, 1)).astimezone(UTC)
    return midnight + random.choice([timedelta(), timedelta(microseconds=-1), timedelta(hours=random.randint(-2, 2))])


def random_parameters(random: Random, catalogue: Catalogue, first_day: date, group_by: GroupBy) -> Parameters:
    start = first_day + timedelta(days=random.randint(-1, 20))
    return Parameters(
        group_by=group_by,
        start=start,
        end=start + timedelta(days=random.choice([0, 1, 6, 30])),
        status=random.choice(["", "", "", *Order.Status.values]),
        category=random.choice(["", "", *catalogue.category_slugs]),
        include_cancelled=random.random() < 0.3,
    )
