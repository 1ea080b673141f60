"""One `Idempotency-Key`, one product: what is created over the API is created once."""

from __future__ import annotations

import threading
from typing import Any

import httpx
import pytest

from catalog.models import Category, Product, Variant
from catalog.tests.api.people import client_of, person
from catalog.tests.factories import ProductFactory

pytestmark = pytest.mark.django_db
PRODUCTS, CATEGORIES = "/api/v1/products/", "/api/v1/categories/"
MUG = {"name": "Stone mug", "price": "12.50", "stock_quantity": 7}


def post(client: Any, url: str, body: dict[str, Any], key: str = "a-key") -> Any:
    return client.post(url, body, format="json", headers={"Idempotency-Key": key})


def variants_url(**fields: Any) -> str:
    return f"{PRODUCTS}{ProductFactory.create(**fields).slug}/variants/"


@pytest.mark.parametrize(
    ("url", "body", "model"),
    [(PRODUCTS, MUG, Product), (CATEGORIES, {"name": "Mugs"}, Category), (None, MUG | {"name": "Large"}, Variant)],
)
def test_the_same_request_again_creates_nothing(url: str | None, body: dict[str, Any], model: Any) -> None:
    clara, url = client_of("clara"), url or variants_url()
    first = post(clara, url, body)
    assert first.status_code == 201, first.content
    created = model.objects.count()

    again = post(clara, url, body)

    assert (again.status_code, again.content, again["Idempotent-Replayed"]) == (201, first.content, "true")
    assert again.get("Location") == first.get("Location")
    assert "Idempotent-Replayed" not in first
    other = post(clara, url, body | {"name": "Another"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert model.objects.count() == created


def test_without_a_key_every_request_creates() -> None:
    clara = client_of("clara")
    answers = [clara.post(PRODUCTS, MUG, format="json") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert Product.objects.count() == 2


def test_a_key_of_a_stranger_opens_nothing() -> None:
    post(client_of("clara"), PRODUCTS, MUG)
    assert post(client_of("charlie"), PRODUCTS, MUG).status_code == 403
    assert post(client_of(None), PRODUCTS, MUG).status_code == 401


def test_a_mistake_gives_the_key_back_and_no_key_is_refused() -> None:
    clara = client_of("clara")
    assert post(clara, PRODUCTS, MUG | {"price": "-1"}).status_code == 400
    assert post(clara, PRODUCTS, MUG).status_code == 201
    refused = post(clara, PRODUCTS, MUG, key="two words")
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["Idempotency-Key"])
    assert refused.json()["code"] == "idempotency_key_invalid"


def test_the_longest_address_has_room_for_keys() -> None:
    assert post(client_of("clara"), variants_url(slug="m" * 220), {"name": "Large", "price": 1}).status_code == 201


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("key", ["one-key", None])
def test_parallel_posts_with_one_key_make_one_product(live_server: Any, key: str | None) -> None:
    """And the control: without the key, each makes its own."""
    person("clara")
    login = {"username": "clara", "password": "juniper-tests"}
    token = httpx.post(f"{live_server.url}/api/v1/auth/token/", json=login, timeout=60).json()["access"]
    headers = {"Authorization": f"Bearer {token}"}
    headers |= {"Idempotency-Key": key} if key else {}
    start = threading.Barrier(4)
    answers: list[httpx.Response] = []

    def create() -> None:
        with httpx.Client(base_url=live_server.url, timeout=60) as client:
            start.wait(60)
            answers.append(client.post(PRODUCTS, json=MUG, headers=headers))

    threads = [threading.Thread(target=create, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)

    assert Product.objects.count() == (1 if key else 4)
    made = [answer for answer in answers if answer.status_code == 201]
    waiting = [answer for answer in answers if answer.status_code == 409]
    assert len(made) + len(waiting) == 4
    assert len({answer.json()["id"] for answer in made}) == Product.objects.count()
    assert {answer.json()["code"] for answer in waiting} <= {"idempotency_key_in_progress"}
