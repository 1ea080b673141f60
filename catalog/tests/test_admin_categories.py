"""Categories in the admin. Clara keeps the catalogue."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.models import Category
from catalog.tests.factories import CategoryFactory, ProductFactory
from catalog.tests.test_admin import LISTS, a_picture, login

pytestmark = pytest.mark.django_db


@pytest.fixture
def clara() -> Client:
    return login("clara")


def test_the_tree_grows_moves_and_is_pruned(clara: Client) -> None:
    add = reverse("admin:catalog_category_add")
    assert clara.get(add).status_code == 200
    assert clara.post(add, {"name": "Kitchen"}).status_code == 302
    kitchen = Category.objects.get()
    assert clara.post(add, {"name": "Mugs", "parent": kitchen.pk}).status_code == 302
    assert clara.post(add, {"name": "Attic"}).status_code == 302
    mugs = Category.objects.get(name="Mugs")
    change = reverse("admin:catalog_category_change", args=[mugs.pk])
    assert clara.get(change).status_code == 200
    assert clara.post(change, {"name": "Cups", "slug": "mugs", "parent": ""}).status_code == 302
    tree = list(Category.objects.order_by("path").values_list("depth", "name", "slug"))
    assert tree == [(1, "Attic", "attic"), (1, "Cups", "mugs"), (1, "Kitchen", "kitchen")]
    assert clara.post(reverse("admin:catalog_category_delete", args=[mugs.pk]), {"post": "yes"}).status_code == 302
    assert Category.objects.count() == 2
    assert Category.objects.find_problems() == ([], [], [], [], [])


def test_a_category_in_use_stays(clara: Client) -> None:
    product = ProductFactory.create()
    page = reverse("admin:catalog_category_delete", args=[product.category_id])
    response = clara.post(page, {"post": "yes"}, follow=True)
    assert "contains products" in response.content.decode()
    assert Category.objects.exists()
    listed = clara.get(reverse(LISTS[1])).content.decode()
    assert "delete_selected" not in listed


def test_a_category_does_not_move_below_itself(clara: Client) -> None:
    kitchen = CategoryFactory.create(name="Kitchen")
    mugs = CategoryFactory.create(name="Mugs", parent=kitchen)
    page = reverse("admin:catalog_category_change", args=[kitchen.pk])
    for parent in (kitchen, mugs):
        response = clara.post(page, {"name": "Kitchen", "slug": "kitchen", "parent": parent.pk})
        assert "parent" in response.context["adminform"].form.errors
    assert Category.objects.find_problems() == ([], [], [], [], [])


def test_a_category_has_a_picture_words_and_a_former_address(clara: Client) -> None:
    sent = {"name": "Mugs", "description": "One\n\n<b>two</b>", "seo_title": "All mugs", "image": a_picture((60, 40))}
    assert clara.post(reverse("admin:catalog_category_add"), sent).status_code == 302
    mugs = Category.objects.get()
    assert (mugs.image_width, mugs.image_height, mugs.seo_title) == (60, 40, "All mugs")
    assert mugs.description == "<p>One</p>\n<p><b>two</b></p>"
    page = reverse("admin:catalog_category_change", args=[mugs.pk])
    changed = {"name": "Cups", "slug": "cups", "description": "<script>x</script><p onclick=x>Cups</p>"}
    assert clara.post(page, changed).status_code == 302
    mugs.refresh_from_db()
    assert (mugs.name, mugs.description, mugs.seo_title) == ("Cups", "<p>Cups</p>", "")
    assert mugs.image_width == 60
    shown = clara.get("/categories/cups/").content.decode()
    assert f'src="{mugs.image.url}" alt="" width="60" height="40"' in shown
    assert clara.get("/categories/mugs/")["Location"] == "/categories/cups/"
    assert clara.post(page, changed | {"image-clear": "on"}).status_code == 302
    mugs.refresh_from_db()
    assert (bool(mugs.image), mugs.image_width, mugs.image_height) == (False, 0, 0)


@pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b"GIF89a<script>", b""])
def test_what_is_no_picture_is_refused(clara: Client, content: bytes) -> None:
    upload = SimpleUploadedFile("mug.png", content, "image/png")
    answer = clara.post(reverse("admin:catalog_category_add"), {"name": "Mugs", "image": upload})
    assert "image" in answer.context["adminform"].form.errors
    assert not Category.objects.exists()
