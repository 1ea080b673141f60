"""Small files for tests, in the shape of Shopify's."""

from __future__ import annotations

import csv
import io
from typing import Any

from catalog.importing import running
from catalog.importing.choices import Choices
from catalog.importing.shapes import Group
from catalog.importing.shopify import ProductFile, Rules
from catalog.models import ImportRun

RULES = Rules(currency="EUR", most_variants=100)


def as_csv(*rows: dict[str, Any], delimiter: str = ",") -> bytes:
    """A file with the columns that the rows name."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, names, delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def mug(**more: Any) -> dict[str, Any]:
    """The line of a product that has nothing wrong with it."""
    return {"Handle": "mug", "Title": "Mug", "Variant SKU": "MUG", "Variant Price": "12.50"} | more


def mugs(number: int, **more: Any) -> bytes:
    """A file of so many products."""
    return as_csv(*(mug(Handle=f"mug-{n}", **{"Variant SKU": f"MUG-{n}"}, **more) for n in range(number)))


def read(content: bytes, rules: Rules = RULES) -> list[Group]:
    return list(ProductFile(io.BytesIO(content), rules))


def handed_in(content: bytes, *, is_dry_run: bool = False, **choices: bool) -> ImportRun:
    """A run of this file that nobody has begun."""
    file = io.BytesIO(content)
    return running.hand_in(file=file, name="my.csv", choices=Choices(**choices), is_dry_run=is_dry_run, actor="bob")


def take_in(content: bytes, *, is_dry_run: bool = False, **choices: bool) -> ImportRun:
    """Import a file as its owner would; returns the report."""
    return running.carry_out(run_id=handed_in(content, is_dry_run=is_dry_run, **choices).pk)
