from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from catalog.models import Variant
from catalog.tests.factories import ProductFactory
from orders.reports.tests.nonsense import INJECTIONS, PARAMETERS
from orders.tests.factories import OrderFactory
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db

PAGE, CSV = "/reports/orders/", "/reports/orders/csv/"
BOTH = pytest.mark.parametrize("path", [PAGE, CSV])


@pytest.fixture
def manager(mona: User, client: Client) -> Client:
    client.force_login(mona)
    return client


@pytest.fixture
def mug(db: None) -> Variant:
    return ProductFactory.create(name="Mug <script>", price=1250).variants.get()


def text_of(response: Any) -> str:
    return str(response.content.decode())


@BOTH
def test_a_stranger_is_sent_to_log_in(path: str, client: Client) -> None:
    response = client.get(path)

    assert response.status_code == 302
    assert response["Location"].startswith("/account/login/")


@BOTH
@pytest.mark.parametrize("person", ["alice", "bob"])
def test_who_may_not_see_reports_is_refused(
    path: str, person: str, client: Client, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(person))

    assert client.get(path).status_code == 403


@BOTH
def test_a_manager_may(path: str, manager: Client) -> None:
    response = manager.get(path)

    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"


@BOTH
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_report_is_only_read(path: str, method: str, manager: Client) -> None:
    assert getattr(manager, method)(path).status_code == 405


def test_the_page_says_when_there_is_nothing(manager: Client) -> None:
    page = text_of(manager.get(PAGE))

    assert "No orders here" in page
    assert "<svg role=" not in page


def test_the_page_shows_figures_chart_table_and_download(manager: Client, mug: Variant) -> None:
    OrderFactory.create(lines=[(mug, 2)])

    page = text_of(manager.get(PAGE))

    assert "€29.90" in page
    assert 'role="img" aria-labelledby="chart-title chart-text"' in page
    assert page.count('<rect class="chart__bar"') == 30
    assert '<th scope="row">Total</th>' in page
    assert 'href="/reports/orders/csv/?group_by=day&amp;from=' in page
    assert "Unit price × quantity of the lines, before any discount." in page


@pytest.mark.parametrize(
    "group_by", ["day", "week", "month", "status", "product", "category", "top_category", "customer"]
)
def test_every_grouping_has_a_page_that_needs_no_inline_style_or_script(
    group_by: str, manager: Client, mug: Variant
) -> None:
    OrderFactory.create(lines=[(mug, 1)])
    OrderFactory.create(lines=[(mug, 1)], status="cancelled")

    page = text_of(manager.get(PAGE, {"group_by": group_by}))

    assert "€17.40" in page
    assert " style=" not in page
    assert "<script>" not in page


def test_names_are_escaped(manager: Client, mug: Variant) -> None:
    OrderFactory.create(lines=[(mug, 1)])

    assert "Mug &lt;script&gt;" in text_of(manager.get(PAGE, {"group_by": "product"}))


def test_the_page_says_what_is_not_in_the_totals(manager: Client, mug: Variant) -> None:
    OrderFactory.create(lines=[(mug, 1)], status="cancelled")

    page = text_of(manager.get(PAGE, {"group_by": "status"}))

    assert "not in the totals" in page
    assert "which is not counted in the totals" in page


@BOTH
@pytest.mark.parametrize("name", PARAMETERS)
def test_nonsense_is_answered_with_the_form_and_reaches_no_report(path: str, name: str, manager: Client) -> None:
    for text in INJECTIONS:
        with captured_sql() as statements:
            response = manager.get(path, {name: text})

        assert response.status_code == 400, text
        assert 'class="errorlist"' in text_of(response), text
        assert not [sql for sql in statements if "orders_order" in sql], text


@BOTH
def test_days_in_the_wrong_order_are_said_at_the_field(path: str, manager: Client) -> None:
    response = manager.get(path, {"from": "2026-02-02", "to": "2026-02-01"})

    assert response.status_code == 400
    assert "The last day is before the first one." in text_of(response)


def test_the_report_itself_is_two_statements_however_many_rows_it_has(manager: Client, mug: Variant) -> None:
    for _ in range(5):
        OrderFactory.create(lines=[(mug, 1), (ProductFactory.create().variants.get(), 1)])

    with captured_sql() as statements:
        manager.get(PAGE, {"group_by": "product"})

    assert len([sql for sql in statements if "orders_order" in sql]) == 2
