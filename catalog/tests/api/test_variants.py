"""Waiting for a variant, and the history of its prices. Clara keeps the catalogue, Otto the orders."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from catalog.models import PriceChange, StockAlert, Variant
from catalog.tests.api.people import client_of
from catalog.tests.factories import VariantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def variant() -> Variant:
    return VariantFactory.create(stock=0)


def ask(client: APIClient, variant: Variant, body: Any = None, **headers: str) -> Any:
    body = {"email": "alice@example.com"} if body is None else body
    return client.post(f"/api/v1/variants/{variant.pk}/stock-alerts/", body, format="json", headers=headers)


@pytest.mark.parametrize("who", [None, "charlie"])
def test_everybody_may_wait(variant: Variant, who: str | None) -> None:
    answers = [ask(client_of(None), variant) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json() == {"variant": variant.pk, "email": "alice@example.com"}
    assert StockAlert.objects.get().email == "alice@example.com"


def test_the_same_key_gets_the_same_answer(variant: Variant) -> None:
    client = client_of(None)
    first = ask(client, variant, **{"Idempotency-Key": "k-1"})
    again = ask(client, variant, **{"Idempotency-Key": "k-1"})
    other = ask(client, variant, {"email": "bob@example.com"}, **{"Idempotency-Key": "k-1"})

    assert (first.status_code, again.status_code, other.status_code) == (202, 202, 422)
    assert again.json() == first.json()
    assert again["Idempotent-Replayed"] == "true"
    assert StockAlert.objects.count() == 1


@pytest.mark.parametrize(
    "email", ["", "x", None, 5, "mıke@example.com", ["a@b.de"], "a@b.de\nBcc: c@d.de", "\x00@b.de"]
)
def test_a_wrong_address_is_named(variant: Variant, email: Any) -> None:
    answer = ask(client_of(None), variant, {"email": email})

    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"email"}
    assert not StockAlert.objects.exists()


def test_what_can_be_bought_is_a_conflict() -> None:
    answer = ask(client_of(None), VariantFactory.create(stock=1))

    assert (answer.status_code, answer.json()["code"]) == (409, "not_sold_out")


def test_what_is_not_there_is_not_found(variant: Variant) -> None:
    variant.pk = 10**18

    assert ask(client_of(None), variant).status_code == 404


def test_pages_and_api_share_a_quota(variant: Variant, settings: Any) -> None:
    cache.clear()
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "stock_alerts": "2/hour"}

    answers = [ask(client_of(None), variant, {"email": f"g{n}@example.com"}) for n in range(3)]

    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_staff_see_what_a_variant_cost(variant: Variant) -> None:
    PriceChange.objects.filter(variant=variant).delete()
    PriceChange.objects.create(variant=variant, price=1250, actor="clara")
    PriceChange.objects.create(variant=variant, price_before=1250, price=1000, compare_at_price=1250, actor="otto")

    answer = client_of("clara").get(f"/api/v1/variants/{variant.pk}/prices/").json()

    assert answer["count"] == 2
    latest, first = answer["results"]
    assert latest.pop("created_at")
    assert latest == {
        "price_before": "12.50",
        "price": "10.00",
        "compare_at_price_before": None,
        "compare_at_price": "12.50",
        "actor": "otto",
    }
    assert first["price_before"] is None


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("charlie", 403), ("otto", 403), ("clara", 200)])
def test_only_catalogue_staff_see_it(variant: Variant, who: str | None, status: int) -> None:
    client = client_of(who)

    assert client.get(f"/api/v1/variants/{variant.pk}/prices/").status_code == status
    assert client.get("/api/v1/variants/999999/prices/").status_code == (404 if status == 200 else status)


def test_an_unknown_parameter_of_the_history_is_refused(variant: Variant) -> None:
    assert client_of("clara").get(f"/api/v1/variants/{variant.pk}/prices/?x=1").status_code == 400
