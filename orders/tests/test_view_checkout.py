"""The first page of the checkout: contact, address and way to pay, typed or taken from the address book."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Address
from catalog.tests.factories import VariantFactory
from orders.models import Order
from orders.tests.shopping import DETAILS, buy, client_of, fill_in, person, press_place, put, review_form

pytestmark = pytest.mark.django_db

CART, CHECKOUT, REVIEW = (reverse(f"orders:{name}") for name in ("cart", "checkout", "review"))
HOME = {
    "name": "Alice Archer",
    "line1": "Lindenallee 3",
    "postcode": "20095",
    "city": "Hamburg",
    "country": "DE",
}


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_without_a_cart_there_is_nothing_to_check_out(client: Client) -> None:
    for address in (CHECKOUT, REVIEW):
        assert client.get(address)["Location"] == CART
        assert client.post(address, DETAILS)["Location"] == CART
    assert not Order.objects.exists()


def test_guests_may_log_in_but_need_not(client: Client) -> None:
    put(client, VariantFactory.create())
    page = text_of(client.get(CHECKOUT))
    assert f'href="{reverse("account_login")}?next={CHECKOUT}"' in page
    assert "Review the order" in page


def test_details_lead_to_the_review_and_write_nothing_into_the_shop(client: Client) -> None:
    put(client, VariantFactory.create())
    assert fill_in(client)["Location"] == REVIEW
    assert not Order.objects.exists()
    assert not Address.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ""),
        ("email", "nobody"),
        ("email", "a@b.example\nBcc: c@d.example"),
        ("email", "a" * 300 + "@example.com"),
        ("name", ""),
        ("name", "x" * 121),
        ("name", "Ada\r\nBcc: someone@example.com"),
        ("name", "Ada\x00"),
        ("line1", " "),
        ("city", ""),
        ("postcode", ""),
        ("country", "XX"),
        ("country", ""),
        ("phone", "call me"),
        ("phone", "1" * 41),
        ("payment_method", "gold"),
        ("payment_method", ""),
        ("note", "x" * 1001),
        ("note", "a\x00b"),
    ],
)
def test_a_senseless_detail_is_named_and_goes_no_further(client: Client, field: str, value: str) -> None:
    put(client, VariantFactory.create())

    response = fill_in(client, **{field: value})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert "Please correct the marked fields." in text_of(response)
    assert client.get(REVIEW)["Location"] == CHECKOUT


def test_an_empty_form_says_what_to_do_field_by_field(client: Client) -> None:
    put(client, VariantFactory.create())
    errors = client.post(CHECKOUT, {"email": ""}).context["form"].errors
    asked = {field: str(problems[0]) for field, problems in errors.items()}
    assert asked == dict.fromkeys(("name", "line1", "postcode", "city", "email"), "Please fill this in.") | {
        "country": "Please choose one.",
        "payment_method": "Please choose one.",
    }


@pytest.mark.parametrize("field", ["name", "city", "note", "email"])
def test_bytes_that_are_no_text_are_refused(client: Client, field: str) -> None:
    put(client, VariantFactory.create())
    details = "&".join(f"{name}={quote(value)}" for name, value in DETAILS.items() if name != field)
    body = f"{details}&{field}=A%ED%A0%80%FF"
    response = client.post(CHECKOUT, body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]


@pytest.mark.parametrize("name", ["José Ångström", "Ünal 🌿", "‮Ada", "Jose\u0301", "O'Neil & <b>Söhne</b>"])
def test_names_arrive_as_they_were_typed(client: Client, name: str) -> None:
    order = buy(client, (VariantFactory.create(), 1), name=name, note=f"Für {name}\r\nzweite Zeile")
    assert order.name == name
    assert order.customer_note == f"Für {name}\r\nzweite Zeile"


def test_what_was_typed_is_still_there_on_the_way_back(client: Client) -> None:
    put(client, VariantFactory.create())
    fill_in(client, line1="Ahornweg 9", note="Please ring")
    page = text_of(client.get(CHECKOUT))
    assert 'value="Ahornweg 9"' in page
    assert "Please ring" in page


def test_a_customer_finds_the_own_address_and_the_address_book() -> None:
    alice = person()
    address = Address.objects.create(user=alice, is_default=True, **HOME)
    client = client_of(alice)
    put(client, VariantFactory.create())

    page = text_of(client.get(CHECKOUT))
    assert 'value="alice@example.com"' in page
    assert "Lindenallee 3" in page

    client.post(CHECKOUT, {"email": alice.email, "address": address.pk, "payment_method": "bank_transfer"})
    press_place(client, review_form(client))
    order = Order.objects.get()
    assert (order.line1, order.city, order.customer) == ("Lindenallee 3", "Hamburg", alice)


def test_nobody_ships_to_an_entry_of_somebody_elses_address_book() -> None:
    foreign = Address.objects.create(user=person("bob"), **HOME)
    client = client_of(person())
    put(client, VariantFactory.create())
    response = client.post(CHECKOUT, DETAILS | {"address": foreign.pk})
    assert response.status_code == 422
    assert "Lindenallee" not in text_of(response)


@pytest.mark.parametrize("choice", ["", "new", "0", "x", "\x00"])
def test_without_a_choice_from_the_book_an_address_has_to_be_typed(choice: str) -> None:
    alice = person()
    Address.objects.create(user=alice, **HOME)
    client = client_of(alice)
    put(client, VariantFactory.create())
    response = client.post(CHECKOUT, {"email": alice.email, "payment_method": "bank_transfer", "address": choice})
    assert response.status_code == 422
    assert {"name", "line1", "city", "country"} <= set(response.context["form"].errors)


def test_an_entry_in_a_country_we_do_not_ship_to_is_refused() -> None:
    alice = person()
    far = Address.objects.create(user=alice, **{**HOME, "country": "NZ"})
    client = client_of(alice)
    put(client, VariantFactory.create())
    response = client.post(CHECKOUT, DETAILS | {"address": far.pk})
    assert response.status_code == 422
    assert "We do not ship to this country" in text_of(response)


def test_a_new_address_is_kept_in_the_book_when_asked_for_and_only_once() -> None:
    alice = person()
    client = client_of(alice)
    mug = VariantFactory.create()
    buy(client, (mug, 1))
    assert not Address.objects.exists()
    for _ in range(2):
        buy(client, (mug, 1), address="new", save_address="on")
    kept = Address.objects.get()
    assert (kept.user, kept.line1) == (alice, DETAILS["line1"])
