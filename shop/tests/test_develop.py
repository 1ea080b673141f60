"""`make run`: the real supervisor over a real database, web server and worker, in a folder of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from orders.demo.people import PASSWORD, PEOPLE
from shop.develop.__main__ import DEMO_ACCOUNTS, DEMO_PASSWORD
from shop.embedded_postgres import ROOT

OPEN = "The shop is open."
LONGEST = 60
# A shop that is not empty is not filled with the demo, which would take a minute.
ONE_PRODUCT = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from catalog.tests.factories import ProductFactory
ProductFactory(name="Kept teapot", slug="kept-teapot")
"""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A shop with one product, ready to be started."""
    with tempfile.TemporaryDirectory(prefix="shop-test-") as name:
        fill = f"import sys; sys.argv[1:] = ['shell']; import manage; manage.hold_database(['shell']); {ONE_PRODUCT}"
        subprocess.run([sys.executable, "-c", fill], cwd=ROOT, env=environment(Path(name)), check=True)
        yield Path(name).resolve()


def environment(folder: Path, port: int = 8000) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "SHOP_TEST_RUN"}}
    settings = {"SHOP_DATA_DIR": str(folder), "PORT": str(port), "DEBUG": "true", "SHOP_ENV_FILE": ""}
    return kept | settings | {"DJANGO_SETTINGS_MODULE": "shop.settings"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Shop:
    """A running `make run`, and every process that belongs to it."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "shop.develop"],
            cwd=ROOT,
            env=environment(folder, self.port),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.said = self.read_until(OPEN)
        self.said += self.read_until("Ctrl-C")
        self.family = psutil.Process(self.process.pid).children(recursive=True)

    def read_until(self, wanted: str) -> str:
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if wanted in line:
                return said
        raise AssertionError(f"It ended without saying {wanted!r}: {said}")

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=LONGEST)

    def survivors(self) -> list[psutil.Process]:
        return list(psutil.wait_procs(self.family, timeout=30)[1])

    def end(self) -> None:
        """Leave nothing behind, whatever the test did."""
        for process in [psutil.Process(self.process.pid), *self.family] if self.process.poll() is None else self.family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.communicate()


@pytest.fixture
def shop(folder: Path) -> Iterator[Shop]:
    running = Shop(folder)
    yield running
    running.end()


def test_one_command_serves_the_shop_says_where_and_closes_it_on_ctrl_c(shop: Shop) -> None:
    assert shop.get("/livez").status_code == 200
    assert shop.get("/readyz").status_code == 200
    assert "Kept teapot" in shop.get("/api/v1/products/").text
    for address in ("/", "/admin/", "/docs", "/redoc"):
        assert f"http://127.0.0.1:{shop.port}{address}" in shop.said
    for account in DEMO_ACCOUNTS:
        assert account in shop.said
    commands = [" ".join(process.cmdline()) for process in shop.family]
    assert any("runserver" in command for command in commands)
    assert any("procrastinate worker" in command for command in commands)
    assert any("postgres -D" in command for command in commands)

    os.killpg(shop.process.pid, signal.SIGINT)

    assert shop.process.wait(LONGEST) == 0
    assert shop.survivors() == []


def test_it_closes_on_sigterm_and_keeps_the_data_after_a_kill(folder: Path) -> None:
    killed = Shop(folder)
    killed.process.kill()
    assert killed.survivors() == []
    killed.end()

    shop = Shop(folder)
    try:
        assert "Kept teapot" in shop.get("/api/v1/products/").text
        shop.process.terminate()
        assert shop.process.wait(LONGEST) == 0
        assert shop.survivors() == []
    finally:
        shop.end()


def test_a_killed_worker_and_a_killed_database_are_started_again(shop: Shop) -> None:
    worker = next(process for process in shop.family if "procrastinate" in process.cmdline())
    worker.kill()
    assert "starting it again" in shop.read_until("The worker ended")
    database = next(process for process in shop.family if process.name() == "postgres")
    database.kill()
    shop.read_until("The database had ended; it runs again.")
    assert shop.get("/readyz").status_code == 200
    shop.family = psutil.Process(shop.process.pid).children(recursive=True)
    shop.process.terminate()
    assert shop.process.wait(LONGEST) == 0


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"PORT": "many"}, "PORT is 'many', and must be a number from 1 to 65535."),
        ({"PORT": "70000"}, "PORT is '70000', and must be a number from 1 to 65535."),
        ({"DEBUG": "false"}, "DEBUG is off"),
        ({"DATABASE_URL": "postgresql://shop@127.0.0.1:1/shop"}, "The database cannot be used: "),
        ({"SHOP_DATA_DIR": "/dev/null/data"}, "Cannot write to /dev/null/data"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(changed: dict[str, str], sentence: str) -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "shop.develop"],
        cwd=ROOT,
        env=environment(Path("/nowhere"), free_port()) | changed,
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )
    assert refused.returncode == 1
    assert sentence in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_port_in_use_is_told_in_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = subprocess.run(
            [sys.executable, "-m", "shop.develop"],
            cwd=ROOT,
            env=environment(Path("/nowhere"), port),
            capture_output=True,
            text=True,
            timeout=LONGEST,
        )
    assert refused.returncode == 1
    assert refused.stderr.splitlines() == [
        f"The shop does not start: port {port} is in use; stop what uses it, or choose another: "
        f"make run PORT={port + 1}"
    ]


def test_the_accounts_on_the_screen_are_those_of_the_demo() -> None:
    assert {person.username: person.does for person in PEOPLE} == DEMO_ACCOUNTS
    assert PASSWORD == DEMO_PASSWORD
