"""One file imported twice at the same moment, on real connections, with the control that shows the fault."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import IntegrityError

from catalog import retrying
from orders.importing import batches
from orders.importing.batches import Tally
from orders.importing.tests.test_importing import run_import
from orders.models import Order
from orders.tests.auditing import broken_rules
from shop.testing.races import at_once

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def both_have_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both find none of the orders there, the first time they look."""
    everybody, look = threading.Barrier(2), batches._there
    seen = threading.local()

    def slow_look(numbers: Any) -> Any:
        found = look(numbers)
        if not hasattr(seen, "once"):
            seen.once = True
            everybody.wait(20)
        return found

    monkeypatch.setattr(batches, "_there", slow_look)


def test_one_file_read_twice_at_once_is_imported_once(monkeypatch: pytest.MonkeyPatch) -> None:
    both_have_looked(monkeypatch)
    outcomes = at_once(2, lambda _: run_import())
    tallies = [outcome for outcome in outcomes if isinstance(outcome, Tally)]
    assert sorted((tally.created, tally.unchanged) for tally in tallies) == [(0, 4), (4, 0)]
    assert Order.objects.count() == 4
    assert broken_rules() == []


def test_control_without_looking_again_one_of_them_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    both_have_looked(monkeypatch)
    monkeypatch.setattr(retrying, "ATTEMPTS", 1)
    outcomes = at_once(2, lambda _: run_import())
    assert sum(isinstance(outcome, IntegrityError) for outcome in outcomes) == 1
    assert Order.objects.count() == 4
