"""What is exported is what is imported."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db.models import Model
from django.utils import timezone

from catalog.demo.loading import load_catalogue
from catalog.importing.exporting import exported
from catalog.importing.tests.files import take_in
from catalog.models import (
    Attribute,
    AttributeChoice,
    AttributeValue,
    Brand,
    Category,
    Collection,
    ImportProblem,
    Option,
    OptionValue,
    Product,
    ProductImage,
    ProductType,
    RelatedProduct,
    StockLevel,
    StockMovement,
    TaxClass,
    TypeAttribute,
    Variant,
)
from catalog.tests.factories import CategoryFactory, ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db


def export() -> str:
    return "".join(exported())


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def a_rich_catalogue() -> None:
    wear = CategoryFactory.create(name="Wear")
    shirts = CategoryFactory.create(name="Shirts > more", parent=wear)
    brand = Brand.objects.create(name="=Größe & Söhne", slug="goesse")
    kind = ProductType.objects.create(name="Shirt")
    books = TaxClass.objects.create(code="books", name="Books")
    shirt = ProductFactory.create(
        category=shirts,
        name='\'=Shirt “Ωmega” 🧵, "quoted"',
        slug="-shirt",
        description='<p>One,\n"two"</p><p>“drei”</p>',
        brand=brand,
        product_type=kind,
        tags=["=new", "Sale", "été"],
        tax_class=books,
        seo_title="-Shirt",
        seo_description="Line\nbreak",
        google_category="Apparel & Accessories > Clothing",
        published_from=datetime(2031, 5, 1, 9, 30, tzinfo=UTC),
        bare=True,
    )
    front, back = (
        ProductImage.objects.create(
            product=shirt, source_url=f"https://example.com/{name}.jpg", alt=name, position=5 + number, state="waiting"
        )
        for number, name in enumerate(["front", "back"])
    )
    ProductImage.objects.create(product=shirt, image="products/own.webp", alt="own", position=9, width=9, height=9)
    size, colour = (Option.objects.create(product=shirt, name=n, position=p) for n, p in (("Size", 1), ("+Colour", 2)))
    small, large = (OptionValue.objects.create(option=size, value=v, position=p) for p, v in enumerate(["S", "L"]))
    red = OptionValue.objects.create(option=colour, value="@Red")
    for number, value in enumerate([large, small]):
        variant = VariantFactory.create(
            product=shirt,
            sku=f"'00{number}",
            name=f"{value} / @Red",
            value_1=value,
            value_2=red,
            price=1999 + number,
            compare_at_price=2999,
            cost=1000,
            weight=250,
            barcode="4006381333931",
            image=front if number else back,  # which stands further down than the variant that shows it
            position=number,
            stock=7 * number,
        )
        StockLevel.objects.filter(variant=variant).update(allows_backorders=bool(number))
    clay = AttributeChoice.objects.create(
        attribute=Attribute.objects.create(code="made_of", name="=Made of", kind="choice", position=3), value="+Clay"
    )
    weight = Attribute.objects.create(code="weight-of-cloth", name="Weight", kind="number", unit="g/m²", position=1)
    AttributeValue.objects.create(product=shirt, attribute=clay.attribute, choice=clay)
    AttributeValue.objects.create(product=shirt, attribute=weight, number="-180.5")
    draft = ProductFactory.create(name="Draft", slug="draft", is_published=False, description="")
    hidden = ProductFactory.create(name="Hidden", slug="hidden", is_listed=False, description="")
    gone = ProductFactory.create(name="Archived", slug="archived", archived_at=timezone.now(), description="")
    for position, (product, other) in enumerate([(shirt, hidden), (draft, shirt), (draft, hidden), (gone, draft)]):
        RelatedProduct.objects.create(product=product, other=other, position=position)
    named = ProductFactory.create(name="Named", slug="named", description="", bare=True)
    for name in ("Blue", "Blue", "Green", ""):
        VariantFactory.create(product=named, name=name)


def empty_the_shop() -> None:
    Variant.objects.all().delete()
    models: list[type[Model]] = [Product, Brand, ProductType, Attribute, Collection, Category]
    for model in models:
        model._default_manager.all().delete()


def test_an_export_imported_into_an_empty_shop_is_exported_from_there_byte_for_byte() -> None:
    a_rich_catalogue()
    before = export()
    empty_the_shop()

    run = take_in(before.encode())

    assert list(ImportProblem.objects.values_list("line", "message")) == []
    assert (run.created, run.refused) == (5, 0)
    assert export() == before


def test_the_demo_shop_goes_out_and_in_as_it_is() -> None:
    load_catalogue(now=timezone.now(), with_pictures=False)
    before, said = export(), _said()
    assert said[0]
    assert said[1]
    empty_the_shop()

    run = take_in(before.encode())

    assert (run.refused, run.ignored_columns, list(ImportProblem.objects.all())) == (0, [], [])
    assert (export() == before, _said()) == (True, said)


def _said() -> tuple[list[Any], list[Any]]:
    """What stands in rows of their own: attributes, and whom products are shown with."""
    values = AttributeValue.objects.order_by("product__slug", "attribute__code")
    beside = RelatedProduct.objects.order_by("product__slug", "position")
    described = ["product__slug", "attribute__code", "attribute__unit", "text", "number", "flag", "choice__value"]
    return list(values.values_list(*described)), list(beside.values_list("product__slug", "other__slug"))


def test_an_export_imported_where_it_comes_from_changes_nothing() -> None:
    a_rich_catalogue()
    shirt = ProductType.objects.get()
    for position, attribute in enumerate(Attribute.objects.order_by("pk")):
        TypeAttribute.objects.create(product_type=shirt, attribute=attribute, position=position)
    written = _everything()

    run = take_in(export().encode(), stock=True)

    assert (run.created, run.updated, run.unchanged, run.refused) == (0, 0, 5, 0)
    assert _everything() == written


def _everything() -> list[Any]:
    models: list[type[Model]] = [
        Product,
        Variant,
        Option,
        OptionValue,
        ProductImage,
        StockLevel,
        StockMovement,
        Category,
        Brand,
        Attribute,
        AttributeChoice,
        AttributeValue,
        TypeAttribute,
        RelatedProduct,
    ]
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def test_cells_are_no_formulas_and_numbers_stay_numbers() -> None:
    a_rich_catalogue()
    for row in rows(export()):
        for cell in row.values():
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "|", "%"))
    first = rows(export())[0]
    assert first["Title"] == "''=Shirt “Ωmega” 🧵, \"quoted\""
    assert first["Handle"] == "'-shirt"
    assert first["Variant SKU"] == "''000"
    assert first["Variant Price"] == "19.99"


def test_the_first_variant_stands_beside_the_first_picture() -> None:
    a_rich_catalogue()
    shirt = [row for row in rows(export()) if row["Handle"] == "'-shirt"]
    assert [row["Title"] != "" for row in shirt] == [True, False, False]
    assert [row["Option1 Value"] for row in shirt] == ["L", "S", ""]
    assert [row["Image Position"] for row in shirt] == ["1", "2", "3"]


def test_reading_is_done_in_batches_whatever_the_number_of_products(django_assert_num_queries: Any) -> None:
    a_rich_catalogue()
    # Attributes, categories; products, options, pictures, variants, values, related ones; no more products.
    with django_assert_num_queries(9):
        export()
