"""The report as CSV: UTF-8 with a byte order mark (Excel then reads umlauts), decimal points, CRLF."""

from __future__ import annotations

import codecs
import csv
import tempfile
from collections.abc import Iterator
from typing import IO

from django.conf import settings

from catalog.money import to_string
from orders.reports.access import Scope
from orders.reports.figures import DEFINITIONS, Figures
from orders.reports.parameters import Parameters
from orders.reports.queries import walk

IN_MEMORY = 1_000_000
CHUNK = 64 * 1024
# What a spreadsheet may take for the beginning of a formula, in ASCII and in the forms it treats alike.
DANGEROUS = tuple("=+-@|%\t\r\n" + "\u2212\uff1d\uff0b\uff0d\uff20")


def defused(text: str) -> str:
    """Text that a spreadsheet shows and does not run: an apostrophe goes before what could begin a formula."""
    return f"'{text}" if text.startswith(DANGEROUS) or text.lstrip().startswith(DANGEROUS) else text


def file_name(parameters: Parameters) -> str:
    return f"orders-by-{parameters.group_by.value}-{parameters.start}-to-{parameters.end}.csv"


def write_csv(parameters: Parameters, *, scope: Scope) -> IO[bytes]:
    """The whole report in a temporary file, at its beginning; large ones are on disk, not in memory.

    The download is sent from this file and not from the database: a slow client holds no transaction open, and
    what goes wrong goes wrong before the answer has begun. Raises ReportTooSlow.
    """
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # `pieces` closes it
    file.write(codecs.BOM_UTF8)
    writer = csv.writer(codecs.getwriter("utf-8")(file))
    writer.writerow(["key", "label", "in_totals", *_header()])
    for item in walk(parameters, scope=scope):
        if isinstance(item, Figures):
            writer.writerow(["", "Total", "", *_cells(item)])
        else:
            in_totals = "yes" if item.in_totals else "no"
            writer.writerow([defused(item.key), defused(item.label), in_totals, *_cells(item.figures)])
    file.seek(0)
    return file


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The file bit by bit; closes it."""
    with file:
        while piece := file.read(CHUNK):
            yield piece


def _header() -> list[str]:
    currency = settings.SHOP_CURRENCY.lower()
    return [f"{column.name}_{currency}" if column.is_money else column.name for column in DEFINITIONS]


def _cells(figures: Figures) -> list[str]:
    """Numbers that we made ourselves; they stay numbers, also negative ones."""
    return [
        "" if value is None else to_string(value, settings.SHOP_CURRENCY) if column.is_money else str(value)
        for column, value in figures.values()
    ]
