from __future__ import annotations

from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from orders.reports.access import EVERYBODY, Scope
from orders.reports.figures import Figures
from orders.reports.parameters import GroupBy
from orders.reports.queries import summarize
from orders.reports.tests.random_orders import (
    FIRST_DAYS,
    ZONES,
    Catalogue,
    make_catalogue,
    make_orders,
    random_parameters,
)
from orders.reports.tests.recomputed import all_orders, recompute

PER_TEST = 25


@pytest.mark.django_db
@pytest.mark.parametrize("batch", range(10))
def test_every_figure_equals_the_one_computed_from_the_orm_in_python(batch: int, settings: Any) -> None:
    catalogue = make_catalogue()
    for seed in range(batch * PER_TEST, (batch + 1) * PER_TEST):
        with transaction.atomic():
            settings.TIME_ZONE = ZONES[seed % len(ZONES)]
            _compare(Random(seed), catalogue, ZoneInfo(settings.TIME_ZONE))
            transaction.set_rollback(True)


def _compare(random: Random, catalogue: Catalogue, zone: ZoneInfo) -> None:
    first_day = random.choice(FIRST_DAYS)
    make_orders(random, catalogue, first_day, zone)
    orders = all_orders()
    for group_by in GroupBy:
        parameters = random_parameters(random, catalogue, first_day, group_by)
        scope = random.choice([EVERYBODY, EVERYBODY, Scope(catalogue.customers[0].pk)])
        summary = summarize(parameters, scope=scope)
        expected = recompute(orders, parameters, scope.customer_id)
        assert {row.key: numbers(row.figures) for row in summary.rows} == expected.rows, parameters
        assert numbers(summary.totals) == expected.totals, parameters


def numbers(figures: Figures) -> dict[str, int | None]:
    return {definition.name: value for definition, value in figures.values()}
