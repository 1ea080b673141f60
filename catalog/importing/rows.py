"""One line of a file by the names of its columns; what is wrong with its cells is written down. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from catalog.importing import cells
from catalog.importing.columns import OF_A_VARIANT, Layout
from catalog.importing.reading import Record
from catalog.importing.shapes import Problem

MOST_SHOWN = 200
T = TypeVar("T")


class Row:
    """Reads cells, and collects in `problems` (shared by the lines of a product) what does not fit."""

    def __init__(self, record: Record, layout: Layout, problems: list[Problem]) -> None:
        self.line = record.line
        self._cells = record.cells
        self.layout = layout
        self._problems = problems

    def raw(self, field: str) -> str:
        """The cell as it stands there, without the space around it; empty without such a column."""
        place = self.layout.places.get(field)
        return self._cells[place].strip() if place is not None and place < len(self._cells) else ""

    def has_any(self, fields: Iterable[str]) -> bool:
        return any(self.raw(field) for field in fields)

    @property
    def has_variant(self) -> bool:
        return self.has_any(OF_A_VARIANT)

    def refuse(self, field: str, message: str) -> None:
        self._note(field, message, is_refusal=True)

    def hint(self, field: str, message: str) -> None:
        self._note(field, message, is_refusal=False)

    def text(self, field: str, *, most: int) -> str:
        """The text; refused when it is longer than `most` characters."""
        text = cells.unquoted(self.raw(field))
        if len(text) > most:
            self.refuse(field, f"This has {len(text)} characters; at most {most} can be stored.")
        return text

    def cut_text(self, field: str, *, most: int) -> str:
        """The text, or its beginning."""
        text = cells.unquoted(self.raw(field))
        if len(text) > most:
            self.hint(field, f"This has {len(text)} characters; the first {most} were taken.")
        return text[:most].rstrip()

    def code(self, field: str, *, most: int) -> str:
        """A SKU or a barcode: printable Latin characters, since everybody must agree on what is the same."""
        code = cells.unquoted_code(self.raw(field))
        if not code.isascii() or not code.isprintable():
            self.refuse(field, "Only Latin letters, digits and signs can stand here.")
        elif len(code) > most:
            self.refuse(field, f"This has {len(code)} characters; at most {most} can be stored.")
        return code

    def number(self, field: str, *, least: int, most: int) -> int | None:
        return self._read(field, lambda text: cells.whole(text, least=least, most=most))

    def amount(self, field: str, currency: str) -> int | None:
        return self._read(field, lambda text: cells.amount(text, currency))

    def flag(self, field: str) -> bool | None:
        return self._read(field, cells.flag)

    def moment(self, field: str) -> datetime | None:
        return self._read(field, cells.moment)

    def one_of(self, field: str, allowed: Iterable[str]) -> str:
        """One of some words; empty for an empty cell."""
        word, allowed = self.raw(field).lower(), list(allowed)
        if word and word not in allowed:
            self.refuse(field, f"Only {' or '.join(allowed)} can stand here.")
        return word

    def _read(self, field: str, reader: Callable[[str], T]) -> T | None:
        text = self.raw(field)
        if not text:
            return None
        try:
            return reader(text)
        except cells.Misfit as error:
            self.refuse(field, str(error))
            return None

    def _note(self, field: str, message: str, *, is_refusal: bool) -> None:
        column = self.layout.title(field) if field in self.layout else ""
        value = self.raw(field)[:MOST_SHOWN]
        self._problems.append(Problem(self.line, column[:100], value, message, is_refusal))
