"""The printed page: an invoice or a credit note as a PDF. Pure; the same document gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from io import BytesIO
from threading import Lock
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    NextPageTemplate,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from catalog.money import format_amount
from orders.invoices.content import INVOICE, Document, Line
from orders.invoices.lettering import BOLD, REGULAR, load_fonts, paragraph, text_width

INK = HexColor("#262420")
QUIET = HexColor("#6b655a")
JUNIPER = HexColor("#2f5d50")
RULE = HexColor("#d9d2c5")
BAND = HexColor("#f4f1ea")

WIDTH, HEIGHT = A4
LEFT = RIGHT = 20 * mm
ACROSS = WIDTH - LEFT - RIGHT
FOOT = 32 * mm
FIRST_HEAD = 20 * mm
LATER_HEAD = 30 * mm
META = 74 * mm
# What a PDF uses of a font is noted in the font itself, which all threads share.
_one_at_a_time = Lock()


def _style(name: str, size: float, *, font: str = REGULAR, colour: Color = INK, right: bool = False) -> ParagraphStyle:
    return ParagraphStyle(
        name,
        fontName=font,
        fontSize=size,
        leading=size * 1.36,
        textColor=colour,
        alignment=TA_RIGHT if right else 0,
        splitLongWords=1,
    )


TEXT = _style("text", 9)
QUIET_TEXT = _style("quiet", 9, colour=QUIET)
TEXT_RIGHT = _style("text-right", 9, right=True)
SMALL = _style("small", 7.5, colour=QUIET)
SMALL_RIGHT = _style("small-right", 7.5, colour=QUIET, right=True)
BRAND = _style("brand", 19, font=BOLD, colour=JUNIPER)
TITLE = _style("title", 19, font=BOLD)
SUM = _style("sum", 11.5, font=BOLD)
SUM_RIGHT = _style("sum-right", 11.5, font=BOLD, right=True)


def render(document: Document) -> bytes:
    """The document as a PDF: A4, without scripts, links or forms."""
    made = BytesIO()
    template = BaseDocTemplate(
        made,
        pagesize=A4,
        title=f"{_kind(document)} {document.number}",
        author=document.seller.name,
        subject=f"Order {document.order_number}",
        creator=document.seller.brand,
        lang=document.locale.replace("_", "-"),
        invariant=1,
    )
    template.addPageTemplates(
        [
            _page_template("first", FIRST_HEAD, partial(_draw_foot, document)),
            _page_template("later", LATER_HEAD, partial(_draw_later_page, document)),
        ]
    )
    with _one_at_a_time:
        load_fonts()
        template.build(_story(document), canvasmaker=_numbered_canvas)
    return made.getvalue()


def _page_template(name: str, head: float, draw: Callable[[Canvas, Any], None]) -> PageTemplate:
    frame = Frame(
        LEFT, FOOT, ACROSS, HEIGHT - FOOT - head, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0
    )
    return PageTemplate(id=name, frames=[frame], onPage=draw)


def _story(document: Document) -> list[Flowable]:
    return [
        NextPageTemplate("later"),
        _letterhead(document),
        Spacer(0, 13 * mm),
        _addresses(document),
        Spacer(0, 12 * mm),
        _line_table(document),
        Spacer(0, 4 * mm),
        KeepTogether([_sums(document)]),
        KeepTogether([*_tax_table(document), *_closing(document)]),
    ]


# --- the head


def _letterhead(document: Document) -> Flowable:
    brand = paragraph(document.seller.brand, BRAND, ACROSS - META)
    title = paragraph(_kind(document), TITLE, META)
    return _grid([[brand, title]], [ACROSS - META, META])


def _addresses(document: Document) -> Flowable:
    """Where a window envelope shows it, the buyer's address below the sender's line; on the right what it is about."""
    width = ACROSS - META - 10 * mm
    sender = " · ".join((document.seller.name, *document.seller.address))
    address: list[Flowable] = [paragraph(sender, SMALL, width), Spacer(0, 2.5 * mm)]
    address += [paragraph(line, TEXT, width) for line in document.buyer.address]
    if document.buyer.vat_number:
        address += [Spacer(0, 1.5 * mm), paragraph(f"VAT number: {document.buyer.vat_number}", TEXT, width)]
    label, value = 30 * mm, META - 30 * mm
    facts = [[paragraph(name, QUIET_TEXT, label), paragraph(said, TEXT, value)] for name, said in _facts(document)]
    gap = ACROSS - META - width
    return _grid([[address, "", _grid(facts, [label, value], padding=0.5 * mm)]], [width, gap, META])


def _facts(document: Document) -> list[tuple[str, str]]:
    day = partial(_day, locale=document.locale)
    facts = [("Number", document.number), ("Date", day(document.issued_on))]
    if document.corrects is not None:
        facts += [("For invoice", document.corrects.number), ("Invoiced on", day(document.corrects.issued_on))]
    facts += [("Order", document.order_number), ("Ordered on", day(document.ordered_on))]
    if document.kind == INVOICE:
        facts.append(("Payment", document.payment))
        facts.append(("Shipping", document.shipping.title if document.shipping else ""))
    return [(name, said) for name, said in facts if said]


# --- the lines


def _line_table(document: Document) -> Flowable:
    """What was bought or is credited; breaks over pages with its head repeated."""
    money = partial(_money, document)
    lines = document.lines
    columns: dict[str, Callable[[Line], str]] = {}
    if any(line.quantity is not None for line in lines):
        columns["Quantity"] = lambda line: _count(line, document.locale)
        columns["Unit price"] = lambda line: "" if line.unit_price is None else money(line.unit_price)
    if document.discount:
        columns["Discount"] = lambda line: f"−{money(line.discount)}" if line.discount else ""
    if document.tax_summary:
        columns["Tax"] = lambda line: _percent(line.tax_rate, document.locale)
    columns["Amount"] = lambda line: money(line.total)

    widths = [_column_width(name, [value(line) for line in lines]) for name, value in columns.items()]
    first = ACROSS - sum(widths)
    rows: list[list[Any]] = [
        [paragraph("Description", SMALL, first), *(paragraph(name, SMALL_RIGHT, first) for name in columns)]
    ]
    for line in lines:
        values = [paragraph(value(line), TEXT_RIGHT, first) for value in columns.values()]
        rows.append([_described(line, first - 6 * mm), *values])
    table = Table(rows, colWidths=[first, *widths], repeatRows=1)
    table.setStyle(
        [
            *_FLAT,
            ("BACKGROUND", (0, 0), (-1, 0), BAND),
            ("LEFTPADDING", (0, 0), (0, -1), 2.5 * mm),
            ("RIGHTPADDING", (0, 0), (0, -1), 3.5 * mm),
            ("RIGHTPADDING", (-1, 0), (-1, -1), 2.5 * mm),
            ("TOPPADDING", (0, 0), (-1, -1), 1.5 * mm),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5 * mm),
            ("LINEBELOW", (0, 1), (-1, -1), 0.4, RULE),
        ]
    )
    return table


def _described(line: Line, width: float) -> list[Paragraph]:
    title = [paragraph(line.title, TEXT, width)]
    return [*title, paragraph(line.sku, SMALL, width)] if line.sku else title


def _column_width(name: str, values: list[str]) -> float:
    """As wide as the widest of its values: amounts are never broken."""
    widest = max((text_width(value, REGULAR, TEXT.fontSize) for value in values), default=0)
    return max(text_width(name, REGULAR, SMALL.fontSize), widest) + 6.5 * mm


# --- the sums


def _sums(document: Document) -> Flowable:
    money = partial(_money, document)
    tax_on_top = bool(document.tax_summary) and not document.prices_include_tax
    rows = []
    if document.shipping is not None or document.discount or tax_on_top:
        rows.append(("Goods" if document.kind == INVOICE else "Credited", money(document.subtotal)))
    if document.discount:
        rows.append(("Discount", f"−{money(document.discount)}"))
    if document.shipping is not None:
        rows.append(("Shipping", money(document.shipping.total) if document.shipping.total else "free"))
    if tax_on_top:
        rows += [(f"Tax {_percent(row.rate, document.locale)}", money(row.tax)) for row in document.tax_summary]
    label = "Total" if document.kind == INVOICE else "Total credited"
    name, value = META - 36 * mm, 36 * mm
    cells: list[list[Any]] = [[paragraph(n, TEXT, name), paragraph(v, TEXT_RIGHT, value)] for n, v in rows]
    cells.append([paragraph(label, SUM, name), paragraph(money(document.total), SUM_RIGHT, value)])
    table = Table(cells, colWidths=[name, value], hAlign="RIGHT")
    table.setStyle(
        [
            *_FLAT,
            ("RIGHTPADDING", (-1, 0), (-1, -1), 2.5 * mm),
            ("TOPPADDING", (0, 0), (-1, -1), 0.9 * mm),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 0.9 * mm),
            ("LINEABOVE", (0, -1), (-1, -1), 0.9, JUNIPER),
            ("TOPPADDING", (0, -1), (-1, -1), 2 * mm),
        ]
    )
    return table


def _tax_table(document: Document) -> list[Flowable]:
    """The tax by rate: what it is taken from, and how much it is."""
    if not document.tax_summary:
        return []
    money = partial(_money, document)
    widths = [24 * mm, 34 * mm, 30 * mm, 34 * mm]
    rows = [
        [
            paragraph(name, SMALL if at == 0 else SMALL_RIGHT, widths[at])
            for at, name in enumerate(("Tax rate", "Net", "Tax", "Gross"))
        ]
    ]
    for row in document.tax_summary:
        values = (money(row.net), money(row.tax), money(row.gross))
        rows.append(
            [
                paragraph(_percent(row.rate, document.locale), TEXT, widths[0]),
                *(paragraph(value, TEXT_RIGHT, width) for value, width in zip(values, widths[1:], strict=True)),
            ]
        )
    table = Table(rows, colWidths=widths, hAlign="LEFT")
    table.setStyle(
        [
            *_FLAT,
            ("LEFTPADDING", (0, 0), (0, -1), 2.5 * mm),
            ("TOPPADDING", (0, 0), (-1, -1), 0.9 * mm),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 0.9 * mm),
            ("LINEBELOW", (0, 0), (-1, 0), 0.4, RULE),
        ]
    )
    return [Spacer(0, 7 * mm), table]


def _closing(document: Document) -> list[Flowable]:
    said = []
    if document.tax_summary and document.prices_include_tax:
        said.append("All prices include tax.")
    if document.kind == INVOICE:
        said.append("Paid in full. Thank you for your order.")
    else:
        said.append("The amount has been given back to you.")
    return [Spacer(0, 8 * mm), paragraph(" ".join(said), TEXT, ACROSS)]


# --- every page


def _draw_later_page(document: Document, canvas: Canvas, template: Any) -> None:
    """From the second page on, a line says what this is a page of."""
    canvas.saveState()
    top = HEIGHT - 17 * mm
    _draw(canvas, paragraph(document.seller.brand, _style("running", 9, font=BOLD, colour=JUNIPER), ACROSS / 2), top)
    right = paragraph(f"{_kind(document)} {document.number}", SMALL_RIGHT, ACROSS)
    _draw(canvas, right, top)
    canvas.restoreState()
    _draw_foot(document, canvas, template)


def _draw_foot(document: Document, canvas: Canvas, template: Any) -> None:
    seller = document.seller
    canvas.saveState()
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(0.4)
    top = FOOT - 5 * mm
    canvas.line(LEFT, top, WIDTH - RIGHT, top)
    who = [" · ".join((seller.name, *seller.address))]
    if seller.vat_id:
        who.append(f"VAT ID {seller.vat_id}")
    at = top - 2 * mm
    for line in (" · ".join(who), *seller.footer):
        at -= _draw(canvas, paragraph(line, SMALL, ACROSS - 28 * mm), at, width=ACROSS - 28 * mm)
    canvas.restoreState()


def _draw(canvas: Canvas, words: Paragraph, top: float, width: float = ACROSS) -> float:
    """Draw below `top`; how high it was."""
    _, height = words.wrap(width, HEIGHT)
    words.drawOn(canvas, LEFT, top - height)
    return float(height)


class _NumberedCanvas(Canvas):
    """Holds the pages back until it is known how many there are."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802  ReportLab's name
        self._pages.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]

    def save(self) -> None:
        for number, page in enumerate(self._pages, start=1):
            self.__dict__.update(page)
            self.setFont(REGULAR, SMALL.fontSize)
            self.setFillColor(QUIET)
            self.drawRightString(WIDTH - RIGHT, FOOT - 9.6 * mm, f"Page {number} of {len(self._pages)}")
            super().showPage()
        super().save()


_numbered_canvas: Any = _NumberedCanvas


# --- small things

_FLAT: list[tuple[Any, ...]] = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
]


def _grid(rows: list[Any], widths: list[float], *, padding: float = 0) -> Table:
    table = Table(rows, colWidths=widths)
    table.setStyle([*_FLAT, ("BOTTOMPADDING", (0, 0), (-1, -1), padding), ("TOPPADDING", (0, 0), (-1, -1), padding)])
    return table


def _kind(document: Document) -> str:
    return "Invoice" if document.kind == INVOICE else "Credit note"


def _money(document: Document, amount: int) -> str:
    return format_amount(amount, document.currency, document.locale)


def _percent(rate: str, locale: str) -> str:
    return f"{format_decimal(rate, locale=locale)} %"


def _count(line: Line, locale: str) -> str:
    return "" if line.quantity is None else format_decimal(line.quantity, locale=locale)


def _day(day: date, locale: str) -> str:
    return format_date(day, "long", locale=locale)
