"""A shop with everything that belongs to it, each a process of its own, on a database that is safe against crashes."""

from __future__ import annotations

import email
import email.policy
import os
import random
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg

from shop.develop.guardian import Guardian
from shop.embedded_postgres import PORT, ROOT, USER, Cluster
from shop.testing.chaos.programs import Program, wait_until

HOST = "127.0.0.1"
WEB_WORKERS, WEB_THREADS = 4, 4
RELOADABLE_WORKERS = 2
SKU = "CHAOS-1"
ADDRESS = {"name": "Ada Archer", "line1": "Gartenweg 7", "postcode": "10115", "city": "Berlin", "country": "DE"}
SEED = f"""
from catalog.categories import create_category
from catalog.products import create_product
from catalog.variants import NewVariant
create_product(name="Mug", category=create_category(name="Mugs"),
               variants=[NewVariant(price=1250, sku="{SKU}", stock_quantity=1_000_000)])
"""
ACTS = """
from orders import lifecycle
from orders.actors import SHOP
from orders.models import Order, Payment
from orders.refunds import RefundTerms, request_refund
from orders.settlement import settle
"""
JOBS_LEFT = """
SELECT count(*) FROM procrastinate_jobs
WHERE status = 'doing' OR status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())
"""


@dataclass(frozen=True)
class Letter:
    """An e-mail as it was sent."""

    message_id: str
    to: str
    subject: str


class Shop:
    """`start` what a test needs; `close` ends everything. Production's settings, but for TLS."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cluster = Cluster(folder / "postgres")
        self.mail = folder / "mail"
        self.port = _free_port()
        self.url = f"http://{HOST}:{self.port}"
        self.programs: dict[str, Program] = {}
        self.environment = self._settings()
        self._guardian = Guardian()  # should the tests themselves be killed, nothing of the shop is left

    def _settings(self) -> dict[str, str]:
        names = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
        return {name: os.environ[name] for name in names if name in os.environ} | {
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "DJANGO_SETTINGS_MODULE": "shop.settings",
            "SHOP_ENV_FILE": "",
            "SHOP_DATA_DIR": str(self.folder / "data"),
            "DATABASE_URL": self.cluster.url(),
            "SECRET_KEY": "of-the-shop-that-is-killed-0123456789-abcdefghijklmnopqrstuvwxyz",
            "ALLOWED_HOSTS": HOST,
            "SITE_URL": self.url,
            "SECURE_SSL_REDIRECT": "false",
            "EMAIL_URL": f"filemail:///{self.mail}",
            "THROTTLE_ORDERS": "1000000/minute",
            "WORKER_LOST_AFTER": "2",
        }

    # --- starting and ending ------------------------------------------------------------------------------

    def open(self) -> None:
        """The database, filled, and the provider."""
        self._guardian.watch_over_database(self.cluster)
        self.cluster.ensure_running()
        self.manage("migrate", "--verbosity", "0")
        self.manage("shell", "-c", SEED)
        self._start_provider()

    def _start_provider(self) -> None:
        port = _free_port()
        double = self.start("provider", [sys.executable, "-m", "shop.testing.provider", "--port", str(port)])
        wait_until(lambda: "STRIPE_WEBHOOK_SECRETS=" in double.log.read_text(), "the provider is there")
        self.environment |= dict(line.split("=", 1) for line in double.log.read_text().splitlines() if "=" in line)
        self.provider = self.environment["STRIPE_API_BASE"]

    def collect_static_files(self) -> None:
        """What pages of the storefront need; compressing the admin's as well takes a minute."""
        unused = [f"--ignore={name}" for name in ("drf_spectacular_sidecar", "admin", "rest_framework", "unfold")]
        self.manage("collectstatic", "--no-input", "--verbosity", "0", *unused)

    def start(self, name: str, command: list[str], **environment: str) -> Program:
        program = Program(name, command, self.environment | environment, self.folder, self._guardian)
        self.programs[name] = program
        return program

    def start_web(self, *, application: str = "shop.wsgi", **environment: str) -> Program:
        """gunicorn as in production; the application is loaded before the workers are forked, so that a worker that
        was killed is replaced at once."""
        return self._serve([f"--workers={WEB_WORKERS}", "--preload", application], **environment)

    def start_reloadable_web(self) -> Program:
        """Not preloaded, as in production: a reload brings new code. Each worker takes its time to load it."""
        return self._serve([f"--workers={RELOADABLE_WORKERS}", "shop.wsgi"])

    def _serve(self, options: list[str], **environment: str) -> Program:
        gunicorn = [str(Path(sys.executable).with_name("gunicorn")), "-c", str(ROOT / "gunicorn.conf.py")]
        command = [*gunicorn, f"--threads={WEB_THREADS}", f"--bind={HOST}:{self.port}", *options]
        web = self.start("web", command, **environment)

        def answers() -> bool:
            web.expect_alive()
            return self.is_ready()

        wait_until(answers, "the web server answers")
        return web

    def start_worker(self, module: str = "", **environment: str) -> Program:
        starter = ["-m", module] if module else [str(ROOT / "manage.py"), "procrastinate", "worker"]
        return self.start("worker", [sys.executable, *starter], **environment)

    def end(self, name: str) -> None:
        self.programs.pop(name).end()

    def close(self) -> None:
        for name in [*self.programs]:
            self.end(name)
        self.cluster.stop()
        self._guardian.dismiss()

    # --- looking in ---------------------------------------------------------------------------------------

    def manage(self, *arguments: str) -> str:
        """Run a command of `manage.py`; what it says. Raises AssertionError with that when it fails."""
        run = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, f"{arguments}: {run.stdout[-3000:]}{run.stderr[-3000:]}"
        return run.stdout

    def act(self, *lines: str) -> None:
        """Carry out acts as a member of staff would, from outside of the processes that are killed."""
        self.manage("shell", "-c", "\n".join([ACTS, *lines]))

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(host=str(self.cluster.socket_dir), port=PORT, user=USER, dbname="shop") as connection:
            return connection.execute(query, parameters).fetchall()

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def ledger(self) -> dict[str, Any]:
        """The provider's books."""
        books: dict[str, Any] = httpx.get(f"{self.provider}/ledger", timeout=30).json()
        return books

    def charges(self) -> Counter[str]:
        """How often the provider charged for each order."""
        return Counter(charge["order_number"] for charge in self.ledger()["charges"])

    def letters(self) -> list[Letter]:
        return [letter for file in sorted(self.mail.glob("*.log")) for letter in _letters(file.read_bytes())]

    def jobs_left(self) -> int:
        """Jobs that are due or being done."""
        return int(self.rows(JOBS_LEFT)[0][0])

    def work_off(self, *, seconds: float = 90) -> None:
        """Until the worker has nothing left to do; what a killed one had begun is taken over first."""
        self.manage("procrastinate", "defer", "--ignore-already-enqueued", "orders.take_over", '{"timestamp": 0}')
        wait_until(lambda: self.jobs_left() == 0, "the worker has done its jobs", seconds=seconds, every=0.2)

    # --- replacing, politely --------------------------------------------------------------------------------

    def reload_the_web(self) -> None:
        """HUP: every worker is replaced by one that loads the shop anew."""
        self._replace(lambda: self._tell_the_web(signal.SIGHUP), self.web_workers())

    def end_a_web_worker(self) -> None:
        """TERM to one of gunicorn's workers; another one takes its place."""
        oldest = min(self.web_workers(), key=lambda worker: worker.create_time())
        self._replace(oldest.terminate, [oldest])

    def hand_the_web_over(self) -> None:
        """USR2 and TERM: a new gunicorn takes over the socket from the one that was there."""
        old, workers = self.programs["web"], self.web_workers()
        self._tell_the_web(signal.SIGUSR2)

        def successors() -> list[psutil.Process]:
            return [child for child in self.web_workers() if child not in workers]

        def has_workers() -> bool:
            return any(len(successor.children()) == len(workers) for successor in successors())

        wait_until(has_workers, "the new gunicorn has its workers")
        (successor,) = successors()
        old.process.terminate()
        old.process.wait(60)
        wait_until(self.is_ready, "the new gunicorn answers")
        assert successor.is_running()
        assert not any(worker.is_running() for worker in workers)

    def _tell_the_web(self, what: signal.Signals) -> None:
        os.kill(self.programs["web"].pid, what)

    def _replace(self, tell: Callable[[], None], leaving: list[psutil.Process]) -> None:
        expected = len(self.web_workers())
        tell()

        def is_replaced() -> bool:
            return not any(w.is_running() for w in leaving) and len(self.web_workers()) == expected and self.is_ready()

        wait_until(is_replaced, "the web workers are replaced")

    # --- killing ------------------------------------------------------------------------------------------

    def web_workers(self) -> list[psutil.Process]:
        try:
            return [*psutil.Process(self.programs["web"].pid).children()]
        except psutil.NoSuchProcess:
            return []

    def kill_a_web_worker(self, dice: random.Random) -> bool:
        """`kill -9` of one of gunicorn's workers; whether there was one."""
        workers = self.web_workers()
        if not workers:
            return False
        try:
            os.kill(dice.choice(workers).pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def kill_the_database(self) -> int:
        """`kill -9` of every process of PostgreSQL, the first one first; how many there were."""
        found = [process for process in psutil.process_iter() if self._is_of_the_database(process)]
        found.sort(key=lambda process: process.pid)
        for process in found:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        return len(found)

    def _is_of_the_database(self, process: psutil.Process) -> bool:
        try:
            return process.name().startswith("postgres") and Path(process.cwd()) == self.cluster.data
        except psutil.Error:
            return False


def _letters(raw: bytes) -> list[Letter]:
    """The file backend ends each message with a line of dashes."""
    parts = [part.strip() for part in raw.split(b"\n" + b"-" * 79 + b"\n")]
    read = [email.message_from_bytes(part, policy=email.policy.default) for part in parts if part]
    return [Letter(str(one["Message-ID"]).strip(), str(one["To"]), str(one["Subject"])) for one in read]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
