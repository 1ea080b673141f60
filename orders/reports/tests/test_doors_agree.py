"""Page, file and API answer the same question with the same numbers."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import date
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from accounts import tokens
from accounts.models import User
from orders.reports.figures import DEFINITIONS
from orders.reports.parameters import GroupBy
from orders.reports.tests.random_orders import make_catalogue, make_orders

Table = list[list[str]]


@pytest.mark.django_db
@pytest.mark.parametrize("group_by", GroupBy.values)
@pytest.mark.parametrize("more", ["", "&include_cancelled=true", "&category=kitchen", "&status=shipped"])
def test_the_three_doors_show_the_same_numbers(group_by: str, more: str, mona: User, client: Client) -> None:
    catalogue = make_catalogue()
    for seed in range(3):
        make_orders(Random(seed), catalogue, date(2026, 3, 1), ZoneInfo("Europe/Berlin"))
    query = f"?group_by={group_by}&from=2026-03-01&to=2026-03-31{more}"
    client.force_login(mona)
    token = tokens.open_family(user=mona).access

    page = _page(client.get(f"/reports/orders/{query}"))
    file = _file(client.get(f"/reports/orders/csv/{query}"))
    answer = client.get(f"/api/v1/reports/order-summary/{query}", headers={"Authorization": f"Bearer {token}"})

    assert len(page) > 1
    assert page == file == _json(answer.json())


def _page(response: Any) -> Table:
    table = re.search(r"<tbody>.*</tfoot>", response.content.decode(), re.DOTALL)
    assert table
    rows = re.findall(r"<tr.*?</tr>", table[0], re.DOTALL)
    return [[_plain(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)] for row in rows]


def _plain(cell: str) -> str:
    text = html.unescape(re.sub(r'<span class="badge">.*?</span>|<[^>]*>', "", cell)).strip()
    return re.sub(r"[€,–]", "", text) if "<td" in cell else text


def _file(response: Any) -> Table:
    rows = list(csv.reader(io.StringIO(b"".join(response).decode("utf-8-sig"))))
    return [[label, *figures] for _, label, _, *figures in rows[1:]]


def _json(answer: dict[str, Any]) -> Table:
    rows = [*answer["rows"], {"label": "Total", **answer["totals"]}]
    names = [definition.name for definition in DEFINITIONS]
    return [[row["label"], *("" if row[name] is None else str(row[name]) for name in names)] for row in rows]
