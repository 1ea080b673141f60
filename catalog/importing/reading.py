"""CSV record by record: with line numbers, in constant memory, and past what is broken. No database here."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from catalog.importing.shapes import Unreadable

# Nothing longer is kept in memory; the rest of such a line is passed over.
LONGEST_LINE = 1_000_000
DELIMITERS = (",", ";", "\t")
START_KEPT = 1000
TOO_LONG = f"This line has more than {LONGEST_LINE:,} characters."
NOT_UTF8 = "This is not UTF-8. Save the file as “CSV UTF-8”."
HAS_NUL = "This contains a NUL character."
# What bytes that are no UTF-8 become, so that one of them costs a line and not the file.
_ESCAPED = frozenset(map(chr, range(0xDC80, 0xDD00)))


@dataclass(frozen=True, slots=True)
class Record:
    """One record with its first and its last line. With a `fault` its cells cannot be trusted."""

    line: int
    last_line: int
    cells: list[str]
    start: str = ""
    fault: str = ""


class Lines:
    """The lines of a file, counted and looked at while csv reads them."""

    def __init__(self, file: IO[bytes]) -> None:
        beginning = file.read(4)
        file.seek(0)
        if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in beginning:
            raise Unreadable("This file is UTF-16. Save it as “CSV UTF-8”.", line=1)
        # Not closed with this wrapper: the file is the caller's.
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
        self.number = 0
        self.start = ""
        self.fault = ""
        self.is_last_open = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == LONGEST_LINE:
            line = self._shortened(line)
        self.start = self.start or line
        self.is_last_open = line[-1] not in "\r\n"
        if self.fault == TOO_LONG:
            pass
        elif "\0" in line:
            self.fault = HAS_NUL
        elif not line.isascii() and not _ESCAPED.isdisjoint(line):
            self.fault = NOT_UTF8
        return line

    def _shortened(self, line: str) -> str:
        """The beginning of a line that is too long, without quotation marks that would take in what follows."""
        self.fault, part = TOO_LONG, line
        while part and part[-1] not in "\r\n":
            part = self._text.readline(LONGEST_LINE)
        return line[:START_KEPT].replace('"', "") + "\n"

    def close(self) -> None:
        self._text.detach()


def records(lines: Lines) -> Iterator[Record]:
    """Record after record, the header first. Raises Unreadable."""
    header = _header(lines)
    yield header
    reader = csv.reader(lines, delimiter=_delimiter(header.start), strict=True)
    while True:
        before, lines.start, lines.fault = lines.number, "", ""
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Record(before + 1, lines.number, [], lines.start, _said(error))
            continue
        if not any(cells):
            continue
        yield Record(before + 1, lines.number, cells, lines.start, lines.fault or _shape(cells, header, lines))


def _header(lines: Lines) -> Record:
    first = next(lines, "")
    if not first.strip():
        raise Unreadable("This file is empty, or its first line is.", line=1)
    if lines.fault:
        raise Unreadable(lines.fault, line=1)
    try:
        # A name may hold a line break, too.
        quotes_open = first.count('"') % 2
        cells = [] if quotes_open else next(csv.reader([first], delimiter=_delimiter(first), strict=True))
    except csv.Error:
        cells = []
    if not cells:
        raise Unreadable("The first line does not hold the names of columns.", line=1)
    return Record(1, 1, [cell.strip() for cell in cells], first)


def _delimiter(header: str) -> str:
    return max(DELIMITERS, key=header.count)


def _shape(cells: list[str], header: Record, lines: Lines) -> str:
    """What is wrong with the number of cells. Fewer are fine: some programs leave empty ones at the end out."""
    if len(cells) > len(header.cells) and any(cells[len(header.cells) :]):
        return f"This line has {len(cells)} cells, but there are {len(header.cells)} columns."
    if len(cells) < len(header.cells) and lines.is_last_open:
        return f"The file ends in the middle of this line, after {len(cells)} of {len(header.cells)} cells."
    return ""


def _said(error: csv.Error) -> str:
    if "field larger" in str(error):
        return f"A cell has more than {csv.field_size_limit()} characters; perhaps its quotation mark is never closed."
    return "Quotation marks are wrong here: one is not closed, or stands in the middle of a cell."
