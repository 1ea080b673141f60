"""Keeps a few programs running side by side, and ends all of them together.

Each program leads a process group of its own, so that Ctrl-C reaches the supervisor alone and it decides the
order of ending. Should the supervisor itself be killed, its guardian ends what is left.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from shop.develop.guardian import Guardian, end_groups
from shop.embedded_postgres import ROOT, Cluster

TICK_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 10.0  # a program that ran this long has not failed at its start
WATCHED = ("shop", "accounts", "catalog", "idempotency", "orders")


@dataclass
class Program:
    """One program, its process, and how long to wait before it is started again."""

    name: str
    command: list[str]
    restart_on_change: bool
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)
    pause: float = 1.0
    changing: bool = False
    due: float | None = None


class Supervisor:
    """Runs programs until it is told to stop; a context manager, so that nothing survives it."""

    def __init__(self) -> None:
        self.stopping = False
        self._parent = os.getppid()
        self._guardian = Guardian()
        self._programs: list[Program] = []
        self._database: Cluster | None = None
        self._leave_database: Callable[[], None] | None = None
        self._code = newest_change()

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        end_groups([program.process.pid for program in self._programs], reap=self._reap)
        if self._leave_database:
            self._leave_database()
        self._guardian.dismiss()

    def stop(self) -> None:
        """Ask for the end; safe in a signal handler."""
        self.stopping = True

    def hold_database(self, cluster: Cluster) -> None:
        self._guardian.watch_over_database(cluster)
        self._leave_database = cluster.hold()
        self._database = cluster

    def run_once(self, command: list[str]) -> int:
        """Run a program to its end, or until the supervisor is stopped; returns its exit code."""
        process = self._start(command)
        while process.poll() is None and not self.stopping:
            self._tick()
        end_groups([process.pid], reap=process.poll)
        self._guardian.forget(process.pid)
        return process.wait()

    def keep_running(self, name: str, command: list[str], *, restart_on_change: bool = False) -> None:
        """Start a program; `watch` starts it again whenever it ends, or when the code changes."""
        self._programs.append(Program(name, command, restart_on_change, self._start(command)))

    def watch(self) -> None:
        """Look after the programs until told to stop."""
        while not self.stopping:
            self.look_after()

    def look_after(self) -> None:
        """Let a moment pass, then start again what has ended, and end what runs old code."""
        self._tick()
        if self.stopping:
            return
        if self._database and self._database.revive():
            print("The database had ended; it runs again.", flush=True)
        code = newest_change()
        changed, self._code = code != self._code, code
        for program in self._programs:
            if changed and program.restart_on_change:
                program.changing, program.pause = True, 1.0
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(program.process.pid, signal.SIGTERM)
            if program.process.poll() is not None:
                self._start_again(program)

    def _start_again(self, program: Program) -> None:
        now = time.monotonic()
        if program.due is None:
            self._guardian.forget(program.process.pid)
            if program.changing:
                program.due = now
            else:
                if now - program.started > STEADY_SECONDS:
                    program.pause = 1.0
                code = program.process.returncode
                print(
                    f"The {program.name} ended ({code}); starting it again in {program.pause:.0f} s.",
                    flush=True,
                )
                program.due = now + program.pause
                program.pause = min(program.pause * 2, LONGEST_PAUSE_SECONDS)
        if now >= program.due or program.changing:
            program.process, program.started = self._start(program.command), now
            program.due, program.changing = None, False

    def _start(self, command: list[str]) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | {"PYTHONUNBUFFERED": "1", "DJANGO_RUNSERVER_HIDE_WARNING": "true"},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._guardian.watch_over(process.pid)
        return process

    def _reap(self) -> None:
        for program in self._programs:
            program.process.poll()

    def _tick(self) -> None:
        """Let time pass. Whoever started us being gone (a closed terminal, a killed make) ends us, too."""
        time.sleep(TICK_SECONDS)
        if os.getppid() != self._parent:
            self.stopping = True


def newest_change() -> tuple[float, int]:
    """A mark that changes when a Python file of the shop is written, added or removed; tests do not count."""
    times = [
        path.stat().st_mtime
        for folder in WATCHED
        for path in Path(ROOT, folder).rglob("*.py")
        if "tests" not in path.parts and path.exists()
    ]
    return max(times, default=0.0), len(times)
