"""The printed page, read back: everything is on it, whatever is in it, and it is the same every time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from orders.invoices.content import Buyer, Document, Seller
from orders.invoices.crediting import Returned, credit_note
from orders.invoices.rendering import render
from orders.invoices.tests.documents import BUYER, invoice
from orders.invoices.tests.test_content import invoices


def pages_of(document: Document) -> list[str]:
    """The text of every page, with one space between words."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(render(document))).pages]


def words_of(document: Document) -> str:
    return " ".join(pages_of(document))


def test_an_invoice_says_who_what_when_and_how_much() -> None:
    shown = words_of(
        invoice(
            [("Speckled mug", 2, 1250, 0, "19"), ("Book", 1, 2000, 0, "7")], buyer=replace(BUYER, vat_number="ATU1")
        )
    )
    for part in (
        "Invoice", "INV-000042", "25 November 2026", "4K7QX-B9M2T", "24 November 2026", "Bank transfer",
        "Juniper & Clay", "Juniper & Clay GmbH", "Töpfergasse 12", "VAT ID DE123456789", "HRB 1",
        "Alice Miller", "Gartenweg 7", "10115 Berlin", "Germany", "VAT number: ATU1",
        "Speckled mug", "SKU-1", "€12.50", "€25.00", "19 %", "7 %",
        "Shipping Standard", "Shipping €4.90", "Total", "€49.90", "All prices include tax", "Paid in full",
        "Page 1 of 1",
    ):  # fmt: skip
        assert part in shown, f"{part} in {shown}"
    assert "Discount" not in shown


def test_tax_on_top_stands_among_the_sums() -> None:
    shown = words_of(invoice([("Mug", 1, 10000, 0, "19")], with_tax=False, shipping=None))
    assert "Tax 19 % €19.00" in shown
    assert "€119.00" in shown
    assert "include tax" not in shown


def test_a_discount_has_a_column_and_a_line() -> None:
    shown = words_of(invoice([("Mug", 3, 1250, 375, "19")]))
    assert shown.count("−€3.75") == 2


def test_without_tax_nothing_is_said_about_tax() -> None:
    shown = words_of(invoice([("Mug", 1, 1250, 0, "0")], shipping_rate="0"))
    assert "Tax" not in shown
    assert "tax" not in shown


def test_a_credit_note_names_its_invoice_and_what_is_given_back() -> None:
    made = invoice([("Speckled mug", 3, 1250, 0, "19")])
    note = credit_note(
        made, earlier=[], amount=1250, returned=[Returned("line-1", 1, 1250)], issued_on=date(2026, 12, 1)
    )
    shown = words_of(replace(note, number="CR-000007"))
    for part in (
        "Credit note",
        "CR-000007",
        "INV-000042",
        "1 December 2026",
        "Speckled mug",
        "Total credited",
        "€12.50",
    ):
        assert part in shown
    assert "Paid in full" not in shown


@pytest.mark.parametrize(
    ("currency", "locale", "amount", "shown"),
    [
        ("JPY", "ja_JP", 1200, "1,200"),
        ("KWD", "en", 1234, "1.234"),
        ("EUR", "de_DE", 123456, "1.234,56"),
        ("CHF", "de_CH", 123456, "1’234.56"),
        ("EUR", "fr_FR", 123456, "1 234,56"),
        ("PLN", "pl", 123456, "1 234,56 zł"),
        ("INR", "hi_IN", 123456, "1,234.56"),
    ],
)
def test_amounts_are_written_as_the_locale_writes_them(currency: str, locale: str, amount: int, shown: str) -> None:
    document = invoice([("Mug", 1, amount, 0, "0")], shipping=None, currency=currency, locale=locale)
    assert shown in words_of(document)


def test_the_table_breaks_over_pages_and_says_on_each_what_it_is() -> None:
    pages = pages_of(invoice([(f"Thing {number:03}", 1, 100, 0, "19") for number in range(100)]))
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert "VAT ID DE123456789" in page
        assert "INV-000042" in page
    for page in pages[:-1]:
        assert "Description" in page
    for number in range(100):
        assert sum(f"Thing {number:03}" in page for page in pages) == 1
    assert "Total" in pages[-1]


def test_the_longest_names_find_room() -> None:
    monster = "Donaudampfschifffahrtsgesellschaftskapitänsmützenständer" * 4
    shown = words_of(
        invoice(
            [(monster[:200], 999, 10**10, 10**10 + 5, "19")] * 3,
            buyer=Buyer(tuple("W" * 160 for _ in range(7)), "X" * 20),
            seller=Seller("S" * 80, "N" * 120, ("A" * 80,) * 4, "V" * 30, ("F" * 200,) * 3),
        )
    )
    assert shown.count("€99,799,999,999.95") == 3


SCRIPTS = [
    "Łódź Čerčany Ğürsel", "Ελένη Παπαδοπούλου", "Кружка Ивановна Щ", "ქართული", "ถ้วยชา", "नमस्ते", "東京都千代田区",
    "さくらんぼの茶碗", "北京市朝阳区", "臺北市信義區", "김치 항아리", "★ → ½ ₽",
]  # fmt: skip


@pytest.mark.parametrize("name", SCRIPTS)
def test_names_of_other_scripts_are_written(name: str) -> None:
    assert name in words_of(invoice([("Mug", 1, 100, 0, "19")], buyer=Buyer((name,))))


def test_hebrew_and_arabic_read_from_the_right_and_arabic_is_joined() -> None:
    """They are laid out in the order of the eye; who reads them back turns them round."""
    shown = words_of(invoice([("Mug", 1, 100, 0, "19")], buyer=Buyer(("מאיה", "سلام"))))
    assert "מאיה" in shown
    assert "\ufeb3\ufefc\u0645" in shown


def test_a_letter_that_no_font_has_leaves_a_sign() -> None:
    assert "Mug \ufffd\ufffd of" in words_of(invoice([("Mug \u1200\U0001f33f of", 1, 100, 0, "19")]))


def test_what_looks_like_markup_is_text() -> None:
    nasty = (
        '<b>x</b> & <script>alert(1)</script> <img src="http://evil.example/x"/> <a href="http://evil.example">y</a>'
    )
    made = render(invoice([(nasty, 1, 100, 0, "19")], buyer=Buyer((nasty,))))
    shown = " ".join(PdfReader(BytesIO(made)).pages[0].extract_text().split())
    assert "<script>alert(1)</script>" in shown
    for trigger in (b"/JavaScript", b"/JS", b"/Annot", b"/URI", b"/OpenAction", b"/EmbeddedFile"):
        assert trigger not in made


@pytest.mark.parametrize(
    "text", ["", " ", "\x00\x07\x1b[31m", "a\u202eb\u200f", "\ud800", "\U0001f33f 𠮷", "e\u0301", "\t\n\r"]
)
def test_strange_characters_break_nothing(text: str) -> None:
    shown = words_of(invoice([(text, 1, 100, 0, "19")], buyer=Buyer((text, text))))
    assert "INV-000042" in shown
    assert "\u202e" not in shown


@settings(max_examples=25)
@given(invoices())
def test_whatever_was_sold_can_be_printed(made: Document) -> None:
    assert render(made).startswith(b"%PDF-")


def test_the_same_document_gives_the_same_bytes_also_at_the_same_moment() -> None:
    documents = [invoice([(f"漢字 {number}", 1, 100, 0, "19"), ("Mug", 2, 100, 0, "7")]) for number in range(4)]
    alone = [render(document) for document in documents]
    assert alone == [render(document) for document in documents]
    assert len({*alone}) == 4
    with ThreadPoolExecutor(8) as pool:
        assert [*pool.map(render, documents * 10)] == alone * 10


def fonts_left_to_the_reader(name: str) -> set[str]:
    """Those of the first page that are not embedded. Helvetica is always named, and never used."""
    resources: Any = PdfReader(BytesIO(render(invoice([(name, 1, 100, 0, "19")])))).pages[0]["/Resources"]
    fonts = [font.get_object() for font in resources["/Font"].values()]
    return {
        font["/BaseFont"].lstrip("/")
        for font in fonts
        if "/FontFile2" not in font.get("/FontDescriptor", DictionaryObject()).get_object()
    } - {"Helvetica"}


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("Mug Кружка Ελένη سلام מאיה ถ้วยชา", set()),
        ("漆器 mug", {"STSong-Light"}),
        ("漆器 カップ", {"HeiseiKakuGo-W5"}),
        ("漆器 항아리", {"HYGothic-Medium"}),
    ],
)
def test_every_font_is_embedded_but_those_for_chinese_japanese_and_korean(name: str, left: set[str]) -> None:
    assert fonts_left_to_the_reader(name) == left
