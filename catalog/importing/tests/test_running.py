"""A run from the file to the report: in batches, interrupted, called off, by two at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.importing import running
from catalog.importing.tests.files import as_csv, handed_in, mug, mugs, take_in
from catalog.models import Brand, Category, ImportProblem, ImportRun, Product, ProductImage, StockMovement, Variant
from shop.testing.worker import work_off_the_queue


def counts(run: ImportRun) -> tuple[int, int, int, int]:
    return run.created, run.updated, run.unchanged, run.refused


@pytest.mark.django_db
def test_what_is_refused_is_reported_and_everything_else_is_taken_in() -> None:
    run = take_in(
        as_csv(
            mug(),
            mug(Handle="cup", **{"Variant SKU": "CUP", "Variant Price": "0"}),
            mug(Handle="jug", **{"Variant SKU": "JUG"}),
        )
    )

    assert run.state == ImportRun.State.DONE
    assert counts(run) == (2, 0, 0, 1)
    [problem] = run.problems.all()
    assert (problem.line, problem.column, problem.value) == (3, "Variant Price", "0")
    assert set(Product.objects.values_list("slug", flat=True)) == {"mug", "jug"}


@pytest.mark.django_db
def test_a_dry_run_reports_the_same_and_writes_nothing() -> None:
    content = as_csv(
        mug(Vendor="Potter", Type="Cups", **{"Image Src": "https://example.com/1.jpg", "Variant Inventory Qty": "3"}),
        mug(Handle="cup", Title=""),
    )
    jobs = ProcrastinateJob.objects.count()

    run = take_in(content, is_dry_run=True)

    assert counts(run) == (1, 0, 0, 1)
    assert run.problems.count() == 1
    for model in (Product, Variant, Brand, Category, ProductImage, StockMovement):
        assert not model._default_manager.exists(), model
    assert ProcrastinateJob.objects.count() == jobs
    assert counts(take_in(content)) == (1, 0, 0, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("cell", ["x" * 3_000_000, '"' + "x" * 1_000_001 + '"', "data:" + "é" * 1_000_000])
def test_a_line_that_is_too_long_costs_its_product_and_no_other(cell: str) -> None:
    lines = ["Handle,Title,Variant SKU,Variant Price", f"mug,{cell},MUG,1", "cup,Cup,CUP,2", "jug,Jug,JUG,3"]

    run = take_in("\n".join(lines).encode())

    assert (run.state, run.created, run.refused) == (ImportRun.State.DONE, 2, 1)
    problem = run.problems.get()
    assert (problem.line, problem.message) == (2, "This line has more than 1,000,000 characters.")
    assert sorted(Product.objects.values_list("slug", flat=True)) == ["cup", "jug"]


@pytest.mark.django_db
@pytest.mark.parametrize(("ending", "last"), [("\n", ""), ("\r\n", "\r\n"), ("\r", ""), ("\r", "\r")])
def test_lines_are_counted_whatever_ends_them(ending: str, last: str) -> None:
    run = take_in((ending.join(["Handle,Title,Variant Price", "mug,Mug,1", "cup,Cup,2"]) + last).encode())
    assert (run.created, run.line, run.lines) == (2, 3, 3)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Line 1: This file is empty, or its first line is."),
        (b"\n\n", "Line 1: This file is empty, or its first line is."),
        (b"Name,Price\nMug,1\n", "Line 1: This is no file of products from Shopify: it has no column “Handle”."),
        (b"Handle\nmug\n", "Line 1: This file says nothing about its products: the only known column is “Handle”."),
        (b"Handle,Title,Title\n", "Line 1: The column “Title” stands there twice."),
        (b'"Handle,Title\n', "Line 1: The first line does not hold the names of columns."),
        ("Handle,Title\n".encode("utf-16"), "Line 1: This file is UTF-16. Save it as “CSV UTF-8”."),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "Line 1: This is not UTF-8. Save the file as “CSV UTF-8”."),
        (b"x" * 1_000_001 + b"\nmug,Mug\n", "Line 1: This line has more than 1,000,000 characters."),
    ],
)
def test_a_file_that_cannot_be_read_is_no_error_of_the_shop(content: bytes, said: str) -> None:
    run = take_in(content)
    assert (run.state, run.error) == (ImportRun.State.FAILED, said)
    assert not Product.objects.exists()


@pytest.mark.django_db
def test_columns_that_nobody_reads_are_named() -> None:
    assert take_in(as_csv(mug(Colour="red", **{"Variant Weight Unit": "kg"}))).ignored_columns == ["Colour"]


@pytest.mark.django_db
def test_a_run_that_stands_in_the_middle_goes_on_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH_PRODUCTS", 3)
    run = handed_in(mugs(8))

    class Crash(Exception): ...

    def crash(run: ImportRun) -> None:
        if run.line >= 7:
            raise Crash

    with pytest.raises(Crash):
        running.carry_out(run_id=run.pk, tell=crash)
    run.refresh_from_db()
    assert (run.state, run.line, run.created) == (ImportRun.State.RUNNING, 7, 6)

    lines = []
    done = running.carry_out(run_id=run.pk, tell=lambda run: lines.append(run.line))
    assert lines == [9]
    assert (done.state, counts(done)) == (ImportRun.State.DONE, (8, 0, 0, 0))
    assert done.finished_at is not None


@pytest.mark.django_db
def test_a_run_that_was_called_off_ends_with_its_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH_PRODUCTS", 3)
    run = handed_in(mugs(8))

    def call_off(run: ImportRun) -> None:
        assert running.cancel(run_id=run.pk)

    stopped = running.carry_out(run_id=run.pk, tell=call_off)

    assert (stopped.state, counts(stopped)) == (ImportRun.State.CANCELLED, (3, 0, 0, 0))
    assert Product.objects.count() == 3
    assert running.carry_out(run_id=run.pk).line == stopped.line
    assert not running.cancel(run_id=run.pk)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_worker_carries_out_a_run_that_was_started_once() -> None:
    run = handed_in(mugs(2, **{"Variant Inventory Qty": "1"}))
    assert running.start(run_id=run.pk)
    assert not running.start(run_id=run.pk)

    work_off_the_queue()

    run.refresh_from_db()
    assert (run.state, counts(run)) == (ImportRun.State.DONE, (2, 0, 0, 0))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_process_that_is_killed_loses_and_repeats_nothing(tmp_path: Path) -> None:
    total = 2000
    file = tmp_path / "many.csv"
    file.write_bytes(mugs(total, **{"Variant Inventory Qty": "1"}) + b"broken,,,0\n")
    command = [sys.executable, "manage.py", "import_products", str(file)]
    test_database = os.environ["DATABASE_URL"].rsplit("/", 1)[0] + f"/{connection.settings_dict['NAME']}"
    environment = os.environ | {"DATABASE_URL": test_database}
    with subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as killed:
        assert killed.stderr is not None
        progress = (line for line in killed.stderr if "%" in line)
        next(progress), next(progress)
        killed.send_signal(signal.SIGKILL)
    run = ImportRun.objects.get()
    assert run.state == ImportRun.State.RUNNING
    assert 0 < run.created == Product.objects.count() < total

    _wait_until_nobody_works(run)
    done = running.carry_out(run_id=run.pk)

    assert (done.state, counts(done)) == (ImportRun.State.DONE, (total, 0, 0, 1))
    assert Product.objects.count() == Variant.objects.count() == StockMovement.objects.count() == total
    assert ImportProblem.objects.count() == 1


def _wait_until_nobody_works(run: ImportRun) -> None:
    """PostgreSQL notices after a moment that the killed process is gone, and undoes what it had begun."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [running.LOCK_IMPORT, run.pk])
