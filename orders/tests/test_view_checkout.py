from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import Address
from catalog.models import Product, Variant
from catalog.tests.factories import VariantFactory
from orders import lifecycle
from orders.actors import GUEST
from orders.models import Cart, CartLine, Order
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


# --- details ---------------------------------------------------------------------------------------------------


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


# --- review and placing ----------------------------------------------------------------------------------------


def test_the_review_shows_what_will_be_ordered(client: Client) -> None:
    put(client, VariantFactory.create(product__name="Speckled mug", product__slug="mug", price=1250), 2)
    fill_in(client)
    page = text_of(client.get(REVIEW))
    for part in ("Speckled mug", "2 × €12.50", "€25.00", "€4.90", "€29.90", "Gartenweg 7", "Germany", "Bank transfer"):
        assert part in page


def test_placing_makes_the_order_and_leads_to_thanks(client: Client) -> None:
    mug = VariantFactory.create(price=1250)
    put(client, mug, 2)
    fill_in(client)

    response = client.post(REVIEW, review_form(client), follow=True)

    order = Order.objects.get()
    assert (order.total, order.email, order.channel) == (2990, "guest@example.com", "storefront")
    assert "Thank you for your order" in text_of(response)
    assert order.number in text_of(response)
    assert "Your cart is empty" in text_of(client.get(CART))
    mug.stock.refresh_from_db()
    assert mug.stock.reserved == 2


def test_what_was_typed_is_forgotten_when_the_order_is_placed(client: Client) -> None:
    buy(client, (VariantFactory.create(), 1))
    stored = str(dict(client.session))
    for value in (DETAILS["name"], DETAILS["email"], DETAILS["line1"]):
        assert value not in stored


def test_the_same_form_again_leads_to_the_same_order(client: Client) -> None:
    put(client, VariantFactory.create())
    fill_in(client)
    form = review_form(client)
    first, second = press_place(client, form), press_place(client, form)
    assert first["Location"] == second["Location"]
    assert Order.objects.count() == 1


def test_two_tabs_make_one_order(client: Client) -> None:
    put(client, VariantFactory.create())
    fill_in(client)
    one, other = review_form(client), review_form(client)
    assert press_place(client, one)["Location"] == press_place(client, other)["Location"]
    assert Order.objects.count() == 1


def test_a_customers_two_devices_make_one_order() -> None:
    alice = person()
    laptop, phone = client_of(alice), client_of(alice)
    put(laptop, VariantFactory.create())
    for device in (laptop, phone):
        fill_in(device)
    forms = [review_form(laptop), review_form(phone)]
    answers = [press_place(laptop, forms[0]), press_place(phone, forms[1])]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Order.objects.count() == 1


def test_going_back_after_ordering_leads_to_the_order(client: Client) -> None:
    order = buy(client, (VariantFactory.create(), 1))
    for address in (CHECKOUT, REVIEW):
        assert order.number in client.get(address)["Location"]


def test_a_strangers_form_opens_nobodys_order() -> None:
    alice, charlie = client_of(person()), client_of(person("charlie"))
    put(alice, VariantFactory.create())
    fill_in(alice)
    form = review_form(alice)
    press_place(alice, form)
    for stranger in (charlie, Client()):
        response = press_place(stranger, form)
        assert Order.objects.get().number not in response["Location"]


@pytest.mark.parametrize(
    "change",
    [
        {"key": ""},
        {"key": "x" * 43},
        {"key": "\x00"},
        {"expected_total": "NaN"},
        {"expected_total": ""},
        {"expected_total": "-1"},
        {"expected_total": str(2**70)},
        {"reviewed": ""},
        {"reviewed": "1:1:1"},
        {"reviewed": "' OR 1=1 --"},
    ],
)
def test_a_tampered_form_places_nothing(client: Client, change: dict[str, str]) -> None:
    put(client, VariantFactory.create())
    fill_in(client)
    response = press_place(client, review_form(client) | change)
    assert response.status_code == 409
    assert "Your order was not placed." in text_of(response)
    assert not Order.objects.exists()


def test_prices_and_owners_in_the_form_are_ignored(client: Client) -> None:
    bob = person("bob")
    put(client, VariantFactory.create(price=1250))
    fill_in(client, total="1", status="delivered", customer=str(bob.pk), currency="JPY")
    press_place(client, review_form(client) | {"total": "1", "price": "1", "discount": "9", "customer": str(bob.pk)})
    order = Order.objects.get()
    assert (order.total, order.discount, order.status, order.currency) == (1740, 0, "pending", "EUR")
    assert order.customer is None


def test_another_price_comes_back_with_the_new_total(client: Client) -> None:
    put(client, VariantFactory.create(price=1000))
    fill_in(client)
    form = review_form(client)
    Variant.objects.update(price=1100)

    response = press_place(client, form)

    assert response.status_code == 409
    assert "the total is €15.90" in text_of(response)
    assert not Order.objects.exists()
    press_place(client, review_form(client))
    assert Order.objects.get().total == 1590


def test_new_shipping_costs_come_back_with_the_new_total(client: Client, settings: Any) -> None:
    put(client, VariantFactory.create(price=1000))
    fill_in(client)
    form = review_form(client)
    settings.SHOP_SHIPPING_FLAT_RATE = "9.90"
    assert press_place(client, form).status_code == 409
    assert not Order.objects.exists()


def test_one_thing_exchanged_for_another_of_the_same_price_is_not_ordered_unseen(client: Client) -> None:
    mug, bowl = VariantFactory.create(price=1000), VariantFactory.create(price=1000)
    put(client, mug)
    fill_in(client)
    form = review_form(client)
    CartLine.objects.all().delete()
    put(client, bowl)

    response = press_place(client, form)

    assert response.status_code == 409
    assert "Your cart has changed since you reviewed it" in text_of(response)
    assert not Order.objects.exists()


def test_what_is_sold_meanwhile_is_named(client: Client) -> None:
    mug = VariantFactory.create(product__name="Speckled mug", product__slug="mug", stock=2)
    bowl = VariantFactory.create(product__name="Oak bowl", product__slug="bowl", stock=2)
    for variant in (mug, bowl):
        put(client, variant, 2)
    fill_in(client)
    form = review_form(client)
    buy(Client(), (mug, 1))
    buy(Client(), (bowl, 2))

    response = press_place(client, form)

    page = text_of(response)
    assert response.status_code == 409
    assert "Only 1 of “Speckled mug” left" in page
    assert "“Oak bowl” is sold out." in page
    assert "Place order" not in page
    assert Order.objects.count() == 2


def test_what_is_withdrawn_meanwhile_is_not_ordered(client: Client) -> None:
    put(client, VariantFactory.create())
    fill_in(client)
    form = review_form(client)
    Product.objects.update(is_published=False)
    response = press_place(client, form)
    assert response.status_code == 409
    assert "Something in your cart is no longer sold." in text_of(response)
    assert "This is no longer sold. Please remove it." in text_of(response)
    assert not Order.objects.exists()


def test_a_guests_form_is_of_no_use_after_logging_in_with_another_cart() -> None:
    client, alice = Client(), person()
    put(client, VariantFactory.create())
    fill_in(client)
    form = review_form(client)
    client.post(reverse("account_logout"))
    client.force_login(alice)
    put(client, VariantFactory.create())
    response = press_place(client, form)
    assert response.status_code in (302, 409)
    assert not Order.objects.exists()


def test_the_throttle_closes_before_anything_is_written(client: Client, settings: Any) -> None:
    cache.clear()
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"orders": "1/hour"}
    mug = VariantFactory.create()
    buy(client, (mug, 1))
    put(client, mug)
    fill_in(client)
    response = press_place(client, review_form(client))
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert Order.objects.count() == 1
    cache.clear()


def test_forms_of_other_sites_are_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    for address in (CHECKOUT, REVIEW):
        assert client.post(address, DETAILS).status_code == 403


def test_all_pages_are_kept_by_no_cache(client: Client) -> None:
    put(client, VariantFactory.create())
    responses = [client.get(CHECKOUT), fill_in(client, email=""), fill_in(client), client.get(REVIEW)]
    assert all("no-store" in response["Cache-Control"] for response in responses)


def test_names_are_shown_as_text(client: Client) -> None:
    put(client, VariantFactory.create())
    fill_in(client, name='"><script>alert(1)</script>', note="</textarea><script>alert(2)</script>")
    for page in (CHECKOUT, REVIEW):
        assert not re.search(r"<script>alert", client.get(page).content.decode())


def test_reading_pages_changes_nothing_in_the_shop(client: Client) -> None:
    put(client, VariantFactory.create())
    fill_in(client)
    Variant.objects.update(price=1300)

    def state() -> list[Any]:
        return [*Cart.objects.values_list(), *CartLine.objects.values_list(), *Order.objects.values_list()]

    before = state()
    for address in (CART, CHECKOUT, REVIEW):
        client.get(address)
    assert state() == before


def test_an_order_that_was_cancelled_stays_the_answer_to_its_form(client: Client) -> None:
    put(client, VariantFactory.create())
    fill_in(client)
    form = review_form(client)
    first = press_place(client, form)
    lifecycle.cancel(order=Order.objects.get(), actor=GUEST, by_customer=True)
    assert press_place(client, form)["Location"] == first["Location"]
    assert Order.objects.count() == 1
