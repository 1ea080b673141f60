"""Who hears that a variant has become scarce, or can be bought again.

The catalogue knows nobody who would want to: an app further up registers a listener when the shop starts. It is called
in the transaction that moved the pieces, so that what it writes is committed with them, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from catalog.inventory.models import StockLevel

Listener = Callable[[Sequence[StockLevel]], None]
_listeners: list[Listener] = []
_welcomers: list[Listener] = []


def on_low(listener: Listener) -> None:
    """Call `listener` with every level that staff have made low, as it is then."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell_low(levels: Sequence[StockLevel]) -> None:
    for listener in _listeners:
        listener(levels)


def on_back(listener: Listener) -> None:
    """Call `listener` with every level of which nothing could be bought until now, and something can, as it is then."""
    if listener not in _welcomers:
        _welcomers.append(listener)


def tell_back(levels: Sequence[StockLevel]) -> None:
    for listener in _welcomers:
        listener(levels)
