from __future__ import annotations

import pytest
from django.test import Client

from catalog.models import Brand, Category, Collection, Product
from catalog.search.indexing import reindex
from catalog.tests.factories import CategoryFactory, CollectionFactory, ProductFactory

pytestmark = pytest.mark.django_db
GIFTS = [{"field": "tag", "text": "gift"}]


def test_a_collection_is_listed_like_a_category(client: Client) -> None:
    ProductFactory.create(name="Mug", tags=["gift"], price=900)
    ProductFactory.create(name="Vase", tags=["gift"], price=5000)
    ProductFactory.create(name="Spade")
    ProductFactory.create(name="Secret", tags=["gift"], is_listed=False)
    CollectionFactory.create(name="Gifts", rules=GIFTS, description="<p>For <b>them</b></p>", seo_title="Presents")

    page = client.get("/collections/gifts/").content.decode()
    assert "<title>Presents –" in page
    assert "<p>For <b>them</b></p>" in page
    assert '<meta name="description" content="For them">' in page
    assert ("Mug</a>" in page, "Vase</a>" in page, "Spade</a>" in page, "Secret" in page) == (True, True, False, False)

    narrowed = client.get("/collections/gifts/?max_price=10").content.decode()
    assert ("Mug</a>" in narrowed, "Vase</a>" in narrowed) == (True, False)
    assert 'content="noindex' in narrowed


def test_a_collection_is_narrowed_down_by_category_brand_and_price(client: Client) -> None:
    kitchen = CategoryFactory.create(name="Kitchen")
    mugs = CategoryFactory.create(name="Mugs", parent=kitchen)
    potter = Brand.objects.create(name="Potter", slug="potter")
    ProductFactory.create(name="Mug", tags=["gift"], category=mugs, brand=potter, price=900)
    ProductFactory.create(name="Bowl", tags=["gift"], category=kitchen, price=900)
    ProductFactory.create(name="Spade", tags=["gift"], category=CategoryFactory.create(name="Garden"), price=3000)
    ProductFactory.create(name="Plate", category=kitchen, brand=potter)
    reindex(Product.objects.values_list("pk", flat=True))
    CollectionFactory.create(name="Gifts", rules=GIFTS)

    def found(query: str) -> list[str]:
        return sorted(card.name for card in client.get(f"/collections/gifts/?{query}").context["page_obj"])

    assert found("category=kitchen") == ["Bowl", "Mug"]
    assert found("category=mugs&brand=potter") == ["Mug"]
    assert found("min_price=20") == ["Spade"]
    assert found("category=nowhere") == ["Bowl", "Mug", "Spade"]
    filters = client.get("/collections/gifts/?category=kitchen").context["filters"]
    assert [(each.value, each.count, each.is_chosen) for each in filters.categories] == [
        ("garden", 1, False),
        ("kitchen", 2, True),
        ("mugs", 1, False),
    ]
    assert [chip.url for chip in filters.chips] == ["/collections/gifts/"]


def test_an_empty_collection_says_so(client: Client) -> None:
    CollectionFactory.create(name="Gifts", rules=GIFTS)
    CollectionFactory.create(name="Ruleless")
    ProductFactory.create()
    for slug in ("gifts", "ruleless"):
        assert "Nothing on this shelf yet" in client.get(f"/collections/{slug}/").content.decode()


def test_home_and_the_page_of_all_lead_to_the_published_ones_in_order(client: Client) -> None:
    assert "Nothing is put together yet" in client.get("/collections/").content.decode()
    CollectionFactory.create(name="Gifts", position=2)
    CollectionFactory.create(name="Clay", position=1)
    CollectionFactory.create(name="Later", is_published=False)
    for address in ("/", "/collections/"):
        page = client.get(address).content.decode()
        assert page.index("/collections/clay/") < page.index("/collections/gifts/")
        assert "Later" not in page


def test_what_is_not_published_is_not_found(client: Client) -> None:
    CollectionFactory.create(name="Later", is_published=False)
    assert client.get("/collections/later/").status_code == 404
    assert client.get("/collections/none/").status_code == 404
    assert client.post("/collections/").status_code == 405


@pytest.mark.parametrize("address", ["/collections/gifts/", "/categories/gifts/"])
def test_the_picture_at_the_head_is_offered_in_copies_and_to_whoever_shares_the_page(
    client: Client, address: str
) -> None:
    shown = {
        "image": "shelves/gifts.webp",
        "image_width": 1600,
        "image_height": 900,
        "image_renditions": [
            {"format": "avif", "width": 640, "name": "shelves/gifts-640.avif"},
            {"format": "webp", "width": 640, "name": "shelves/gifts-640.webp"},
        ],
    }
    Collection.objects.filter(pk=CollectionFactory.create(name="Gifts").pk).update(**shown)
    Category.objects.filter(pk=CategoryFactory.create(name="Gifts").pk).update(**shown)

    page = client.get(address).content.decode()

    assert 'type="image/avif" srcset="/media/shelves/gifts-640.avif 640w"' in page
    assert 'srcset="/media/shelves/gifts-640.webp 640w, /media/shelves/gifts.webp 1600w"' in page
    assert 'src="/media/shelves/gifts.webp" alt="" width="1600" height="900"' in page
    assert 'property="og:image" content="http://127.0.0.1:8000/media/shelves/gifts.webp"' in page
    assert 'property="og:image:width" content="1600"' in page


def test_the_home_page_is_shared_with_its_picture(client: Client) -> None:
    page = client.get("/").content.decode()
    assert 'property="og:image" content="http://127.0.0.1:8000/static/img/hero' in page
    assert 'name="twitter:card" content="summary_large_image"' in page
