from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from orders.webhooks.retrying import DELAYS, MAX_ATTEMPTS, delay_after, wished_pause

# Seconds since the first attempt, from the table of the specification.
SINCE_START = ["0:00:05", "0:05:05", "0:35:05", "2:35:05", "7:35:05", "17:35:05", "31:35:05", "51:35:05", "75:35:05"]


def seconds(text: str) -> int:
    hours, minutes, rest = map(int, text.split(":"))
    return hours * 3600 + minutes * 60 + rest


def test_the_schedule_is_the_one_of_the_specification() -> None:
    marks = [0, *map(seconds, SINCE_START)]
    assert [delay.total_seconds() for delay in DELAYS] == [later - earlier for earlier, later in pairwise(marks)]
    assert MAX_ATTEMPTS == 10


@pytest.mark.parametrize("attempt", range(1, MAX_ATTEMPTS))
def test_every_pause_is_the_planned_one_and_up_to_a_tenth(attempt: int) -> None:
    planned = DELAYS[attempt - 1]
    pauses = {delay_after(attempt) for _ in range(200)}
    assert all(pause is not None and planned <= pause <= planned * 1.1 for pause in pauses)
    assert len(pauses) > 20


def test_after_the_last_attempt_there_is_none() -> None:
    assert delay_after(MAX_ATTEMPTS) is None
    assert delay_after(MAX_ATTEMPTS + 1, wished=timedelta(hours=1)) is None


def test_a_receiver_may_wish_for_a_longer_pause_of_up_to_a_day() -> None:
    assert delay_after(1, wished=timedelta(minutes=1)) == timedelta(minutes=1)
    assert delay_after(1, wished=timedelta(days=400)) == timedelta(days=1)
    assert delay_after(4, wished=timedelta(seconds=1)) >= timedelta(hours=2)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("header", "pause"),
    [("120", 120), ("0", 0), ("", 0), ("-5", 0), ("1e9", 0), ("９", 0), ("9" * 5000, 0), ("Wed, 21 Oct 2026", 0)],
)  # fmt: skip
def test_only_plain_seconds_are_understood_as_a_wish(header: str, pause: int) -> None:
    assert wished_pause(header) == timedelta(seconds=pause)
