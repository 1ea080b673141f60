"""The tools that other tests rely on."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from shop.embedded_postgres import ROOT
from shop.testing.races import at_once, run_parallel
from shop.testing.sql import assert_locked_before_written, captured_sql
from shop.testing.worker import work_off_the_queue


def own_backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        row = cursor.fetchone()
    return int(row[0])


@pytest.mark.django_db(transaction=True)
def test_what_happens_at_once_happens_on_connections_of_its_own() -> None:
    backends = run_parallel([own_backend] * 5)
    assert len({*backends, own_backend()}) == 6


@pytest.mark.django_db(transaction=True)
def test_more_threads_than_connections_wait_their_turn() -> None:
    made = at_once(60, lambda number: Group.objects.create(name=f"Group {number}").name)
    assert made == [f"Group {number}" for number in range(60)]


@pytest.mark.django_db(transaction=True)
def test_what_goes_wrong_in_a_thread_is_handed_over_in_its_place() -> None:
    def act(number: int) -> str:
        if number == 1:
            raise LookupError("nothing there")
        return Group.objects.create(name="the same").name

    outcomes = at_once(3, act)
    assert isinstance(outcomes[1], LookupError)
    assert sorted(type(outcome).__name__ for outcome in (outcomes[0], outcomes[2])) == ["IntegrityError", "str"]
    assert issubclass(next(type(o) for o in outcomes[::2] if not isinstance(o, str)), DatabaseError)


@pytest.mark.django_db(transaction=True)
def test_the_worker_leaves_no_connection_behind() -> None:
    """Where it does its jobs a thread outlives it, and what that thread holds keeps the database from being dropped."""
    connector = cast(DjangoConnector, app.connector)
    asyncio.run(connector.execute_query_async("SELECT 1"))  # as when it enqueues what is periodic
    work_off_the_queue()
    assert asyncio.run(sync_to_async(lambda: connection.connection)()) is None


@pytest.mark.django_db
def test_a_race_inside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="transaction=True"):
        at_once(2, lambda number: number)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_what_migrations_have_made_is_there_for_every_test_that_commits(turn: int) -> None:
    assert {"Catalog staff", "Order staff", "Managers"} == {*Group.objects.values_list("name", flat=True)}


@pytest.mark.django_db
def test_a_lock_is_asserted_by_its_place_its_order_and_its_kind() -> None:
    group = Group.objects.create(name="locked")
    with captured_sql() as good:
        list(Group.objects.order_by("pk").select_for_update(no_key=True))
        group.save()
    with captured_sql() as unordered:
        list(Group.objects.order_by().select_for_update(no_key=True))
        group.save()
    with captured_sql() as too_strong:
        list(Group.objects.order_by("pk").select_for_update())
        group.save()

    assert_locked_before_written(good, "auth_group")
    for bad in (unordered, too_strong, good[::-1], good[1:], good[:1]):
        with pytest.raises(AssertionError):
            assert_locked_before_written(bad, "auth_group")


@pytest.mark.parametrize(("ci", "outcome"), [("true", "1 failed"), ("", "1 skipped")])
def test_no_test_may_skip_under_ci(tmp_path: Path, ci: str, outcome: str) -> None:
    file = tmp_path / "test_skipping.py"
    file.write_text("import pytest\ndef test_it(): pytest.skip('the browser is missing')\n")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", ROOT / "pytest.ini", file],
        cwd=ROOT,
        env=os.environ | {"CI": ci},
        capture_output=True,
        text=True,
    )
    assert outcome in run.stdout.splitlines()[-1]
    assert "the browser is missing" in run.stdout


def test_a_test_reaches_nobody_but_this_machine() -> None:
    import httpx

    with pytest.raises((RuntimeError, httpx.ConnectError)):
        httpx.get("http://192.0.2.1/", timeout=1)
