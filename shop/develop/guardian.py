"""A small process that does nothing, until its supervisor is gone without having cleaned up."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Collection
from pathlib import Path

from shop.embedded_postgres import Cluster, EmbeddedPostgresError

PATIENCE_SECONDS = 10.0


class Guardian:
    """Holds one end of a pipe; when the supervisor's end closes, for whatever reason, ends the known groups.

    Being a session of its own, it is not met by Ctrl-C or a hang-up. Must be made before any thread is.
    """

    def __init__(self) -> None:
        listening, self._speaking = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._speaking)
            os.setsid()
            try:
                _guard(listening)
            finally:
                os._exit(0)
        os.close(listening)

    def watch_over(self, group: int) -> None:
        self._say(f"+{group}")

    def forget(self, group: int) -> None:
        self._say(f"-{group}")

    def watch_over_database(self, cluster: Cluster) -> None:
        self._say(f"={cluster.data}")

    def dismiss(self) -> None:
        """Everything has ended well."""
        os.close(self._speaking)
        os.waitpid(self._pid, 0)

    def _say(self, line: str) -> None:
        with contextlib.suppress(BrokenPipeError):
            os.write(self._speaking, os.fsencode(f"{line}\n"))


def _guard(listening: int) -> None:
    groups: set[int] = set()
    cluster: Cluster | None = None
    with os.fdopen(listening, "rb") as lines:
        for line in lines:
            sign, text = chr(line[0]), os.fsdecode(line[1:].rstrip(b"\n"))
            if sign == "+":
                groups.add(int(text))
            elif sign == "-":
                groups.discard(int(text))
            else:
                cluster = Cluster(Path(text))
    end_groups(groups)
    if cluster:
        with contextlib.suppress(EmbeddedPostgresError):
            cluster.stop_unless_held()


def end_groups(groups: Collection[int], reap: Callable[[], object] = lambda: None) -> None:
    """End all processes of the groups: politely, after a while by force. `reap` collects dead children."""
    waiting = {group for group in groups if _signal(group, signal.SIGTERM)}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while waiting and time.monotonic() < deadline:
        time.sleep(0.05)
        reap()
        waiting = {group for group in waiting if _signal(group, 0)}
    for group in waiting:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    """Whether the group still was there to be told."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
