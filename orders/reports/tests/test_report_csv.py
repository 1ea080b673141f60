from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from catalog.tests.factories import ProductFactory
from orders.reports import queries
from orders.reports.export import defused
from orders.tests.factories import OrderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(mona: User, client: Client) -> Client:
    client.force_login(mona)
    return client


def rows_of(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(response).decode("utf-8-sig"))))


def test_the_file_is_streamed_named_after_its_days_and_known_as_utf8(manager: Client) -> None:
    response: Any = manager.get("/reports/orders/csv/?group_by=month&from=2026-01-01&to=2026-12-31")

    assert response.streaming
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    disposition = 'attachment; filename="orders-by-month-2026-01-01-to-2026-12-31.csv"'
    assert response["Content-Disposition"] == disposition
    content = b"".join(response)
    assert content.startswith(b"\xef\xbb\xbfkey,label,in_totals,orders,units,gross_eur,discount_eur,net_eur,")
    assert content.count(b"\r\n") == 1 + 12 + 1


def test_amounts_are_decimals_and_what_cannot_be_said_is_empty(manager: Client) -> None:
    mug = ProductFactory.create(name="Mug", price=123456).variants.get()
    OrderFactory.create(lines=[(mug, 10)], discount=100).lines.update(discount=100, total=1_234_460)

    of_mug, total = rows_of(manager.get("/reports/orders/csv/?group_by=product"))

    assert (of_mug["label"], of_mug["gross_eur"], of_mug["shipping_eur"]) == ("Mug", "12345.60", "")
    assert (total["label"], total["net_eur"], total["shipping_eur"]) == ("Total", "12344.60", "4.90")


def test_there_is_no_limit_to_the_rows_of_a_file(manager: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "ROW_LIMIT", 1)
    monkeypatch.setattr(queries, "CHUNK", 2)
    OrderFactory.create(lines=[(ProductFactory.create().variants.get(), 1) for _ in range(5)])

    assert len(rows_of(manager.get("/reports/orders/csv/?group_by=product"))) == 5 + 1


DANGEROUS = [
    '=HYPERLINK("http://evil.example","x")',
    "+49 30",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "|calc",
    "%0A",
    "  =1",
    "−1",
    "＝1",
]


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_cell_that_a_spreadsheet_would_run_is_defused(text: str, manager: Client) -> None:
    OrderFactory.create(lines=[(ProductFactory.create(name=text, slug="thing").variants.get(), 1)])

    assert rows_of(manager.get("/reports/orders/csv/?group_by=product"))[0]["label"] == f"'{text}"


def test_an_address_that_begins_like_a_formula_is_defused(manager: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(email="=cmd@example.com")
    OrderFactory.create(customer=alice)

    assert rows_of(manager.get("/reports/orders/csv/?group_by=customer"))[0]["label"] == "'=cmd@example.com"


@pytest.mark.parametrize("text", ["", "Mug", "Tasse, groß", 'Say "hello"', "3-part set", "a=b"])
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert defused(text) == text
