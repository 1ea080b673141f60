"""Orders out of a CSV file, one after the other: rows that follow one another with one number are one order. Pure.

Nothing is kept but the order that is being read, so a file may have any length. An order is taken as a whole or
refused as a whole: one bad row would make its total wrong.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from accounts.countries import find_country
from catalog.money import CURRENCIES, MAX_AMOUNT, InvalidAmount, parse_amount
from orders.importing.layout import InvalidLayout, Layout, Places, places_of, printable

MAX_LINES = 10_000
MAX_QUANTITY = 2**31 - 1
EARLIEST_YEAR = 1970
UNKNOWN = datetime(1, 1, 1, tzinfo=UTC)
LENGTHS = {"order": 64, "email": 254, "customer": 60, "customer_name": 120, "sku": 64, "name": 200, "country": 60}
CANCELLED, REFUNDED, SHIPPED, DELIVERED = "cancelled", "refunded", "shipped", "delivered"
STATUSES = {
    **dict.fromkeys(("delivered", "completed", "complete", "closed", "fulfilled", "paid", "done"), DELIVERED),
    **dict.fromkeys(("shipped", "sent"), SHIPPED),
    **dict.fromkeys(("cancelled", "canceled", "voided", "void"), CANCELLED),
    **dict.fromkeys(("refunded", "returned"), REFUNDED),
}
UNFINISHED = ("pending", "processing", "open", "unpaid", "new", "on-hand", "on hold", "authorized", "unfulfilled")
_MAILBOX = re.compile(r"[^@\s\"(),:;<>\[\]\\]+@[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)


@dataclass(frozen=True)
class Problem:
    """What is wrong in which line and column of the file; `order` is the number there. Not a refusal: a hint."""

    line: int
    column: str
    value: str
    message: str
    order: str = ""
    is_refusal: bool = True


@dataclass(frozen=True)
class ReadLine:
    """One row: what was sold, how many, at which price (minor units)."""

    line: int
    sku: str
    name: str
    quantity: int
    unit_price: int

    @property
    def total(self) -> int:
        return self.quantity * self.unit_price


@dataclass(frozen=True)
class ReadOrder:
    """An order as the file has it; `problems` say why it cannot be taken. Amounts are minor units of `currency`."""

    number: str
    first_line: int
    last_line: int
    moment: datetime = UNKNOWN
    status: str = ""
    email: str = ""
    customer: str = ""
    customer_name: str = ""
    country: str = ""
    currency: str = ""
    shipping: int = 0
    discount: int = 0
    tax: int = 0
    lines: tuple[ReadLine, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def subtotal(self) -> int:
        return sum(line.total for line in self.lines)

    @property
    def is_refused(self) -> bool:
        return any(problem.is_refusal for problem in self.problems)


@dataclass(frozen=True)
class Row:
    """One row of the file; `values` are by our names, stripped, and empty where the file says nothing."""

    line: int
    last_line: int
    values: dict[str, str]


class Unreadable(Exception):
    """From this line on nothing can be read: the file is not CSV. What was read before it holds."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"Line {line}: {message}")
        self.line = line


def read_header(lines: Iterable[str], layout: Layout) -> tuple[Places, Iterator[Row]]:
    """The columns, and the rows still to be read. Raises InvalidLayout when the file does not fit the layout."""
    source = _Lines(lines)
    reader = csv.reader(source, delimiter=layout.delimiter, strict=False)
    try:
        header = next(reader)
    except StopIteration:
        raise InvalidLayout("The file is empty.") from None
    except csv.Error as error:
        raise InvalidLayout(f"The first line cannot be read: {error}.") from error
    header[:1] = [name.removeprefix("\ufeff") for name in header[:1]]
    if any(printable(name) != name for name in header):
        raise InvalidLayout("The first line is no text in this encoding. Save the file as CSV UTF-8.")
    places = places_of(header, layout)
    return places, _rows(reader, source, places)


def read_orders(rows: Iterable[Row], places: Places, layout: Layout) -> Iterator[ReadOrder]:
    """The orders in the file's order, refused ones among them. Raises Unreadable."""
    gathered: list[Row] = []
    for row in rows:
        if gathered and row.values["order"] != gathered[0].values["order"]:
            yield _order(gathered, places, layout)
            gathered = []
        if len(gathered) <= MAX_LINES:  # one more than an order may have: that much is enough to refuse it
            gathered.append(row)
        else:
            gathered[-1] = row
    if gathered:
        yield _order(gathered, places, layout)


class _Lines:
    """The lines of a file, for csv; `has_ended` as soon as it asked for one more than there are."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.has_ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            return next(self._lines)
        except StopIteration:
            self.has_ended = True
            raise


def _rows(reader: Iterator[list[str]], source: _Lines, places: Places) -> Iterator[Row]:
    before: int = reader.line_num  # type: ignore[attr-defined]
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(before + 1, f"{error}. Nothing from there on was read.") from error
        if source.has_ended:  # inside a cell
            raise Unreadable(before + 1, "A quotation mark is never closed. Nothing from there on was read.")
        line, before = before + 1, reader.line_num  # type: ignore[attr-defined]
        if any(cell.strip() for cell in cells):
            values = dict.fromkeys(places.names, "")
            values.update({name: cells[at].strip() for name, at in places.at.items() if at < len(cells)})
            yield Row(line, before, values)


def _order(rows: list[Row], places: Places, layout: Layout) -> ReadOrder:
    order = ReadOrder(rows[0].values["order"], rows[0].line, rows[-1].last_line)
    return _Reading(order, rows, places, layout).whole()


class _Reading:
    """One order being read; what is wrong with it gathers in `problems`."""

    def __init__(self, order: ReadOrder, rows: list[Row], places: Places, layout: Layout) -> None:
        self.order, self.rows, self.places, self.layout = order, rows, places, layout
        self.problems: list[Problem] = []

    def whole(self) -> ReadOrder:
        if len(self.rows) > MAX_LINES:
            self.wrong(self.rows[0], "order", f"An order has at most {MAX_LINES} lines.")
            return self.done()
        self.check_texts()
        status, currency = self.status(), self.currency()
        self.order = replace(self.order, status=status, currency=currency, moment=self.date())
        self.read_people()
        lines = tuple(
            line for row in self.rows if (line := self.line(row, currency, may_be_negative=status == CANCELLED))
        )
        self.order = replace(
            self.order,
            lines=lines,
            shipping=self.amount_once("shipping", currency),
            discount=self.amount_once("discount", currency),
            tax=self.amount_once("tax", currency),
        )
        if not any(problem.is_refusal for problem in self.problems):
            self.check_sums()
        return self.done()

    def done(self) -> ReadOrder:
        return replace(self.order, problems=tuple(sorted(self.problems, key=lambda problem: problem.line)))

    def wrong(self, row: Row, column: str, message: str, *, is_refusal: bool = True) -> None:
        value = printable(row.values[column])[:200]
        number = printable(self.order.number)[:64]
        self.problems.append(Problem(row.line, self.places.names[column], value, message, number, is_refusal))

    def check_texts(self) -> None:
        if not self.order.number:
            self.wrong(self.rows[0], "order", "The order's number is missing.")
        for row in self.rows:
            for name, value in row.values.items():
                if printable(value) != value:
                    self.wrong(row, name, "This is not a text in the file's encoding, or has control characters.")
                elif len(value) > LENGTHS.get(name, 200):
                    self.wrong(row, name, f"At most {LENGTHS.get(name, 200)} characters.")

    def once(self, name: str) -> tuple[Row, str]:
        """What the rows say about the whole order: the first that says something, and none that differs."""
        saying = [row for row in self.rows if row.values[name]]
        if not saying:
            return self.rows[0], ""
        for row in saying[1:]:
            if row.values[name] != saying[0].values[name]:
                self.wrong(row, name, f"Line {saying[0].line} says {saying[0].values[name][:60]!r} of the same order.")
                break
        return saying[0], saying[0].values[name]

    def status(self) -> str:
        row, given = self.once("status")
        prefix = self.layout.cancelled_prefix
        if prefix and self.order.number.startswith(prefix):
            return CANCELLED
        word = (given or self.layout.status).lower()
        if word not in STATUSES:
            says = (
                "Only orders that are over are taken in: finish this one where it began."
                if (word in UNFINISHED)
                else f"Unknown status. Use one of: {', '.join(sorted(set(STATUSES.values())))}."
            )
            self.wrong(row, "status", says)
        return STATUSES.get(word, "")

    def currency(self) -> str:
        row, given = self.once("currency")
        currency = (given or self.layout.currency).upper()
        if currency not in CURRENCIES:
            self.wrong(row, "currency", "The shop does not know this currency.")
            return self.layout.currency
        return currency

    def date(self) -> datetime:
        """The first row's: rows of one order may be some minutes apart."""
        row = self.rows[0]
        try:
            placed_at = _moment(row.values["date"], self.layout)
        except (ValueError, OverflowError):
            how = f"written as {self.layout.date_format}" if self.layout.date_format else "such as 2026-01-31 18:30"
            self.wrong(row, "date", f"This is not a date {how}.")
            return UNKNOWN
        if placed_at.year < EARLIEST_YEAR or (self.layout.now is not None and placed_at > self.layout.now):
            self.wrong(row, "date", f"The date lies before {EARLIEST_YEAR} or in the future.")
        return placed_at

    def read_people(self) -> None:
        row, email = self.once("email")
        customer = self.once("customer")[1]
        at, name = self.once("country")
        country = find_country(name)
        if name and not country:
            self.wrong(at, "country", "Not known as a country: left out.", is_refusal=False)
        if email and not (_MAILBOX.fullmatch(email) and email.isascii()):
            self.wrong(row, "email", "This is not an e-mail address. Without one, leave it empty.")
        self.order = replace(
            self.order,
            email=email,
            customer=customer,
            customer_name=self.once("customer_name")[1],
            country=country,
        )

    def line(self, row: Row, currency: str, *, may_be_negative: bool) -> ReadLine | None:
        quantity = self.quantity(row, may_be_negative)
        price = self.amount(row, "unit_price", currency)
        if not row.values["unit_price"]:
            self.wrong(row, "unit_price", "The price is missing.")
        if not row.values["sku"] and not row.values["name"]:
            self.wrong(row, "sku", "The SKU is missing, and the name as well.")
        if quantity is None or price is None:
            return None
        if quantity * price > MAX_AMOUNT:
            self.wrong(row, "quantity", "Quantity × price is too large.")
            return None
        return ReadLine(row.line, row.values["sku"], row.values["name"], quantity, price)

    def quantity(self, row: Row, may_be_negative: bool) -> int | None:
        given = row.values["quantity"]
        if not re.fullmatch(r"[+-]?[0-9]{1,10}", given):
            self.wrong(row, "quantity", "This is not a whole number.")
            return None
        quantity = abs(int(given)) if may_be_negative else int(given)
        if not 1 <= quantity <= MAX_QUANTITY:
            self.wrong(row, "quantity", "The quantity is 1 or more; only cancelled orders may have negative ones.")
            return None
        return quantity

    def amount_once(self, name: str, currency: str) -> int:
        row, given = self.once(name)
        return (self.amount(row, name, currency) or 0) if given else 0

    def amount(self, row: Row, name: str, currency: str) -> int | None:
        given = row.values[name]
        if not given:
            return None
        decimal = re.escape(self.layout.decimal)
        if not re.fullmatch(rf"-?[0-9]{{1,15}}({decimal}[0-9]{{1,10}})?", given):
            self.wrong(row, name, f"This is not an amount such as 12{self.layout.decimal}50.")
            return None
        try:
            amount = parse_amount(given.replace(self.layout.decimal, "."), currency)
        except InvalidAmount as error:
            self.wrong(row, name, str(error))
            return None
        if amount < 0:
            self.wrong(row, name, "An amount cannot be negative.")
            return None
        return amount

    def check_sums(self) -> None:
        order = self.order
        if order.discount > order.subtotal:
            self.wrong(self.rows[0], "discount", "The discount is more than the goods cost.")
        elif self.layout.tax_included and order.tax > order.subtotal - order.discount:
            self.wrong(self.rows[0], "tax", "The tax is more than the goods cost, which contain it.")


def _moment(given: str, layout: Layout) -> datetime:
    moment = datetime.strptime(given, layout.date_format) if layout.date_format else datetime.fromisoformat(given)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=layout.zone)
