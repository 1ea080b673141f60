"""Attributes as columns, as Shopify exports metafields: `Material (product.metafields.custom.material)`.

Such a name does not tell what sort of value its column holds. Our own exports say it by the namespace, so that an empty
shop can make the attribute: `Capacity [ml] (product.metafields.shop_number.capacity)`. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from catalog.importing.cells import quoted, unquoted

TEXT, NUMBER, FLAG, CHOICE = "text", "number", "flag", "choice"
OF_NAMESPACE = {f"shop_{kind}": kind for kind in (TEXT, NUMBER, FLAG, CHOICE)}
CODE_LENGTH, NAME_LENGTH, UNIT_LENGTH = 60, 80, 20
_COLUMN = re.compile(r"(.*)\(product\.metafields\.([\w-]+)\.([\w-]+)\)", re.ASCII | re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metafield:
    """The column of one attribute. Without a `kind` it is one that the shop has; with one it is made when missing."""

    code: str
    name: str = ""
    kind: str = ""
    unit: str = ""

    @property
    def field(self) -> str:
        """What the column is called among those of a layout."""
        return f"attribute {self.code}"


def is_metafield(column: str) -> bool:
    return _COLUMN.fullmatch(column) is not None


def metafield_of(column: str, known: Collection[str]) -> Metafield | None:
    """The attribute that a column holds; None when there is no saying which. `known` are the codes of the shop."""
    match = _COLUMN.fullmatch(column)
    if match is None:
        return None
    title, namespace, key = match.groups()
    kind = OF_NAMESPACE.get(namespace.lower(), "")
    if kind and len(key) <= CODE_LENGTH:
        return _own(key, kind, unquoted(" ".join(title.split())))
    code = key if key in known else next((code for code in sorted(known) if _plain(code) == _plain(key)), None)
    return None if code is None else Metafield(code=code)


def column_of(*, code: str, name: str, kind: str, unit: str = "") -> str:
    """The name of the column that our exports give an attribute."""
    title = " ".join(name.split()) or code
    unit = " ".join(unit.split()).replace("[", "(").replace("]", ")")
    if kind == NUMBER and (unit or title.endswith("]")):
        title = f"{title} [{unit}]"
    return quoted(f"{title} (product.metafields.shop_{kind}.{code})")


def _own(code: str, kind: str, title: str) -> Metafield:
    name, unit = title, ""
    if kind == NUMBER and title.endswith("]") and " [" in title:
        name, _, unit = title[:-1].rpartition(" [")
    return Metafield(code=code, name=name[:NAME_LENGTH] or code, kind=kind, unit=unit[:UNIT_LENGTH])


def _plain(code: str) -> str:
    """Shopify's keys have underscores where ours have hyphens."""
    return code.lower().replace("_", "-")
