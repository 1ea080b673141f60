"""Attributes of products as columns: out, in, and out again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Model
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from catalog.importing.exporting import exported
from catalog.importing.metafields import CHOICE, FLAG, NUMBER, TEXT, Metafield, column_of, metafield_of
from catalog.importing.tests.files import as_csv, mug, take_in
from catalog.listing import Wanted, list_products
from catalog.models import (
    Attribute,
    AttributeChoice,
    AttributeValue,
    Category,
    ImportRun,
    Product,
    ProductType,
    TypeAttribute,
    Variant,
)
from catalog.products import update_product
from catalog.tests.factories import AttributeFactory, ProductFactory, ProductTypeFactory

pytestmark = pytest.mark.django_db
MATERIAL = "Material (product.metafields.shop_choice.material)"
CAPACITY = "Capacity [ml] (product.metafields.shop_number.capacity)"
DISHWASHER = "Dishwasher safe (product.metafields.shop_flag.dishwasher-safe)"
CARE = "Care (product.metafields.shop_text.care)"


def values(slug: str = "mug") -> dict[str, Any]:
    rows = AttributeValue.objects.filter(product__slug=slug).select_related("attribute", "choice")
    return {row.attribute.code: row.value for row in rows}


def hints(run: ImportRun) -> list[tuple[int, str, str, str]]:
    rows = run.problems.filter(is_refusal=False)
    return [(each.line, each.column, each.value, each.message) for each in rows]


def counts(run: ImportRun) -> tuple[int, int, int, int]:
    return run.created, run.updated, run.unchanged, run.refused


def test_an_empty_shop_makes_the_attributes_that_our_exports_name() -> None:
    row = mug(Type="Cup", **{MATERIAL: "Clay", CAPACITY: "350.50", DISHWASHER: "true", CARE: "By hand, \n gently"})
    run = take_in(as_csv(row, mug(Handle="jug", Type="Jug", **{"Variant SKU": "JUG", CAPACITY: "1000"})))

    assert (counts(run), run.ignored_columns, hints(run)) == ((2, 0, 0, 0), [], [])
    made = Attribute.objects.order_by("position").values_list("code", "name", "kind", "unit")
    assert list(made) == [
        ("material", "Material", "choice", ""),
        ("capacity", "Capacity", "number", "ml"),
        ("dishwasher-safe", "Dishwasher safe", "flag", ""),
        ("care", "Care", "text", ""),
    ]
    assert values() == {
        "material": "Clay",
        "capacity": "350.5",
        "dishwasher-safe": True,
        "care": "By hand, \n gently",
    }
    assert values("jug") == {"capacity": "1000"}
    asked = TypeAttribute.objects.order_by("product_type__name", "position")
    assert list(asked.values_list("product_type__name", "attribute__code")) == [
        ("Cup", "material"),
        ("Cup", "capacity"),
        ("Cup", "dishwasher-safe"),
        ("Cup", "care"),
        ("Jug", "capacity"),
    ]


def test_the_same_file_again_changes_nothing_and_an_empty_cell_takes_the_value_away() -> None:
    row = mug(Type="Cup", **{MATERIAL: "Clay", CAPACITY: "350"})
    take_in(as_csv(row))
    before = [list(model.objects.values()) for model in (Attribute, AttributeChoice, TypeAttribute, AttributeValue)]

    assert counts(take_in(as_csv(row))) == (0, 0, 1, 0)
    after = [list(model.objects.values()) for model in (Attribute, AttributeChoice, TypeAttribute, AttributeValue)]
    assert after == before

    assert counts(take_in(as_csv(row | {MATERIAL: "Porcelain", CAPACITY: ""}))) == (0, 1, 0, 0)
    assert values() == {"material": "Porcelain"}
    assert counts(take_in(as_csv(mug(Type="Cup")))) == (0, 0, 1, 0)
    assert values() == {"material": "Porcelain"}  # no column speaks of it


def test_columns_of_shopify_fill_attributes_that_the_shop_has_and_others_are_named() -> None:
    AttributeFactory.create(code="fabric-weight", name="Weight", kind="number", unit="g/m²")
    AttributeFactory.create(code="fabric", name="Fabric", kind="choice", choices=["Wool"])
    row = mug(
        Type="Shirt",
        **{
            "Weight (product.metafields.custom.fabric_weight)": "180 g/m²",
            "Fabric (product.metafields.shopify.fabric)": "wool",
            "Ring size (product.metafields.shopify.ring-size)": "7",
        },
    )
    run = take_in(as_csv(row))

    assert run.ignored_columns == ["Ring size (product.metafields.shopify.ring-size)"]
    assert values() == {"fabric-weight": "180", "fabric": "Wool"}
    assert Attribute.objects.count() == 2


def test_a_choice_that_is_not_there_comes_after_the_others() -> None:
    AttributeFactory.create(code="material", name="Material", kind="choice", choices=["Wool", "Linen"])
    take_in(as_csv(mug(Type="Cup", **{MATERIAL: "Clay"}), mug(Handle="x", **{MATERIAL: "clay", "Variant SKU": "X"})))
    assert list(AttributeChoice.objects.order_by("position").values_list("value", flat=True)) == [
        "Wool",
        "Linen",
        "Clay",
    ]


def test_a_choice_with_letters_that_have_no_one_small_form_is_found_again() -> None:
    row = mug(Type="Cup", **{MATERIAL: "İZNİK ẞ"})
    take_in(as_csv(row))
    assert counts(take_in(as_csv(row))) == (0, 0, 1, 0)
    assert values() == {"material": "İZNİK ẞ"}


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        (CAPACITY, "much", "This is not a number. It was left out."),
        (CAPACITY, "350 cl", "This is not a number. It was left out."),
        (CAPACITY, "1,5", "Write decimals with a point, such as 9.99. It was left out."),
        (CAPACITY, "1.23456", "Capacity is a number with at most 4 places. It was left out."),
        (CAPACITY, "9" * 13, "Capacity is a number with at most 4 places. It was left out."),
        (DISHWASHER, "perhaps", "Write true or false. It was left out."),
        (MATERIAL, "x" * 81, "A choice has at most 80 characters. It was left out."),
        (CARE, "x" * 501, "Care is a text of 1 to 500 characters. It was left out."),
    ],
)
def test_what_an_attribute_cannot_be_is_a_hint_and_the_product_comes_in(column: str, cell: str, said: str) -> None:
    run = take_in(as_csv(mug(Type="Cup", **{column: cell})))
    assert counts(run) == (1, 0, 0, 0)
    assert hints(run) == [(2, column, cell[:200], said)]
    assert values() == {}


def test_a_product_without_a_type_has_no_attributes() -> None:
    run = take_in(as_csv(mug(**{MATERIAL: "Clay"})))
    assert (counts(run), values()) == ((1, 0, 0, 0), {})
    assert hints(run) == [(2, MATERIAL, "Clay", "Only products of a type have attributes. It was left out.")]


def test_a_file_without_types_describes_products_of_the_types_that_they_have() -> None:
    take_in(as_csv(mug(Type="Cup")))
    assert counts(take_in(as_csv({"Handle": "mug", MATERIAL: "Clay"}))) == (0, 1, 0, 0)
    assert values() == {"material": "Clay"}


def test_a_product_of_another_type_forgets_what_that_does_not_ask_for() -> None:
    take_in(as_csv(mug(Type="Cup", **{MATERIAL: "Clay", CAPACITY: "350"})))
    take_in(as_csv(mug(Type="Jug", **{CAPACITY: "400"})))
    assert values() == {"capacity": "400"}


def test_one_that_is_here_is_what_the_shop_says_it_is() -> None:
    AttributeFactory.create(code="material", name="Made of", kind="text")
    take_in(as_csv(mug(Type="Cup", **{MATERIAL: "Clay"})))
    assert list(Attribute.objects.values_list("name", "kind")) == [("Made of", "text")]
    assert values() == {"material": "Clay"}


def test_what_is_imported_is_found_by_its_attributes() -> None:
    take_in(as_csv(mug(Type="Cup", **{MATERIAL: "Porcelain"})))
    assert [card.name for card in list_products(Wanted(text="porcelain"))] == ["Mug"]
    take_in(as_csv(mug(Type="Cup", **{MATERIAL: "Clay"})))
    assert [card.name for card in list_products(Wanted(text="clay"))] == ["Mug"]


def test_an_export_names_only_attributes_of_products_in_it() -> None:
    used, unused, elsewhere = (AttributeFactory.create(name=name) for name in ("Used", "Unused", "Elsewhere"))
    kind = ProductTypeFactory.create(attributes=[used, unused, elsewhere])
    here, other = (ProductFactory.create(product_type=kind) for _ in range(2))
    update_product(product_id=here.pk, attributes={"used": "=1"})
    update_product(product_id=other.pk, attributes={"elsewhere": "x"})
    header, first, _ = "".join(exported([here.pk])).split("\r\n")
    assert header.endswith(",Used (product.metafields.shop_text.used)")
    assert first.endswith(",'=1")


# --- whatever they are called


NAMES = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), min_size=1, max_size=30),
    st.sampled_from(["=Sum", "Size [EU]", "Size [", "a [b] ", "]", "(product.metafields.a.b)", "'-x", "Größe (EU)"]),
)
UNITS = st.sampled_from(["", "ml", "g/m²", "%", "[x]", "a [b", "in", "3"])
KINDS = st.sampled_from([TEXT, NUMBER, FLAG, CHOICE])
CODES = st.from_regex(r"[A-Za-z0-9_-]{1,60}", fullmatch=True)


@given(CODES, NAMES, KINDS, UNITS)
def test_a_column_says_all_that_an_attribute_is(code: str, name: str, kind: str, unit: str) -> None:
    unit = unit if kind == NUMBER else ""
    column = column_of(code=code, name=name, kind=kind, unit=unit)
    read = metafield_of(column, [])
    plain = " ".join(name.split()) or code
    assert read == Metafield(code=code, name=plain, kind=kind, unit=unit.replace("[", "(").replace("]", ")"))
    assert column_of(code=code, name=read.name, kind=kind, unit=read.unit) == column
    assert not column.startswith(("=", "+", "-", "@"))


# Nobody can describe a product with nothing but space.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=40).filter(str.strip)
NUMBERS = st.decimals(-(10**11), 10**11, places=4)
DESCRIBED = st.fixed_dictionaries(
    {}, optional={TEXT: TEXTS, NUMBER: NUMBERS, FLAG: st.booleans(), CHOICE: st.one_of(TEXTS, st.just("Clay"))}
)


class OutAndIn(TestCase):
    @given(st.lists(DESCRIBED, min_size=1, max_size=4), NAMES, UNITS)
    @example([{NUMBER: Decimal("-1.5"), TEXT: " =x\n"}, {}], "Size [EU]", "")
    @example([{NUMBER: Decimal("0.0003")}], "Odd", "3")
    @settings(max_examples=60, deadline=None)
    def test_attributes_exported_imported_into_an_empty_shop_and_exported_are_the_same_file(
        self, products: list[dict[str, Any]], name: str, unit: str
    ) -> None:
        given = [_described(described, name, unit, number) for number, described in enumerate(products)]
        before = "".join(exported())
        was = [values(product.slug) for product in given]
        _empty_the_shop()

        run = take_in(before.encode())

        assert (counts(run), hints(run), run.ignored_columns) == ((len(products), 0, 0, 0), [], [])
        assert "".join(exported()) == before
        assert [_stripped(values(product.slug)) for product in given] == [_stripped(each) for each in was]
        assert counts(take_in(before.encode())) == (0, 0, len(products), 0)


def _stripped(found: dict[str, Any]) -> dict[str, Any]:
    """Space around a text is not kept; a text of nothing else is none."""
    plain = {code: value.strip() if isinstance(value, str) else value for code, value in found.items()}
    return {code: value for code, value in plain.items() if value != ""}


def _described(described: dict[str, Any], name: str, unit: str, number: int) -> Product:
    kind, _ = ProductType.objects.get_or_create(name="Thing")
    product = ProductFactory.create(slug=f"thing-{number}", description="", product_type=kind)
    for code, value in described.items():
        attribute, _ = Attribute.objects.get_or_create(
            code=code, defaults={"name": name, "kind": code, "unit": unit if code == NUMBER else ""}
        )
        columns: dict[str, Any] = {code: value}
        if code == CHOICE:
            choice = AttributeChoice.objects.filter(attribute=attribute, value__iexact=value).first()
            columns = {CHOICE: choice or AttributeChoice.objects.create(attribute=attribute, value=value)}
        AttributeValue.objects.create(product=product, attribute=attribute, **columns)
    return product


def _empty_the_shop() -> None:
    models: list[type[Model]] = [Variant, AttributeValue, Product, TypeAttribute, AttributeChoice, Attribute]
    models += [ProductType, Category]
    for model in models:
        model._default_manager.all().delete()
