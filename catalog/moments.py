"""Which moments the shop takes: those that every time zone can show; pure."""

from __future__ import annotations

from datetime import UTC, datetime

FIRST_YEAR, LAST_YEAR = 1900, 2999
_EARLIEST, _END = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)


def is_within_calendars(moment: datetime) -> bool:
    """Far enough from both ends of the calendar. At the ends, a moment cannot be told in local time."""
    return _EARLIEST <= moment < _END
