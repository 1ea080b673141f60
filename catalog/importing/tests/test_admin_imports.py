"""Imports and exports in the admin. Clara keeps the catalogue, Otto the orders, Charlie shops."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.importing import running
from catalog.importing.exporting import exported
from catalog.importing.tests.files import as_csv, mug, take_in
from catalog.models import ImportProblem, ImportRun, Product, ProductImage
from catalog.tests.factories import ProductFactory
from catalog.tests.test_admin import login

pytestmark = pytest.mark.django_db
UPLOAD = "admin:catalog_importrun_upload"
LIST = "admin:catalog_importrun_changelist"
PICTURES = "admin:catalog_productimage_changelist"


@pytest.fixture
def clara() -> Client:
    return login("clara")


def upload(client: Client, content: bytes, name: str = "mine.csv") -> Any:
    return client.post(reverse(UPLOAD), {"file": SimpleUploadedFile(name, content)})


def page(run: ImportRun) -> str:
    return reverse("admin:catalog_importrun_change", args=[run.pk])


def body(response: Any) -> str:
    return b"".join(response.streaming_content).decode()


def test_a_file_is_handed_in_looked_at_taken_in_and_reported(clara: Client) -> None:
    ProductFactory.create(slug="cup", sku="CUP")
    content = as_csv(
        mug(Oddity="?", **{"Product Category": "Home > Kitchen"}),
        mug(Handle="cup", Title="Cup", **{"Variant SKU": "CUP"}),
        mug(Handle="jug", Title="Jug", **{"Variant SKU": "JUG", "Variant Price": "9,99"}),
    )
    assert upload(clara, content).status_code == 302
    run = ImportRun.objects.get()
    assert (run.state, run.actor, run.lines) == (ImportRun.State.UPLOADED, "clara", 4)

    shown = clara.get(page(run)).content.decode()
    assert "Mug" in shown
    assert "€12.50" in shown
    assert "Home &gt; Kitchen" in shown
    assert "Columns that nobody reads: Oddity" in shown
    assert "here already" in shown
    assert "Line 4, Variant Price: Write decimals with a point, such as 9.99." in shown
    assert Product.objects.count() == 1

    assert clara.post(page(run), {"stock": "on"}).status_code == 302
    waiting = clara.get(page(run))
    assert waiting["Refresh"] == "3"
    assert "Line 0 of 4" in waiting.content.decode()
    running.carry_out(run_id=run.pk)

    report = clara.get(page(run))
    assert "Refresh" not in report
    assert "<strong>1</strong> created · <strong>1</strong> changed" in report.content.decode()
    assert "Write decimals with a point" in report.content.decode()
    run.refresh_from_db()
    assert run.choices == {"stock": True, "only_new": False}
    assert "mine.csv" in clara.get(reverse(LIST)).content.decode()


def test_an_import_can_be_tried_and_the_same_file_be_taken_in_then(clara: Client) -> None:
    upload(clara, as_csv(mug()))
    tried = ImportRun.objects.get()
    clara.post(page(tried), {"dry_run": "on"})
    running.carry_out(run_id=tried.pk)
    assert not Product.objects.exists()

    clara.post(page(tried), {"again": "1"})
    real = ImportRun.objects.exclude(pk=tried.pk).get()
    clara.post(page(real), {})
    running.carry_out(run_id=real.pk)

    assert Product.objects.get().slug == "mug"


def test_a_file_that_is_no_longer_stored_cannot_be_taken_in_again(clara: Client) -> None:
    upload(clara, as_csv(mug()))
    run = ImportRun.objects.get()
    ImportRun.objects.update(state="done", file="")
    assert "The same file again" not in clara.get(page(run)).content.decode()
    answer = clara.post(page(run), {"again": "1"}, follow=True)
    assert "The file is no longer stored." in answer.content.decode()
    ImportRun.objects.update(state="uploaded")
    assert "The file is no longer stored." in clara.get(page(run)).content.decode()


def test_a_report_counts_the_pictures_that_its_import_brought(clara: Client) -> None:
    pictures = [{"Image Src": f"https://example.com/{name}.jpg"} for name in "abc"]
    take_in(as_csv(mug(**pictures[0]), {"Handle": "mug"} | pictures[1]))
    run = take_in(as_csv(mug(Handle="cup", **{"Variant SKU": "CUP"}, **pictures[2])))
    ProductImage.objects.filter(product__slug="mug").update(state="failed")
    first = ImportRun.objects.exclude(pk=run.pk).get()

    assert ">1 picture</a> of this import is still to be fetched." in clara.get(page(run)).content.decode()
    shown = clara.get(page(first)).content.decode()
    assert "2 could not be fetched" in shown
    assert "still to be fetched" not in shown
    failed = clara.get(f"{reverse(PICTURES)}?state__exact=failed&import_run__exact={first.pk}")
    assert failed.context["cl"].result_count == 2
    none = clara.get(f"{reverse(PICTURES)}?state__exact=failed&import_run__exact={run.pk}")
    assert none.context["cl"].result_count == 0


def test_an_import_can_be_called_off_and_begins_only_once(clara: Client) -> None:
    upload(clara, as_csv(mug()))
    run = ImportRun.objects.get()
    clara.post(page(run), {"cancel": "1"})
    answer = clara.post(page(run), {}, follow=True)
    assert "This import has begun, or is over, already." in answer.content.decode()
    run.refresh_from_db()
    assert run.state == ImportRun.State.CANCELLED


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\0\0", b"one,two\n1,2\n", "Handle,Title".encode("utf-16")])
def test_a_file_that_is_something_else_is_said_so(clara: Client, content: bytes) -> None:
    upload(clara, content)
    shown = clara.get(page(ImportRun.objects.get())).content.decode()
    assert "Take it in" not in shown
    assert "This" in shown


@pytest.mark.parametrize("content", [b"one,two\n1,2\n", b"Handle,Title,Variant Price\n"])
def test_a_file_without_products_can_only_be_forgotten(clara: Client, content: bytes) -> None:
    upload(clara, content)
    run = ImportRun.objects.get()
    shown = clara.get(page(run)).content.decode()
    assert "Cannot be taken in" in shown
    assert "Take it in" not in shown
    assert reverse(UPLOAD) in shown

    clara.post(page(run), {"cancel": "1"})
    run.refresh_from_db()
    assert run.state == ImportRun.State.CANCELLED


def test_too_large_a_file_and_none_are_refused(clara: Client, settings: Any) -> None:
    settings.IMPORT_MAX_MB = 0
    assert "larger than 0 MB" in upload(clara, b"x").content.decode()
    assert clara.post(reverse(UPLOAD), {}).status_code == 200
    assert not ImportRun.objects.exists()


def test_names_of_files_lead_nowhere(clara: Client, settings: Any) -> None:
    upload(clara, as_csv(mug()), name="../../../evil<script>.csv")
    run = ImportRun.objects.get()
    assert Path(run.file.path).is_relative_to(Path(settings.PRIVATE_ROOT))
    assert "<script>." not in clara.get(page(run)).content.decode()


def test_problems_come_in_pages_and_as_a_file_without_formulas(clara: Client) -> None:
    run = ImportRun.objects.create(kind="products", file_name="x.csv", state="done")
    ImportProblem.objects.bulk_create(
        ImportProblem(run=run, line=n, column="Title", value="=1+1", message="Wrong") for n in range(120)
    )
    assert "Page 2 of 3" in clara.get(page(run) + "?p=2").content.decode()
    rows = list(csv.reader(io.StringIO(body(clara.get(page(run) + "?problems=csv")))))
    assert len(rows) == 121
    assert rows[1] == ["0", "Title", "'=1+1", "Wrong", "yes"]


def test_products_are_exported_all_or_those_that_are_ticked(clara: Client) -> None:
    mine, _ = ProductFactory.create(), ProductFactory.create()
    everything = body(clara.get(reverse("admin:catalog_product_export_products")))
    assert everything == "".join(exported())
    ticked = clara.post(
        reverse("admin:catalog_product_changelist"), {"action": "export_chosen", "_selected_action": [mine.pk]}
    )
    assert body(ticked) == "".join(exported([mine.pk]))
    assert LogEntry.objects.count() == 2
    listed = clara.get(reverse("admin:catalog_product_changelist")).content.decode()
    assert reverse("admin:catalog_product_export_products") in listed
    assert reverse("admin:catalog_product_import_products") in listed


@pytest.mark.parametrize("name", ["otto", "charlie"])
def test_others_see_no_import_and_take_no_export(clara: Client, name: str) -> None:
    upload(clara, as_csv(mug()))
    run = ImportRun.objects.get()
    other = login(name)
    for address in (reverse(UPLOAD), reverse(LIST), page(run)):
        assert other.get(address).status_code in (302, 403), address
    assert other.post(page(run), {"cancel": "1"}).status_code in (302, 403)
    if name == "charlie":
        assert other.get(reverse("admin:catalog_product_export_products")).status_code == 302
    run.refresh_from_db()
    assert run.state == ImportRun.State.UPLOADED


def test_what_orders_were_taken_in_is_no_business_of_the_catalogue(clara: Client) -> None:
    run = ImportRun.objects.create(kind="orders", file_name="orders.csv", state="done")
    assert clara.get(page(run)).status_code == 404
