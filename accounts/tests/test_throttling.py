from __future__ import annotations

import threading
from typing import Any

import pytest
from django.core.cache import cache
from django.test import RequestFactory

from accounts.checks import throttle_rates
from accounts.errors import ThrottleUnavailable, TooManyRequests
from accounts.throttling import client_address, parse_rate, spend


@pytest.fixture(autouse=True)
def three_a_minute(settings: Any) -> None:
    settings.THROTTLE_RATES = {"login": "3/minute"}


def burst(take: Any, count: int = 50) -> int:
    """How many of `count` attempts at the same moment get through."""
    start, passed = threading.Barrier(count), []

    def attempt() -> None:
        start.wait()
        if take():
            passed.append(1)

    threads = [threading.Thread(target=attempt) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(passed)


def take_one() -> bool:
    try:
        spend("login", "10.0.0.1")
    except TooManyRequests:
        return False
    return True


def test_the_quota_is_a_quota() -> None:
    assert [take_one() for _ in range(5)] == [True, True, True, False, False]


def test_the_refusal_says_how_long_to_wait() -> None:
    for _ in range(3):
        spend("login", "10.0.0.1")
    with pytest.raises(TooManyRequests) as refusal:
        spend("login", "10.0.0.1")
    assert 1 <= refusal.value.retry_after <= 60


def test_everybody_has_a_quota_of_their_own() -> None:
    for _ in range(3):
        spend("login", "10.0.0.1")
    spend("login", "10.0.0.2")


def test_a_parallel_burst_gets_no_more_than_the_quota() -> None:
    assert burst(take_one) == 3


def test_control_reading_before_writing_lets_a_burst_through() -> None:
    everybody_has_read = threading.Barrier(50)

    def take_naively() -> bool:
        used = cache.get("naive", 0)
        everybody_has_read.wait()
        cache.set("naive", used + 1)
        return bool(used < 3)

    assert burst(take_naively) == 50


def test_without_a_cache_nobody_gets_through(settings: Any) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    with pytest.raises(ThrottleUnavailable):
        spend("login", "10.0.0.1")


@pytest.mark.parametrize(
    ("rate", "parsed"), [("10/minute", (10, 60)), ("1/s", (1, 1)), ("5/hour", (5, 3600)), ("9/day", (9, 86400))]
)
def test_rates_are_read_as_people_write_them(rate: str, parsed: tuple[int, int]) -> None:
    assert parse_rate(rate) == parsed


@pytest.mark.parametrize("rate", ["", "10", "10/", "10/fortnight", "many/minute"])
def test_a_rate_that_cannot_be_read_is_found_when_the_shop_starts(settings: Any, rate: str) -> None:
    assert throttle_rates() == []
    settings.THROTTLE_RATES = {"login": rate}
    [error] = throttle_rates()
    assert error.id == "accounts.E001"
    assert "THROTTLE_LOGIN" in str(error.hint)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "1.1.1.1", "10.0.0.1"),
        (1, "1.1.1.1", "1.1.1.1"),
        (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (2, "6.6.6.6, 1.1.1.1, 10.0.0.9", "1.1.1.1"),
        (2, "1.1.1.1", "1.1.1.1"),
        (1, "", "10.0.0.1"),
        (1, "nonsense", "unknown"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
    ],
)
def test_only_our_own_proxies_are_believed(settings: Any, proxies: int, forwarded: str, address: str) -> None:
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": proxies}
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == address
