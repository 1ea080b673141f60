from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db.models import Count
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from rest_framework.test import APIClient

from accounts.models import Address, User
from accounts.registration import is_confirmed
from catalog.demo import assortment, loading
from catalog.demo.assortment_unlisted import UNLISTED
from catalog.models import Category, Product, ProductImage, StockLevel, StockMovement, TaxClass, Variant
from orders.demo.history import DAYS, plan
from orders.demo.people import CUSTOMERS, PASSWORD, PEOPLE
from orders.models import (
    Coupon,
    Invoice,
    Order,
    OrderEvent,
    OrderLine,
    Payment,
    Redemption,
    Return,
    Shipment,
    ShipmentLine,
    ShippingMethod,
    ShippingZone,
    TaxRate,
    WebhookDelivery,
    WebhookEndpoint,
)
from orders.pieces import still_to_come
from orders.promotions.models import Standing
from orders.reports.invariants import verdicts
from orders.returns.reading import is_in_time
from orders.shipping.options import Consignment, options_for
from orders.shipping.tests.zones import tax, zone
from orders.tax.rates import rates_at

pytestmark = pytest.mark.django_db
MODELS = (
    Address, Category, Coupon, Invoice, Order, OrderEvent, OrderLine, Payment, Product, ProductImage, Redemption,
    Return, Shipment, ShipmentLine, ShippingMethod, ShippingZone, StockLevel, StockMovement, TaxClass, TaxRate, User,
    Variant, WebhookEndpoint,
)  # fmt: skip


@pytest.fixture(autouse=True)
def in_development(settings: Any) -> None:
    settings.DEBUG = True


def demo(*arguments: str) -> str:
    out = StringIO()
    call_command("demo", "--no-images", *arguments, stdout=out)
    return out.getvalue()


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in MODELS}


def test_the_demo_fills_a_whole_shop_and_says_so() -> None:
    said = demo()
    assert Product.objects.listed().count() == len(assortment.PRODUCTS) >= 60
    assert Category.objects.filter(depth=2).exists()
    assert Category.objects.find_problems() == ([], [], [], [], [])
    assert Product.objects.reduced().exists()
    assert Product.objects.on_sale().in_stock(False).exists()
    assert f"{len(assortment.PRODUCTS) + len(UNLISTED)} products" in said
    assert "alice@example.com" in said


def test_what_must_always_hold_holds_in_the_demo() -> None:
    demo()
    assert [verdict for verdict in verdicts() if not verdict.holds] == []


def test_orders_of_the_past_were_placed_with_coupons_and_the_others_wait_to_be_used() -> None:
    said = demo()
    used = dict(Coupon.objects.values_list("code", "used"))
    assert used["WELCOME10"] > 5
    assert used["SEASON5"] > 5
    assert (used["FREESHIP"], used["KITCHEN15"]) == (0, 0)
    assert Coupon.objects.get(code="SEASON5").standing(timezone.now()) == Standing.EXPIRED
    assert [*Coupon.objects.get(code="KITCHEN15").categories.values_list("slug", flat=True)] == ["kitchen"]
    assert Redemption.objects.exclude(given_back_at=None).exists()
    assert "WELCOME10 (10 % off, once per customer)" in said


def test_running_it_again_changes_nothing() -> None:
    demo()
    before = counts()
    assert " 0 products, 0 categories, 0 pictures, 0 accounts and 0 orders are new" in demo()
    assert counts() == before


def test_what_was_changed_by_hand_stays() -> None:
    demo()
    Product.objects.filter(slug=assortment.PRODUCTS[0].slug).update(name="Mine")
    User.objects.filter(username="alice").update(first_name="Alicia")
    demo()
    assert Product.objects.get(slug=assortment.PRODUCTS[0].slug).name == "Mine"
    assert User.objects.get(username="alice").first_name == "Alicia"


def test_what_can_be_bought_is_what_the_assortment_says() -> None:
    demo()
    everything = [*assortment.PRODUCTS, *UNLISTED]
    stated = {variant.sku: variant.stock for product in everything for variant in product.variants}
    found = {level.variant.sku: level.available for level in StockLevel.objects.select_related("variant")}
    assert found == stated


def test_every_person_can_log_in_and_has_their_role() -> None:
    demo()
    for person in PEOPLE:
        user = User.objects.get(username=person.username)
        assert user.check_password(PASSWORD)
        assert is_confirmed(user)
        assert [group.name for group in user.groups.all()] == ([person.group] if person.group else [])
    assert User.objects.get(username="admin").is_superuser
    assert User.objects.get(username="mona").has_perm("orders.view_reports")
    assert User.objects.get(username="clara").has_perm("catalog.add_product")
    assert User.objects.get(username="otto").has_perm("orders.fulfil_order")


def test_every_customer_has_an_address_and_a_history() -> None:
    demo()
    for person in CUSTOMERS:
        user = User.objects.get(username=person.username)
        assert user.addresses.filter(is_default=True).count() == 1
        assert len(set(user.orders.values_list("status", flat=True))) >= 2


def test_orders_are_in_every_status_over_ninety_days() -> None:
    demo()
    now = timezone.now()
    assert set(Order.objects.values_list("status", flat=True)) == set(Order.Status.values)
    assert {"unpaid", "paid", "refunded"} <= set(Order.objects.values_list("payment_status", flat=True))
    assert Order.objects.filter(customer=None).exists()
    assert Order.objects.count() > 200
    assert not Order.objects.filter(placed_at__gt=now).exists()
    assert not OrderEvent.objects.filter(created_at__gt=now).exists()
    assert not Order.objects.filter(placed_at__lt=now - timedelta(days=DAYS + 1)).exists()
    assert Order.objects.filter(placed_at__gt=now - timedelta(days=7)).count() > 10


@pytest.mark.parametrize("later", [timedelta(hours=hours) for hours in (0, 7, 26, 100)])
def test_the_same_moment_gives_the_same_past_and_any_moment_a_legal_one(later: timedelta) -> None:
    now = datetime(2026, 3, 29, 0, 30, tzinfo=UTC) + later
    past = plan(now=now, variants=100)
    assert past == plan(now=now, variants=100)
    for order in past:
        times = [order.placed_at, *(happened.at for happened in order.steps), now]
        assert times == sorted(times)
    stages = {len(order.steps) for order in past[-7:]}
    assert stages >= {0, 1, 2}


def test_the_shop_ships_to_every_country_it_serves_and_taxes_it() -> None:
    demo()
    usual = Consignment(5000, 1200)
    for country in settings.SHOP_COUNTRIES:
        assert options_for(country, "", usual), country
        assert rates_at(country, "").default > 0
    assert [o.name for o in options_for("DE", "27498", usual)] == ["Parcel by ferry"]
    assert [(o.name, o.free_from) for o in options_for("DE", "10115", usual)] == [("Parcel", 7500), ("Express", None)]
    assert options_for("CH", "8001", Consignment(10**6, 100))[0].price > 0


def test_everything_has_a_weight_and_some_things_a_tax_class() -> None:
    demo("--products", "130")
    assert not Variant.objects.filter(weight__lt=20).exists()
    assert not Variant.objects.filter(weight__gt=20_000).exists()
    assert set(Product.objects.values_list("tax_class__code", flat=True)) == {None, "reduced", "books"}
    [default] = TaxClass.objects.filter(is_default=True)
    assert default.code == "standard"


def test_the_past_was_taxed_and_shipped_in_parcels() -> None:
    demo()
    assert not Order.objects.filter(tax=0, total__gt=0).exists()
    assert len(set(OrderLine.objects.values_list("tax_rate", flat=True))) > 3
    assert all(sum(each.tax for each in order.taxes) == order.tax for order in Order.objects.prefetch_related("lines"))
    for order in Order.objects.prefetch_related("lines", "shipments__lines"):
        sent = sum(piece.quantity for shipment in order.shipments.all() for piece in shipment.lines.all())
        assert sent == sum(line.shipped for line in order.lines.all())
        if order.status in ("shipped", "delivered"):
            assert not any(line.open for line in order.lines.all())
    several = Order.objects.annotate(parcels=Count("shipments")).filter(parcels=2)
    assert several.filter(status="delivered").exists()
    waiting = Order.objects.filter(status="processing", shipments__isnull=False)
    assert any(still_to_come(order) for order in waiting)
    assert not Shipment.objects.filter(tracking_url="").exists()
    times = list(OrderEvent.objects.order_by("order", "pk").values_list("order", "created_at"))
    assert times == sorted(times)


def test_zones_and_rates_of_the_merchant_stay() -> None:
    zone("Mine", "DE")
    tax("3")
    demo()
    assert ShippingZone.objects.get().name == "Mine"
    assert TaxRate.objects.count() == 1
    assert [verdict for verdict in verdicts() if not verdict.holds] == []


def test_something_is_on_its_way_back_in_every_stage() -> None:
    demo()
    assert sorted(Return.objects.values_list("state", flat=True)) == [
        "accepted", "received", "refunded", "refused", "requested",
    ]  # fmt: skip
    for back in Return.objects.select_related("order"):
        assert is_in_time(back.order)
        assert back.order.delivered_at
        assert back.requested_at > back.order.delivered_at
    assert Order.objects.filter(returns__state="requested").exclude(customer=None).exists()
    assert Return.objects.to_refund().count() == 1
    past = Order.objects.filter(channel="imported").values_list("pk", flat=True)
    written_to = ProcrastinateJob.objects.filter(task_name="orders.send_message").values_list(
        "args__order_id", flat=True
    )
    assert not set(past) & set(written_to)


def test_one_order_of_today_has_been_through_everything() -> None:
    demo()
    order = Order.objects.get(channel="storefront")
    assert order.customer
    assert (order.customer.username, order.status, order.payment_status) == ("alice", "shipped", "partially_refunded")
    assert sorted(order.invoices.values_list("kind", flat=True)) == ["credit_note", "invoice"]
    assert order.shipments.count() == 1


def test_a_system_that_could_be_told_is_there_and_is_told_nothing() -> None:
    demo()
    [endpoint] = WebhookEndpoint.objects.all()
    assert not endpoint.is_active
    assert not WebhookDelivery.objects.exists()
    endpoint.delete()
    WebhookEndpoint.objects.create(url="https://hooks.example.com/mine", events=["order.paid"])
    demo()
    assert WebhookEndpoint.objects.count() == 1


def test_more_products_can_be_asked_for_later() -> None:
    demo("--products", "20")
    assert Product.objects.count() == 20
    demo("--products", "300")
    assert Product.objects.count() == 300
    assert "Demo shop: 0 products" in demo("--products", "300")
    assert [verdict for verdict in verdicts() if not verdict.holds] == []


def test_it_refuses_to_run_in_production_unless_forced(settings: Any) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="--force"):
        demo()
    assert not any(counts().values())
    demo("--force", "--products", "3")
    assert Product.objects.count() == 3


def test_pictures_are_drawn_once(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few pictures instead of all of them: drawing takes its time."""
    settings.MEDIA_ROOT = str(tmp_path)
    product = assortment.PRODUCTS[0]
    monkeypatch.setattr(assortment, "PRODUCTS", (product,))
    monkeypatch.setattr(loading, "UNLISTED", ())
    monkeypatch.setattr(assortment, "CATEGORIES", assortment.CATEGORIES[:2])
    call_command("demo", stdout=StringIO())
    files = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.webp")}
    assert len(files) == len(product.pictures) + 2  # those of a category and of a collection
    call_command("demo", stdout=StringIO())
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.webp")} == files
    for picture in ProductImage.objects.all():
        assert (tmp_path / picture.image.name).is_file()
        assert (picture.image.width, picture.image.height) == (picture.width, picture.height)


def test_the_api_sells_the_demo() -> None:
    demo()
    page = APIClient().get("/api/v1/products/", {"search": "mug", "in_stock": "true"}).json()
    assert page["count"] >= 2
