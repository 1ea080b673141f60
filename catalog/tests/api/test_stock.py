"""The stock of a variant over HTTP. Clara keeps the catalogue, Otto the orders, Charlie is a stranger."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import StockLevel, StockMovement, Variant
from catalog.tests.api.people import client_of
from catalog.tests.factories import VariantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def variant() -> Variant:
    return VariantFactory.create(sku="MUG", stock=10)


def url(variant: Variant, rest: str = "stock/") -> str:
    return f"/api/v1/variants/{variant.pk}/{rest}"


def post(client: APIClient, variant: Variant, act: str, body: Any, **headers: str) -> Any:
    return client.post(url(variant, f"stock/{act}/"), body, format="json", headers=headers)


def test_catalogue_staff_see_what_is_there(variant: Variant) -> None:
    StockLevel.objects.update(reserved=7)
    assert client_of("clara").get(url(variant)).json() == {
        "variant": variant.pk,
        "sku": "MUG",
        "on_hand": 10,
        "reserved": 7,
        "available": 3,
        "low_at": None,
        "is_low": True,
        "allows_backorders": False,
    }


def test_what_happened_is_written_into_the_ledger(variant: Variant) -> None:
    clara = client_of("clara")
    assert post(clara, variant, "receive", {"quantity": 5, "note": "Delivery"}).json()["on_hand"] == 15
    assert post(clara, variant, "adjust", {"quantity": -2, "reason": "damaged"}).json()["on_hand"] == 13
    assert post(clara, variant, "count", {"counted": 12}).json()["on_hand"] == 12
    listed = clara.get(url(variant, "movements/")).json()
    entries = listed["results"] if isinstance(listed, dict) else listed
    shown = [[each[name] for name in ("on_hand_before", "quantity", "on_hand_after", "reason")] for each in entries]
    assert shown == [[13, -1, 12, "counted"], [15, -2, 13, "damaged"], [10, 5, 15, "received"], [0, 10, 10, "received"]]
    assert (entries[2]["note"], entries[2]["actor"]) == ("Delivery", "clara")


def test_the_same_key_moves_it_once(variant: Variant) -> None:
    clara = client_of("clara")
    answers = [post(clara, variant, "receive", {"quantity": 5}, **{"Idempotency-Key": "k-1"}) for _ in range(2)]
    assert [answer.json()["on_hand"] for answer in answers] == [15, 15]
    assert answers[1]["Idempotent-Replayed"] == "true"
    assert post(clara, variant, "receive", {"quantity": 6}, **{"Idempotency-Key": "k-1"}).status_code == 422


def test_rules_are_changed_one_by_one(variant: Variant) -> None:
    clara = client_of("clara")
    assert clara.patch(url(variant), {"low_at": 20}, format="json").json()["is_low"]
    shown = clara.patch(url(variant), {"allows_backorders": True}, format="json").json()
    assert (shown["low_at"], shown["allows_backorders"]) == (20, True)
    StockLevel.objects.update(reserved=11)
    refused = clara.patch(url(variant), {"allows_backorders": False}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "stock_too_low")


def test_what_is_promised_stays(variant: Variant) -> None:
    StockLevel.objects.update(reserved=9)
    refused = post(client_of("clara"), variant, "adjust", {"quantity": -2})
    assert (refused.status_code, refused.json()["code"]) == (409, "stock_too_low")
    assert StockMovement.objects.count() == 1


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("receive", {"quantity": 0}),
        ("receive", {"quantity": "5"}),
        ("receive", {"quantity": 1.5}),
        ("receive", {"quantity": True}),
        ("receive", {"quantity": 10**12}),
        ("receive", {}),
        ("receive", {"quantity": 1, "note": 7}),
        ("adjust", {"quantity": 0}),
        ("adjust", {"quantity": 2, "reason": "damaged"}),
        ("adjust", {"quantity": -1, "reason": "shipped"}),
        ("count", {"counted": -1}),
        ("count", {"quantity": 4}),
    ],
)
def test_bad_input_changes_nothing(variant: Variant, act: str, body: dict[str, Any]) -> None:
    assert post(client_of("clara"), variant, act, body).status_code == 400
    assert StockMovement.objects.count() == 1


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("charlie", 403), ("otto", 403)])
def test_nobody_else_sees_or_moves_it(variant: Variant, who: str | None, status: int) -> None:
    client = client_of(who)
    answers = [client.get(url(variant)), client.get(url(variant, "movements/"))]
    answers += [post(client, variant, act, {"quantity": 1, "counted": 1}) for act in ("receive", "adjust", "count")]
    answers.append(client.patch(url(variant), {"low_at": 1}, format="json"))
    assert {answer.status_code for answer in answers} == {status}
    assert StockMovement.objects.count() == 1


def test_of_what_is_not_there_there_is_no_stock() -> None:
    clara = client_of("clara")
    assert clara.get("/api/v1/variants/999/stock/").status_code == 404
    assert clara.post("/api/v1/variants/999/stock/receive/", {"quantity": 1}, format="json").status_code == 404
