from __future__ import annotations

import contextlib
import csv
import io
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.importing.layout import COLUMNS, InvalidLayout, Layout
from orders.importing.reading import MAX_LINES, ReadOrder, Unreadable, read_header, read_orders

HEADER = "order,date,email,sku,name,quantity,unit_price,status\n"
SOLD = "1001,2024-05-01 10:00,ann@example.com,MUG,Mug,2,12.50,delivered\n"

PLAIN = Layout()


def read(text: str, layout: Layout = PLAIN) -> list[ReadOrder]:
    places, rows = read_header(io.StringIO(text, newline=""), layout)
    return list(read_orders(rows, places, layout))


def problems(text: str, layout: Layout = PLAIN) -> list[tuple[int, str, str]]:
    return [(each.line, each.column, each.message) for order in read(text, layout) for each in order.problems]


def test_rows_that_follow_one_another_are_one_order() -> None:
    [first, second] = read(HEADER + SOLD + SOLD.replace("MUG,Mug,2", "POT,Pot,1") + SOLD.replace("1001", "1002"))
    assert (first.number, first.first_line, first.last_line) == ("1001", 2, 3)
    assert [(line.sku, line.quantity, line.unit_price) for line in first.lines] == [("MUG", 2, 1250), ("POT", 1, 1250)]
    assert (first.subtotal, first.moment) == (3750, datetime(2024, 5, 1, 10, tzinfo=UTC))
    assert second.number == "1002"


def test_columns_are_found_whatever_they_are_called_and_however_they_are_ordered() -> None:
    layout = Layout(columns={"order": "InvoiceNo", "unit_price": "Price each"}, status="delivered")
    [order] = read("price EACH,Quantity,x,SKU,Date,invoiceno\n1.00,3,?,MUG,2024-05-01,7\n", layout)
    assert (order.number, order.subtotal, order.is_refused) == ("7", 300, False)


@pytest.mark.parametrize("start", ["\ufeff", ""])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_marks_line_ends_and_line_breaks_in_quotes_are_read(start: str, end: str) -> None:
    text = start + HEADER + SOLD.replace("Mug", '"Mug,\nlarge"') + SOLD.replace("1001", "1002")
    [first, second] = read(text.replace("\n", end))
    assert first.lines[0].name == f"Mug,{end}large"
    assert (first.last_line, second.first_line) == (3, 4)


def test_signs_and_dates_of_other_countries_are_read() -> None:
    layout = Layout(
        delimiter=";", decimal=",", date_format="%d/%m/%Y %H:%M", zone=ZoneInfo("Europe/Berlin"), status="paid"
    )
    [order] = read("order;date;sku;quantity;unit_price\n1;1/12/2010 08:26;A;6;2,55\n", layout)
    assert (order.subtotal, order.moment) == (1530, datetime(2010, 12, 1, 7, 26, tzinfo=UTC))


def test_a_cancelled_order_may_have_negative_quantities() -> None:
    [order] = read(HEADER + SOLD.replace("1001", "C7").replace(",2,", ",-2,"), Layout(cancelled_prefix="C"))
    assert (order.status, order.subtotal, order.problems) == ("cancelled", 2500, ())


@pytest.mark.parametrize(
    ("change", "column", "says"),
    [
        ((",2,", ",-2,"), "quantity", "only cancelled"),
        ((",2,", ",0,"), "quantity", "1 or more"),
        ((",2,", ",1.5,"), "quantity", "whole number"),
        ((",2,", ",,"), "quantity", "whole number"),
        ((",2,", ",99999999999999999999,"), "quantity", "whole number"),
        (("12.50", "12,50"), "unit_price", "missing|amount"),
        (("12.50", "NaN"), "unit_price", "amount"),
        (("12.50", "1e3"), "unit_price", "amount"),
        (("12.50", "-1"), "unit_price", "negative"),
        (("12.50", "0.005"), "unit_price", "decimal places"),
        (("12.50", ""), "unit_price", "missing"),
        (("2,12.50", "2147483647,9999999999"), "quantity", "too large"),
        (("2024-05-01 10:00", "1/5/2024"), "date", "not a date"),
        (("2024-05-01 10:00", "2999-05-01"), "date", "future"),
        (("2024-05-01 10:00", "0001-01-01"), "date", "before 1970"),
        (("delivered", "processing"), "status", "are over"),
        (("delivered", "lost"), "status", "Unknown status"),
        (("ann@example.com", "ann"), "email", "not an e-mail"),
        (("ann@example.com", "änn@example.com"), "email", "not an e-mail"),
        (("1001", ""), "order", "missing"),
        (("1001", "1" * 65), "order", "At most 64"),
        (("MUG,Mug", ","), "sku", "missing"),
        (("Mug", "M\x00ug"), "name", "control characters"),
        (("Mug", "M\udce4ug"), "name", "encoding"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line_and_column(change: tuple[str, str], column: str, says: str) -> None:
    if change[1] == "12,50":
        change = ("12.50", '"12,50"')
    layout = Layout(now=datetime(2026, 1, 1, tzinfo=UTC))
    text = HEADER + SOLD.replace("1001", "1000") + SOLD.replace(*change) + SOLD.replace("1001", "1002")
    before, refused, after = read(text, layout)
    assert not before.is_refused
    assert not after.is_refused
    assert refused.is_refused
    [found] = [each for each in refused.problems if each.column == column]
    assert (found.line, found.column) == (3, column)
    assert any(word in found.message for word in says.split("|"))


def test_one_bad_row_refuses_its_whole_order() -> None:
    [order] = read(HEADER + SOLD + SOLD.replace("12.50", "x"))
    assert order.is_refused
    assert [each.line for each in order.problems] == [3]


def test_the_rows_of_an_order_agree_about_it() -> None:
    text = HEADER + SOLD + SOLD.replace("ann@", "bob@")
    assert problems(text) == [(3, "email", "Line 2 says 'ann@example.com' of the same order.")]


def test_amounts_of_the_order_stand_in_any_of_its_rows() -> None:
    header = "order,date,sku,quantity,unit_price,status,shipping,discount,tax,currency,country\n"
    rows = "1,2024-05-01,A,1,10.00,paid,,,,,\n1,2024-05-01,B,1,20.00,paid,4.90,3.00,1.00,chf,Schweiz\n"
    [order] = read(header + rows)
    assert (order.shipping, order.discount, order.tax, order.currency) == (490, 300, 100, "CHF")


def test_what_is_taken_off_is_not_more_than_the_goods_cost() -> None:
    header = "order,date,sku,quantity,unit_price,status,discount,tax\n"
    assert problems(header + "1,2024-05-01,A,1,10,paid,10.01,\n")[0][1] == "discount"
    assert problems(header + "1,2024-05-01,A,1,10,paid,,10.01\n")[0][1] == "tax"


def test_a_country_that_nobody_knows_is_left_out_with_a_hint() -> None:
    header = "order,date,sku,quantity,unit_price,status,country\n"
    known, unknown = read(header + "1,2024-05-01,A,1,1,paid,EIRE\n2,2024-05-01,A,1,1,paid,Atlantis\n")
    assert (known.country, known.problems) == ("IE", ())
    assert (unknown.country, unknown.is_refused, len(unknown.problems)) == ("", False, 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("\n", "no column"),
        ("order,date,email,sku,name,quantity\n", "'unit_price'"),
        ("order,date,sku,quantity,unit_price\n", "'status'"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_as_a_whole(text: str, says: str) -> None:
    with pytest.raises(InvalidLayout, match=says):
        read(text)


@pytest.mark.parametrize(
    "options", [{"delimiter": ""}, {"delimiter": '"'}, {"delimiter": ";;"}, {"decimal": "'"}, {"columns": {"x": "y"}}]
)
def test_a_layout_that_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidLayout):
        Layout(**options)


def test_an_endless_order_is_refused_without_being_kept() -> None:
    def lines() -> Any:
        yield HEADER
        for _ in range(MAX_LINES * 3):
            yield SOLD
        yield SOLD.replace("1001", "1002")

    places, rows = read_header(lines(), Layout())
    endless, after = read_orders(rows, places, Layout())
    assert (len(endless.lines), endless.is_refused, endless.last_line) == (0, True, MAX_LINES * 3 + 1)
    assert after.number == "1002"


@pytest.mark.parametrize("cell", ['"Mug', '"Mug""', '"'])
def test_a_quotation_mark_that_is_never_closed_hides_no_orders(cell: str) -> None:
    places, rows = read_header(io.StringIO(HEADER + SOLD + SOLD.replace("Mug", cell) + SOLD * 3, newline=""), PLAIN)
    orders = read_orders(rows, places, PLAIN)
    with pytest.raises(Unreadable, match="Line 3: A quotation mark is never closed"):
        list(orders)
    assert read(HEADER + SOLD.replace("Mug", '"Mug"').strip())[0].lines[0].name == "Mug"


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\0\0", HEADER.encode("utf-16"), b"order\0,date\n"])
def test_what_is_no_text_is_said_so(content: bytes) -> None:
    lines = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", errors="surrogateescape", newline="")
    with pytest.raises(InvalidLayout, match="no text in this encoding"):
        read_header(lines, PLAIN)


def test_what_is_no_csv_from_some_line_on_says_so() -> None:
    places, rows = read_header(io.StringIO(HEADER + SOLD + '"' + "x" * 200_000), Layout())
    orders = read_orders(rows, places, Layout())
    with pytest.raises(Unreadable, match="Line 3"):
        list(orders)


CELLS = st.one_of(
    st.text(max_size=12), st.sampled_from(["1", "2024-05-01", "-3", "9.99", "paid", "cancelled", "", "EUR"])
)


@given(rows=st.lists(st.lists(CELLS, max_size=len(COLUMNS) + 2), max_size=8))
def test_whatever_stands_in_the_rows_is_read_or_refused(rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([COLUMNS, *rows])
    for order in read(text.getvalue(), Layout(now=datetime(2026, 1, 1, tzinfo=UTC))):
        assert order.is_refused or (order.number and order.lines and order.status and order.subtotal >= 0)


@given(text=st.text(max_size=200))
def test_whatever_the_file_is_it_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidLayout, Unreadable):
        read(text)


ORDERS = st.lists(
    st.lists(
        st.tuples(
            st.from_regex(r"[A-Z0-9]{1,8}", fullmatch=True),
            st.integers(1, 10_000),
            st.integers(0, 10**7),
        ),
        min_size=1,
        max_size=4,
    ),
    max_size=6,
)


@given(orders=ORDERS, comma=st.booleans())
def test_what_is_written_as_the_manual_says_comes_back(orders: list[list[tuple[str, int, int]]], comma: bool) -> None:
    layout = Layout(delimiter=";" if comma else ",", decimal="," if comma else ".", status="delivered")
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=layout.delimiter)
    writer.writerow(["order", "date", "sku", "quantity", "unit_price"])
    for number, lines in enumerate(orders):
        for sku, quantity, price in lines:
            amount = f"{price // 100}{layout.decimal}{price % 100:02}"
            writer.writerow([number, "2024-05-01", sku, quantity, amount])
    found = read(text.getvalue(), layout)
    assert [[(line.sku, line.quantity, line.unit_price) for line in order.lines] for order in found] == orders
    assert not any(order.problems for order in found)
