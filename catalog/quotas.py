"""How often a client may do what costs somebody else something, such as having letters sent.

The catalogue does not know who counts: the shop registers a counter when it starts.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest

Counter = Callable[[str, HttpRequest], None]
_counters: list[Counter] = []


class NobodyCounts(RuntimeError):
    """No counter was registered: a quota that nobody keeps would be none."""


def count_with(counter: Counter) -> None:
    """Have `counter` count: given the name of a quota and the request, it raises when nothing is left."""
    _counters[:] = [counter]


def spend(quota: str, request: HttpRequest) -> None:
    """Take one from the client's quota `settings.THROTTLE_RATES[quota]`; the counter's error is answered with 429."""
    if not _counters:
        raise NobodyCounts(quota)
    _counters[0](quota, request)
