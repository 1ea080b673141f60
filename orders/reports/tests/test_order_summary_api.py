from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from accounts import tokens
from accounts.models import User
from catalog.models import Variant
from catalog.tests.factories import ProductFactory
from orders.reports.tests.nonsense import INJECTIONS, PARAMETERS
from orders.tests.factories import OrderFactory
from shop.testing.sql import captured_sql

pytestmark = pytest.mark.django_db

PATH = "/api/v1/reports/order-summary/"
NOVEMBER = {"group_by": "month", "from": "2026-11-01", "to": "2026-11-30"}


@pytest.fixture
def orders_of_alice_and_a_guest(alice: User) -> None:
    mug = mug_for_1250()
    moment = datetime(2026, 11, 3, 12, tzinfo=UTC)
    OrderFactory.create(lines=[(mug, 2)], customer=alice, placed_at=moment)
    OrderFactory.create(lines=[(mug, 5)], placed_at=moment)


def mug_for_1250() -> Variant:
    return ProductFactory.create(name="Mug", price=1250).variants.get()


def ask(client: Client, user: User | None, **query: str) -> Any:
    headers = {"Authorization": f"Bearer {tokens.open_family(user=user).access}"} if user else {}
    return client.get(PATH, query, headers=headers)


def test_a_stranger_is_not_answered(client: Client) -> None:
    response = ask(client, None)

    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert "WWW-Authenticate" in response


def test_a_session_of_the_storefront_is_no_token(client: Client, mona: User) -> None:
    client.force_login(mona)

    assert ask(client, None).status_code == 401


@pytest.mark.usefixtures("orders_of_alice_and_a_guest")
@pytest.mark.parametrize(("person", "units"), [("mona", 7), ("alice", 2), ("bob", 0), ("charlie", 0)])
def test_managers_get_everybodys_orders_and_all_others_their_own(
    person: str, units: int, client: Client, request: pytest.FixtureRequest
) -> None:
    response = ask(client, request.getfixturevalue(person), **NOVEMBER)

    assert response.status_code == 200
    assert response.json()["totals"]["units"] == units


@pytest.mark.usefixtures("orders_of_alice_and_a_guest")
@pytest.mark.parametrize("group_by", ["day", "status", "product", "category", "top_category"])
def test_no_grouping_shows_a_customer_more_than_their_own(group_by: str, client: Client, alice: User) -> None:
    answer = ask(client, alice, **NOVEMBER | {"group_by": group_by}).json()

    assert sum(row["units"] for row in answer["rows"]) == answer["totals"]["units"] == 2


@pytest.mark.parametrize("person", ["alice", "bob"])
def test_only_managers_may_group_by_customer(person: str, client: Client, request: pytest.FixtureRequest) -> None:
    with captured_sql() as statements:
        response = ask(client, request.getfixturevalue(person), group_by="customer")

    assert response.status_code == 403
    assert response.json()["code"] == "permission_denied"
    assert not [sql for sql in statements if "orders_order" in sql]


@pytest.mark.usefixtures("orders_of_alice_and_a_guest")
def test_the_whole_answer(client: Client, alice: User) -> None:
    response = ask(client, alice, **NOVEMBER)

    figures = {
        "orders": 1,
        "units": 2,
        "gross": "25.00",
        "discount": "0.00",
        "net": "25.00",
        "shipping": "4.90",
        "tax": "0.00",
        "total": "29.90",
        "average_order_value": "29.90",
    }
    assert response["Cache-Control"] == "no-store"
    assert response.json() == {
        **NOVEMBER,
        "time_zone": "Europe/Berlin",
        "currency": "EUR",
        "status": "",
        "category": "",
        "include_cancelled": False,
        "truncated": False,
        "rows": [{"key": "2026-11-01", "label": "Nov 2026", "in_totals": True, **figures}],
        "totals": figures,
    }


@pytest.mark.usefixtures("orders_of_alice_and_a_guest")
def test_what_belongs_to_whole_orders_is_null_in_the_row_of_a_product(client: Client, alice: User) -> None:
    answer = ask(client, alice, **NOVEMBER | {"group_by": "product"}).json()

    assert [answer["rows"][0][name] for name in ("shipping", "tax", "total", "average_order_value")] == [None] * 4
    assert answer["totals"]["total"] == "29.90"


@pytest.mark.parametrize("name", PARAMETERS)
def test_nonsense_is_a_problem_that_names_its_parameter(name: str, client: Client, mona: User) -> None:
    for text in INJECTIONS:
        with captured_sql() as statements:
            response = ask(client, mona, **{name: text})

        assert response.status_code == 400, text
        assert response["Content-Type"] == "application/problem+json"
        assert response["Cache-Control"] == "no-store"
        assert list(response.json()["errors"]) == [name], text
        assert not [sql for sql in statements if "orders_order" in sql], text


def test_an_unknown_parameter_is_a_problem(client: Client, mona: User) -> None:
    assert ask(client, mona, ordering="total; --").status_code == 400


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_report_is_only_read(method: str, client: Client, mona: User) -> None:
    headers = {"Authorization": f"Bearer {tokens.open_family(user=mona).access}"}

    assert getattr(client, method)(PATH, headers=headers).status_code == 405


def test_an_answer_takes_three_statements_for_the_person_the_totals_and_the_rows(client: Client, mona: User) -> None:
    token = tokens.open_family(user=mona).access

    with captured_sql() as statements:
        client.get(PATH, headers={"Authorization": f"Bearer {token}"})

    assert len([sql for sql in statements if "SAVEPOINT" not in sql]) == 3
