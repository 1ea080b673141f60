"""Programs of the shop as processes: started, killed without a word, kept running, ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from shop.develop.guardian import Guardian
from shop.embedded_postgres import ROOT

PATIENCE_SECONDS = 60.0


class Died(Exception):
    """A program ended that should run; the message holds its last words."""


class Program:
    """One program in a process group of its own; what it says goes into a file."""

    def __init__(
        self, name: str, command: list[str], environment: Mapping[str, str], folder: Path, guardian: Guardian
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._guardian = guardian
        self._command, self._environment = command, dict(environment)
        self._ending = threading.Event()
        self._keeper: threading.Thread | None = None
        self.starts = 0
        self._start()

    def _start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._guardian.watch_over(self.process.pid)
        self.starts += 1

    @property
    def pid(self) -> int:
        return self.process.pid

    def keep_running(self) -> None:
        """Start it again whenever it ends, as a container's restart policy does."""

        def look_after() -> None:
            while not self._ending.wait(0.1):
                if self.process.poll() is not None and not self._ending.is_set():
                    self._start()

        self._keeper = threading.Thread(target=look_after, daemon=True)
        self._keeper.start()

    def expect_alive(self) -> None:
        """Raises Died."""
        if self.process.poll() is not None:
            raise Died(f"{self.name} ended ({self.process.returncode}): {self.last_words()}")

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-3000:]

    def kill(self) -> None:
        """`kill -9` of the whole group; nobody starts it again."""
        self._let_go()
        self._signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        """Politely, after a while by force."""
        self._let_go()
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(15)
        self._signal(signal.SIGKILL)
        self.process.wait()

    def _let_go(self) -> None:
        self._ending.set()
        if self._keeper is not None:
            self._keeper.join()

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


def wait_until(true: Callable[[], bool], what: str, *, seconds: float = PATIENCE_SECONDS, every: float = 0.05) -> float:
    """Until it is true; how long that took. Raises TimeoutError, which says what did not come true."""
    started = time.monotonic()
    while not true():
        if time.monotonic() - started > seconds:
            raise TimeoutError(f"Not after {seconds:.0f} s: {what}.")
        time.sleep(every)
    return time.monotonic() - started
