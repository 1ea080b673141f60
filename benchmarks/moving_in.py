"""A whole large catalogue taken in by the command, killed in the middle, resumed, audited, and taken out again.

    .venv/bin/python -m benchmarks.moving_in [lines] [folder for the files that are written]

Every step is a process of its own, whose memory and computing (with that of its PostgreSQL backend) are measured.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.importing import write
from benchmarks.surroundings import CLUSTER, FOLDER, empty_shop

LINES = 200_000
KILLED_AT = 0.4
WRITE_FEED = (
    "from catalog.feeds.google import google_feed; out = open({path!r}, 'w'); "
    "[out.write(piece) for piece in google_feed()]"
)
WRITE_SITEMAP = (
    "from catalog.feeds import sitemap; out = open({path!r}, 'w'); out.write(sitemap.index()); "
    "[out.write(piece) for number in range(100) if sitemap.has_part(number) for piece in sitemap.products(number)]"
)
NOTHING = "from catalog.models import Product; Product.objects.exists()"


@dataclass(frozen=True)
class Step:
    """What one process took: seconds, seconds computed, and its largest memory in MB."""

    name: str
    took: float
    computed: float
    memory: float


def main() -> None:
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else LINES
    with empty_shop():
        kept = Path(sys.argv[2]) if len(sys.argv) > 2 else FOLDER
        path = kept / "products.csv"
        write(path, lines)
        print(f"{lines} lines, {lines // 2} products, {path.stat().st_size / 1e6:.0f} MB", flush=True)
        _carry_out(path, lines, kept)


def _carry_out(path: Path, lines: int, kept: Path) -> None:
    base = _step("a process that does nothing", ["shell", "-c", NOTHING])
    killed = _step("import, until it is killed", ["import_products", str(path)], killed_at=int(lines * KILLED_AT))
    resumed = _step("import, resumed", ["import_products", "--resume", "1"])
    products, computed = lines / 2, killed.computed + resumed.computed
    print(
        f"{products / (killed.took + resumed.took):,.0f} products/s, {products / computed:,.0f} per CPU second, "
        f"{max(killed.memory, resumed.memory) - base.memory:.0f} MB more than nothing",
        flush=True,
    )
    _step("audit", ["audit"])
    _step("export", ["export_products", str(kept / "exported.csv")])
    _step("Google feed", ["shell", "-c", WRITE_FEED.format(path=str(kept / "google.xml"))])
    _step("sitemap", ["shell", "-c", WRITE_SITEMAP.format(path=str(kept / "sitemap.xml"))])
    _step("the export again", ["import_products", str(kept / "exported.csv")])


def _step(name: str, command: Sequence[str], *, killed_at: int | None = None) -> Step:
    """Run a command of manage.py, or kill it once it has told of this line."""
    environment = os.environ | {"DEBUG": "false", "SECRET_KEY": "x" * 60, "ALLOWED_HOSTS": "localhost"}
    before, started = _computed_by_backends(), time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "manage.py", *command], env=environment, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    last = ""
    for said in process.stderr:
        last = said if said.strip() else last
        if killed_at is not None and "line" in said and int(said.split()[3]) >= killed_at:
            process.send_signal(signal.SIGKILL)
            break
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    took = time.perf_counter() - started
    if process.returncode and killed_at is None:
        print(f"{name} ended with {process.returncode}: {last.strip()}", flush=True)
    computed = usage.ru_utime + usage.ru_stime + _computed_by_backends() - before
    step = Step(name, took, computed, usage.ru_maxrss / 1024)
    print(f"{name:<30} {step.took:>8.1f} s {step.computed:>8.1f} CPU s {step.memory:>7.0f} MB", flush=True)
    return step


def _computed_by_backends() -> float:
    """Seconds that backends of PostgreSQL which are gone have computed."""
    postmaster = (CLUSTER.data / "postmaster.pid").read_text().split("\n", 1)[0]
    ticks = Path(f"/proc/{postmaster}/stat").read_text().rpartition(")")[2].split()[11:15]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
