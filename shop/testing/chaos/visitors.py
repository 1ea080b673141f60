"""Visitors without patience: they look around, and whatever is not answered at once and well is a fault."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import httpx

from shop.testing.chaos.shop import Shop


class Visitors:
    """People who look at pages again and again until they are told to stop. Half of them keep their connection, as a
    browser or proxy does; the others come anew each time."""

    def __init__(self, shop: Shop, paths: Sequence[str], *, count: int = 4, pause: float = 0.05) -> None:
        self.seen, self.slowest = 0, 0.0
        self.faults: list[str] = []
        self._url, self._paths, self._pause = shop.url, paths, pause
        self._lock = threading.Lock()
        self._leaving = threading.Event()
        self._threads = [
            threading.Thread(target=self._look_around, args=[number % 2 == 0], daemon=True) for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def leave(self) -> None:
        self._leaving.set()
        for thread in self._threads:
            thread.join(60)

    def _look_around(self, stays_connected: bool) -> None:
        headers = {} if stays_connected else {"Connection": "close"}
        with httpx.Client(base_url=self._url, timeout=30, headers=headers) as http:
            while not self._leaving.is_set():
                for path in self._paths:
                    self._look(http, path)
                    time.sleep(self._pause)

    def _look(self, http: httpx.Client, path: str) -> None:
        started = time.monotonic()
        try:
            told = str(http.get(path).status_code)
        except httpx.HTTPError as error:
            told = repr(error)
        with self._lock:
            self.seen += 1
            self.slowest = max(self.slowest, time.monotonic() - started)
            if told != "200":
                self.faults.append(f"{path}: {told}")
