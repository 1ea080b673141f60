"""What stands in a file of products, once it is understood. No database here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


class Unreadable(Exception):
    """Nothing (more) of this file can be read; the message says why, `line` where."""

    def __init__(self, message: str, *, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that was refused, or (no refusal) taken otherwise than it stands there."""

    line: int
    column: str
    value: str
    message: str
    is_refusal: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPicture:
    line: int
    url: str
    alt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedVariant:
    """One variant. Amounts in minor units, weight in grams; None: the file does not say."""

    line: int
    values: tuple[str, ...] = ()
    sku: str = ""
    price: int | None = None
    compare_at_price: int | None = None
    cost: int | None = None
    barcode: str = ""
    weight: int | None = None
    quantity: int | None = None
    allows_backorders: bool = False
    picture: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedProduct:
    """One product with its variants and pictures, in the order of the file.

    Which of it counts is decided by the file's columns: what no column speaks of is left as it is.
    """

    line: int
    handle: str
    name: str = ""
    description: str = ""
    vendor: str = ""
    category: tuple[str, ...] = ()
    type: str = ""
    tags: tuple[str, ...] = ()
    is_published: bool = True
    published_from: datetime | None = None
    status: str = "active"
    seo_title: str = ""
    seo_description: str = ""
    google_category: str = ""
    tax_code: str = ""
    # By code, as they stand in the file; an empty one takes the value away.
    attributes: tuple[tuple[str, str], ...] = ()
    related: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    variants: tuple[WantedVariant, ...] = ()
    pictures: tuple[WantedPicture, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The lines of one handle: a product, unless something in them was refused."""

    line: int
    last_line: int
    handle: str = ""
    product: WantedProduct | None = None
    problems: tuple[Problem, ...] = field(default=())
