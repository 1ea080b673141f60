"""A first look into a file of orders: nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from catalog.importing.models import ImportRun
from catalog.importing.running import NOT_STORED
from orders.importing.choices import OrderChoices
from orders.importing.layout import InvalidLayout, printable
from orders.importing.reading import ReadOrder, Unreadable, read_header, read_orders
from orders.importing.running import lines_of
from orders.models import Order

SHOWN = 10
DELIMITERS = ",;\t|"
LOOKED_AT = 20_000


@dataclass(frozen=True)
class Shown:
    """One of the first orders, as it would come in, or be refused."""

    order: ReadOrder
    is_here: bool
    tax_included: bool

    @property
    def number(self) -> str:
        return printable(self.order.number)

    @property
    def customer(self) -> str:
        return printable(self.order.email or self.order.customer)

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.order.lines)

    @property
    def total(self) -> int:
        order = self.order
        return order.subtotal - order.discount + order.shipping + (0 if self.tax_included else order.tax)


@dataclass(frozen=True)
class Preview:
    """What is in the file, read in this way; with an `error` nothing can be read of it."""

    columns: tuple[tuple[str, str], ...] = ()
    ignored: tuple[str, ...] = ()
    orders: tuple[Shown, ...] = ()
    error: str = ""


def preview(run: ImportRun, choices: OrderChoices) -> Preview:
    """The columns that were found, ours and theirs, and the first orders of a run's file."""
    try:
        layout = choices.layout()
        if not run.file:
            raise FileNotFoundError
        with run.file.open("rb") as file:
            places, rows = read_header(lines_of(file, choices.encoding), layout)
            orders = list(islice(read_orders(rows, places, layout), SHOWN))
    except (InvalidLayout, Unreadable) as error:
        return Preview(error=printable(str(error)))
    except OSError:
        return Preview(error=NOT_STORED)
    numbers = [order.number for order in orders if not order.is_refused]
    here = set(Order.objects.filter(external_number__in=numbers).values_list("external_number", flat=True))
    return Preview(
        columns=tuple((column, places.names[column]) for column in places.at),
        ignored=places.ignored,
        orders=tuple(Shown(order, order.number in here, layout.tax_included) for order in orders),
    )


def likely_delimiter(run: ImportRun) -> str:
    """The sign that stands most often in the first line; a comma when there is none."""
    if not run.file:
        return ","
    try:
        with run.file.open("rb") as file:
            first = file.readline(LOOKED_AT).decode(errors="replace")
    except OSError:
        return ","
    return max(DELIMITERS, key=first.count)
