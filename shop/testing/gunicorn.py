"""The shop served by gunicorn, as in production, on the database of the test."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.db import connection

from shop.embedded_postgres import ROOT
from shop.testing import environment

WORKERS = 2
PATIENCE_SECONDS = 300.0  # on an idle machine three


class Served:
    """A running gunicorn at `url`; it has the settings of the tests, and what they have committed."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        self.log = folder / "gunicorn.log"
        database = environment.cluster(environment.run_folder).url(str(connection.settings_dict["NAME"]))
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [Path(sys.executable).with_name("gunicorn"), f"--bind={self.url.removeprefix('http://')}", "shop.wsgi"],
                cwd=ROOT,
                env=os.environ | {"DATABASE_URL": database, "WEB_WORKERS": str(WORKERS)},
                stdout=out,
                stderr=out,
            )

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if httpx.get(f"{self.url}/readyz", timeout=30).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(60)
        finally:
            self.process.kill()


@pytest.fixture
def gunicorn(transactional_db: None, tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path)
    try:
        served.wait_until_ready()
        yield served
    finally:
        served.end()
