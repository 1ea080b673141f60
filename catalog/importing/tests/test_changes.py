"""What an import changes of products that are here, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from catalog.importing import products
from catalog.importing.present import Present
from catalog.importing.shapes import WantedProduct
from catalog.importing.tests.files import as_csv, mug, take_in
from catalog.listing import Wanted, list_products
from catalog.models import (
    Category,
    FormerSlug,
    ImportRun,
    Option,
    OptionValue,
    PriceChange,
    Product,
    ProductImage,
    StockLevel,
    StockMovement,
    TaxClass,
    Variant,
)
from catalog.tests.factories import ProductFactory

pytestmark = pytest.mark.django_db


def counts(run: ImportRun) -> tuple[int, int, int, int]:
    return run.created, run.updated, run.unchanged, run.refused


def hints(run: ImportRun) -> list[str]:
    return [problem.message for problem in run.problems.filter(is_refusal=False)]


def refusal(run: ImportRun) -> str:
    return run.problems.get(is_refusal=True).message


def shirt(**more: Any) -> dict[str, Any]:
    return {"Handle": "shirt", "Title": "Shirt", "Option1 Name": "Size", "Variant Price": "20"} | more


def sizes(*named: str, **more: Any) -> bytes:
    """A shirt in these sizes, each as `SKU=size`, or only the size."""
    rows = []
    for each in named:
        sku, _, size = each.rpartition("=")
        rows.append(shirt(**{"Option1 Value": size, "Variant SKU": sku}, **more))
    return as_csv(*rows)


def variants() -> dict[str, str]:
    return dict(Variant.objects.order_by("position").values_list("sku", "name"))


def test_a_new_product_is_all_that_the_file_says() -> None:
    tax = TaxClass.objects.create(code="books", name="Books")
    take_in(
        as_csv(
            mug(
                **{
                    "Body (HTML)": "<p onclick=x>Blue</p><script>1</script>",
                    "Vendor": "Potter",
                    "Type": "Cup",
                    "Tags": "blue, new, Blue,",
                    "Published": "false",
                    "Status": "unlisted",
                    "SEO Title": "Mugs",
                    "Variant Compare At Price": "15",
                    "Variant Grams": "350",
                    "Variant Barcode": "'4006381333931",
                    "Variant Inventory Qty": "3",
                    "Variant Inventory Policy": "continue",
                    "Variant Tax Code": "books",
                    "Cost per item": "4.20",
                    "Product Category": "Home > Kitchen > Mugs",
                    "Image Src": "https://example.com/1.jpg",
                    "Image Alt Text": "A mug",
                    "Variant Image": "https://example.com/1.jpg",
                }
            )
        )
    )

    product = Product.objects.get()
    assert (product.name, product.slug, product.description) == ("Mug", "mug", "<p>Blue</p>")
    assert product.brand is not None
    assert product.product_type is not None
    assert (product.brand.name, product.product_type.name, product.tags) == ("Potter", "Cup", ["blue", "new"])
    assert (product.is_published, product.is_listed, product.seo_title) == (False, False, "Mugs")
    assert (product.price, product.compare_at_price, product.tax_class) == (1250, 1500, tax)
    assert [each.name for each in Category.objects.get_ancestors(product.category)] == ["Home", "Kitchen"]
    variant = Variant.objects.get()
    assert (variant.sku, variant.name, variant.weight, variant.barcode) == ("MUG", "", 350, "4006381333931")
    assert variant.cost == 420
    level = StockLevel.objects.get()
    assert (level.on_hand, level.allows_backorders) == (3, True)
    assert StockMovement.objects.get().actor == PriceChange.objects.get().actor == "bob"
    image = ProductImage.objects.get()
    assert (image.state, image.alt, variant.image) == (ProductImage.State.WAITING, "A mug", image)


def test_a_type_without_a_category_becomes_one_and_neither_becomes_other() -> None:
    take_in(as_csv(mug(Type="Cups"), mug(Handle="jug", Type="", **{"Variant SKU": "JUG"})))
    assert dict(Product.objects.values_list("slug", "category__name")) == {"mug": "Cups", "jug": "Other"}
    take_in(as_csv(mug(Type="Tableware")))
    assert Product.objects.get(slug="mug").category.name == "Cups"  # somebody may have moved it: only once


def test_only_what_differs_is_written() -> None:
    take_in(as_csv(mug(**{"Variant Inventory Qty": "3"})))
    before = Product.objects.get()

    run = take_in(as_csv(mug(**{"Variant Price": "13", "Variant Inventory Qty": "9"})))

    assert counts(run) == (0, 1, 0, 0)
    after = Product.objects.get()
    assert (after.price, after.name) == (1300, "Mug")
    assert after.updated_at > before.updated_at
    assert StockLevel.objects.get().on_hand == 3
    assert list(PriceChange.objects.values_list("price_before", "price")) == [(1250, 1300), (None, 1250)]


def test_stock_is_what_the_file_says_when_asked_and_promised_pieces_stay_promised() -> None:
    take_in(as_csv(mug(**{"Variant Inventory Qty": "3"})))
    StockLevel.objects.update(reserved=2)

    run = take_in(as_csv(mug(**{"Variant Inventory Qty": "9"})), stock=True)

    level = StockLevel.objects.get()
    assert (counts(run), level.on_hand, level.available) == ((0, 1, 0, 0), 11, 9)
    assert counts(take_in(as_csv(mug(**{"Variant Inventory Qty": "9"})), stock=True)) == (0, 0, 1, 0)


def test_backorders_end_when_the_file_says_so_unless_orders_wait_for_pieces() -> None:
    rows = {policy: as_csv(mug(**{"Variant Inventory Policy": policy})) for policy in ("continue", "deny")}
    take_in(rows["continue"])
    StockLevel.objects.update(reserved=1)

    stuck = take_in(rows["deny"])
    assert counts(stuck) == (0, 0, 1, 0)
    assert hints(stuck) == ["Orders wait for pieces of this variant; until they are here, back-orders stay possible."]
    StockLevel.objects.update(reserved=0)
    assert counts(take_in(rows["deny"])) == (0, 1, 0, 0)
    assert not StockLevel.objects.get().allows_backorders


def test_more_stock_than_can_be_is_refused_and_nothing_else() -> None:
    take_in(as_csv(mug(), mug(Handle="cup", **{"Variant SKU": "CUP"})))
    StockLevel.objects.filter(variant__sku="MUG").update(on_hand=5, reserved=5)
    rows = [
        mug(**{"Variant Inventory Qty": "1000000000"}),
        mug(Handle="cup", **{"Variant SKU": "CUP", "Variant Inventory Qty": "2"}),
    ]
    run = take_in(as_csv(*rows), stock=True)
    assert counts(run) == (0, 1, 0, 1)
    assert "cannot exceed" in refusal(run)


def test_products_that_are_here_are_left_alone_when_asked() -> None:
    take_in(as_csv(mug()))
    run = take_in(as_csv(mug(Title="Jug"), mug(Handle="cup", **{"Variant SKU": "CUP"})), only_new=True)
    assert counts(run) == (1, 0, 1, 0)
    assert Product.objects.get(slug="mug").name == "Mug"


def test_what_no_column_speaks_of_stays() -> None:
    take_in(as_csv(mug(Vendor="Potter", Tags="blue", **{"SEO Title": "Mugs"})))
    take_in(b"Handle,Variant SKU,Variant Price\nmug,MUG,9\n")
    product = Product.objects.get()
    assert product.brand is not None
    assert (product.name, product.tags, product.seo_title, product.price) == ("Mug", ["blue"], "Mugs", 900)

    take_in(as_csv(mug(Vendor="", Tags="", **{"SEO Title": ""})))
    product = Product.objects.get()
    assert (product.brand, product.tags, product.seo_title) == (None, [], "")


def test_variants_are_found_by_their_sku_and_then_by_their_options() -> None:
    take_in(sizes("A=S", "B=M"))
    assert variants() == {"A": "S", "B": "M"}

    run = take_in(sizes("C=S", "B=L"))  # another SKU; another size

    assert counts(run) == (0, 1, 0, 0)
    assert variants() == {"C": "S", "B": "L"}


def test_variants_can_swap_their_options() -> None:
    take_in(sizes("A=S", "B=M"))
    take_in(sizes("A=M", "B=S"))
    assert variants() == {"A": "M", "B": "S"}
    assert counts(take_in(sizes("A=M", "B=S"))) == (0, 0, 1, 0)


def test_a_variant_that_the_file_does_not_name_stays_and_is_told() -> None:
    take_in(sizes("A=S", "B=M"))
    run = take_in(sizes("B=M"))
    assert counts(run) == (0, 0, 1, 0)
    assert variants() == {"A": "S", "B": "M"}
    assert hints(run) == ["The file does not name this variant of the product; it was left as it is."]


def test_variants_come_in_the_order_of_the_file() -> None:
    take_in(sizes("A=S", "B=M"))
    take_in(sizes("C=XS", "A=S", "B=M"))
    assert list(variants()) == ["C", "A", "B"]
    take_in(sizes("C=XS", "A=S", "B=M", "D=L"))
    assert list(variants()) == ["C", "A", "B", "D"]
    assert list(OptionValue.objects.values_list("value", flat=True)) == ["S", "M", "XS", "L"]


def test_a_product_without_options_can_get_some_and_then_more() -> None:
    take_in(as_csv(mug(**{"Option1 Name": "Title", "Option1 Value": "Default Title", "Variant SKU": ""})))
    [sku] = variants()
    rows = [
        mug(**{"Variant SKU": "", "Option1 Name": "Size", "Option1 Value": size, "Option2 Name": "Colour"})
        | {"Option2 Value": "Red"}
        for size in ("S", "M")
    ]
    take_in(as_csv(*rows))
    assert variants() == {sku: "S / Red", "MUG-M-RED": "M / Red"}
    assert counts(take_in(as_csv(*rows))) == (0, 0, 1, 0)
    assert list(Option.objects.values_list("name", flat=True)) == ["Size", "Colour"]


def test_a_sku_of_another_product_is_refused() -> None:
    ProductFactory.create(slug="cup", sku="Mug")
    run = take_in(as_csv(mug()))
    assert (counts(run), refusal(run)) == ((0, 0, 0, 1), "This SKU belongs to the product “cup”.")
    assert not Product.objects.filter(slug="mug").exists()


def test_a_sku_that_has_to_be_made_is_the_same_each_time_and_nobodys() -> None:
    ProductFactory.create(slug="cup", sku="MUG")
    content = as_csv(mug(**{"Variant SKU": ""}))
    take_in(content)
    [made] = Variant.objects.filter(product__slug="mug").values_list("sku", flat=True)
    assert made.startswith("MUG-")
    assert counts(take_in(content)) == (0, 0, 1, 0)
    Product.objects.filter(slug="mug").delete()
    take_in(content)
    assert Variant.objects.get(product__slug="mug").sku == made


def test_a_product_is_found_under_the_address_that_it_has_left() -> None:
    take_in(as_csv(mug()))
    product = Product.objects.get()
    Product.objects.update(slug="big-mug")
    FormerSlug.objects.create(slug="mug", product=product)

    assert counts(take_in(as_csv(mug(Title="Big mug")))) == (0, 1, 0, 0)
    assert list(Product.objects.values_list("name", "slug")) == [("Big mug", "big-mug")]


def test_archived_products_come_back_when_the_file_says_that_they_are_sold() -> None:
    take_in(as_csv(mug(Status="archived")))
    assert Product.objects.get().archived_at is not None
    assert counts(take_in(as_csv(mug(Status="archived")))) == (0, 0, 1, 0)
    take_in(as_csv(mug(Status="active")))
    assert Product.objects.get().archived_at is None


def test_one_product_that_postgresql_refuses_does_not_spoil_its_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    # As if somebody had taken the SKU between our look and our write.
    ProductFactory.create(slug="other", sku="CUP")
    monkeypatch.setattr(products, "Present", Blind)

    run = take_in(as_csv(mug(), mug(Handle="cup", **{"Variant SKU": "CUP"}), mug(Handle="jug", **{"Variant SKU": "J"})))

    assert (counts(run), run.problems.get().line) == ((2, 0, 0, 1), 3)
    assert "catalog_variant_sku_unique" in refusal(run)
    assert set(Product.objects.values_list("slug", flat=True)) == {"other", "mug", "jug"}


class Blind(Present):
    """Sees nobody's SKUs."""

    def __init__(self, wanted: Sequence[WantedProduct]) -> None:
        super().__init__(wanted)
        self.sku_owners = {}


def test_pictures_keep_what_the_shop_knows_of_them() -> None:
    rows = [mug(**{"Image Src": f"https://example.com/{n}.jpg"}) for n in (1, 2)]
    content = as_csv(rows[0], {"Handle": "mug", "Image Src": "https://example.com/2.jpg"})
    take_in(content)
    ProductImage.objects.filter(position=0).update(
        alt="Ours", state="stored", image="products/1.webp", width=9, height=9
    )

    assert counts(take_in(content)) == (0, 0, 1, 0)
    assert list(ProductImage.objects.values_list("alt", "state")) == [("Ours", "stored"), ("", "waiting")]


def test_what_is_imported_is_found_and_what_is_renamed_is_found_under_its_new_name() -> None:
    def found(text: str) -> list[str]:
        return [card.name for card in list_products(Wanted(text=text))]

    take_in(as_csv(mug(Title="Teacup", Vendor="Fjell")))
    assert (found("fjell"), found("teacup")) == (["Teacup"], ["Teacup"])

    take_in(as_csv(mug(Title="Beaker", Vendor="Fjell")))
    assert (found("beaker"), found("teacup")) == (["Beaker"], [])

    take_in(as_csv(mug(Title="Beaker", Vendor="Fjell", **{"Variant Barcode": "4006381333931"})))
    assert found("4006381333931") == ["Beaker"]
