from __future__ import annotations

from threading import Barrier

import pytest
from django.db import IntegrityError, transaction

from catalog.errors import InvalidProduct, ProductGone
from catalog.models import Option, OptionValue, Product, ProductImage, StockLevel, Variant
from catalog.options import WantedOption, change_options, generate_missing, missing_combinations
from catalog.products import create_product
from catalog.tests.factories import CategoryFactory, ProductFactory, ProductImageFactory, VariantFactory
from catalog.variants import MAX_VARIANTS, NewVariant, add_variant, update_variant
from shop.testing.races import at_once

pytestmark = pytest.mark.django_db
SIZES = WantedOption(name="Size", values=["S", "M", "L"])
COLOURS = WantedOption(name="Colour", values=["Blue", "Red"])


def a_shirt(*, options: tuple[WantedOption, ...] = (SIZES, COLOURS), missing: bool = True) -> Product:
    """A shirt with its first combination, or with all."""
    product = ProductFactory.create(name="Shirt", slug="shirt", sku="SHIRT")
    change_options(product_id=product.pk, options=options)
    if missing:
        generate_missing(product_id=product.pk, price=2000)
    return product


def names(product: Product) -> list[str]:
    return list(product.variants.live().values_list("name", flat=True))


def options_now(product: Product) -> list[tuple[str, list[str]]]:
    return [(option.name, [value.value for value in option.values.all()]) for option in product.options.all()]


# --- options


def test_an_only_variant_becomes_the_first_combination() -> None:
    product = a_shirt(missing=False)

    assert options_now(product) == [("Size", ["S", "M", "L"]), ("Colour", ["Blue", "Red"])]
    assert names(product) == ["S / Blue"]
    variant = product.variants.get()
    assert (str(variant.value_1), str(variant.value_2), variant.value_3) == ("S", "Blue", None)


def test_variants_that_were_only_named_are_recognised_and_put_into_order() -> None:
    product = ProductFactory.create(bare=True)
    for position, name in enumerate(("l / red", "S / Blue", "M / Red")):
        VariantFactory.create(product=product, name=name, position=position)

    assert change_options(product_id=product.pk, options=[SIZES, COLOURS]) == []

    assert names(product) == ["S / Blue", "M / Red", "L / Red"]


def test_a_variant_whose_name_fits_nothing_is_not_lost() -> None:
    product = ProductFactory.create(bare=True)
    VariantFactory.create(product=product, name="S")
    VariantFactory.create(product=product, name="Giant")

    with pytest.raises(InvalidProduct, match="Giant"):
        change_options(product_id=product.pk, options=[SIZES])

    assert not Option.objects.exists()


def test_a_renamed_value_renames_its_variants_and_nothing_else() -> None:
    product = a_shirt()
    before = dict(product.variants.values_list("pk", "sku"))
    navy = WantedOption(name="Color", was="Colour", values=["Navy", "Red"], renamed={"Blue": "Navy"})

    assert change_options(product_id=product.pk, options=[SIZES, navy]) == []

    assert names(product) == ["S / Navy", "S / Red", "M / Navy", "M / Red", "L / Navy", "L / Red"]
    assert dict(product.variants.values_list("pk", "sku")) == before


def test_two_values_may_swap_their_names() -> None:
    product = a_shirt(options=(WantedOption(name="Size", values=["S", "M"]),))
    small = product.variants.get(name="S")

    swapped = WantedOption(name="Size", values=["M", "S"], renamed={"S": "M", "M": "S"})
    change_options(product_id=product.pk, options=[swapped])

    small.refresh_from_db()
    assert (small.name, small.position) == ("M", 0)


def test_values_and_options_take_another_order_and_the_variants_follow() -> None:
    product = a_shirt()
    backwards = WantedOption(name="Size", values=["L", "M", "S"])

    change_options(product_id=product.pk, options=[COLOURS, backwards])

    assert names(product) == ["Blue / L", "Blue / M", "Blue / S", "Red / L", "Red / M", "Red / S"]


def test_a_new_option_finds_the_variants_at_its_first_value() -> None:
    product = a_shirt(options=(SIZES,))

    change_options(product_id=product.pk, options=[SIZES, COLOURS])

    assert names(product) == ["S / Blue", "M / Blue", "L / Blue"]


def test_a_value_that_goes_retires_its_variants() -> None:
    product = a_shirt()
    ordered = product.variants.get(name="M / Blue")
    StockLevel.objects.filter(variant=ordered).update(on_hand=1)

    retired = change_options(product_id=product.pk, options=[WantedOption(name="Size", values=["S", "L"]), COLOURS])

    assert retired == ["M / Blue", "M / Red"]
    assert names(product) == ["S / Blue", "S / Red", "L / Blue", "L / Red"]


def test_an_option_goes_when_its_variants_stay_distinct() -> None:
    product = a_shirt(options=(SIZES, WantedOption(name="Colour", values=["Blue"])))

    change_options(product_id=product.pk, options=[SIZES])

    assert names(product) == ["S", "M", "L"]


def test_an_option_does_not_go_while_it_tells_variants_apart() -> None:
    product = a_shirt()

    with pytest.raises(InvalidProduct, match="two variants “S”"):
        change_options(product_id=product.pk, options=[SIZES])

    assert options_now(product) == [("Size", ["S", "M", "L"]), ("Colour", ["Blue", "Red"])]
    assert len(names(product)) == 6


def test_without_options_the_variants_keep_their_names() -> None:
    product = a_shirt(options=(SIZES,))

    change_options(product_id=product.pk, options=[])

    assert not Option.objects.exists()
    assert names(product) == ["S", "M", "L"]


@pytest.mark.parametrize(
    "options",
    [
        [WantedOption(name=name, values=["A"]) for name in ("A", "B", "C", "D")],
        [WantedOption(name="", values=["A"])],
        [WantedOption(name="x" * 61, values=["A"])],
        [WantedOption(name="Size", values=[])],
        [WantedOption(name="Size", values=["S", " "])],
        [WantedOption(name="Size", values=["S", "s"])],
        [WantedOption(name="Size", values=["x" * 81])],
        [WantedOption(name="Size", values=[str(n) for n in range(101)])],
        [WantedOption(name="Size", values=["S"]), WantedOption(name="size", values=["S"])],
        [WantedOption(name="Size", values=["Q"]), COLOURS],
    ],
)
def test_nonsense_is_refused_and_nothing_written(options: list[WantedOption]) -> None:
    product = a_shirt()
    before = options_now(product), names(product)

    with pytest.raises(InvalidProduct) as refused:
        change_options(product_id=product.pk, options=options)

    assert refused.value.field == "options"
    assert (options_now(product), names(product)) == before


def test_a_product_that_is_gone_has_no_options() -> None:
    with pytest.raises(ProductGone):
        change_options(product_id=0, options=[SIZES])


# --- combinations


def test_what_is_missing_is_made_with_stock_and_in_order() -> None:
    product = a_shirt(missing=False)

    made = generate_missing(product_id=product.pk, price=2500, compare_at_price=3000, stock_quantity=4, actor="clara")

    assert [variant.name for variant in made] == ["S / Red", "M / Blue", "M / Red", "L / Blue", "L / Red"]
    assert names(product) == ["S / Blue", "S / Red", "M / Blue", "M / Red", "L / Blue", "L / Red"]
    assert {variant.sku for variant in made} >= {"SHIRT-S-RED", "SHIRT-L-BLUE"}
    assert all((variant.price, variant.stock.on_hand) == (2500, 4) for variant in made)
    assert generate_missing(product_id=product.pk, price=2500) == []


def test_more_than_a_product_may_have_are_not_made() -> None:
    tens = [WantedOption(name=name, values=[str(n) for n in range(10)]) for name in ("A", "B", "C")]
    product = a_shirt(options=tuple(tens), missing=False)

    with pytest.raises(InvalidProduct, match="1000 combinations"):
        generate_missing(product_id=product.pk, price=100)

    change_options(product_id=product.pk, options=tens[:2])
    assert len(generate_missing(product_id=product.pk, price=100)) == MAX_VARIANTS - 1


def test_without_options_nothing_is_missing() -> None:
    with pytest.raises(InvalidProduct, match="no options"):
        generate_missing(product_id=ProductFactory.create().pk, price=100)


def test_a_variant_is_added_by_its_values_whatever_their_case() -> None:
    product = a_shirt(missing=False)

    added = add_variant(product_id=product.pk, new=NewVariant(price=100, options={"size": "m", "COLOUR": "red"}))

    assert (added.name, str(added.value_1), str(added.value_2)) == ("M / Red", "M", "Red")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"Size": "M"},
        {"Size": "M", "Colour": "Green"},
        {"Size": "M", "Colour": "Red", "Fit": "Slim"},
        {"Size": "S", "Colour": "Blue"},
    ],
)
def test_a_variant_without_a_free_combination_is_refused(options: dict[str, str]) -> None:
    product = a_shirt(missing=False)

    with pytest.raises(InvalidProduct) as refused:
        add_variant(product_id=product.pk, new=NewVariant(price=100, options=options))

    assert refused.value.field == "options"
    assert names(product) == ["S / Blue"]


def test_a_variant_moves_to_a_free_combination_only() -> None:
    product = a_shirt(missing=False)
    first = product.variants.get()
    add_variant(product_id=product.pk, new=NewVariant(price=100, options={"Size": "M", "Colour": "Red"}))

    with pytest.raises(InvalidProduct, match="already"):
        update_variant(variant_id=first.pk, options={"Size": "M", "Colour": "Red"})
    with pytest.raises(InvalidProduct, match="made of its options"):
        update_variant(variant_id=first.pk, name="Other")
    update_variant(variant_id=first.pk, options={"Size": "L", "Colour": "Blue"}, name="S / Blue")

    assert names(product) == ["M / Red", "L / Blue"]


def test_what_belongs_to_a_variant_is_kept_and_nonsense_refused() -> None:
    product = ProductFactory.create(bare=True)
    picture, foreign = ProductImageFactory.create(product=product), ProductImageFactory.create()
    new = NewVariant(price=100, cost=40, barcode="4006381333931", image_id=picture.pk, allows_backorders=True)
    variant = add_variant(product_id=product.pk, new=new)
    variant.refresh_from_db()
    kept = (variant.cost, variant.barcode, variant.image, variant.stock.allows_backorders)
    assert kept == (40, "4006381333931", picture, True)

    for wrong in ({"cost": -1}, {"barcode": "ä"}, {"barcode": "1" * 65}, {"image_id": foreign.pk}):
        with pytest.raises(InvalidProduct):
            update_variant(variant_id=variant.pk, **wrong)
    StockLevel.objects.update(reserved=3)
    with pytest.raises(InvalidProduct, match="Orders wait"):
        update_variant(variant_id=variant.pk, allows_backorders=False)
    StockLevel.objects.update(reserved=0)
    update_variant(variant_id=variant.pk, allows_backorders=False, image_id=None, cost=None, barcode="")
    variant.refresh_from_db()
    assert (variant.cost, variant.barcode, variant.image, variant.stock.allows_backorders) == (None, "", None, False)
    assert ProductImage.objects.count() == 2


def test_a_product_is_created_with_options() -> None:
    variants = [NewVariant(price=100, options={"Size": size, "Colour": "Red"}, stock_quantity=1) for size in ("L", "S")]
    product = create_product(
        name="Shirt", category=CategoryFactory.create(), options=[SIZES, COLOURS], variants=variants
    )

    assert names(product) == ["S / Red", "L / Red"]
    assert [sum(value.pk for value in values) > 0 for values in missing_combinations(product)] == [True] * 4


def test_an_archived_variant_gives_up_its_values() -> None:
    product = a_shirt(options=(SIZES,))
    VariantFactory.create(product=product, archived_at="2026-01-01T00:00Z", value_1=OptionValue.objects.get(value="S"))

    change_options(product_id=product.pk, options=[WantedOption(name="Size", values=["M", "L"])])

    assert names(product) == ["M", "L"]
    assert not Variant.objects.exclude(archived_at=None).exclude(value_1=None).exists()


def test_postgresql_refuses_a_second_variant_of_a_combination() -> None:
    product = a_shirt()
    small, other = product.variants.all()[:2]

    with pytest.raises(IntegrityError), transaction.atomic():
        Variant.objects.filter(pk=other.pk).update(value_1=small.value_1, value_2=small.value_2)


# --- races


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_people_who_add_the_same_combination_make_one() -> None:
    product = a_shirt(missing=False)
    new = NewVariant(price=100, options={"Size": "M", "Colour": "Red"})

    outcomes = at_once(6, lambda _: add_variant(product_id=product.pk, new=new))

    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert len(refused) == 5
    assert all(isinstance(outcome, InvalidProduct) and "already" in str(outcome) for outcome in refused)
    assert names(product) == ["S / Blue", "M / Red"]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_without_the_lock_two_people_run_into_the_last_wall() -> None:
    """The control: who only looks and then writes is refused by PostgreSQL instead of by a sentence."""
    product = a_shirt(missing=False)
    both_have_looked = Barrier(2)

    def carelessly(number: int) -> None:
        with transaction.atomic():
            missing = missing_combinations(product)
            both_have_looked.wait(timeout=20)
            for values in missing:
                Variant.objects.create(
                    product=product, sku=f"{number}-{values[0].pk}-{values[1].pk}", price=1,
                    value_1=values[0], value_2=values[1],
                )  # fmt: skip

    outcomes = at_once(2, carelessly)

    assert [type(outcome) for outcome in outcomes if outcome is not None] == [IntegrityError]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_value_that_goes_while_a_variant_of_it_comes_leaves_no_orphan() -> None:
    product = a_shirt(missing=False)
    new = NewVariant(price=100, options={"Size": "L", "Colour": "Red"})
    fewer = [WantedOption(name="Size", values=["S", "M"]), COLOURS]

    def act(number: int) -> object:
        if number:
            return add_variant(product_id=product.pk, new=new)
        return change_options(product_id=product.pk, options=fewer)

    at_once(2, act)

    assert names(product) == ["S / Blue"]
    assert options_now(product)[0] == ("Size", ["S", "M"])
