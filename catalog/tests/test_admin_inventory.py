"""Stock in the admin: levels with their ledgers, sheets, value. Clara keeps the catalogue, Otto the orders."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from catalog.inventory import stock
from catalog.models import StockLevel, StockMovement, StockSheet, Variant
from catalog.tests.factories import VariantFactory
from catalog.tests.test_admin import login

pytestmark = pytest.mark.django_db


@pytest.fixture
def clara() -> Client:
    return login("clara")


@pytest.fixture
def mug() -> Variant:
    return VariantFactory.create(sku="MUG", product__name="Speckled mug", barcode="4006381333931", stock=10)


def page_of(variant: Variant) -> str:
    return reverse("admin:catalog_stocklevel_change", args=[variant.stock.pk])


LIST = reverse("admin:catalog_stocklevel_changelist")
SHEETS = reverse("admin:catalog_stocksheet_changelist")
UPLOAD = reverse("admin:catalog_stocksheet_upload")
DOWNLOAD = reverse("admin:catalog_stocksheet_download")
VALUE = reverse("admin:catalog_stocklevel_value")


def test_a_level_shows_its_ledger_and_takes_corrections_with_reasons(clara: Client, mug: Variant) -> None:
    data = {"way": "correct", "quantity": -2, "reason": "damaged", "note": "Fell off the shelf"}
    assert clara.post(page_of(mug), data).status_code == 302
    page = clara.get(page_of(mug)).content.decode()
    for shown in ("Speckled mug", "Damaged", "Fell off the shelf", "−2" if "−2" in page else "-2", "clara"):
        assert shown in page
    movement = StockMovement.objects.latest("pk")
    assert (movement.reason, movement.on_hand_before, movement.on_hand_after) == ("damaged", 10, 8)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"way": "correct", "quantity": -9, "note": "x"}, "promised to orders"),
        ({"way": "correct", "quantity": 1, "reason": "lost", "note": "x"}, "takes pieces away"),
        ({"way": "receive", "quantity": 0, "note": "x"}, "at least one"),
        ({"way": "receive", "quantity": "", "note": "x"}, "required"),
    ],
)
def test_what_cannot_be_is_said(clara: Client, mug: Variant, data: dict[str, Any], said: str) -> None:
    StockLevel.objects.update(reserved=4)
    refused = clara.post(page_of(mug), data)
    assert refused.status_code == 422
    assert said in refused.content.decode()
    assert StockMovement.objects.count() == 1


def test_rules_are_set_and_back_orders_end_only_when_nobody_waits(clara: Client, mug: Variant) -> None:
    assert clara.post(page_of(mug), {"rules": 1, "low_at": 20, "allows_backorders": "on"}).status_code == 302
    level = StockLevel.objects.get()
    assert (level.low_at, level.allows_backorders, level.is_low) == (20, True, True)
    with transaction.atomic():
        stock.reserve({mug.pk: 12})
    refused = clara.post(page_of(mug), {"rules": 1, "low_at": ""})
    assert refused.status_code == 422
    assert "2 pieces are promised" in refused.content.decode()
    assert StockLevel.objects.get().allows_backorders


def test_the_ledger_is_narrowed_down_and_paged(clara: Client, mug: Variant, django_assert_max_num_queries: Any) -> None:
    for _ in range(60):
        stock.receive(variant_id=mug.pk, quantity=1)
    stock.adjust(variant_id=mug.pk, quantity=-1, reason=StockMovement.Reason.LOST)
    with django_assert_max_num_queries(14):
        page = clara.get(page_of(mug))
    assert len(page.context["movements"]) == 50
    assert len(clara.get(page_of(mug), {"p": 2}).context["movements"]) == 12
    assert len(clara.get(page_of(mug), {"reason": "lost"}).context["movements"]) == 1
    assert clara.get(page_of(mug), {"until": "2001-01-01"}).context["movements"] == []
    assert clara.get(page_of(mug), {"since": "no day", "p": "x"}).status_code == 200


def test_the_list_finds_what_is_low_sold_out_or_awaited(clara: Client, mug: Variant) -> None:
    VariantFactory.create(sku="LOW", stock=1)
    VariantFactory.create(sku="NONE", stock=0)
    awaited = VariantFactory.create(sku="LATER", stock=1, allows_backorders=True)
    with transaction.atomic():
        stock.reserve({awaited.pk: 3})

    def found(**query: str) -> list[str]:
        rows = clara.get(LIST, query).context["cl"].result_list
        return [level.variant.sku for level in rows]

    assert found(available="low") == ["LATER", "LOW", "NONE"]
    assert found(available="out") == ["LATER", "NONE"]
    assert found(available="awaited") == ["LATER"]
    assert found(q="4006381333931") == found(q="speckled") == ["MUG"]


def test_a_stock_take_from_the_download_to_the_ledger(clara: Client, mug: Variant) -> None:
    response = clara.get(DOWNLOAD)
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert response["Content-Disposition"].startswith("attachment; filename=")
    header, line = text.removeprefix("\ufeff").splitlines()
    cells = line.split(",")
    assert cells[:4] == ["MUG", "Speckled mug", "4006381333931", "10"]
    cells[4] = "9"
    upload = SimpleUploadedFile("count.csv", "\n".join([header, ",".join(cells), "GONE,,,,3,"]).encode())
    assert clara.get(UPLOAD).status_code == 200
    answer = clara.post(UPLOAD, {"kind": "count", "file": upload, "note": "Spring"})
    sheet = StockSheet.objects.get()
    assert answer["Location"] == reverse("admin:catalog_stocksheet_change", args=[sheet.pk])
    page = clara.get(answer["Location"]).content.decode()
    assert "No variant has this SKU." in page
    assert "Apply what is not refused" in page
    assert StockLevel.objects.get().on_hand == 10

    clara.post(answer["Location"])
    clara.post(answer["Location"])
    assert (StockLevel.objects.get().on_hand, StockMovement.objects.count()) == (9, 2)
    page = clara.get(answer["Location"]).content.decode()
    assert "Apply" not in page
    assert f'href="{answer["Location"]}"' in clara.get(page_of(mug)).content.decode()
    assert clara.get(SHEETS).status_code == 200


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe\0", b"SKU,Counted\n" + b"x" * 2_000_000])
def test_what_is_no_sheet_is_refused(clara: Client, content: bytes) -> None:
    answer = clara.post(UPLOAD, {"kind": "count", "file": io.BytesIO(content)})
    assert answer.status_code in (200, 302, 422)
    assert not StockSheet.objects.filter(lines__problem="").exists()


def test_the_value_is_shown_to_those_who_may_and_given_as_a_file(clara: Client, mug: Variant) -> None:
    Variant.objects.update(cost=400)
    bare = VariantFactory.create(sku="BARE", product__name="Deep bowl", stock=2)
    page = clara.get(VALUE).content.decode()
    assert "€40.00" in page
    assert "Deep bowl" in page
    text = b"".join(clara.get(VALUE, {"format": "csv"}).streaming_content).decode()  # type: ignore[attr-defined]
    assert f"{bare.sku},Deep bowl" in text
    assert "40.00" in text


def test_others_neither_see_nor_change_any_of_it(mug: Variant) -> None:
    otto = login("otto")
    sheet = StockSheet.objects.create(kind="count", name="x")
    pages = [LIST, page_of(mug), SHEETS, UPLOAD, DOWNLOAD, VALUE]
    pages.append(reverse("admin:catalog_stocksheet_change", args=[sheet.pk]))
    for page in pages:
        assert otto.get(page).status_code in (302, 403), page
    for page in (page_of(mug), UPLOAD, pages[-1]):
        assert otto.post(page, {"way": "receive", "quantity": 1, "note": "x"}).status_code in (302, 403), page
    assert (StockMovement.objects.count(), StockSheet.objects.get().confirmed_at) == (1, None)
