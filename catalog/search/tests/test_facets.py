from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from catalog.listing import Wanted, list_products
from catalog.models import Attribute, AttributeValue, Brand, Option, OptionValue, Product
from catalog.search import facets
from catalog.search.facets import ALL, PRICE, Counts, count_facets, count_products
from catalog.search.indexing import reindex
from catalog.search.narrowing import Choice, read_choices
from catalog.search.prices import price_ranges
from catalog.tests.factories import CategoryFactory, ProductFactory, VariantFactory


def shirt(name: str, *, sizes: str, brand: Brand | None = None, stock: int = 1, price: int = 1000) -> Product:
    category, _ = CategoryFactory._meta.model.objects.filter(name="Shirts").first(), None
    product = ProductFactory.create(
        name=name, bare=True, brand=brand, category=category or CategoryFactory.create(name="Shirts")
    )
    option = Option.objects.create(product=product, name="Size", position=1)
    for position, size in enumerate(sizes):
        value = OptionValue.objects.create(option=option, value=size, position=position)
        VariantFactory.create(product=product, name=size, value_1=value, stock=stock, price=price)
    reindex([product.pk])
    return product


def counted(counts: Counts, code: str) -> dict[str, int]:
    return {value.label: value.count for group in counts.groups() if group.code == code for value in group.values}


def chosen(**values: str | list[str]) -> tuple[Choice, ...]:
    return read_choices({name: [value] if isinstance(value, str) else value for name, value in values.items()})


@pytest.fixture
def shirts(db: None) -> None:
    acme, best = Brand.objects.create(name="Acme", slug="acme"), Brand.objects.create(name="Best", slug="best")
    shirt("Red shirt", sizes="SM", brand=acme)
    shirt("Blue shirt", sizes="ML", brand=acme, stock=0)
    shirt("Green shirt", sizes="L", brand=best)


def names(wanted: Wanted) -> set[str]:
    return {card.name for card in list_products(wanted)}


@pytest.mark.usefixtures("shirts")
def test_each_value_says_how_many_products_have_it() -> None:
    counts = list_products(Wanted()).found.of("size")

    assert counted(counts, "size") == {"S": 1, "M": 2, "L": 2}
    assert counted(counts, "brand") == {"Acme": 2, "Best": 1}
    assert (counts.total.count, counts.total.is_estimate, counts.plain["in_stock"]) == (3, False, 2)


@pytest.mark.usefixtures("shirts")
def test_values_of_one_facet_widen_and_other_facets_narrow() -> None:
    assert names(Wanted(choices=chosen(size="s"))) == {"Red shirt"}
    assert names(Wanted(choices=chosen(size=["s", "l"]))) == {"Red shirt", "Blue shirt", "Green shirt"}
    assert names(Wanted(choices=chosen(size=["s", "l"], brand="acme"))) == {"Red shirt", "Blue shirt"}


@pytest.mark.usefixtures("shirts")
def test_the_counts_of_a_facet_leave_its_own_choice_out() -> None:
    found = list_products(Wanted(choices=chosen(size="s", brand="acme"))).found

    assert found.total.count == 1
    assert counted(found.of("size"), "size") == {"S": 1, "M": 2, "L": 1}
    assert counted(found.of("brand"), "brand") == {"Acme": 1}
    assert found.of(PRICE).total.count == 1


@pytest.mark.usefixtures("shirts")
def test_an_address_narrows_the_list_and_what_it_does_not_know_is_left_out(client: Client) -> None:
    page = client.get("/products/?size=l&size=xxl&utm_source=letter&brand=best")

    assert [card.name for card in page.context["page_obj"]] == ["Green shirt"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["a\x00", "x" * 1000, "-", ""])
def test_strange_parameters_are_no_choices(name: str) -> None:
    assert read_choices({name: ["a"], "size": ["\x00", "", "y" * 1000]}) == ()


@pytest.mark.django_db
def test_long_lists_are_estimated_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facets, "SAMPLE", 50)
    shelf = CategoryFactory.create()
    Product.objects.bulk_create(
        Product(category=shelf, name=str(n), slug=str(n), price=n % 2 + 1, shuffle=(n + 0.5) / 400) for n in range(400)
    )
    reindex(Product.objects.values_list("pk", flat=True))

    counts = count_facets({ALL: Product.objects.listed()})[ALL]
    assert counts.total.is_estimate
    assert 380 <= counts.total.count <= 420
    assert 180 <= counts.scaled(counts.prices[1]) <= 220
    assert count_products(Product.objects.listed()) == counts.total


@pytest.mark.django_db
def test_beside_a_long_list_fewer_are_counted_and_scaled_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in {"SAMPLE": 100, "FEWER": 50, "LOOKED_UP": 20}.items():
        monkeypatch.setattr(facets, name, size)
    shelf = CategoryFactory.create()
    for n in range(240):
        ProductFactory.create(category=shelf, price=n % 3 + 1, shuffle=(n + 0.5) / 240, stock=n % 2)

    found = list_products(Wanted(max_price=2)).found

    assert (found.of(ALL).seen, found.of(PRICE).seen, found.of(ALL).looked_up) == (100, 50, 20)
    assert 140 <= found.total.count <= 180
    assert 220 <= found.of(PRICE).total.count <= 260
    assert 65 <= found.of(ALL).in_stock <= 95


@pytest.mark.django_db
def test_all_facets_cost_one_query(django_assert_num_queries: Any) -> None:
    ProductFactory.create()

    with django_assert_num_queries(1):
        count_facets({ALL: Product.objects.listed(), PRICE: Product.objects.listed().priced(at_least=1)})


@given(st.dictionaries(st.integers(1, 10**9), st.integers(1, 1000), max_size=60))
def test_ranges_of_prices_hold_every_product_once(prices: dict[int, int]) -> None:
    ranges = price_ranges(prices)

    if ranges:
        assert sum(each.count for each in ranges) == sum(prices.values())
        assert ranges[0].low is None or ranges[0].low <= min(prices)
        assert all(
            before.high is not None and after.low is not None and before.high < after.low
            for before, after in pairwise(ranges)
        )
    assert len(ranges) <= 5


@pytest.mark.django_db
def test_an_attribute_may_be_called_like_a_filter() -> None:
    price = Attribute.objects.create(code="price", name="Fixed price", kind="flag")
    cheap, dear = (ProductFactory.create(price=amount) for amount in (100, 900))
    for product, flag in ((cheap, True), (dear, False)):
        AttributeValue.objects.create(product=product, attribute=price, flag=flag)
        reindex([product.pk])

    found = list_products(Wanted(choices=chosen(price="yes"), min_price=50)).found

    assert counted(found.of("price"), "price") == {"Yes": 1, "No": 1}
    assert found.of(PRICE).prices == {100: 1}
