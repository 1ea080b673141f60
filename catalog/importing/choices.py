"""What the person who imports has chosen. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol


class Storable(Protocol):
    """How a file of some kind is to be read, as a run keeps it."""

    def stored(self) -> dict[str, Any]:
        """As JSON."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """`stock`: make the stock of products that are here what the file says. `only_new`: leave those alone."""

    stock: bool = False
    only_new: bool = False

    def stored(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Choices:
        return cls(stock=bool(stored.get("stock")), only_new=bool(stored.get("only_new")))
