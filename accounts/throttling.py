"""Quotas per client: counted atomically, so that a parallel burst never gets more than its share."""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from accounts.errors import ThrottleUnavailable, TooManyRequests

logger = logging.getLogger(__name__)
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
IPV6_SUBSCRIBER = 64  # bits of an IPv6 address that one subscriber is given


def spend(scope: str, whom: str) -> None:
    """Take one from the quota of `settings.THROTTLE_RATES[scope]`, such as "10/minute", that `whom` has.

    Raises TooManyRequests when nothing is left, and ThrottleUnavailable when the cache cannot count.
    """
    amount, seconds = parse_rate(settings.THROTTLE_RATES[scope])
    window, elapsed = divmod(time.time(), seconds)
    who = hashlib.sha256(whom.encode("utf-8", "replace")).hexdigest()
    try:
        used = _count(f"throttle:{scope}:{int(window)}:{who}", seconds)
    except Exception as error:  # whatever a cache backend raises when its server is away
        logger.error("Requests cannot be counted: %s", error)
        raise ThrottleUnavailable("The shop is busy. Try again in a moment.") from error
    if used > amount:
        raise TooManyRequests(retry_after=max(1, int(seconds - elapsed + 0.999)))


def parse_rate(rate: str) -> tuple[int, int]:
    """How many in how many seconds: "10/minute" is (10, 60). Raises ValueError."""
    amount, slash, period = rate.partition("/")
    if not slash or period[:1] not in SECONDS or not period:
        raise ValueError(f"{rate!r} is no rate such as 10/minute.")
    return int(amount), SECONDS[period[0]]


def _count(key: str, seconds: int) -> int:
    """One more for this key. The key names its window, so one that outlives it harms nobody."""
    cache.add(key, 0, timeout=2 * seconds)
    return cache.incr(key)


def client_address(request: HttpRequest) -> str:
    """Where the request comes from; X-Forwarded-For counts only as far as our own proxies wrote it.

    IPv6 addresses are cut to the network that one subscriber owns.
    """
    address = request.META.get("REMOTE_ADDR", "")
    proxies: int = settings.REST_FRAMEWORK["NUM_PROXIES"]
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if proxies and forwarded != [""]:
        address = forwarded[-min(proxies, len(forwarded))].strip()
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if ip.version == 6:
        return str(ipaddress.ip_network(f"{ip}/{IPV6_SUBSCRIBER}", strict=False).network_address)
    return str(ip)
