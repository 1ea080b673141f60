from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.models import Category, Product, StockLevel, StockMovement, TaxClass, Variant
from catalog.tests.api.people import client_of
from catalog.tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/products/"


def post(body: dict[str, Any], who: str | None = "clara") -> Any:
    return client_of(who).post(URL, json.dumps(body), content_type="application/json")


def ledger(product_id: int) -> list[tuple[int, str, str]]:
    movements = StockMovement.objects.filter(level__variant__product=product_id).order_by("pk")
    return list(movements.values_list("quantity", "reason", "actor"))


def test_a_simple_body_creates_a_complete_product() -> None:
    CategoryFactory.create(name="Mugs")
    body = {"name": "Stone mug", "price": "12.50", "stock_quantity": 7, "category": "mugs"}
    response = post(body)
    assert response.status_code == 201
    shown = response.json()
    assert response["Location"] == "http://testserver/api/v1/products/stone-mug/"
    assert (shown["price"], shown["stock_quantity"], shown["category"]["slug"]) == ("12.50", 7, "mugs")
    assert [variant["sku"] for variant in shown["variants"]] == ["STONE-MUG"]
    for variant in shown["variants"]:
        del variant["cost"]  # which is not for everybody
    assert client_of(None).get(response["Location"]).json() == shown
    assert ledger(shown["id"]) == [(7, "received", "clara")]


@pytest.mark.parametrize("price", ["12.5", "12.50", 12.5, "0012.50", " 12.50 "])
def test_a_price_may_be_text_or_number(price: object) -> None:
    assert post({"name": "Mug", "price": price}).json()["price"] == "12.50"


def test_a_category_is_given_by_slug_id_or_as_it_is_shown() -> None:
    category = CategoryFactory.create(name="Mugs")
    client = client_of("clara")
    for reference in ("mugs", category.pk, str(category.pk), {"id": category.pk}, {"slug": "mugs"}):
        response = client.post(URL, {"name": "Mug", "price": 1, "category": reference}, format="json")
        assert response.json()["category"]["id"] == category.pk


def test_without_a_category_a_product_goes_under_other() -> None:
    assert post({"name": "Mug", "price": 1}).json()["category"]["name"] == "Other"


def test_several_variants_are_created_at_once() -> None:
    variants = [{"name": "Small", "price": "5", "stock_quantity": 1}, {"name": "Large", "price": "7.00", "sku": "L-1"}]
    shown = post({"name": "Mug", "variants": variants}).json()
    assert shown["price"] == "5.00"
    assert [variant["sku"] for variant in shown["variants"]] == ["MUG-SMALL", "L-1"]
    assert shown["stock_quantity"] == 1


def test_what_a_client_may_not_decide_is_ignored() -> None:
    body = {
        "name": "Mug",
        "price": 1,
        "id": 999,
        "currency": "USD",
        "in_stock": False,
        "created_at": "x",
    }
    shown = post(body).json()
    assert (shown["currency"], shown["created_at"] != "x") == ("EUR", True)
    assert shown["id"] != 999


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": None}, "name"),
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": 5}, "name"),
        ({"name": ["x"]}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"description": "\x00"}, "description"),
        ({"description": "x" * 60_000}, "description"),
        ({"price": None}, "price"),
        ({"price": 0}, "price"),
        ({"price": "0.00"}, "price"),
        ({"price": -1}, "price"),
        ({"price": "NaN"}, "price"),
        ({"price": "Infinity"}, "price"),
        ({"price": "1e5"}, "price"),
        ({"price": "1_000"}, "price"),
        ({"price": "１２"}, "price"),
        ({"price": "12,50"}, "price"),
        ({"price": 12.505}, "price"),
        ({"price": 1e300}, "price"),
        ({"price": 2**63}, "price"),
        ({"price": True}, "price"),
        ({"price": {}}, "price"),
        ({"price": "9" * 100_000}, "price"),
        ({"compare_at_price": "1.00"}, "compare_at_price"),
        ({"compare_at_price": "x"}, "compare_at_price"),
        ({"stock_quantity": -1}, "stock_quantity"),
        ({"stock_quantity": 1.5}, "stock_quantity"),
        ({"stock_quantity": True}, "stock_quantity"),
        ({"stock_quantity": None}, "stock_quantity"),
        ({"stock_quantity": "7"}, "stock_quantity"),
        ({"stock_quantity": 2**31}, "stock_quantity"),
        ({"stock_quantity": 2**63}, "stock_quantity"),
        ({"stock_quantity": 1e300}, "stock_quantity"),
        ({"weight": -1}, "weight"),
        ({"weight": 1.5}, "weight"),
        ({"weight": "400"}, "weight"),
        ({"weight": True}, "weight"),
        ({"weight": None}, "weight"),
        ({"weight": 10**9}, "weight"),
        ({"weight": 1e300}, "weight"),
        ({"tax_class": "luxury"}, "tax_class"),
        ({"tax_class": 7}, "tax_class"),
        ({"tax_class": ""}, "tax_class"),
        ({"tax_class": "\x00"}, "tax_class"),
        ({"tax_class": {"code": "books"}}, "tax_class"),
        ({"category": "nowhere"}, "category"),
        ({"category": 0}, "category"),
        ({"category": -1}, "category"),
        ({"category": 2**63}, "category"),
        ({"category": True}, "category"),
        ({"category": 1.5}, "category"),
        ({"category": []}, "category"),
        ({"category": {"id": None}}, "category"),
        ({"category": "\x00"}, "category"),
        ({"is_published": "yes"}, "is_published"),
        ({"sku": ""}, "sku"),
        ({"sku": "x" * 65}, "sku"),
        ({"sku": "käse"}, "sku"),
        ({"sku": "\ud800"}, "sku"),
        ({"variants": "x"}, "variants"),
        ({"variants": [{"name": "x"}]}, "variants"),
        ({"variants": [{"price": 1}] * 101}, "variants"),
    ],
)
def test_nonsense_is_refused_and_nothing_written(values: dict[str, Any], field: str) -> None:
    response = post({"name": "Mug", "price": "12.50", "stock_quantity": 7} | values)
    assert response.status_code == 400, response.content
    assert response["Content-Type"] == "application/problem+json"
    assert field in response.json()["errors"]
    assert not Product.objects.exists()
    assert not Category.objects.exists()
    assert not StockLevel.objects.exists()


@pytest.mark.parametrize(
    "text", ['{"name": "Mug", "price": NaN}', '{"name": "Mug", "price": 1e309}', '{"name": "Mug"', "[]", '"x"', ""]
)
def test_a_body_that_is_no_object_of_values_is_refused(text: str) -> None:
    response = client_of("clara").post(URL, text, content_type="application/json")
    assert response.status_code == 400
    assert not Product.objects.exists()


def test_every_character_comes_back_as_it_was_sent() -> None:
    text = "e\u0301 é \u202eRTL 🫖 <script>alert(1)</script> ' \" \t\n  "
    shown = post({"name": f"x{text}x", "price": 1}).json()
    assert shown["name"] == f"x{text}x"


def test_a_taken_sku_is_named() -> None:
    ProductFactory.create(sku="TAKEN")
    response = post({"name": "Mug", "price": 1, "sku": "taken"})
    assert response.status_code == 400
    assert "sku" in response.json()["errors"]


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("charlie", 403), ("otto", 403)])
def test_strangers_write_nothing(who: str | None, status: int) -> None:
    product = ProductFactory.create(name="Mug")
    variant = product.variants.get()
    client = client_of(who)
    one, small = f"{URL}mug/", f"{URL}mug/variants/{variant.pk}/"
    answers = [
        client.post(URL, {"name": "X", "price": 1}, format="json"),
        client.put(one, {"name": "X", "price": 1}, format="json"),
        client.patch(one, {"name": "X"}, format="json"),
        client.delete(one),
        client.post(f"{one}variants/", {"price": 1}, format="json"),
        client.patch(small, {"price": 1}, format="json"),
        client.delete(small),
    ]
    assert {answer.status_code for answer in answers} == {status}
    assert {answer["Content-Type"] for answer in answers} == {"application/problem+json"}
    if who is None:
        assert {answer["WWW-Authenticate"].split()[0] for answer in answers} == {"Bearer"}
    assert list(Product.objects.values_list("name", flat=True)) == ["Mug"]
    assert Variant.objects.get().price == variant.price


def test_a_change_of_stock_is_a_movement() -> None:
    product = ProductFactory.create(name="Mug", stock=7)
    StockLevel.objects.update(reserved=2)
    response = client_of("clara").patch(f"{URL}mug/", {"stock_quantity": 9}, format="json")
    assert (response.status_code, response.json()["stock_quantity"]) == (200, 9)
    assert StockLevel.objects.get().on_hand == 11
    assert ledger(product.pk) == [(7, "received", ""), (4, "adjusted", "clara")]


def test_put_takes_what_get_shows() -> None:
    ProductFactory.create(name="Mug", price=1250, compare_at_price=1500, stock=7)
    client = client_of("clara")
    shown = client.get(f"{URL}mug/").json()
    answer = client.put(f"{URL}mug/", shown | {"price": "11.00"}, format="json")
    assert answer.status_code == 200
    assert answer.json() == shown | {
        "price": "11.00",
        "variants": [shown["variants"][0] | {"price": "11.00"}],
        "updated_at": answer.json()["updated_at"],
    }


def test_a_product_has_a_tax_class_and_its_variants_a_weight() -> None:
    TaxClass.objects.create(code="books", name="Books")
    clara, address = client_of("clara"), f"{URL}novel/"
    novel = {"name": "Novel", "price": "12", "weight": 320, "tax_class": "books"}
    shown = clara.post(URL, novel, format="json").json()
    assert (shown["tax_class"], shown["variants"][0]["weight"]) == ("books", 320)

    changed = clara.patch(address, {"weight": 350, "tax_class": None}, format="json").json()
    assert (changed["tax_class"], changed["variants"][0]["weight"]) == (None, 350)
    assert clara.put(address, shown, format="json").json()["tax_class"] == "books"

    large = clara.post(f"{address}variants/", {"name": "Large print", "price": "15", "weight": 600}, format="json")
    assert large.json()["weight"] == 600
    at = f"{address}variants/{large.json()['id']}/"
    assert clara.patch(at, {"weight": 580}, format="json").json()["weight"] == 580
    assert clara.patch(at, {"weight": -1}, format="json").status_code == 400
    refused = clara.patch(address, {"weight": 1}, format="json")
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["weight"])
    assert list(Variant.objects.order_by("pk").values_list("weight", flat=True)) == [350, 580]


def test_put_needs_name_and_price_and_patch_nothing() -> None:
    ProductFactory.create(name="Mug")
    client = client_of("clara")
    assert set(client.put(f"{URL}mug/", {}, format="json").json()["errors"]) == {"name", "price"}
    assert client.patch(f"{URL}mug/", {}, format="json").status_code == 200


def test_a_hidden_product_is_there_for_catalogue_staff_only() -> None:
    ProductFactory.create(name="Mug")
    clara = client_of("clara")
    assert clara.patch(f"{URL}mug/", {"is_published": False}, format="json").status_code == 200
    assert client_of(None).get(f"{URL}mug/").status_code == 404
    assert clara.get(f"{URL}mug/").status_code == 200


def test_variants_have_addresses_of_their_own() -> None:
    product = ProductFactory.create(name="Mug", price=1000)
    client = client_of("clara")
    added = client.post(f"{URL}mug/variants/", {"name": "Large", "price": "20", "stock_quantity": 3}, format="json")
    assert added.status_code == 201
    at = f"{URL}mug/variants/{added.json()['id']}/"
    changed = client.patch(at, {"price": "9.00", "stock_quantity": 1}, format="json")
    assert (changed.json()["price"], changed.json()["stock_quantity"]) == ("9.00", 1)
    product.refresh_from_db()
    assert product.price == 900
    refused = client.patch(f"{URL}mug/", {"stock_quantity": 50}, format="json")
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["stock_quantity"])
    assert client.delete(at).status_code == 204
    assert client.delete(at).status_code == 404
    assert client.delete(f"{URL}mug/variants/{product.variants.get().pk}/").status_code == 400


def test_a_variant_is_not_reached_through_another_product() -> None:
    ProductFactory.create(name="Mug")
    other = ProductFactory.create(name="Pan").variants.get()
    response = client_of("clara").patch(f"{URL}mug/variants/{other.pk}/", {"price": "1"}, format="json")
    assert response.status_code == 404
    other.refresh_from_db()
    assert other.price == 1250


def test_a_product_never_ordered_is_gone_after_delete() -> None:
    ProductFactory.create(name="Mug")
    client = client_of("clara")
    assert client.delete(f"{URL}mug/").status_code == 204
    assert client.delete(f"{URL}mug/").status_code == 404
    assert not Product.objects.exists()


@pytest.mark.parametrize("slug", ["%00", "no-such", "a%20b", "%F0%9F%AB%96"])
def test_an_unknown_address_is_a_problem(slug: str) -> None:
    response = client_of(None).get(f"{URL}{slug}/")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"a":' * 100_000, b'{"name": "\xff"}', b'{"name":"a","name":7,"price":1}']
)
def test_a_body_built_to_hurt_is_refused(body: bytes) -> None:
    response = client_of("clara").post(URL, body, content_type="application/json")
    assert response.status_code in (400, 413)
    assert not Product.objects.exists()


def test_only_json_is_understood() -> None:
    response = client_of("clara").post(URL, b"name=Mug", content_type="application/x-www-form-urlencoded")
    assert response.status_code == 415
