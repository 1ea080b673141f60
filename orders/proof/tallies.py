"""What came of a race, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import OperationalError
from psycopg import errors as postgres

from idempotency.errors import KeyInProgress


@dataclass(frozen=True)
class Finding:
    """One promise of the shop, and whether it was kept; `told` says what happened."""

    promise: str
    holds: bool
    told: str
    seconds: float = 0.0


@dataclass(frozen=True)
class Tally:
    """How the buyers of one race fared.

    `done` are the results of those who succeeded, `refused` counts those who were told why not, `busy` those who
    would have been asked to try again in a moment (HTTP: 503 or 409). Nothing else may happen to a buyer.
    """

    done: tuple[object, ...]
    refused: int
    busy: int
    unexpected: tuple[str, ...]

    def kept(self, promise: str, *, done: int, also: bool = True) -> Finding:
        """The promise is that `done` of them succeed: exactly, or at most if the shop was too busy for some.

        `also` is what must be true of the rows besides.
        """
        enough = len(self.done) <= done if self.busy else len(self.done) == done
        return Finding(promise, enough and also and not self.unexpected, self._told(also))

    def _told(self, also: bool) -> str:
        said = [f"{len(self.done)} succeeded", f"{self.refused} were told why not"]
        if self.busy:
            said.append(f"{self.busy} were asked to try again")
        said += [f"{count} × {error}" for error, count in Counter(self.unexpected).items()]
        if not also:
            said.append("the rows tell another story")
        return ", ".join(said)


def tally(outcomes: Sequence[object], *, refusals: Iterable[type[Exception]]) -> Tally:
    """Sort the outcomes of a race; `refusals` are the errors that tell a buyer why not."""
    errors = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    busy = [error for error in errors if _is_busy(error)]
    refused = [error for error in errors if isinstance(error, tuple(refusals)) and error not in busy]
    return Tally(
        done=tuple(outcome for outcome in outcomes if not isinstance(outcome, Exception)),
        refused=len(refused),
        busy=len(busy),
        unexpected=tuple(type(error).__name__ for error in errors if error not in busy and error not in refused),
    )


def _is_busy(error: Exception) -> bool:
    """A lock or a connection that was not to be had in time, or a key that is being worked on."""
    if isinstance(error, KeyInProgress):
        return True
    if not isinstance(error, OperationalError):
        return False
    # A pool that is used up has no error of PostgreSQL's behind it.
    return not isinstance(error.__cause__, postgres.Error) or isinstance(error.__cause__, postgres.LockNotAvailable)
