"""Ways in which a call to a provider goes wrong, in the order in which they were planned."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """`*_AFTER`: the call was carried out, only its answer is lost."""

    DECLINE = "decline"  # 402, the card was declined
    REFUSE = "refuse"  # 400, an invalid request
    BUSY = "busy"  # 429
    UNAUTHORIZED = "unauthorized"  # 401
    CONFLICT = "conflict"  # 409, the same key is being worked on
    ERROR = "error"  # 500, nothing was done
    ERROR_AFTER = "error_after"
    DROP = "drop"  # the connection breaks before anything was done
    DROP_AFTER = "drop_after"
    HANG = "hang"  # no answer until `release`
    HANG_AFTER = "hang_after"
    SLOW = "slow"  # carried out and answered, but only after `release`
    GARBAGE = "garbage"  # 200 with a page of HTML
    EMPTY = "empty"  # 200 with {}
    STRANGER = "stranger"  # 200 with a well-formed object that is another's

    @property
    def is_carried_out(self) -> bool:
        return self in {Fault.ERROR_AFTER, Fault.DROP_AFTER, Fault.HANG_AFTER, Fault.SLOW}

    @property
    def waits(self) -> bool:
        return self in {Fault.HANG, Fault.HANG_AFTER, Fault.SLOW}


@dataclass
class Faults:
    """What is planned to go wrong. `at` is a part of the path: "sessions", "refunds", "capture"; empty is all."""

    longest_wait: float = 30.0
    _planned: list[tuple[Fault, str, str]] = field(default_factory=list)
    _first: list[tuple[str, Callable[[], object]]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _released: threading.Event = field(default_factory=threading.Event)

    def plan(self, fault: Fault | str, *, at: str = "", method: str = "", times: int = 1) -> None:
        """The next `times` calls that fit go wrong like this."""
        with self._lock:
            self._released.clear()
            self._planned += [(Fault(fault), at, method)] * times

    def before(self, at: str, happens: Callable[[], object]) -> None:
        """Let something happen between our question and the next call that fits."""
        with self._lock:
            self._first.append((at, happens))

    def let_happen(self, path: str) -> None:
        with self._lock:
            due = [entry for entry in self._first if entry[0] in path]
            self._first = [entry for entry in self._first if entry not in due]
        for _, happens in due:
            happens()

    def take(self, method: str, path: str) -> Fault | None:
        """What goes wrong with this call."""
        with self._lock:
            for number, (fault, at, of) in enumerate(self._planned):
                if at in path and of in {"", method}:
                    del self._planned[number]
                    return fault
            return None

    def wait(self) -> None:
        """As long as a call hangs."""
        self._released.wait(self.longest_wait)

    def release(self) -> None:
        """Let go of the calls that hang or are slow."""
        self._released.set()

    def clear(self) -> None:
        with self._lock:
            self._planned.clear()
        self.release()
