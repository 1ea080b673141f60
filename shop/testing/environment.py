"""The surroundings of one test run: its environment variables and its own throw-away database server.

Importing this module sets the environment, so it must happen before Django's settings load. A run never
touches the database, the files or the `.env` of `make run`, and several runs may go on at once.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from shop.embedded_postgres import ROOT, Cluster, EmbeddedPostgresError

RUNS = ROOT / ".data" / "tests"
YOUNG_SECONDS = 60  # another run may be about to start its server
RUN = "SHOP_TEST_RUN"  # the folder of the run; set by the first process, inherited by the others
is_first_process = RUN not in os.environ


def _settings_of_the_developer() -> list[str]:
    """The names that `.env.example` explains: none of their values may leak into a test."""
    example = ROOT / ".env.example"
    lines = example.read_text().splitlines() if example.exists() else []
    return [line.lstrip("# ").split("=", 1)[0] for line in lines if "=" in line]


def prepare() -> Path:
    """Set the environment of this process; returns the folder of the run."""
    if is_first_process:
        os.environ[RUN] = str(RUNS / str(os.getpid()))
        for name in {*_settings_of_the_developer(), "DATABASE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "PORT"}:
            os.environ.pop(name, None)
    run = Path(os.environ[RUN])
    os.environ["SHOP_ENV_FILE"] = ""
    os.environ["DEBUG"] = "true"
    os.environ["DATABASE_URL"] = cluster(run).url()
    os.environ["SHOP_DATA_DIR"] = str(run / os.environ.get("PYTEST_XDIST_WORKER", "main"))
    return run


def cluster(run: Path) -> Cluster:
    return Cluster(run / "postgres", durable=False)


@contextlib.contextmanager
def database_server(run: Path) -> Iterator[None]:
    """Run the server; afterwards nothing of the run is left."""
    _sweep()
    leave = cluster(run).hold()
    try:
        yield
    finally:
        leave()
        shutil.rmtree(run, ignore_errors=True)


def _sweep() -> None:
    """Remove what runs that were killed have left."""
    for run in RUNS.glob("*"):
        with contextlib.suppress(OSError, EmbeddedPostgresError):
            if time.time() - run.stat().st_mtime > YOUNG_SECONDS and cluster(run).stop_unless_held():
                shutil.rmtree(run)


run_folder = prepare()
