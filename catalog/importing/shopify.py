"""Products out of the CSV that Shopify exports: one line for each variant, more for further pictures.

Lines of one product follow one another and have the same handle. They are read in a stream; a product is given back as
a whole or, if anything in its lines was refused, as the list of what is wrong. No database here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby
from typing import IO

from catalog.importing import columns
from catalog.importing.cells import unquoted
from catalog.importing.reading import Lines, Record, records
from catalog.importing.rows import Row
from catalog.importing.seen import Seen
from catalog.importing.shapes import Group, Problem, WantedPicture, WantedProduct
from catalog.importing.variants import variants_of
from catalog.naming import slug_from

HANDLE_LENGTH = 220
STATUSES = ("active", "draft", "archived", "unlisted")
MOST_DESCRIPTION = 100_000
MOST_LEVELS = 10
LAST_POSITION = 10_000
# Lines of one product that are looked at; nothing has as many variants and pictures.
MOST_LINES = 1000
_SLUG = re.compile(r"[A-Za-z0-9_-]+")
_BETWEEN_HANDLES = re.compile(r"[;,\n]")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
APART = "Other lines of this product stand further up, not next to these. Sort the file by its handles."
TWICE = "This SKU stands further up, too, at another product."


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What the parser has to know of the shop. `lines` is about how long the file is, `codes` those of attributes."""

    currency: str
    most_variants: int
    lines: int = 0
    codes: Collection[str] = ()


class ProductFile:
    """A file of products. Iterate over it once; `layout` is known before. Raises Unreadable."""

    def __init__(self, file: IO[bytes], rules: Rules) -> None:
        self._lines = Lines(file)
        self._records = records(self._lines)
        self._rules = rules
        self.layout = columns.recognised(next(self._records).cells, rules.codes)
        self._handles, self._skus = Seen(rules.lines), Seen(rules.lines)

    def __iter__(self) -> Iterator[Group]:
        for handle, group in groupby(self._records, key=self._handle):
            if not handle:
                yield from map(self._homeless, group)
                continue
            few, last = _some(group)
            yield self._group(handle, few, last)

    def close(self) -> None:
        """Give the file back to whoever opened it."""
        self._lines.close()

    def _handle(self, record: Record) -> str:
        """The product that a record belongs to; empty when nobody can say."""
        place = self.layout.places["handle"]
        if not record.cells:  # broken; its beginning is all that is left of it
            return self._handle_of_start(record.start)
        return unquoted(record.cells[place].strip()) if place < len(record.cells) else ""

    def _handle_of_start(self, start: str) -> str:
        place = self.layout.places["handle"]
        parts = start.split(",")
        return unquoted(parts[place].strip().strip('"')) if place < len(parts) else ""

    def _homeless(self, record: Record) -> Group:
        problem = Problem(record.line, "", "", record.fault or "There is no handle: which product is this?")
        if not record.fault:
            problem = Problem(record.line, self.layout.title("handle"), "", problem.message)
        return Group(line=record.line, last_line=record.last_line, problems=(problem,))

    def _group(self, handle: str, found: Sequence[Record], last_line: int) -> Group:
        problems = [Problem(record.line, "", "", record.fault) for record in found if record.fault]
        rows = [Row(record, self.layout, problems) for record in found]
        if self._handles.add(handle):
            rows[0].refuse("handle", APART)
        if len(found) == MOST_LINES:
            rows[0].refuse("handle", f"A product has fewer than {MOST_LINES} lines.")
        product = None
        if not any(problem.is_refusal for problem in problems):
            product = self._product(handle, rows)
        if any(problem.is_refusal for problem in problems):
            product = None
        problems.sort(key=lambda problem: problem.line)
        return Group(line=found[0].line, last_line=last_line, handle=handle, product=product, problems=tuple(problems))

    def _product(self, handle: str, rows: Sequence[Row]) -> WantedProduct:
        first = rows[0]
        if first.flag("gift_card"):
            first.refuse("gift_card", "This is a gift card; the shop would sell it like any other thing.")
        if first.flag("taxable") is False:
            first.hint("taxable", "The shop taxes by class: give the product one without tax, if that is meant.")
        options, variants = variants_of(rows, self._rules.currency, has_variants=self.layout.has_variants)
        if len(variants) > self._rules.most_variants:
            first.refuse("handle", f"A product has at most {self._rules.most_variants} variants.")
        for row, variant in zip((row for row in rows if row.has_variant), variants, strict=False):
            if variant.sku and self._skus.add(variant.sku.lower()):
                row.refuse("sku", TWICE)
        return WantedProduct(
            line=first.line,
            handle=slug_of(handle),
            name=first.text("name", most=200),
            description=first.text("description", most=MOST_DESCRIPTION),
            vendor=first.text("vendor", most=120),
            category=_category(first),
            type=first.text("type", most=120),
            tags=_tags(first),
            is_published=first.flag("published") is not False,
            published_from=first.moment("published_from"),
            status=first.one_of("status", STATUSES) or "active",
            seo_title=first.cut_text("seo_title", most=120),
            seo_description=first.cut_text("seo_description", most=320),
            google_category=first.cut_text("google_category", most=255),
            tax_code=first.cut_text("tax_code", most=40),
            attributes=_attributes(first),
            related=_related(first),
            options=options,
            variants=variants,
            pictures=_pictures(rows),
        )


def slug_of(handle: str) -> str:
    """The address of a handle: itself, or for one that no address can hold always the same one made from it."""
    if len(handle) <= HANDLE_LENGTH and _SLUG.fullmatch(handle):
        return handle
    mark = blake2b(handle.encode(errors="surrogatepass"), digest_size=4).hexdigest()
    return f"{slug_from(handle, fallback='product', length=HANDLE_LENGTH - 9)}-{mark}"


def _some(group: Iterator[Record]) -> tuple[list[Record], int]:
    """The first records of a product, and the line where the last of all ends."""
    few: list[Record] = []
    last = 0
    for record in group:
        last = record.last_line
        if len(few) < MOST_LINES:
            few.append(record)
    return few, last


def _category(row: Row) -> tuple[str, ...]:
    names = tuple(filter(None, (part.strip() for part in row.text("category", most=1000).split(">"))))
    if any(len(name) > 120 for name in names) or len(names) > MOST_LEVELS:
        row.refuse("category", f"A category has at most 120 characters, and at most {MOST_LEVELS} stand in a row.")
    return names


def _tags(row: Row) -> tuple[str, ...]:
    tags: dict[str, str] = {}
    for tag in (part.strip() for part in row.text("tags", most=20_000).split(",")):
        if len(tag) > 60:
            row.hint("tags", f"The tag “{tag[:60]}…” is longer than 60 characters and was left out.")
        elif tag:
            tags.setdefault(tag.lower(), tag)
    return tuple(tags.values())


def _attributes(row: Row) -> tuple[tuple[str, str], ...]:
    return tuple((column.code, unquoted(row.raw(column.field))) for column in row.layout.attributes)


def _related(row: Row) -> tuple[str, ...]:
    """The handles of products that are shown beside this one."""
    handles = (part.strip() for part in _BETWEEN_HANDLES.split(row.text("related", most=20_000)))
    return tuple(dict.fromkeys(slug_of(handle) for handle in handles if handle))


def _pictures(rows: Sequence[Row]) -> tuple[WantedPicture, ...]:
    """The pictures in the order of their positions, those without one as they come; what only variants name is last."""
    found: dict[str, tuple[int, WantedPicture]] = {}
    for row in rows:
        if (url := _address(row, "image")) and url not in found:
            given = row.number("image_position", least=0, most=LAST_POSITION)
            picture = WantedPicture(line=row.line, url=url, alt=row.cut_text("image_alt", most=500))
            found[url] = (len(found) + 1 if given is None else given, picture)
    for row in rows:
        if (url := _address(row, "variant_image")) and url not in found:
            found[url] = (LAST_POSITION + 1, WantedPicture(line=row.line, url=url, alt=""))
    return tuple(picture for _, picture in sorted(found.values(), key=lambda each: each[0]))


def _address(row: Row, field: str) -> str:
    """Where a picture can be fetched; "" when that is not said, with a hint when something else is."""
    url = row.raw(field)
    if url and (len(url) > 1000 or not _ADDRESS.fullmatch(url)):
        row.hint(field, "This is not the web address of a picture; it was left out.")
        return ""
    return url
