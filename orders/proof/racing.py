"""Acts that happen at the same moment, each in a thread and on a database connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextvars import copy_context
from typing import TypeVar

from django.db import connection

Result = TypeVar("Result")


def run_parallel(acts: Sequence[Callable[[], Result]], *, timeout: float = 60) -> list[Result | Exception]:
    """Run all acts at once, each in a thread; returns what each returned or raised, in their order.

    Raises TimeoutError when one is not done after `timeout` seconds, and RuntimeError when called inside a
    transaction, which the threads could not see. Interrupted, it waits for the acts that have begun.
    """
    if connection.in_atomic_block:
        raise RuntimeError("A race needs @pytest.mark.django_db(transaction=True).")
    start = threading.Barrier(len(acts))
    outcomes: list[Result | Exception | None] = [None] * len(acts)
    connect_first = len(acts) < connections_at_once()  # the calling thread holds one, too

    def run(index: int) -> None:
        try:
            if connect_first:
                connection.ensure_connection()
            start.wait(timeout)
            outcomes[index] = acts[index]()
        except Exception as error:
            outcomes[index] = error
        finally:
            connection.close()

    threads = [
        threading.Thread(target=copy_context().run, args=[run, index], daemon=True) for index in range(len(acts))
    ]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout)
    except BaseException:
        start.abort()
        for thread in threads:
            if thread.ident is not None:
                thread.join(timeout)
        raise
    if any(thread.is_alive() for thread in threads):
        raise TimeoutError(f"Still running after {timeout} seconds.")
    return outcomes  # type: ignore[return-value]  # every thread has put something there


def at_once(count: int, act: Callable[[int], Result], *, timeout: float = 60) -> list[Result | Exception]:
    """Run one act `count` times at the same moment; it is given its number, from 0."""
    return run_parallel([lambda number=number: act(number) for number in range(count)], timeout=timeout)  # type: ignore[misc]


def connections_at_once() -> int:
    """How many threads can be connected together; more have to wait their turn, as requests do."""
    pool = connection.settings_dict["OPTIONS"].get("pool")
    return int(pool.get("max_size", 4)) if isinstance(pool, dict) else 100
