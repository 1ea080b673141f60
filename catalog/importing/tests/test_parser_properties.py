"""The parser, on whatever people may hand in: it never breaks, never grows, and loses no line silently."""

from __future__ import annotations

import contextlib
import csv
import io
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.importing.cells import quoted, quoted_code, unquoted, unquoted_code
from catalog.importing.seen import Seen
from catalog.importing.shapes import Unreadable
from catalog.importing.shopify import ProductFile, Rules, slug_of
from catalog.importing.tests.files import RULES, as_csv, mug, read

# What stands in real cells, and what does harm.
CELLS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["", "0", "-1", "9.99", "9,99", "1e9", "true", "Default Title", "'=1", "\0", "\ud800", "a" * 300]),
)
HANDLES = st.sampled_from(["mug", "cup", "", " mug ", "größe", "'-x", "MUG"])
COLUMNS = [
    "Title", "Body (HTML)", "Vendor", "Tags", "Published", "Status", "Option1 Name", "Option1 Value", "Option2 Name",
    "Option2 Value", "Variant SKU", "Variant Grams", "Variant Inventory Qty", "Variant Inventory Policy",
    "Variant Price", "Variant Compare At Price", "Variant Barcode", "Image Src", "Image Position", "Gift Card",
    "SEO Title", "Product Category", "Cost per item", "Published From (product.metafields.shop.published_from)",
]  # fmt: skip


@given(st.binary(max_size=2000))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(Unreadable):
        read(b"Handle,Title,Variant Price\n" + content)
    with contextlib.suppress(Unreadable):
        read(content)


@settings(max_examples=300)
@given(st.lists(st.tuples(HANDLES, st.dictionaries(st.sampled_from(COLUMNS), CELLS)), max_size=8))
def test_every_line_is_part_of_a_product_or_of_a_refusal(rows: list[tuple[str, dict[str, str]]]) -> None:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, ["Handle", *COLUMNS], lineterminator="\r\n")
    writer.writeheader()
    for handle, cells in rows:
        writer.writerow({"Handle": handle} | cells)
    content = out.getvalue().encode(errors="surrogatepass")

    groups = read(content)

    assert all(group.line <= group.last_line for group in groups)
    assert [group.line for group in groups] == sorted(group.line for group in groups)
    for group in groups:
        is_refused = any(problem.is_refusal for problem in group.problems)
        assert is_refused == (group.product is None)
        assert all(group.line <= problem.line <= group.last_line for problem in group.problems)
        if group.product is not None:
            check(group.product)
    filled = sum(any([handle, *cells.values()]) for handle, cells in rows)
    assert sum(1 for _ in groups) <= filled
    assert bool(groups) == bool(filled)


def check(product: Any) -> None:
    """What the database would refuse never gets so far."""
    assert 1 <= len(product.handle) <= 220
    assert product.handle.isascii()
    assert len(product.name) <= 200
    assert len(product.options) <= 3
    assert len({tuple(v.lower() for v in each.values) for each in product.variants}) == len(product.variants)
    for variant in product.variants:
        assert len(variant.values) == len(product.options)
        assert variant.price is None or 0 < variant.price <= 10**12
        assert variant.compare_at_price is None or variant.price is None or variant.compare_at_price > variant.price
        assert variant.quantity is None or 0 <= variant.quantity <= 10**9
        assert len(variant.sku) <= 64
    texts = [product.name, product.description, *product.tags, *(v for each in product.variants for v in each.values)]
    assert all("\0" not in text and text.encode() is not None for text in texts)


@given(st.text(st.characters(codec="utf-8")))
def test_what_an_export_adds_an_import_takes_off(text: str) -> None:
    assert unquoted(quoted(text)) == text
    assert unquoted_code(quoted_code(text)) == text
    assert not quoted(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "\uff1d"))
    if text[:1].isalnum():
        assert quoted(text) == text


@given(st.text(min_size=1, max_size=300))
def test_every_handle_has_one_address(handle: str) -> None:
    slug = slug_of(handle)
    assert slug == slug_of(handle)
    assert slug.isascii()
    assert 1 <= len(slug) <= 220
    assert slug_of(slug) == slug


def test_names_are_remembered_and_new_ones_are_new() -> None:
    seen = Seen(20_000)
    assert not any(seen.add(f"name-{n}") for n in range(20_000))
    assert all(seen.add(f"name-{n}") for n in range(20_000))


def test_a_broken_line_costs_its_product_and_no_other() -> None:
    lines = [
        b"Handle,Title,Variant Price",
        b"one,One,1",
        b'two,"Two" broken,2',
        b"three,Thr\xffee,3",
        b"four,Fo\0ur,4",
        b"five,Five,5,more",
        b",Nobody,6",
        b"seven,Seven,7",
    ]
    found = {group.line: (group.handle, group.product is not None) for group in read(b"\n".join(lines) + b"\n")}
    assert [line for line, (_, taken) in found.items() if taken] == [2, 8]
    assert set(found) == {2, 3, 4, 5, 6, 7, 8}


def test_a_quotation_mark_that_is_never_closed_is_found_where_it_opens() -> None:
    content = b'Handle,Title,Variant Price\none,One,1\ntwo,"Two,2\n' + b"x,y,3\n" * 10
    one, two = read(content)
    assert one.product is not None
    assert (two.product, two.problems[0].line) == (None, 3)


def test_a_file_that_ends_in_the_middle_of_a_line_has_not_arrived_whole() -> None:
    content = as_csv(mug(), mug(Handle="cup", **{"Variant SKU": "CUP"})).rstrip()
    assert [bool(group.product) for group in read(content)] == [True, True]
    assert [bool(group.product) for group in read(content.rpartition(b",")[0])] == [True, False]


def test_lines_of_a_product_that_stand_apart_are_refused() -> None:
    content = as_csv(mug(), mug(Handle="cup", **{"Variant SKU": "CUP"}), mug(**{"Variant SKU": "MUG-2"}))
    groups = read(content)
    assert [bool(group.product) for group in groups] == [True, True, False]
    assert "Sort the file" in groups[2].problems[0].message


def test_a_sku_that_comes_twice_is_refused_the_second_time() -> None:
    groups = read(as_csv(mug(), mug(Handle="cup")))
    assert [bool(group.product) for group in groups] == [True, False]
    assert "stands further up" in groups[1].problems[0].message


@pytest.mark.parametrize("count", [101, 3000])
def test_too_many_variants_are_refused_and_not_kept(count: int) -> None:
    rows = [mug(**{"Option1 Name": "No", "Option1 Value": str(n), "Variant SKU": f"M{n}"}) for n in range(count)]
    [group] = read(as_csv(*rows))
    assert group.product is None
    assert len(group.problems) <= 1 + 1
    assert group.last_line == count + 1


class Endless(io.RawIOBase):
    """A file that is made while it is read."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines, self._rest = lines, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while len(self._rest) < len(buffer) and (line := next(self._lines, b"")):
            self._rest += line
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0  # only to its beginning, of which the buffer above still has all


def test_memory_does_not_grow_with_the_file() -> None:
    def peak(lines: int) -> int:
        def rows() -> Iterator[bytes]:
            yield b"Handle,Title,Option1 Name,Option1 Value,Variant Price,Variant SKU\n"
            for number in range(lines // 2):
                yield b"t%d,Thing,Size,S,1,S%d\nt%d,,,L,2,L%d\n" % (number, number, number, number)

        rules = Rules(currency=RULES.currency, most_variants=100, lines=20_000)
        tracemalloc.start()
        for _ in ProductFile(io.BufferedReader(Endless(rows()), 8192), rules):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    for _ in range(2):  # what is made once, such as regular expressions, is no memory of the file
        peak(2_000)
    few, many = peak(2_000), peak(20_000)
    assert many < few + 100_000
