from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from rest_framework.test import APIClient

from catalog.models import Product, Variant
from catalog.options import WantedOption, change_options
from catalog.tests.api.people import person
from catalog.tests.factories import ProductFactory, ProductImageFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/products/"
SHIRT = f"{URL}shirt/"
SIZE = {"name": "Size", "values": ["S", "M"]}
COLOUR = {"name": "Colour", "values": ["Blue", "Red"]}


def client_of(who: str | None) -> APIClient:
    """As that of `people`, also a second time."""
    client = APIClient()
    if who:
        client.force_authenticate(get_user_model().objects.filter(username=who).first() or person(who))
    return client


def a_shirt() -> Product:
    product = ProductFactory.create(name="Shirt", slug="shirt", sku="SHIRT", price=2000)
    options = [WantedOption(name="Size", values=["S", "M"]), WantedOption(name="Colour", values=["Blue", "Red"])]
    change_options(product_id=product.pk, options=options)
    return product


def put(options: Any, who: str | None = "clara") -> Any:
    return client_of(who).put(f"{SHIRT}options/", {"options": options}, format="json")


def add(who: str | None = "clara", **values: Any) -> Any:
    return client_of(who).post(f"{SHIRT}variants/", {"price": "20.00"} | values, format="json")


def names(product: Product) -> list[str]:
    return list(product.variants.live().values_list("name", flat=True))


def test_a_product_shows_its_options_and_each_variant_its_values() -> None:
    product = a_shirt()
    picture = ProductImageFactory.create(product=product)
    Variant.objects.update(image=picture, barcode="4006381333931", cost=850)

    shown = client_of(None).get(SHIRT).json()

    assert shown["options"] == [SIZE, COLOUR]
    assert shown["images"][0]["id"] == picture.pk
    [variant] = shown["variants"]
    assert variant == {
        "id": product.variants.get().pk,
        "sku": "SHIRT",
        "name": "S / Blue",
        "options": {"Size": "S", "Colour": "Blue"},
        "price": "20.00",
        "compare_at_price": None,
        "lowest_price_before": None,
        "weight": 0,
        "barcode": "4006381333931",
        "image": picture.pk,
        "stock_quantity": 10,
        "in_stock": True,
        "allows_backorders": False,
    }


@pytest.mark.parametrize(("who", "sees"), [(None, False), ("charlie", False), ("otto", False), ("clara", True)])
def test_what_a_variant_costs_the_shop_is_for_catalogue_staff(who: str | None, sees: bool) -> None:
    a_shirt()
    Variant.objects.update(cost=850)
    client = client_of(who)

    for variant in (client.get(SHIRT).json()["variants"][0], client.get(URL).json()["results"][0]["variants"][0]):
        assert variant.get("cost") == ("8.50" if sees else None)
        assert ("cost" in variant) == sees


def test_a_product_is_created_with_options_and_variants() -> None:
    variants = [{"price": "20", "options": {"Size": "M", "Colour": colour}} for colour in ("Red", "Blue")]
    body = {"name": "Shirt", "options": [SIZE, COLOUR], "variants": variants}

    answer = client_of("clara").post(URL, body, format="json")

    assert answer.status_code == 201
    assert answer.json()["options"] == [SIZE, COLOUR]
    assert [variant["sku"] for variant in answer.json()["variants"]] == ["SHIRT-M-BLUE", "SHIRT-M-RED"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"options": [SIZE, SIZE]},
        {"options": [SIZE] * 4},
        {"options": [{"name": "Size", "values": []}]},
        {"options": [{"name": "Size", "values": [1]}]},
        {"options": [{"name": "Size"}]},
        {"options": [SIZE, COLOUR], "variants": [{"price": "1", "options": {"Size": "M"}}]},
        {"options": [SIZE, COLOUR], "variants": [{"price": "1", "options": {"Size": "M", "Colour": "Pink"}}]},
        {"options": [SIZE], "variants": [{"price": "1", "options": {"Size": "M"}}] * 2},
        {"options": [SIZE], "variants": [{"price": "1", "options": {"Size": 1}}]},
        {"options": [SIZE], "variants": [{"price": "1", "options": ["M"]}]},
        {"options": [SIZE], "variants": [], "price": "1"},
        {"options": [], "variants": [{"price": "1", "options": {"Size": "M"}}]},
    ],
)
def test_options_that_make_no_sense_create_nothing(wrong: dict[str, Any]) -> None:
    answer = client_of("clara").post(URL, {"name": "Shirt", "variants": [{"price": "1"}]} | wrong, format="json")

    assert answer.status_code == 400
    assert answer.json()["errors"]
    assert not Product.objects.exists()


def test_a_variant_is_added_and_changed_by_its_values() -> None:
    product = a_shirt()
    picture = ProductImageFactory.create(product=product)

    added = add(
        options={"Size": "M", "Colour": "Red"}, cost="8.50", barcode="123", image=picture.pk, allows_backorders=True
    )
    assert added.status_code == 201
    shown = added.json()
    assert (shown["name"], shown["cost"], shown["barcode"], shown["image"], shown["allows_backorders"]) == (
        "M / Red", "8.50", "123", picture.pk, True,
    )  # fmt: skip

    at = f"{SHIRT}variants/{shown['id']}/"
    changed = client_of("clara").patch(
        at, {"options": {"size": "m", "Colour": "Blue"}, "image": None, "cost": None}, format="json"
    )
    assert changed.json()["options"] == {"Size": "M", "Colour": "Blue"}
    assert (changed.json()["image"], changed.json()["cost"], changed.json()["barcode"]) == (None, None, "123")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({}, "options"),
        ({"options": {"Size": "S", "Colour": "Blue"}}, "options"),
        ({"options": {"Size": "S", "Colour": "Red"}, "image": 1}, "image"),
        ({"options": {"Size": "S", "Colour": "Red"}, "image": True}, "image"),
        ({"options": {"Size": "S", "Colour": "Red"}, "image": 2**70}, "image"),
        ({"options": {"Size": "S", "Colour": "Red"}, "cost": "-1"}, "cost"),
        ({"options": {"Size": "S", "Colour": "Red"}, "barcode": "ä"}, "barcode"),
        ({"options": {"Size": "S", "Colour": "Red"}, "barcode": 4006381333931}, "barcode"),
        ({"options": {"Size": "S", "Colour": "Red"}, "allows_backorders": "yes"}, "allows_backorders"),
        ({"options": {"Size": "S", "\x00": "Red"}}, "options"),
    ],
)
def test_a_variant_that_makes_no_sense_is_refused(wrong: dict[str, Any], field: str) -> None:
    product = a_shirt()

    answer = add(**wrong)

    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert names(product) == ["S / Blue"]


def test_the_same_request_adds_one_variant() -> None:
    product = a_shirt()
    client = client_of("clara")
    body = {"price": "20.00", "options": {"Size": "M", "Colour": "Red"}}

    answers = [
        client.post(f"{SHIRT}variants/", body, format="json", headers={"Idempotency-Key": "one"}) for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert names(product) == ["S / Blue", "M / Red"]


def test_options_are_replaced_and_variants_follow() -> None:
    product = a_shirt()
    add(options={"Size": "M", "Colour": "Red"})

    answer = put([{"name": "Color", "renamed_from": "Colour", "values": ["Navy"], "renamed": {"Blue": "Navy"}}, SIZE])

    assert answer.status_code == 200
    assert answer.json()["options"] == [{"name": "Color", "values": ["Navy"]}, SIZE]
    assert names(product) == ["Navy / S"]


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        "Size",
        [SIZE],
        [{"name": "Size", "values": ["Q"]}, COLOUR],
        [SIZE, {**COLOUR, "renamed": {"Blue": 1}}],
        [SIZE, {**COLOUR, "renamed": ["Blue"]}],
        [SIZE, {**COLOUR, "renamed_from": 5}],
        [SIZE, COLOUR, {"name": "", "values": ["A"]}],
    ],
)
def test_options_that_fit_nothing_change_nothing(wrong: Any) -> None:
    product = a_shirt()
    add(options={"Size": "S", "Colour": "Red"})

    answer = put(wrong)

    assert answer.status_code == 400
    assert "options" in answer.json()["errors"]
    assert names(product) == ["S / Blue", "S / Red"]


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("charlie", 403), ("otto", 403)])
def test_options_and_variants_are_written_by_catalogue_staff_only(who: str | None, status: int) -> None:
    product = a_shirt()

    assert put([], who).status_code == status
    assert add(who, options={"Size": "M", "Colour": "Red"}).status_code == status
    assert names(product) == ["S / Blue"]
    assert product.options.count() == 2


def test_options_of_what_is_not_there_are_not_found() -> None:
    assert put([SIZE]).status_code == 404
