"""A throw-away database for one benchmark run, on a server of its own; nothing of it is left afterwards.

Import this before anything of Django's: it decides the settings' environment.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import time
from collections.abc import Callable, Iterator

from shop.embedded_postgres import ROOT, Cluster

FOLDER = ROOT / ".data" / "benchmarks" / str(os.getpid())
CLUSTER = Cluster(FOLDER / "postgres", durable=True)

os.environ.update(
    DJANGO_SETTINGS_MODULE="shop.settings",
    SHOP_ENV_FILE="",
    DEBUG="true",
    DATABASE_URL=CLUSTER.url(),
    SHOP_DATA_DIR=str(FOLDER),
    LOG_LEVEL="ERROR",
)


@contextlib.contextmanager
def empty_shop() -> Iterator[None]:
    """A migrated, empty database; durable like a real one, so that commits cost what they cost."""
    leave = CLUSTER.hold()
    try:
        import django
        from django.conf import settings
        from django.core.management import call_command

        django.setup()
        settings.DEBUG = False  # Django would remember every query
        settings.ALLOWED_HOSTS = ["testserver"]
        call_command("migrate", verbosity=0)
        yield
    finally:
        with contextlib.suppress(Exception):
            from django.db import connection

            connection.close()
            connection.close_pool()  # type: ignore[attr-defined]  # of the PostgreSQL backend
        leave()
        shutil.rmtree(FOLDER, ignore_errors=True)


def median_ms(act: Callable[[], object], *, runs: int = 40, warm_up: int = 5) -> float:
    """Median wall time of one call in milliseconds."""
    for _ in range(warm_up):
        act()
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        act()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)
