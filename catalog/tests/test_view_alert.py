"""The form on a sold-out variant, and the page that forgets the address again."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client

from catalog.models import Product, StockAlert, Variant
from catalog.tests.factories import ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db
FORM = 'id="back-in-stock"'


@pytest.fixture
def mug() -> Product:
    """Blue is sold out, red is not."""
    product = ProductFactory.create(name="Mug", slug="mug", bare=True)
    VariantFactory.create(product=product, name="Blue", stock=0)
    VariantFactory.create(product=product, name="Red", stock=3, position=1)
    return product


def variant(product: Product, name: str) -> Variant:
    return product.variants.get(name=name)


def page(client: Client, address: str = "/products/mug/") -> str:
    return client.get(address).content.decode()


def ask(client: Client, **data: object) -> Any:
    return client.post("/products/mug/alert/", data)


def test_there_is_no_form_where_everything_can_be_bought(client: Client) -> None:
    ProductFactory.create(slug="mug", stock=1)

    assert FORM not in page(client)


def test_a_shopper_is_told_what_happens_and_where_to_go_on(client: Client, mug: Product) -> None:
    assert FORM in page(client)

    answer = ask(client, variant=variant(mug, "Blue").pk, email="alice@example.com")

    blue = variant(mug, "Blue")
    assert (answer.status_code, answer["Location"]) == (302, f"/products/mug/?variant={blue.sku}")
    assert "We will write to alice@example.com once, as soon as it is back." in page(client)
    alert = StockAlert.objects.get()
    assert (alert.variant.name, alert.email) == ("Blue", "alice@example.com")


def test_the_answer_does_not_tell_who_waits_already(client: Client, mug: Product) -> None:
    answers = []
    for _ in range(2):
        answer = ask(client, variant=variant(mug, "Blue").pk, email="alice@example.com")
        answers.append((answer.status_code, answer["Location"], "We will write to" in page(client)))

    assert answers[0] == answers[1]
    assert StockAlert.objects.count() == 1


def test_a_customer_finds_the_own_address_filled_in(client: Client, mug: Product) -> None:
    alice = get_user_model().objects.create_user(username="alice", email="alice@example.com", password="x")
    client.force_login(alice)

    assert 'value="alice@example.com"' in page(client)


@pytest.mark.parametrize("email", ["", "alice", "alice@", "a@b@c.de", "mıke@example.com", "x" * 250 + "@example.com"])
def test_a_wrong_address_is_said_at_the_field(client: Client, mug: Product, email: str) -> None:
    answer = ask(client, variant=variant(mug, "Blue").pk, email=email)

    assert answer.status_code == 422
    assert 'class="errorlist"' in answer.content.decode()
    assert not StockAlert.objects.exists()


@pytest.mark.parametrize("wrong", ["", "x", "0", str(10**30), "1.5", "\x00"])
def test_a_variant_of_something_else_is_refused(client: Client, mug: Product, wrong: str) -> None:
    strange = VariantFactory.create(stock=0)

    for pk in (wrong, strange.pk):
        assert ask(client, variant=pk, email="alice@example.com").status_code == 422

    assert not StockAlert.objects.exists()


def test_what_can_be_bought_is_said_to_be_there(client: Client, mug: Product) -> None:
    answer = ask(client, variant=variant(mug, "Red").pk, email="alice@example.com")

    assert answer.status_code == 302
    assert "This can be bought right now." in page(client)
    assert not StockAlert.objects.exists()


def test_a_machine_that_fills_in_everything_is_thanked_and_ignored(client: Client, mug: Product) -> None:
    answer = ask(client, variant=variant(mug, "Blue").pk, email="alice@example.com", website="http://spam.example")

    assert answer.status_code == 302
    assert not StockAlert.objects.exists()


def test_looking_at_the_address_of_the_form_leads_to_the_product(client: Client, mug: Product) -> None:
    assert client.get("/products/mug/alert/")["Location"] == "/products/mug/"
    assert client.get("/products/nothing/alert/").status_code == 404


def test_a_form_from_elsewhere_is_refused(mug: Product) -> None:
    client = Client(enforce_csrf_checks=True)

    assert ask(client, variant=variant(mug, "Blue").pk, email="alice@example.com").status_code == 403


def test_a_client_has_a_quota(client: Client, mug: Product, settings: Any) -> None:
    cache.clear()
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "stock_alerts": "3/hour"}

    answers = [ask(client, variant=variant(mug, "Blue").pk, email=f"g{n}@example.com") for n in range(5)]

    assert [answer.status_code for answer in answers] == [302] * 3 + [429] * 2
    assert int(answers[-1]["Retry-After"]) > 0
    assert StockAlert.objects.count() == 3


def test_the_link_of_a_letter_asks_before_it_forgets(client: Client, mug: Product) -> None:
    ask(client, variant=variant(mug, "Blue").pk, email="alice@example.com")
    address = f"/stock-alerts/{StockAlert.objects.get().token}/"

    answer = client.get(address)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert "noindex" in answer["X-Robots-Tag"]
    assert StockAlert.objects.exists()

    assert client.post(address).status_code == 302
    assert not StockAlert.objects.exists()
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404


@pytest.mark.parametrize("token", ["%00", "none", "a%ff", "x" * 300])
def test_an_address_that_is_no_letters_is_not_there(client: Client, token: str) -> None:
    assert client.get(f"/stock-alerts/{token}/").status_code == 404
