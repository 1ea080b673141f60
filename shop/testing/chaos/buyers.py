"""Buyers with patience: each order has one key, and is asked for until the shop has answered."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx

from shop.testing.chaos.shop import ADDRESS, SKU, Shop

ORDERS = "/api/v1/orders/"
# A key whose process died is taken over after half a minute; here, while the killing still goes on.
SHORT_LEASE = {"application": "shop.testing.chaos.wsgi", "SHOP_TEST_LEASE": "4"}


@dataclass
class Wish:
    """One order that somebody wants. `number` is set once the shop has said yes."""

    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    number: str = ""
    pay_at: str = ""
    tries: int = 0
    not_before: float = 0.0

    @property
    def email(self) -> str:
        return f"{self.key}@example.com"

    def body(self, method: str) -> dict[str, Any]:
        items = [{"variant": SKU, "quantity": 1}]
        return {"items": items, "email": self.email, "shipping_address": ADDRESS, "payment_method": method}


@dataclass
class Sales:
    """What the buyers have seen."""

    acknowledged: list[Wish] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    retries: int = 0
    unexpected: list[str] = field(default_factory=list)

    @property
    def numbers(self) -> list[str]:
        return [wish.number for wish in self.acknowledged]


class Buyers:
    """A crowd that orders and pays until it is told to stop, and then only finishes what it has begun.

    A key that the shop says is being worked on is put aside while others are asked for, as if by other people.
    """

    def __init__(self, shop: Shop, *, count: int = 6, method: str = "card", pause: float = 0.05) -> None:
        self.sales = Sales()
        self._shop, self._method, self._pause = shop, method, pause
        self._lock = threading.Lock()
        self._aside: list[Wish] = []
        self._closing = threading.Event()
        self._threads = [threading.Thread(target=self._shop_around, daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def finish(self, *, seconds: float = 90) -> Sales:
        """Begin nothing more; wait until every wish is answered. Raises TimeoutError."""
        self._closing.set()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.1, deadline - time.monotonic()))
        if any(thread.is_alive() for thread in self._threads):
            raise TimeoutError(
                f"{len(self._aside)} orders are not answered after {seconds:.0f} s: {self.sales.answers}"
            )
        return self.sales

    def _shop_around(self) -> None:
        with httpx.Client(timeout=30) as http:
            while (wish := self._next()) is not None:
                self._ask(http, wish)
                time.sleep(self._pause)

    def _next(self) -> Wish | None:
        """What was put aside and is due, or something new; None when all is done."""
        while True:
            with self._lock:
                due = next((wish for wish in self._aside if wish.not_before <= time.monotonic()), None)
                if due is not None:
                    self._aside.remove(due)
                    return due
                if not self._closing.is_set():
                    return Wish()
                if not self._aside:
                    return None
            time.sleep(0.1)

    def _ask(self, http: httpx.Client, wish: Wish) -> None:
        wish.tries += 1
        try:
            answer = http.post(
                self._shop.url + ORDERS, json=wish.body(self._method), headers={"Idempotency-Key": wish.key}
            )
        except httpx.HTTPError as error:
            return self._put_aside(wish, type(error).__name__, wait=0.2)
        if answer.status_code == 201:
            return self._acknowledged(http, wish, answer.json())
        code = answer.json().get("code", "") if "json" in answer.headers.get("content-type", "") else ""
        told = f"{answer.status_code} {code}"
        if answer.status_code == 503 or code == "idempotency_key_in_progress":
            if "retry-after" not in answer.headers:
                told += " without Retry-After"
                self._unexpected(wish, told)
            return self._put_aside(wish, told, wait=1.0)
        self._unexpected(wish, told)
        return self._put_aside(wish, told, wait=1.0)

    def _unexpected(self, wish: Wish, told: str) -> None:
        with self._lock:
            self.sales.unexpected.append(f"{wish.key}: {told}")

    def _put_aside(self, wish: Wish, told: str, *, wait: float) -> None:
        with self._lock:
            self.sales.answers[told] += 1
            self.sales.retries += 1
            wish.not_before = time.monotonic() + wait
            self._aside.append(wish)

    def _acknowledged(self, http: httpx.Client, wish: Wish, order: dict[str, Any]) -> None:
        wish.number, wish.pay_at = order["number"], order["payment"]["redirect_url"] or ""
        with self._lock:
            self.sales.answers["201"] += 1
            self.sales.acknowledged.append(wish)
        if wish.pay_at:
            http.post(f"{wish.pay_at}/pay", follow_redirects=False)
