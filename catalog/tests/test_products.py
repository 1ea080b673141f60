from __future__ import annotations

import pytest

from catalog.errors import InvalidProduct, ProductChanged, ProductGone
from catalog.inventory import stock
from catalog.models import Category, Product, StockLevel, StockMovement, Variant
from catalog.products import archive_or_delete_product, create_product, restore_product, update_product
from catalog.tests.factories import CategoryFactory, ProductFactory
from catalog.variants import NewVariant, add_variant, remove_variant, update_variant
from shop.testing.races import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def category() -> Category:
    return CategoryFactory.create(name="Mugs")


def a_mug(category: Category, **values: object) -> Product:
    stated = {"name": "Stone mug", "variants": [NewVariant(price=1250, stock_quantity=7)], "actor": "clara"}
    return create_product(category=category, **(stated | values))  # type: ignore[arg-type]


def movements(variant: Variant) -> list[tuple[int, str]]:
    return list(StockMovement.objects.filter(level__variant=variant).order_by("pk").values_list("quantity", "reason"))


def test_a_simple_product_is_complete(category: Category) -> None:
    product = a_mug(category)
    product.refresh_from_db()
    variant = product.variants.get()
    assert (product.slug, product.price, product.compare_at_price, product.is_published) == (
        "stone-mug",
        1250,
        None,
        True,
    )
    assert (variant.sku, variant.name, variant.available) == ("STONE-MUG", "", 7)
    movement = StockMovement.objects.get()
    assert (movement.quantity, movement.reason, movement.note, movement.actor) == (
        7,
        "received",
        "Initial stock",
        "clara",
    )


def test_without_stock_there_is_a_level_but_no_movement(category: Category) -> None:
    product = a_mug(category, variants=[NewVariant(price=1)])
    assert product.variants.get().stock.on_hand == 0
    assert not StockMovement.objects.exists()


def test_the_same_name_gets_another_slug_and_sku(category: Category) -> None:
    slugs = [a_mug(category).slug for _ in range(6)]
    assert slugs[:3] == ["stone-mug", "stone-mug-2", "stone-mug-3"]
    assert len(set(slugs)) == 6
    assert Variant.objects.count() == 6


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Käse & Brot", "kase-brot"),
        ("陶器", "product"),
        ("🫖", "product"),
        ("x" * 200, "x" * 200),
        ("Straße", "strasse"),
    ],
)
def test_every_name_gives_a_slug(category: Category, name: str, slug: str) -> None:
    assert a_mug(category, name=name).slug == slug


def test_the_cheapest_variant_gives_the_price(category: Category) -> None:
    product = a_mug(
        category,
        variants=[
            NewVariant(price=2000, name="Large"),
            NewVariant(price=1500, name="Small", compare_at_price=1800),
        ],
    )
    product.refresh_from_db()
    assert (product.price, product.compare_at_price) == (1500, 1800)
    assert [variant.sku for variant in product.variants.all()] == ["STONE-MUG-LARGE", "STONE-MUG-SMALL"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"slug": "two words"}, "slug"),
        ({"variants": []}, "variants"),
        ({"variants": [NewVariant(price=0)]}, "price"),
        ({"variants": [NewVariant(price=-5)]}, "price"),
        ({"variants": [NewVariant(price=2**63)]}, "price"),
        ({"variants": [NewVariant(price=5, compare_at_price=5)]}, "compare_at_price"),
        ({"variants": [NewVariant(price=5, stock_quantity=-1)]}, "stock_quantity"),
        ({"variants": [NewVariant(price=5, stock_quantity=2**31)]}, "stock_quantity"),
        ({"variants": [NewVariant(price=5, sku="x" * 65)]}, "sku"),
        ({"variants": [NewVariant(price=5, sku="A"), NewVariant(price=5, sku="a")]}, "sku"),
        ({"category": Category(pk=0)}, "category"),
    ],
)
def test_nonsense_is_refused_and_nothing_written(category: Category, values: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidProduct) as refused:
        a_mug(**({"category": category} | values))  # type: ignore[arg-type]
    assert refused.value.field == field
    assert not Product.objects.exists()
    assert not StockLevel.objects.exists()


def test_a_taken_sku_is_refused_whatever_its_case(category: Category) -> None:
    a_mug(category, variants=[NewVariant(price=1, sku="Mug-1")])
    with pytest.raises(InvalidProduct) as refused:
        a_mug(category, variants=[NewVariant(price=1, sku="mUG-1")])
    assert refused.value.field == "sku"
    assert Product.objects.count() == 1


def test_a_taken_slug_is_refused(category: Category) -> None:
    a_mug(category, slug="mug")
    with pytest.raises(InvalidProduct) as refused:
        a_mug(category, slug="mug")
    assert refused.value.field == "slug"


def test_an_update_changes_product_variant_and_stock(category: Category) -> None:
    product = a_mug(category)
    update_product(product_id=product.pk, name="Clay mug", price=900, compare_at_price=1250, stock_quantity=10)
    product.refresh_from_db()
    assert (product.name, product.slug, product.price, product.compare_at_price) == (
        "Clay mug",
        "stone-mug",
        900,
        1250,
    )
    assert movements(product.variants.get()) == [(7, "received"), (3, "adjusted")]


def test_setting_the_stock_leaves_what_is_promised(category: Category) -> None:
    variant = a_mug(category).variants.get()
    StockLevel.objects.filter(variant=variant).update(reserved=4)
    update_product(product_id=variant.product_id, stock_quantity=0)
    level = StockLevel.objects.get(variant=variant)
    assert (level.on_hand, level.reserved) == (4, 4)
    assert movements(variant) == [(7, "received"), (-3, "adjusted")]


def test_a_failing_part_of_an_update_undoes_the_others(category: Category) -> None:
    product = a_mug(category)
    with pytest.raises(InvalidProduct):
        update_product(product_id=product.pk, name="Other", price=0, stock_quantity=2)
    product.refresh_from_db()
    assert (product.name, product.price, product.variants.get().available) == ("Stone mug", 1250, 7)


def test_an_update_based_on_an_old_version_is_refused(category: Category) -> None:
    product = a_mug(category)
    product.refresh_from_db()
    update_product(product_id=product.pk, name="First", unchanged_since=product.updated_at)
    with pytest.raises(ProductChanged):
        update_product(product_id=product.pk, name="Second", unchanged_since=product.updated_at)
    product.refresh_from_db()
    assert product.name == "First"


def test_with_several_variants_only_their_own_values_pass(category: Category) -> None:
    product = a_mug(category, variants=[NewVariant(price=5, stock_quantity=1), NewVariant(price=6)])
    update_product(product_id=product.pk, price=5, stock_quantity=1, name="Same")
    with pytest.raises(InvalidProduct) as refused:
        update_product(product_id=product.pk, price=7)
    assert refused.value.field == "price"
    with pytest.raises(InvalidProduct):
        update_product(product_id=product.pk, stock_quantity=2)


def test_variants_come_and_go_and_the_price_follows(category: Category) -> None:
    product = a_mug(category)
    small = add_variant(product_id=product.pk, new=NewVariant(price=800, name="Small", stock_quantity=2))
    product.refresh_from_db()
    assert (product.price, small.position, small.available) == (800, 1, 2)
    update_variant(variant_id=small.pk, price=2000, sku="SMALL", stock_quantity=1)
    product.refresh_from_db()
    assert product.price == 1250
    remove_variant(variant_id=product.variants.earliest("pk").pk)
    product.refresh_from_db()
    assert product.price == 2000
    with pytest.raises(InvalidProduct):
        remove_variant(variant_id=small.pk)
    assert product.variants.count() == 1


def test_a_variant_cannot_take_the_sku_of_another(category: Category) -> None:
    a_mug(category, variants=[NewVariant(price=1, sku="TAKEN")])
    variant = a_mug(category).variants.get()
    with pytest.raises(InvalidProduct) as refused:
        update_variant(variant_id=variant.pk, sku="taken")
    assert refused.value.field == "sku"
    update_variant(variant_id=variant.pk, sku=variant.sku.lower())


def test_a_product_never_ordered_is_deleted(category: Category) -> None:
    product = a_mug(category)
    archive_or_delete_product(product_id=product.pk)
    assert not Product.objects.exists()
    assert not StockMovement.objects.exists()
    with pytest.raises(ProductGone):
        archive_or_delete_product(product_id=product.pk)
    with pytest.raises(ProductGone):
        update_product(product_id=product.pk, name="x")


def test_a_restored_product_is_not_published() -> None:
    product = ProductFactory.create()
    Product.objects.filter(pk=product.pk).update(archived_at=product.created_at)
    restore_product(product_id=product.pk)
    product.refresh_from_db()
    assert (product.archived_at, product.is_published) == (None, False)


@pytest.mark.django_db(transaction=True)
def test_parallel_products_of_one_name_get_different_slugs() -> None:
    category = CategoryFactory.create()
    outcomes = at_once(12, lambda number: a_mug(category))
    assert {type(outcome) for outcome in outcomes} == {Product}
    assert Product.objects.values("slug").distinct().count() == 12
    assert Variant.objects.count() == 12


@pytest.mark.django_db(transaction=True)
def test_of_parallel_products_with_the_same_skus_one_wins() -> None:
    category = CategoryFactory.create()

    def create(number: int) -> Product:
        skus = ("A", "B", "C") if number % 2 else ("C", "B", "A")
        return a_mug(category, name=f"Mug {number}", variants=[NewVariant(price=1, sku=sku) for sku in skus])

    outcomes = at_once(10, create)
    refused = [outcome for outcome in outcomes if not isinstance(outcome, Product)]
    assert len(refused) == 9
    assert {type(error) for error in refused} == {InvalidProduct}
    assert Product.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_parallel_changes_of_stock_are_all_in_the_ledger() -> None:
    variant = a_mug(CategoryFactory.create()).variants.get()

    def change(number: int) -> object:
        if number % 2:
            return stock.receive(variant_id=variant.pk, quantity=number)
        return update_variant(variant_id=variant.pk, stock_quantity=number)

    assert not [outcome for outcome in at_once(10, change) if isinstance(outcome, Exception)]
    level = StockLevel.objects.get(variant=variant)
    assert level.on_hand == sum(quantity for quantity, _ in movements(variant))


@pytest.mark.django_db(transaction=True)
def test_parallel_price_changes_leave_the_right_price_from() -> None:
    product = a_mug(CategoryFactory.create(), variants=[NewVariant(price=5000 + n) for n in range(8)])
    ids = list(product.variants.values_list("pk", flat=True))
    at_once(8, lambda number: update_variant(variant_id=ids[number], price=100 + number))
    product.refresh_from_db()
    assert product.price == 100
