"""When a message is tried again: the schedule that the Standard Webhooks specification proposes. Pure."""

from __future__ import annotations

import re
from datetime import timedelta
from secrets import randbelow

# After the first attempt, the second …: ten attempts within a little more than three days.
DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
MAX_ATTEMPTS = len(DELAYS) + 1
JITTER = 0.1
LONGEST_WISH = timedelta(hours=24)


def delay_after(attempt: int, *, wished: timedelta = timedelta()) -> timedelta | None:
    """How long to wait after the given attempt (the first is 1) has failed; None when it was the last.

    Up to a tenth is added by chance, so that what failed together does not come back together. A receiver may have
    wished for a longer pause (`Retry-After`); it gets up to a day.
    """
    if attempt >= MAX_ATTEMPTS:
        return None
    planned = DELAYS[attempt - 1] * (1 + JITTER * randbelow(1001) / 1000)
    return max(planned, min(wished, LONGEST_WISH))


def wished_pause(retry_after: str) -> timedelta:
    """The pause that a `Retry-After` header asks for in seconds; none for anything else."""
    return timedelta(seconds=int(retry_after)) if re.fullmatch(r"[0-9]{1,7}", retry_after) else timedelta()
