from __future__ import annotations

import io
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from catalog.inventory import stock
from catalog.models import Product, ProductImage, StockLevel, StockMovement, TaxClass, Variant
from catalog.tests.factories import CategoryFactory, ProductFactory, ProductImageFactory, VariantFactory
from catalog.variants import update_variant
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db
ROLES = {"clara": "Catalog staff", "otto": "Order staff", "mona": "Managers", "charlie": None}
LISTS = [f"admin:catalog_{model}_changelist" for model in ("product", "category", "stocklevel", "stockmovement")]


def login(name: str) -> Client:
    user = get_user_model().objects.create_user(
        username=name, email=f"{name}@example.com", password="juniper-tests", is_staff=name in ("clara", "otto")
    )
    if role := ROLES[name]:
        user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def clara() -> Client:
    return login("clara")


def page_of(product: Product) -> str:
    return reverse("admin:catalog_product_change", args=[product.pk])


def stock_page_of(product: Product) -> str:
    return reverse("admin:catalog_product_adjust_stock", args=[product.pk])


def filled(product: Product | None, **values: Any) -> dict[str, Any]:
    """What the browser sends for the product's page; `variants-0-price="…"` and the like change it."""
    data: dict[str, Any] = {"is_published": "on", "is_listed": "on", "description": "", "slug": ""}
    variants: list[Variant] = []
    if product:
        product.refresh_from_db()
        variants = list(product.variants.filter(archived_at=None))
        data |= {"name": product.name, "slug": product.slug, "category": product.category_id}
        data |= {"description": product.description, "version": product.updated_at.isoformat()}
    for number, variant in enumerate(variants):
        data |= {
            f"variants-{number}-id": variant.pk,
            f"variants-{number}-product": variant.product_id,
            f"variants-{number}-sku": variant.sku,
            f"variants-{number}-name": variant.name,
            f"variants-{number}-price": f"{variant.price / 100:.2f}",
            f"variants-{number}-compare_at_price": f"{variant.compare_at_price / 100}"
            if variant.compare_at_price
            else "",
        }
    data |= {"variants-TOTAL_FORMS": len(variants) or 1, "variants-INITIAL_FORMS": len(variants)}
    data |= {f"{inline}-{count}_FORMS": 0 for inline in ("images", "related_links") for count in ("TOTAL", "INITIAL")}
    data |= {"options-TOTAL_FORMS": 0, "options-INITIAL_FORMS": 0}
    return data | values


def errors_of(response: Any) -> str:
    """All that the page complains about, as text."""
    assert response.status_code == 200, "the form was saved"
    context = response.context
    return str(context["adminform"].form.errors) + str(
        [inline.formset.errors + inline.formset.non_form_errors() for inline in context["inline_admin_formsets"]]
    )


def a_picture(size: tuple[int, int] = (40, 30), form: str = "PNG") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", size, "green").save(out, form)
    return SimpleUploadedFile("../evil.php.png", out.getvalue(), "image/png")


# --- who may


@pytest.mark.parametrize("name", LISTS)
def test_the_pages_are_for_catalogue_staff_only(name: str) -> None:
    assert login("clara").get(reverse(name)).status_code == 200
    assert login("otto").get(reverse(name)).status_code == 403
    assert Client().get(reverse(name)).status_code == 302
    for stranger in ("charlie", "mona"):
        assert login(stranger).get(reverse(name)).status_code in (302, 403)


@pytest.mark.parametrize("name", ["otto", "charlie"])
def test_strangers_change_nothing(name: str) -> None:
    product = ProductFactory.create(stock=5)
    client = login(name)
    for page, data in (
        (page_of(product), filled(product, name="Mine")),
        (stock_page_of(product), {"variant": product.variants.get().pk, "way": "correct", "quantity": -5, "note": "x"}),
        (reverse("admin:catalog_product_delete", args=[product.pk]), {"post": "yes"}),
        (reverse(LISTS[0]), {"action": "delete_selected", "_selected_action": product.pk, "post": "yes"}),
        (reverse("admin:catalog_category_delete", args=[product.category_id]), {"post": "yes"}),
    ):
        assert client.post(page, data).status_code in (302, 403)
    assert list(Product.objects.values_list("name", flat=True)) == [product.name]
    assert StockLevel.objects.get().on_hand == 5


# --- products


def test_a_product_is_found_by_what_a_scanner_reads(clara: Client) -> None:
    ProductFactory.create(name="Spade")
    VariantFactory.create(product=ProductFactory.create(name="Mug"), barcode="4006381333931")
    listed = clara.get(reverse("admin:catalog_product_changelist"), {"q": "4006381333931"}).context["cl"].result_list
    assert [product.name for product in listed] == ["Mug"]


def test_a_product_is_created_with_variant_and_first_stock(clara: Client) -> None:
    category = CategoryFactory.create()
    data = filled(None, name="Stone mug", category=category.pk)
    data |= {"variants-0-price": "12,50", "variants-0-initial_stock": "7"}
    assert clara.get(reverse("admin:catalog_product_add")).status_code == 200
    assert clara.post(reverse("admin:catalog_product_add"), data).status_code == 302
    product = Product.objects.get()
    variant = product.variants.get()
    assert (product.slug, product.price, variant.sku, variant.price) == ("stone-mug", 1250, "STONE-MUG", 1250)
    movement = StockMovement.objects.get()
    assert (movement.quantity, movement.reason, movement.actor) == (7, "received", "clara")


def test_a_product_has_a_tax_class_and_its_variants_a_weight(clara: Client) -> None:
    books = TaxClass.objects.create(code="books", name="Books")
    product = ProductFactory.create(name="Novel", price=1250)
    change = {"tax_class": books.pk, "variants-0-weight": "320"}
    assert clara.post(page_of(product), filled(product) | change).status_code == 302
    product.refresh_from_db()
    assert (product.tax_class, product.variants.get().weight) == (books, 320)
    assert 'value="320"' in clara.get(page_of(product)).content.decode()

    for wrong in ({"variants-0-weight": "-1"}, {"variants-0-weight": "1.5"}, {"tax_class": "999"}):
        assert errors_of(clara.post(page_of(product), filled(product) | change | wrong))
    assert product.variants.get().weight == 320


def test_a_product_needs_a_variant_with_a_price(clara: Client) -> None:
    data = filled(None, name="Mug", category=CategoryFactory.create().pk)
    refused = clara.post(reverse("admin:catalog_product_add"), data)
    assert "required" in errors_of(refused)
    assert "A product has at least one variant, with a price." in refused.content.decode()
    assert not Product.objects.exists()


def test_an_empty_amount_looks_empty(clara: Client) -> None:
    page = clara.get(reverse("admin:catalog_product_add")).content.decode()
    assert 'placeholder="0.00"' in page
    assert 'placeholder="1.00"' not in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"variants-0-price": "0"},
        {"variants-0-price": "-1"},
        {"variants-0-price": "NaN"},
        {"variants-0-price": "1e9"},
        {"variants-0-price": "12.505"},
        {"variants-0-price": "9" * 30},
        {"variants-0-compare_at_price": "1.00"},
        {"variants-0-sku": "TAKEN"},
        {"variants-0-sku": "taken"},
        {"variants-0-sku": ""},
        {"variants-0-sku": "käse"},
        {"variants-0-DELETE": "on"},
        {"name": ""},
        {"name": "x" * 201},
        {"slug": "taken"},
        {"slug": "two words"},
        {"category": "999999"},
        {"description": "x" * 60_000},
    ],
)
def test_nonsense_is_refused_and_nothing_written(clara: Client, wrong: dict[str, str]) -> None:
    ProductFactory.create(name="Taken", sku="TAKEN")
    product = ProductFactory.create(name="Mug", price=1250)
    assert errors_of(clara.post(page_of(product), filled(product, **wrong)))
    product.refresh_from_db()
    assert (product.name, product.slug, product.price) == ("Mug", "mug", 1250)
    assert product.variants.get().price == 1250


def test_variants_come_change_and_go_and_the_price_follows(clara: Client) -> None:
    product = ProductFactory.create(price=1000)
    second = VariantFactory.create(product=product, price=2000, sku="SECOND")
    data = filled(product) | {
        "variants-TOTAL_FORMS": 3,
        "variants-0-DELETE": "on",
        "variants-1-price": "18.00",
        "variants-2-name": "Large",
        "variants-2-price": "30",
        "variants-2-initial_stock": "4",
    }
    assert clara.get(page_of(product)).status_code == 200
    assert clara.post(page_of(product), data).status_code == 302
    product.refresh_from_db()
    assert product.price == 1800
    large = product.variants.get(name="Large")
    assert (large.price, large.stock.on_hand) == (3000, 4)
    assert set(product.variants.values_list("pk", flat=True)) == {second.pk, large.pk}


def test_a_stale_form_does_not_save_over_a_newer_product(clara: Client) -> None:
    product = ProductFactory.create(name="Mug", price=1250)
    opened = filled(product)
    update_variant(variant_id=product.variants.get().pk, price=900)
    assert "Somebody else" in errors_of(clara.post(page_of(product), opened | {"name": "Old"}))
    product.refresh_from_db()
    assert (product.name, product.price) == ("Mug", 900)
    assert "Somebody else" in errors_of(clara.post(page_of(product), opened | {"version": ""}))


def test_a_form_opened_before_a_sale_leaves_the_stock_alone(clara: Client) -> None:
    product = ProductFactory.create(stock=10)
    opened = filled(product, name="New name", **{"variants-0-initial_stock": "99", "variants-0-stock_now": "99"})
    StockLevel.objects.update(reserved=3)
    stock.ship({product.variants.get().pk: 3}, reference="X", actor="otto")
    assert clara.post(page_of(product), opened).status_code == 302
    product.refresh_from_db()
    assert product.name == "New name"
    level = StockLevel.objects.get()
    assert (level.on_hand, level.reserved) == (7, 0)


def test_a_second_product_of_the_same_name_gets_another_address(clara: Client) -> None:
    category = ProductFactory.create(name="Mug").category
    data = filled(None, name="Mug", category=category.pk, **{"variants-0-price": "5"})
    assert clara.post(reverse("admin:catalog_product_add"), data).status_code == 302
    assert Product.objects.latest("pk").slug == "mug-2"


def test_delete_archives_or_deletes(clara: Client) -> None:
    product = ProductFactory.create()
    page = reverse("admin:catalog_product_delete", args=[product.pk])
    assert "archived instead" in clara.get(page).content.decode()
    assert clara.post(page, {"post": "yes"}).status_code == 302
    assert not Product.objects.exists()


def test_the_bulk_actions_publish_hide_delete_and_restore(clara: Client) -> None:
    products = [ProductFactory.create() for _ in range(3)]
    chosen = {"_selected_action": [product.pk for product in products[:2]]}
    shelf = reverse(LISTS[0])
    clara.post(shelf, chosen | {"action": "hide"})
    assert Product.objects.filter(is_published=True).count() == 1
    clara.post(shelf, chosen | {"action": "publish"})
    assert Product.objects.filter(is_published=True).count() == 3
    clara.post(shelf, chosen | {"action": "delete_selected", "post": "yes"})
    assert list(Product.objects.all()) == products[2:]
    Product.objects.update(archived_at=timezone.now())
    clara.post(f"{shelf}?shelf=archived", {"_selected_action": [products[2].pk], "action": "restore"})
    assert Product.objects.get().archived_at is None


def test_an_archived_product_can_only_be_looked_at(clara: Client) -> None:
    product = ProductFactory.create(name="Mug", archived_at=timezone.now(), price=1250)
    assert "Mug" not in clara.get(reverse(LISTS[0])).content.decode().split("result_list")[-1]
    assert "Mug" in clara.get(reverse(LISTS[0]), {"shelf": "archived"}).content.decode()
    shown = clara.get(page_of(product))
    assert shown.status_code == 200
    assert "€12.50" in shown.content.decode()
    assert clara.post(page_of(product), filled(product, name="New")).status_code == 403
    assert clara.post(reverse("admin:catalog_product_delete", args=[product.pk]), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("name", LISTS)
def test_lists_cost_the_same_whatever_their_length(clara: Client, name: str) -> None:
    def cost() -> int:
        with captured_sql() as statements:
            assert clara.get(reverse(name)).status_code == 200
        return len(statements)

    ProductImageFactory.create()
    cost()
    few = cost()
    for _ in range(15):
        ProductImageFactory.create()
    assert cost() == few


@pytest.mark.parametrize(
    "query", ["q=mug", "q=MUG-1", "stock=in", "stock=out", "category=1", "category=x", "shelf=all"]
)
def test_products_are_searched_and_filtered(clara: Client, query: str) -> None:
    ProductFactory.create(name="Stone mug", sku="MUG-1")
    assert clara.get(f"{reverse(LISTS[0])}?{query}").status_code == 200


def test_what_people_type_is_inert(clara: Client) -> None:
    evil = "<script>alert(1)</script>"
    product = ProductFactory.create(name=evil, slug="evil", description=evil)
    update_variant(variant_id=product.variants.get().pk, name=evil)
    for page in (reverse(LISTS[0]), page_of(product), stock_page_of(product), reverse(LISTS[2])):
        assert evil not in clara.get(page).content.decode()


# --- pictures


def test_an_uploaded_picture_is_stored_as_our_own_file(clara: Client, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    product = ProductFactory.create()
    data = filled(product) | {
        "images-TOTAL_FORMS": 1,
        "images-0-upload": a_picture((2000, 1000)),
        "images-0-alt": "A mug",
        "images-0-position": 0,
    }
    assert clara.post(page_of(product), data).status_code == 302
    picture = ProductImage.objects.get()
    assert (picture.alt, picture.width, picture.height) == ("A mug", 1600, 800)
    [file] = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert file.suffix == ".webp"
    assert "evil" not in file.name
    assert file.read_bytes()[8:12] == b"WEBP"


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"not a picture",
        b"",
        a_picture().read()[:40],
        b"GIF89a" + b"\x00" * 100,
    ],
)
def test_what_is_no_picture_is_refused(clara: Client, settings: Any, tmp_path: Any, content: bytes) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    product = ProductFactory.create()
    upload = SimpleUploadedFile("a.png", content, "image/png")
    data = filled(product) | {"images-TOTAL_FORMS": 1, "images-0-upload": upload, "images-0-position": 0}
    assert errors_of(clara.post(page_of(product), data))
    assert not ProductImage.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
