from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from orders.models import ShippingMethod, ZoneArea
from orders.shipping.options import Consignment, estimate, free_from_at_home, options_for
from orders.shipping.tests.zones import method, zone

pytestmark = pytest.mark.django_db


def offered(country: str = "DE", postcode: str = "10115", *, value: int = 2000, weight: int = 500) -> dict[str, int]:
    """What is offered, in order: prices by name."""
    return {o.name: o.price for o in options_for(country, postcode, Consignment(value, weight))}


def test_without_any_zone_one_flat_rate_goes_everywhere(settings: Any) -> None:
    settings.SHOP_SHIPPING_FLAT_RATE, settings.SHOP_SHIPPING_FREE_FROM = "4.90", "50.00"
    assert offered("FR") == {"Standard shipping": 490}
    assert offered("FR", value=4999) == {"Standard shipping": 490}
    assert offered("FR", value=5000) == {"Standard shipping": 0}
    settings.SHOP_SHIPPING_FREE_FROM = ""
    assert offered("FR", value=10**9) == {"Standard shipping": 490}


def test_with_zones_nothing_goes_where_there_is_none() -> None:
    method(zone("Germany", "DE"), "Parcel", 490)
    assert offered("DE") == {"Parcel": 490}
    assert offered("FR") == {}


def test_a_zone_without_an_active_method_ships_nothing() -> None:
    method(zone("Germany", "DE"), "Parcel", 490, is_active=False)
    assert offered() == {}


def test_the_longest_prefix_that_fits_wins() -> None:
    method(zone("Germany", "DE"), "Parcel", 490)
    method(zone("North Sea", "DE 2"), "By road", 590)
    method(zone("Islands", "DE 27498", "DE 2685"), "Ferry", 1490)

    assert offered(postcode="10115") == {"Parcel": 490}
    assert offered(postcode="20095") == {"By road": 590}
    assert offered(postcode="27498") == {"Ferry": 1490}
    assert offered(postcode="26859") == {"Ferry": 1490}
    assert offered(postcode="2749") == {"By road": 590}
    assert offered(postcode="") == {"Parcel": 490}


@pytest.mark.parametrize("postcode", ["BT1 5GS", "bt15gs", " bt-15gs ", "Bt1 5gs"])
def test_postcodes_are_compared_without_spaces_signs_and_case(postcode: str) -> None:
    method(zone("Britain", "GB"), "Parcel", 990)
    method(zone("Northern Ireland", "GB BT"), "Ferry", 1490)
    assert offered("GB", postcode) == {"Ferry": 1490}


def test_a_prefix_is_of_its_country_only() -> None:
    method(zone("Islands", "DE 27498"), "Ferry", 1490)
    assert offered("DK", "27498") == {}
    assert offered("DE", "10115") == {}


@pytest.mark.parametrize(("weight", "price"), [(0, 490), (1999, 490), (2000, 690), (9999, 690), (10_000, 1290)])
def test_by_weight_the_highest_step_that_is_reached_counts(weight: int, price: int) -> None:
    method(zone("Germany", "DE"), "Parcel", by_weight={0: 490, 2000: 690, 10_000: 1290})
    assert offered(weight=weight) == {"Parcel": price}


@pytest.mark.parametrize(
    ("value", "expected"), [(999, {}), (1000, {"Parcel": 690}), (4999, {"Parcel": 690}), (5000, {"Parcel": 290})]
)
def test_by_value_nothing_is_offered_below_the_first_step(value: int, expected: dict[str, int]) -> None:
    method(zone("Germany", "DE"), "Parcel", by_value={5000: 290, 1000: 690})
    assert offered(value=value) == expected


def test_a_method_without_steps_is_not_offered() -> None:
    method(zone("Germany", "DE"), "Parcel", kind=ShippingMethod.Kind.BY_WEIGHT)
    assert offered() == {}


def test_what_is_too_heavy_is_not_offered_not_even_for_free() -> None:
    germany = zone("Germany", "DE")
    method(germany, "Letter", 190, max_weight=1000, free_from=1000)
    method(germany, "Parcel", 690)
    assert offered(weight=1000) == {"Letter": 0, "Parcel": 690}
    assert offered(weight=1001) == {"Parcel": 690}


@pytest.mark.parametrize("kind", ["flat", "by_weight", "by_value"])
def test_every_kind_can_be_free_from_a_value_on(kind: str) -> None:
    rates: dict[str, Any] = {"price": 490} if kind == "flat" else {kind: {0: 490}}
    method(zone("Germany", "DE"), "Parcel", free_from=5000, **rates)
    assert offered(value=4999) == {"Parcel": 490}
    assert offered(value=5000) == {"Parcel": 0}


def test_options_come_in_the_merchants_order_with_all_that_is_said_of_them() -> None:
    germany = zone("Germany", "DE")
    method(germany, "Slow", 290, position=2, min_days=3, max_days=5)
    express = method(germany, "Express", 990, position=1, description="By noon", min_days=1, max_days=1, free_from=9000)

    first, second = options_for("DE", "10115", Consignment(8000, 100))

    assert (first.code, first.name, first.description, first.estimate) == (
        str(express.pk),
        "Express",
        "By noon",
        "1 working day",
    )
    assert first.missing_to_free(8000) == 1000
    assert (second.name, second.estimate, second.missing_to_free(8000)) == ("Slow", "3–5 working days", 0)


@pytest.mark.parametrize(
    ("least", "most", "said"),
    [
        (None, None, ""),
        (2, 4, "2–4 working days"),
        (2, 2, "2 working days"),
        (1, 1, "1 working day"),
        (None, 3, "up to 3 working days"),
        (5, None, "from 5 working days"),
        (0, 1, "0–1 working days"),
    ],
)
def test_estimates_in_words(least: int | None, most: int | None, said: str) -> None:
    assert estimate(least, most) == said


def test_choosing_costs_three_queries_however_many_methods(django_assert_num_queries: Any) -> None:
    germany = zone("Germany", "DE")
    for number in range(6):
        method(germany, f"Parcel {number}", by_weight={0: 490, 1000: 690})
    with django_assert_num_queries(3):
        options_for("DE", "10115", Consignment(2000, 500))


@pytest.mark.parametrize(
    ("country", "postcode", "zone_name"),
    [
        ("DE", "27498", "Islands"),
        ("DE", "D-27498", "Islands"),
        ("DE", "de 27 498", "Islands"),
        ("DE", "２７４９８", "Islands"),  # as some keyboards write it
        ("DE", "A-27498", "Mainland"),
        ("DE", "D-10115", "Mainland"),
        ("GB", "D27 498", "Britain"),
        ("AD", "AD100", "Andorra"),
        ("AD", "100", "Mountains"),
    ],
)
def test_a_postcode_is_found_however_it_is_written(country: str, postcode: str, zone_name: str) -> None:
    places = {"Mainland": "DE", "Islands": "DE 27498", "Britain": "GB", "Mountains": "AD", "Andorra": "AD AD1"}
    for name, place in places.items():
        method(zone(name, place), name, 490)
    assert [option.name for option in options_for(country, postcode, Consignment(2000, 500))] == [zone_name]


@pytest.mark.parametrize("prefix", ["be 1", "10-115", "ß"])
def test_postgresql_refuses_a_prefix_that_could_never_fit(prefix: str) -> None:
    germany = zone("Germany")
    with pytest.raises(IntegrityError), transaction.atomic():
        ZoneArea.objects.create(zone=germany, country="DE", postcode_prefix=prefix)


def test_postgresql_refuses_one_place_in_two_zones() -> None:
    zone("Germany", "DE 1")
    with pytest.raises(IntegrityError), transaction.atomic():
        zone("Berlin", "DE 1")


def test_at_home_shipping_is_free_from_what_the_zone_or_else_the_setting_says(
    settings: Any, django_assert_num_queries: Any
) -> None:
    settings.SHOP_SHIPPING_FREE_FROM = "75.00"
    with django_assert_num_queries(1):
        assert free_from_at_home() == 7500
    settings.SHOP_SHIPPING_FREE_FROM = ""
    assert free_from_at_home() is None

    method(zone("France", "FR"), "Colis", free_from=1000)
    assert free_from_at_home() is None
    germany = zone("Germany", "DE")
    method(germany, "Express", 990)
    method(germany, "Old", free_from=2000, is_active=False)
    assert free_from_at_home() is None
    method(germany, "Parcel", 490, free_from=6000)
    method(zone("Islands", "DE 27498"), "Ferry", free_from=100)
    assert free_from_at_home() == 6000
