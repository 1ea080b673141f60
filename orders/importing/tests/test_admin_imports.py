"""Imports of orders in the admin. Otto keeps the orders, Clara the catalogue, Charlie shops."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.importing import running as runs
from catalog.importing.models import ImportRun
from catalog.importing.running import TakenOver
from catalog.models import StockMovement
from catalog.tests.test_admin import login
from orders.actors import staff
from orders.importing import running
from orders.importing.tests.test_importing import FILE, HEADER, LAYOUT, MUGS, OFF, POTS
from orders.models import Order, OrderEvent
from orders.tests.auditing import broken_rules
from shop.testing.worker import work_off_the_queue

pytestmark = pytest.mark.django_db
UPLOAD = "admin:orders_orderimport_upload"
LIST = "admin:orders_orderimport_changelist"
State = ImportRun.State
FOREIGN = (
    "InvoiceNo;InvoiceDate;StockCode;Description;Quantity;UnitPrice;Oddity\r\n"
    "536365;01/12/2010 08:26;85123A;Lantern;6;2,55;?\r\n"
    "C536379;01/12/2010 09:41;D;Discount;-1;27,50;?\r\n"
)
HOW = {
    "columns": "order=InvoiceNo\r\ndate=InvoiceDate, sku=StockCode\r\nname=Description\r\nquantity=Quantity\r\n"
    "unit_price=UnitPrice",
    "delimiter": ";",
    "decimal": ",",
    "date_format": "%d/%m/%Y %H:%M",
    "time_zone": "Europe/London",
    "status": "delivered",
    "cancelled_prefix": "C",
}


@pytest.fixture
def otto() -> Client:
    return login("otto")


def upload(client: Client, content: str = FILE, name: str = "old.csv") -> Any:
    return client.post(reverse(UPLOAD), {"file": SimpleUploadedFile(name, content.encode())})


def uploaded(client: Client, content: str = FILE) -> ImportRun:
    assert upload(client, content).status_code == 302
    return ImportRun.objects.latest("pk")


def page(run: ImportRun) -> str:
    return reverse("admin:orders_orderimport_change", args=[run.pk])


def shown(client: Client, run: ImportRun) -> str:
    return client.get(page(run)).content.decode()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_file_is_handed_in_looked_at_taken_in_by_the_worker_and_reported(otto: Client) -> None:
    run = uploaded(otto, FILE.replace("POT,Pot,1", "POT,Pot,many"))
    assert (run.kind, run.state, run.actor) == ("orders", State.UPLOADED, "otto")
    look = shown(otto, run)
    assert "Line 3, quantity: This is not a whole number." in look
    assert "1003" in look
    assert "bob@example.com" in look
    assert "Take it in" in look
    assert not Order.objects.exists()

    assert otto.post(page(run), {}).status_code == 302
    waiting = otto.get(page(run))
    assert waiting["Refresh"] == "3"
    work_off_the_queue()

    report = shown(otto, run)
    assert "<strong>3</strong> created · <strong>0</strong> as they were · <strong>1</strong> refused" in report
    assert "This is not a whole number." in report
    assert {*Order.objects.values_list("external_number", flat=True)} == {"1002", "1003", "1004"}
    assert OrderEvent.objects.filter(actor="otto", actor_kind="staff").exists()
    assert not StockMovement.objects.exists()
    assert broken_rules() == []
    assert "old.csv" in otto.get(reverse(LIST)).content.decode()


def test_a_foreign_file_is_mapped_looked_at_again_and_taken_in(otto: Client) -> None:
    run = uploaded(otto, FOREIGN)
    first = shown(otto, run)
    assert "The file has no column &#x27;order&#x27;. It has: InvoiceNo, InvoiceDate" in first
    assert "Take it in" not in first

    look = otto.post(page(run), HOW | {"look": "1"}).content.decode()
    assert "InvoiceNo (as order)" in look
    assert "Columns that nobody reads: Oddity" in look
    assert "€15.30" in look
    assert "Take it in" in look
    run.refresh_from_db()
    assert run.state == State.UPLOADED

    otto.post(page(run), HOW)
    running.carry_out(run_id=run.pk)

    ends = Order.objects.order_by("external_number").values_list("external_number", "status", "total")
    assert list(ends) == [("536365", "delivered", 1530), ("C536379", "cancelled", 2750)]
    otto.post(page(run), {"again": "1"})
    again = ImportRun.objects.latest("pk")
    assert "here already" in shown(otto, again)  # read as it was read before
    assert "unit_price=UnitPrice" in shown(otto, again)


def test_an_import_is_tried_first(otto: Client) -> None:
    run = uploaded(otto)
    otto.post(page(run), {"dry_run": "on"})
    running.carry_out(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.created, run.is_dry_run) == (State.DONE, 4, True)
    assert "It would be:" in shown(otto, run)
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("columns", "order", "Write OURS=THEIRS"),
        ("columns", "colour=Farbe", "There is no column"),
        ("time_zone", "Europe", "There is no time zone"),
        ("time_zone", "../../etc/passwd", "There is no time zone"),
        ("date_format", "%d%d", "This is not how dates are written"),
        ("date_format", "%", "This is not how dates are written"),
        ("currency", "XXX", "The shop does not know this currency."),
        ("delimiter", "x", "Select a valid choice"),
        ("encoding", "zlib", "Select a valid choice"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_begins(otto: Client, field: str, value: str, says: str) -> None:
    run = uploaded(otto)
    answer = otto.post(page(run), {field: value})
    assert answer.status_code == 200
    assert says in answer.content.decode()
    run.refresh_from_db()
    assert run.state == State.UPLOADED
    assert not ProcrastinateJob.objects.filter(task_name=running.TASK).exists()


@pytest.mark.parametrize("content", ["", "\0\0\0", "x" * 2_000_000, '"never closed' + "\n" * 5, "order\n1\n"])
def test_a_file_that_is_something_else_is_said_so_and_fails_kindly(otto: Client, content: str) -> None:
    if not content:
        assert upload(otto, content).status_code == 200
        return
    run = uploaded(otto, content)
    assert "Take it in" not in shown(otto, run)
    otto.post(page(run), {})
    ImportRun.objects.update(state=State.WAITING)
    running.carry_out(run_id=run.pk)
    run.refresh_from_db()
    assert run.state == State.FAILED
    assert run.error in shown(otto, run).replace("&#x27;", "'")


def test_what_is_in_another_encoding_is_shown_with_marks_and_refused(otto: Client) -> None:
    content = (FILE + "J\xe4ger,2024-05-05,J\xe4@example.com,MUG,Mug,1,1,paid,,,\n").encode("latin-1")
    otto.post(reverse(UPLOAD), {"file": SimpleUploadedFile("old.csv", content)})
    run = ImportRun.objects.latest("pk")
    assert "J\ufffdger" in shown(otto, run)
    assert "J\xe4ger" in otto.post(page(run), {"encoding": "cp1252", "look": "1"}).content.decode()
    otto.post(page(run), {})
    running.carry_out(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.created, run.refused) == (State.DONE, 4, 1)
    assert "not a text in the file" in shown(otto, run)


def test_a_run_is_called_off_and_begins_only_once(otto: Client) -> None:
    run = uploaded(otto)
    otto.post(page(run), {"cancel": "1"})
    assert "over, already" in otto.post(page(run), {}, follow=True).content.decode()
    running.carry_out(run_id=run.pk)
    assert not Order.objects.exists()


def test_a_batch_that_somebody_else_has_written_is_not_counted_twice(otto: Client) -> None:
    run = uploaded(otto)
    stale = ImportRun.objects.get(pk=run.pk)
    runs.start(run_id=run.pk, task=running.TASK)
    running.carry_out(run_id=run.pk)
    ImportRun.objects.update(state=State.RUNNING)
    with pytest.raises(TakenOver):
        running.import_orders(run=stale, lines=io.StringIO(FILE, newline=""), layout=LAYOUT, actor=staff("x"))
    run.refresh_from_db()
    assert (run.created, run.unchanged, Order.objects.count()) == (4, 0, 4)


def test_a_run_that_is_called_off_within_ends_after_the_batch(otto: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH", 1)
    run = uploaded(otto, HEADER + MUGS + POTS + OFF)
    runs.start(run_id=run.pk, task=running.TASK)
    run.refresh_from_db()

    def call_off(line: int, tally: Any) -> None:
        runs.cancel(run_id=run.pk)

    with pytest.raises(TakenOver):
        running.import_orders(
            run=run, lines=io.StringIO(FILE, newline=""), layout=LAYOUT, actor=staff("x"), progress=call_off
        )
    run.refresh_from_db()
    assert (run.state, run.created, Order.objects.count()) == (State.CANCELLED, 1, 1)


@pytest.mark.parametrize("name", ["clara", "charlie"])
def test_others_see_nothing_and_begin_nothing(otto: Client, name: str) -> None:
    run = uploaded(otto)
    other = login(name)
    for address in (reverse(UPLOAD), reverse(LIST), page(run)):
        assert other.get(address).status_code in (302, 403), address
    assert upload(other).status_code in (302, 403)
    assert other.post(page(run), {}).status_code in (302, 403)
    run.refresh_from_db()
    assert (run.state, ImportRun.objects.count()) == (State.UPLOADED, 1)


def test_imports_of_products_are_not_here(otto: Client) -> None:
    run = ImportRun.objects.create(kind="products", file_name="p.csv", state=State.DONE)
    assert otto.get(page(run)).status_code in (302, 404)
    assert "p.csv" not in otto.get(reverse(LIST)).content.decode()


def test_too_large_a_file_names_the_command(otto: Client, settings: Any) -> None:
    settings.IMPORT_MAX_MB = 0
    assert "import_orders" in upload(otto).content.decode()
    assert not ImportRun.objects.exists()
