from __future__ import annotations

import pytest
from django.core.management import call_command
from django.utils import timezone

from catalog.models import (
    Attribute,
    AttributeChoice,
    AttributeValue,
    Brand,
    FacetValue,
    Option,
    OptionValue,
    Product,
    ProductType,
    SearchWord,
)
from catalog.products import publish_products
from catalog.search.finding import matching
from catalog.search.indexing import recount_words, reindex
from catalog.search.reading import read
from catalog.tests.factories import ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db


def names(text: str) -> set[str]:
    return set(matching(Product.objects.listed(), read(text).query).values_list("name", flat=True))


def facets(product: Product) -> set[tuple[str, str, str]]:
    product.refresh_from_db()
    return set(FacetValue.objects.filter(pk__in=product.facet_ids).values_list("kind", "code", "value"))


def in_sizes(product: Product, *sizes: str) -> None:
    option = Option.objects.create(product=product, name="Größe", position=1)
    for position, size in enumerate(sizes):
        value = OptionValue.objects.create(option=option, value=size, position=position)
        VariantFactory.create(product=product, name=size, value_1=value)


def test_words_are_found_in_everything_that_describes_a_product() -> None:
    product = ProductFactory.create(
        name="Crème jug",
        bare=True,
        brand=Brand.objects.create(name="Fjäll", slug="fjall"),
        product_type=ProductType.objects.create(name="Pitcher"),
        tags=["picnic"],
        description="<p>It <strong>pours</strong> well.</p>",
    )
    in_sizes(product, "Tiny", "Huge")
    attribute = Attribute.objects.create(code="material", name="Material", kind="choice")
    choice = AttributeChoice.objects.create(attribute=attribute, value="Stoneware")
    AttributeValue.objects.create(product=product, attribute=attribute, choice=choice)
    reindex([product.pk])

    for text in ("creme", "Crème", "jugs", "fjall", "pitchers", "picnic", "pouring", "huge", "stoneware"):
        assert names(text) == {"Crème jug"}, text
    assert names("strong") == set()  # a tag of the text, not a word of it


def test_values_of_brand_options_and_attributes_become_facets() -> None:
    product = ProductFactory.create(bare=True, brand=Brand.objects.create(name="Acme & Sons", slug="acme-sons"))
    in_sizes(product, "S", "Extra large")
    number = Attribute.objects.create(code="capacity", name="Capacity", kind="number", unit="ml")
    flag = Attribute.objects.create(code="dishwasher", name="Dishwasher", kind="flag")
    text = Attribute.objects.create(code="story", name="Story", kind="text")
    AttributeValue.objects.create(product=product, attribute=number, number="350.50")
    AttributeValue.objects.create(product=product, attribute=flag, flag=True)
    AttributeValue.objects.create(product=product, attribute=text, text="Long ago")
    reindex([product.pk])

    assert facets(product) == {
        ("brand", "brand", "acme-sons"),
        ("option", "grosse", "s"),
        ("option", "grosse", "extra-large"),
        ("attribute", "capacity", "350.5"),
        ("attribute", "dishwasher", "yes"),
    }
    assert FacetValue.objects.get(code="capacity").label == "350.5 ml"


def test_values_that_are_not_offered_any_more_are_no_facets() -> None:
    product = ProductFactory.create(bare=True)
    in_sizes(product, "S", "M")
    product.variants.filter(name="S").update(archived_at=timezone.now())
    reindex([product.pk])

    assert facets(product) == {("option", "grosse", "m")}


def test_the_same_value_of_two_products_is_one_facet() -> None:
    first, second = ProductFactory.create_batch(2, bare=True)
    in_sizes(first, "Red")
    in_sizes(second, "red")
    reindex([first.pk, second.pk])

    assert FacetValue.objects.get().label == "Red"
    assert facets(first) == facets(second)


def test_a_new_name_of_a_brand_reaches_its_facet() -> None:
    brand = Brand.objects.create(name="Old", slug="old")
    product = ProductFactory.create(brand=brand)
    Brand.objects.update(name="New")
    reindex([product.pk])

    assert FacetValue.objects.get().label == "New"


def test_a_sku_with_blanks_is_found_in_full() -> None:
    ProductFactory.create(name="Jug", sku="CB 1")
    ProductFactory.create(name="Box of CB", sku="CB 2")
    assert names("cb 1") == names(" CB 1 ") == {"Jug"}
    assert names("cb") == {"Box of CB"}


def test_a_sku_in_any_case_is_found() -> None:
    ProductFactory.create(name="Jug", sku="AB-12.x")

    assert names("ab-12.X") == {"Jug"}


def test_indexing_again_writes_nothing() -> None:
    product = ProductFactory.create()
    before = Product.objects.filter(pk=product.pk).extra(select={"version": "xmin::text"}).values("version").get()
    reindex([product.pk])

    after = Product.objects.filter(pk=product.pk).extra(select={"version": "xmin::text"}).values("version").get()
    assert before == after


def test_words_are_counted_and_forgotten() -> None:
    ProductFactory.create(name="Blue jug")
    ProductFactory.create(name="Blue plate")
    SearchWord.objects.create(word="gone", uses=3)

    recount_words()

    assert dict(SearchWord.objects.values_list("word", "uses")) == {"blue": 2, "jug": 1, "plate": 1}


@pytest.mark.django_db(transaction=True)
def test_the_command_indexes_all(capsys: pytest.CaptureFixture[str]) -> None:
    product = ProductFactory.create(name="Blue jug")
    Product.objects.update(search_vector=None, facet_ids=[])

    call_command("reindex")

    assert capsys.readouterr().out == "1 products are indexed.\n"
    assert names("blue") == {product.name}


def test_words_of_what_is_hidden_are_not_suggested_until_it_is_shown() -> None:
    product = ProductFactory.create(name="Secret jug", is_published=False)
    assert not SearchWord.objects.exists()

    publish_products(product_ids=[product.pk], is_published=True)

    assert set(SearchWord.objects.values_list("word", flat=True)) == {"secret", "jug"}
