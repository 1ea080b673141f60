"""Restocks, jobs and shoppers at the same moment: nobody is told twice, and nobody is forgotten."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog import alerts
from catalog.alerts import ask_for_alert, claim_alerts, tell_back
from catalog.errors import NotSoldOut
from catalog.inventory import stock
from catalog.jobs import job
from catalog.models import StockAlert, StockLevel, Variant
from catalog.tests.factories import VariantFactory
from shop.testing.races import at_once, run_parallel

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture(autouse=True)
def _no_jobs_of_others() -> None:
    ProcrastinateJob.objects.all().delete()


def letters() -> list[int]:
    found = ProcrastinateJob.objects.filter(task_name="catalog.send_alert").values_list("args", flat=True)
    return sorted(args["alert_id"] for args in found)


def waiting_for(variant: Variant, people: int) -> list[int]:
    for number in range(people):
        ask_for_alert(variant_id=variant.pk, email=f"guest{number}@example.com")
    return list(StockAlert.objects.order_by("pk").values_list("pk", flat=True))


def test_the_job_many_times_at_once_writes_to_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "CLAIMED_TOGETHER", 3)
    variant = VariantFactory.create(stock=0)
    everybody = waiting_for(variant, 10)
    stock.receive(variant_id=variant.pk, quantity=5)

    outcomes = at_once(6, lambda _: claim_alerts(variant_id=variant.pk))

    assert sum(each for each in outcomes if isinstance(each, int)) == 10
    assert letters() == everybody


def test_control_without_the_claim_they_are_written_to_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard off: who waits is read before anybody has marked it."""
    variant = VariantFactory.create(stock=0)
    everybody = waiting_for(variant, 3)
    stock.receive(variant_id=variant.pk, quantity=5)
    everybody_has_read = threading.Barrier(2)

    def careless(variant_id: int) -> int:
        found = list(StockAlert.objects.filter(variant=variant_id, sent_at=None).values_list("pk", flat=True))
        if found:
            everybody_has_read.wait(20)
            StockAlert.objects.filter(pk__in=found).update(sent_at="2026-01-01T00:00Z")
            for pk in found:
                job("catalog.send_alert").defer(alert_id=pk)
        return len(found)

    monkeypatch.setattr(alerts, "_claim_some", careless)
    at_once(2, lambda _: claim_alerts(variant_id=variant.pk))

    assert letters() == sorted(everybody * 2)


def restock(variant: Variant) -> None:
    with transaction.atomic():
        stock.move(variant_id=variant.pk, quantity=1, reason="received")  # type: ignore[arg-type]
        tell_back([StockLevel.objects.get(variant=variant)])


def test_who_asks_while_it_comes_back_is_told_one_way_or_the_other() -> None:
    for _ in range(5):
        variant = VariantFactory.create(stock=0)
        asked, _ = run_parallel(
            [
                lambda pk=variant.pk: ask_for_alert(variant_id=pk, email="alice@example.com"),  # type: ignore[misc]
                lambda variant=variant: restock(variant),  # type: ignore[misc]
            ]
        )

        jobs = ProcrastinateJob.objects.filter(task_name="catalog.claim_alerts", args={"variant_id": variant.pk})
        assert isinstance(asked, NotSoldOut) or jobs.exists()


def test_control_without_the_lock_of_the_level_somebody_waits_for_what_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The guard off: the level is looked at, then it comes back, then the address is stored."""
    variant = VariantFactory.create(stock=0)
    looked, back = threading.Event(), threading.Event()

    def unlocked(variant_id: int) -> Any:
        level = StockLevel.objects.get(variant=variant_id)
        looked.set()
        back.wait(20)
        return level

    def come_back() -> None:
        looked.wait(20)
        restock(variant)
        back.set()

    monkeypatch.setattr(alerts, "_level_of", unlocked)
    run_parallel([lambda: ask_for_alert(variant_id=variant.pk, email="alice@example.com"), come_back])

    assert StockAlert.objects.filter(sent_at=None).exists()
    assert not ProcrastinateJob.objects.filter(task_name="catalog.claim_alerts").exists()


def test_the_same_address_many_times_at_once_waits_once() -> None:
    variant = VariantFactory.create(stock=0)

    outcomes = at_once(10, lambda _: ask_for_alert(variant_id=variant.pk, email="alice@example.com"))

    assert outcomes == [None] * 10
    assert StockAlert.objects.count() == 1
