from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.http import QueryDict

from catalog.tests.factories import CategoryFactory
from orders.reports.parameters import GroupBy, InvalidParameters, Parameters, ReportForm
from orders.reports.tests.nonsense import INJECTIONS, PARAMETERS

TODAY = date(2026, 11, 23)


def ask(query: str) -> Parameters:
    return ReportForm(QueryDict(query), today=TODAY).parameters()


def errors_of(query: str) -> dict[str, list[str]]:
    with pytest.raises(InvalidParameters) as refused:
        ask(query)
    return refused.value.errors


def test_without_parameters_the_last_thirty_days_are_meant_day_by_day() -> None:
    assert ask("") == Parameters(GroupBy.DAY, date(2026, 10, 25), TODAY)


def test_empty_values_are_those_of_a_form_that_was_not_filled_in() -> None:
    assert ask("group_by=&from=&to=&status=&category=&include_cancelled=") == ask("")


def test_with_only_a_last_day_the_thirty_days_end_there() -> None:
    assert ask("to=2026-03-30").start == date(2026, 3, 1)


@pytest.mark.django_db
def test_everything_can_be_asked_for() -> None:
    CategoryFactory.create(slug="mugs")

    parameters = ask("group_by=week&from=2026-01-01&to=2026-01-31&status=shipped&category=mugs&include_cancelled=true")

    assert parameters == Parameters(
        GroupBy.WEEK, date(2026, 1, 1), date(2026, 1, 31), "shipped", "mugs", include_cancelled=True
    )
    assert ask(parameters.as_query()) == parameters


@pytest.mark.parametrize("text", ["false", ""])
def test_cancelled_orders_are_left_out_when_not_asked_for(text: str) -> None:
    assert ask(f"include_cancelled={text}").include_cancelled is False


@pytest.mark.django_db
@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize("text", INJECTIONS)
def test_nonsense_is_refused_under_the_name_of_its_parameter(name: str, text: str) -> None:
    query = QueryDict(mutable=True)
    query[name] = text

    with pytest.raises(InvalidParameters) as refused:
        ReportForm(query, today=TODAY).parameters()

    assert list(refused.value.errors) == [name]


@pytest.mark.parametrize(
    "text", ["0001-01-01", "1999-12-31", "2101-01-01", "9999-12-31", "2026-02-30", "2026-1-5", "26-01-05", "today"]
)
@pytest.mark.parametrize("name", ["from", "to"])
def test_days_that_do_not_exist_or_are_absurd_are_refused(name: str, text: str) -> None:
    assert name in errors_of(f"{name}={text}")


def test_the_last_day_cannot_be_before_the_first() -> None:
    assert errors_of("from=2026-02-02&to=2026-02-01") == {"to": ["The last day is before the first one."]}
    assert "to" in errors_of("from=2026-12-24")  # up to today, which is earlier


@pytest.mark.parametrize(
    ("query", "is_fine"),
    [
        ("group_by=day&from=2024-01-01&to=2026-03-10", True),  # 800 days
        ("group_by=day&from=2024-01-01&to=2026-03-11", False),
        ("group_by=week&from=2000-01-01&to=2026-01-01", False),
        ("group_by=week&from=2011-01-01&to=2026-01-01", True),
        ("group_by=month&from=2000-01-01&to=2066-08-31", True),  # 800 months
        ("group_by=month&from=2000-01-01&to=2066-09-01", False),
        ("group_by=status&from=2000-01-01&to=2100-12-31", True),
    ],
)
def test_a_report_has_at_most_eight_hundred_periods(query: str, is_fine: bool) -> None:
    if is_fine:
        ask(query)
    else:
        assert list(errors_of(query)) == ["from"]


def test_an_unknown_parameter_is_refused() -> None:
    assert "non_field_errors" in errors_of("ordering=-total")


def test_a_repeated_parameter_is_refused() -> None:
    assert errors_of("group_by=day&group_by=month") == {"non_field_errors": ["Give each parameter once."]}


@pytest.mark.django_db
def test_an_unknown_category_is_refused() -> None:
    assert errors_of("category=hats") == {"category": ["There is no such category."]}


def test_a_report_begins_and_ends_at_midnight_of_the_shop() -> None:
    parameters = Parameters(GroupBy.DAY, date(2026, 3, 29), date(2026, 3, 29))  # the day summer time begins

    assert parameters.starts_at.astimezone(UTC) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert parameters.ends_before.astimezone(UTC) == datetime(2026, 3, 29, 22, tzinfo=UTC)
