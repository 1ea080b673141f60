"""Products that the shop sells to itself while nobody else can see them.

A rehearsal runs the real acts on real rows that must not be met by chance: its products stay unpublished and can be
bought within the rehearsal only, and what the acts leave to the worker is not carried out. It belongs to one chain
of calls; a thread takes part when it is given the context (`contextvars.copy_context`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_products: ContextVar[frozenset[int]] = ContextVar("rehearsed_products", default=frozenset())
# When the jobs of a rehearsal are due. They are removed with its rows, and told from all others by this moment.
NEVER = datetime(9999, 12, 31, tzinfo=UTC)


@contextmanager
def rehearsing(product_ids: Iterable[int]) -> Iterator[None]:
    """Within the block these products are on sale, to this chain of calls alone."""
    token = _products.set(frozenset(product_ids))
    try:
        yield
    finally:
        _products.reset(token)


def rehearsed_products() -> frozenset[int]:
    """Ids of the products that are on sale here although they are not published; none outside a rehearsal."""
    return _products.get()
