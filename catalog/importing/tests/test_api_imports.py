"""Imports and exports over the API. Clara keeps the catalogue, Otto the orders, Charlie shops."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.importing import running
from catalog.importing.exporting import exported
from catalog.importing.tests.files import as_csv, mug, mugs
from catalog.models import ImportProblem, ImportRun, Product, StockLevel
from catalog.tests.api.people import client_of
from catalog.tests.factories import ProductFactory
from shop.testing.worker import work_off_the_queue

pytestmark = pytest.mark.django_db
URL = "/api/v1/imports/"
EXPORT = "/api/v1/exports/products.csv"
State = ImportRun.State


@pytest.fixture
def clara() -> Any:
    return client_of("clara")


def post(client: Any, content: bytes, key: str = "", name: str = "mine.csv", **fields: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(URL, {"file": SimpleUploadedFile(name, content)} | fields, format="multipart", headers=headers)


def jobs() -> list[dict[str, Any]]:
    return [job.args for job in ProcrastinateJob.objects.filter(task_name="catalog.run_import", status="todo")]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_file_is_handed_in_taken_in_by_the_worker_and_reported(clara: Any) -> None:
    content = as_csv(mug(Oddity="?"), mug(Handle="jug", Title="Jug", **{"Variant SKU": "JUG", "Variant Price": "9,99"}))

    answer = post(clara, content)

    assert answer.status_code == 202, answer.content
    run = ImportRun.objects.get()
    assert answer["Location"] == f"http://testserver{URL}{run.pk}/"
    handed_in = answer.json()
    assert handed_in == {
        "id": run.pk,
        "kind": "products",
        "state": "waiting",
        "file_name": "mine.csv",
        "dry_run": False,
        "stock": False,
        "only_new": False,
        "lines": 3,
        "line": 0,
        "created": 0,
        "updated": 0,
        "unchanged": 0,
        "refused": 0,
        "ignored_columns": [],
        "error": "",
        "actor": "clara",
        "created_at": handed_in["created_at"],
        "started_at": None,
        "finished_at": None,
    }
    work_off_the_queue()

    report = clara.get(answer["Location"]).json()
    assert (report["state"], report["line"], report["created"], report["refused"]) == ("done", 3, 1, 1)
    assert report["ignored_columns"] == ["Oddity"]
    assert report["finished_at"]
    problems = clara.get(f"{URL}{run.pk}/problems/").json()
    assert problems["results"] == [
        {
            "line": 3,
            "column": "Variant Price",
            "value": "9,99",
            "message": "Write decimals with a point, such as 9.99.",
            "is_refusal": True,
        }
    ]
    assert Product.objects.get().slug == "mug"


def test_what_the_command_can_be_told_can_be_told_here(clara: Any) -> None:
    cup = ProductFactory.create(slug="mug", sku="MUG", stock=3)
    content = as_csv(mug(**{"Variant Inventory Qty": "8"}))

    dry = post(clara, content, dry_run="true", stock="true").json()
    assert (dry["dry_run"], dry["stock"], dry["only_new"]) == (True, True, False)
    running.carry_out(run_id=dry["id"])
    assert StockLevel.objects.get(variant__product=cup).on_hand == 3

    left = post(clara, content, only_new="true", stock="true").json()
    running.carry_out(run_id=left["id"])
    assert StockLevel.objects.get(variant__product=cup).on_hand == 3

    done = post(clara, content, stock="true").json()
    running.carry_out(run_id=done["id"])
    assert StockLevel.objects.get(variant__product=cup).on_hand == 8


def test_the_same_request_again_is_one_import_and_another_file_another_request(clara: Any) -> None:
    first = post(clara, mugs(1), key="a-key")
    again = post(clara, mugs(1), key="a-key")
    assert (again.status_code, again.content, again["Idempotent-Replayed"]) == (202, first.content, "true")
    assert again["Location"] == first["Location"]
    other = post(clara, mugs(2), key="a-key")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert jobs() == [{"run_id": ImportRun.objects.get().pk}]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "orders"}, "kind"),
        ({"dry_run": "perhaps"}, "dry_run"),
        ({"only_new": "0"}, "only_new"),
        ({"file": "text"}, "file"),
    ],
)
def test_bad_fields_are_named_and_nothing_is_kept(clara: Any, fields: dict[str, Any], field: str) -> None:
    answer = clara.post(URL, {"file": SimpleUploadedFile("a.csv", mugs(1))} | fields, format="multipart")
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {field})
    assert not ImportRun.objects.exists()


def test_too_large_a_file_and_an_empty_one_are_refused(clara: Any, settings: Any) -> None:
    assert set(post(clara, b"").json()["errors"]) == {"file"}
    settings.IMPORT_MAX_MB = 0
    for size in (10, 200_000):
        answer = post(clara, b"x" * size)
        assert (answer.status_code, answer.json()["code"]) == (413, "request_too_large")
    assert post(clara, b"").status_code == 400
    assert clara.post(URL, {"file": "x"}, format="json").status_code == 415
    assert not ImportRun.objects.exists()


def test_an_import_is_called_off_once(clara: Any) -> None:
    run_id = post(clara, mugs(1)).json()["id"]
    called_off = clara.post(f"{URL}{run_id}/cancel/")
    assert (called_off.status_code, called_off.json()["state"]) == (200, "cancelled")
    running.carry_out(run_id=run_id)
    assert not Product.objects.exists()
    again = clara.post(f"{URL}{run_id}/cancel/")
    assert (again.status_code, again.json()["code"]) == (409, "import_over")


def test_a_file_that_is_something_else_fails_and_says_why(clara: Any) -> None:
    run_id = post(clara, b"\x89PNG\r\n\x1a\n\0\0").json()["id"]
    running.carry_out(run_id=run_id)
    report = clara.get(f"{URL}{run_id}/").json()
    assert report["state"] == "failed"
    assert report["error"]


def test_lists_come_in_pages_and_cost_the_same_for_any_number(clara: Any, django_assert_num_queries: Any) -> None:
    run = ImportRun.objects.create(kind="products", file_name="x.csv", state=State.DONE)
    ImportProblem.objects.bulk_create(
        ImportProblem(run=run, line=n, column="Title", value="=1+1", message="Wrong") for n in range(120)
    )
    clara.get(URL)
    for number in (1, 20):
        ImportRun.objects.bulk_create(
            ImportRun(kind="products", file_name="y.csv", state=State.DONE) for _ in range(number)
        )
        with django_assert_num_queries(2):
            listed = clara.get(URL).json()
    assert (listed["count"], len(listed["results"])) == (22, 20)
    with django_assert_num_queries(3):
        page = clara.get(f"{URL}{run.pk}/problems/?skip=100&limit=100").json()
    assert (page["count"], [each["line"] for each in page["results"]]) == (120, [*range(100, 120)])
    assert clara.get(f"{URL}?state=done").status_code == 400


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("charlie", 403), ("otto", 403)])
def test_others_neither_see_nor_hand_in_anything(who: str | None, status: int) -> None:
    run = ImportRun.objects.create(kind="products", file_name="x.csv", state=State.DONE)
    client = client_of(who)
    for answer in (
        client.get(URL),
        client.get(f"{URL}{run.pk}/"),
        client.get(f"{URL}{run.pk}/problems/"),
        client.post(f"{URL}{run.pk}/cancel/"),
        post(client, mugs(1), key="k"),
    ):
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert ImportRun.objects.count() == 1


def test_what_orders_were_taken_in_is_no_business_of_the_catalogue(clara: Any) -> None:
    run = ImportRun.objects.create(kind="orders", file_name="orders.csv", state=State.DONE)
    assert clara.get(URL).json()["count"] == 0
    assert clara.get(f"{URL}{run.pk}/").status_code == 404
    assert clara.get(f"{URL}{run.pk}/problems/").status_code == 404


def test_all_products_are_taken_out_as_the_admin_does_and_that_is_noted(clara: Any) -> None:
    ProductFactory.create_batch(2)
    answer = clara.get(EXPORT)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert b"".join(answer.streaming_content).decode() == "".join(exported())
    assert LogEntry.objects.get().object_repr == "Export of all products"


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("charlie", 403)])
def test_nobody_else_takes_an_export(who: str | None, status: int) -> None:
    assert client_of(who).get(EXPORT).status_code == status
    assert not LogEntry.objects.exists()
