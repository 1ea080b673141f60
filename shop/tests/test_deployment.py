"""The container, outside a container: its files are sound, and its entry point starts a real server and worker."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import yaml
from django.conf import settings
from django.db import connection

from shop.testing import environment

ROOT = Path(__file__).resolve().parents[2]
ENTRYPOINT = ROOT / "docker" / "entrypoint"
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
# Two servers check, migrate one after the other, and load the shop: eight seconds of two idle processors. On a busy
# machine the test waits for as long as they make their way; a server that ends is told at once.
PATIENCE_SECONDS = 600.0


def test_the_compose_file_has_everything_a_shop_needs() -> None:
    assert set(COMPOSE["services"]) == {"web", "worker", "db", "cache"}
    assert COMPOSE["services"]["db"]["image"] == "postgres:18"
    for name, service in COMPOSE["services"].items():
        assert service["healthcheck"]["test"], name
        assert service["restart"] == "unless-stopped", name
    assert set(COMPOSE["volumes"]) == {"database", "media", "private"}


@pytest.mark.parametrize("name", ["web", "worker"])
def test_servers_wait_for_the_database_and_have_what_production_requires(name: str) -> None:
    service = COMPOSE["services"][name]
    assert {need["condition"] for need in service["depends_on"].values()} == {"service_healthy"}
    assert set(settings.REQUIRED_IN_PRODUCTION) <= set(service["environment"])
    assert "DEBUG" not in service["environment"]


def test_only_this_machine_reaches_the_plain_http_port_and_nobody_the_database() -> None:
    published = {name: service.get("ports", []) for name, service in COMPOSE["services"].items()}
    assert published == {"web": ["127.0.0.1:${PORT:-8000}:8000"], "worker": [], "db": [], "cache": []}


def test_the_image_runs_as_nobody_special_without_development_tools() -> None:
    final_stage = DOCKERFILE.split("FROM ")[-1]
    assert "\nUSER shop\n" in final_stage
    assert "requirements-dev" not in DOCKERFILE
    assert "collectstatic" in DOCKERFILE.split("FROM ")[1]


def test_everything_the_image_copies_exists() -> None:
    copies = [line.split()[1:] for line in DOCKERFILE.splitlines() if line.startswith("COPY ") and "--from" not in line]
    missing = [source for *sources, _ in copies for source in sources if not (ROOT / source).exists()]
    assert missing == []


@pytest.fixture
def empty_database(worker_id: str) -> Iterator[str]:
    """A database of its own on the test server; its URL."""
    name = f"deployment_{worker_id}"
    address = dict(connection.get_connection_params(), dbname="postgres", autocommit=True)
    for key in ("cursor_factory", "context", "prepare_threshold"):
        address.pop(key, None)
    with psycopg.connect(**address) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name}")
    yield environment.cluster(environment.run_folder).url(name)
    with psycopg.connect(**address) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def production(database_url: str, tmp_path: Path, port: int) -> dict[str, str]:
    """The environment of a container."""
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "SHOP_ENV_FILE": "",
        "SECRET_KEY": "k" * 25 + "0123456789-abcdefghijklmnopqrstuvwxyz",
        "ALLOWED_HOSTS": "shop.example.com",
        "DATABASE_URL": database_url,
        "BEHIND_TLS_PROXY": "true",
        "STATIC_ROOT": str(tmp_path / "static"),
        "MEDIA_ROOT": str(tmp_path / "media"),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "WEB_WORKERS": "1",
        "WEB_THREADS": "4",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answer_of(url: str, process: subprocess.Popen[bytes], log: Path, **kwargs: Any) -> httpx.Response:
    """The first answer of a server that is starting."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(log.read_text())
        try:
            return httpx.get(url, timeout=60, **kwargs)
        except httpx.TransportError:
            signal.sigtimedwait([], 0.1)  # wait a moment without missing an interrupt
    raise AssertionError(f"The server did not answer within {PATIENCE_SECONDS:.0f} s: {log.read_text()}")


@contextlib.contextmanager
def serving(variables: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server that is starting. It ends politely with the block; what it says goes into the file."""
    with log.open("wb") as out:
        server = subprocess.Popen([ENTRYPOINT, "web"], env=variables, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield server
        server.terminate()
        server.wait(PATIENCE_SECONDS)
    finally:
        server.kill()


@pytest.mark.django_db
def test_two_servers_start_together_on_an_empty_database_and_serve_the_shop(
    empty_database: str, tmp_path: Path
) -> None:
    ports = [free_port(), free_port()]
    environments = [production(empty_database, tmp_path, port) for port in ports]
    # What the pages below do not use is left out: compressing it all takes a minute.
    unused = [f"--ignore={name}" for name in ("drf_spectacular_sidecar", "admin", "rest_framework", "unfold")]
    subprocess.run([ENTRYPOINT, "collectstatic", "--no-input", "-v0", *unused], env=environments[0], check=True)
    logs = [tmp_path / f"{port}.log" for port in ports]
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(serving(*pair)) for pair in zip(environments, logs, strict=True)]
        for server, port, log in zip(servers, ports, logs, strict=True):
            address = f"http://127.0.0.1:{port}"
            assert answer_of(f"{address}/readyz", server, log).json() == {"status": "ready"}
            home = httpx.get(
                f"{address}/", headers={"Host": "shop.example.com", "X-Forwarded-Proto": "https"}, timeout=60
            )
            assert home.status_code == 200
            assert "max-age=31536000" in home.headers["Strict-Transport-Security"]
            plain = httpx.get(f"{address}/", headers={"Host": "shop.example.com"}, timeout=60)
            assert plain.headers["Location"] == "https://shop.example.com/"
            assert httpx.get(f"{address}/", headers={"Host": "evil.example"}, timeout=60).status_code == 400
    said = [log.read_text() for log in logs]
    assert [server.returncode for server in servers] == [0, 0], said
    assert sum("Applying orders.0001_initial... OK" in words for words in said) == 1


@pytest.mark.django_db
def test_a_worker_migrates_and_does_its_jobs(empty_database: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [ENTRYPOINT, "worker", "--one-shot"],
        env=production(empty_database, tmp_path, free_port()),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL"])
@pytest.mark.parametrize("role", ["web", "worker"])
def test_a_container_without_a_required_setting_says_which_and_stops(missing: str, role: str, tmp_path: Path) -> None:
    variables = production("postgresql://nobody@127.0.0.1:1/none", tmp_path, free_port())
    del variables[missing]
    refused = subprocess.run(
        [ENTRYPOINT, role], env=variables, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    assert refused.returncode != 0
    assert f"{missing} is not set" in refused.stderr
