"""Stock sheets as files: the sheet to count by, and what is read from one that comes back. No database here."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from catalog.importing.cells import quoted, quoted_code, unquoted_code
from catalog.importing.reading import Lines, Record, records
from catalog.importing.shapes import Unreadable

SKU, NAME, BARCODE, EXPECTED, COUNTED, ENTRY = "SKU", "Name", "Barcode", "Expected", "Counted", "Ledger entry"
COLUMNS = (SKU, NAME, BARCODE, EXPECTED, COUNTED, ENTRY)
NUMBERS = {"counted": ("counted",), "quantity": ("quantity", "pieces", "received")}
MAX_LINES = 20_000
MAX_BYTES = 10_000_000
MAX_PIECES = 1_000_000_000
_WHOLE = re.compile(r"(-?[0-9]{1,12})(?:[.,]0+)?", re.ASCII)
WRITTEN_TOGETHER = 200


@dataclass(frozen=True)
class Expected:
    """A line of the sheet to count by. `entry` is the level's last ledger entry, 0 for none."""

    sku: str
    name: str
    barcode: str
    on_hand: int
    entry: int


@dataclass(frozen=True)
class Given:
    """A line of a sheet that came back. `entry` is None where the sheet does not say it."""

    number: int
    sku: str
    pieces: int | None
    entry: int | None = None
    problem: str = ""


def written(lines: Iterable[Expected]) -> Iterator[str]:
    """The sheet to count by, bit by bit; what could be a formula is written so that no spreadsheet runs it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    out.write("\ufeff")  # without it Excel takes UTF-8 for something else
    writer.writerow(COLUMNS)
    for number, line in enumerate(lines, 1):
        code = (quoted_code(line.sku), quoted(line.name), quoted_code(line.barcode))
        writer.writerow([*code, line.on_hand, "", line.entry])
        if number % WRITTEN_TOGETHER == 0:
            yield taken(out)
    yield taken(out)


def read(file: IO[bytes], *, number_column: str) -> Iterator[Given]:
    """The lines with a number (or with something else in its place). Raises Unreadable."""
    lines = Lines(file)
    try:
        found = records(lines)
        places = _places(next(found), NUMBERS[number_column])
        for count, record in enumerate(found, 1):
            if count > MAX_LINES:
                raise Unreadable(f"A sheet has at most {MAX_LINES} lines.", line=record.line)
            given = _given(record, places)
            if given is not None:
                yield given
    finally:
        lines.close()


def _places(header: Record, numbers: tuple[str, ...]) -> dict[str, int]:
    names = [name.strip().lower() for name in header.cells]
    number = next((name for name in numbers if name in names), None)
    if SKU.lower() not in names or number is None:
        raise Unreadable(f"The first line needs the columns “SKU” and “{numbers[0].capitalize()}”.", line=1)
    places = {"sku": names.index(SKU.lower()), "pieces": names.index(number)}
    if ENTRY.lower() in names:
        places["entry"] = names.index(ENTRY.lower())
    return places


def _given(record: Record, places: dict[str, int]) -> Given | None:
    def cell(name: str) -> str:
        place = places.get(name, len(record.cells))
        return record.cells[place].strip() if place < len(record.cells) else ""

    if record.fault:
        return Given(record.line, "", None, problem=record.fault)
    sku, pieces, entry = unquoted_code(cell("sku")), cell("pieces"), cell("entry")
    if not pieces:
        return None
    if not sku or len(sku) > 64:
        return Given(record.line, sku[:64], None, problem="There is no SKU on this line." if not sku else UNKNOWN)
    number, said = _number(pieces)
    mark, fault = _number(entry) if entry else (None, "")
    if fault:
        said = said or "The ledger entry is not as it was written. Download a new sheet."
    return Given(record.line, sku, None if said else number, mark, said)


UNKNOWN = "No variant has this SKU."


def _number(text: str) -> tuple[int | None, str]:
    """The number, or what is wrong with it."""
    match = _WHOLE.fullmatch(text)
    if match is None:
        return None, f"“{text[:40]}” is not a whole number."
    number = int(match[1])
    if number < 0:
        return None, "A number of pieces cannot be negative."
    return (number, "") if number <= MAX_PIECES else (None, "This is more than a warehouse holds.")


def taken(out: io.StringIO) -> str:
    """What has been written so far; the next begins anew."""
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text
