"""The embedded database, on servers of its own in a temporary folder."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

import environ
import psutil
import psycopg
import pytest

from shop.embedded_postgres import ROOT, Cluster, EmbeddedPostgresError, default
from shop.unprivileged import Account, let_through

OTHER_PROCESS = """
import sys
from pathlib import Path
from shop.embedded_postgres import Cluster

cluster = Cluster(Path(sys.argv[1]), durable=False)
"""
HOLD = OTHER_PROCESS + "cluster.hold(); print('holding', flush=True); sys.stdin.read()"


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not tmp_path: its parents are private, and as root the server's user must be able to pass.
    with tempfile.TemporaryDirectory(prefix="shop-test-") as name:
        yield Path(name).resolve()


@pytest.fixture
def cluster(folder: Path) -> Iterator[Cluster]:
    made = Cluster(folder / "data" / "postgres", durable=False)
    yield made
    made.stop()


def postmaster(cluster: Cluster) -> psutil.Process:
    return psutil.Process(int((cluster.data / "postmaster.pid").read_text().splitlines()[0]))


def connect(cluster: Cluster) -> psycopg.Connection[tuple[object, ...]]:
    config = environ.Env.db_url_config(cluster.url())
    return psycopg.connect(
        host=config["HOST"], port=config["PORT"], user=config["USER"], dbname=config["NAME"], autocommit=True
    )


@contextlib.contextmanager
def another_holder(cluster: Cluster) -> Iterator[subprocess.Popen[bytes]]:
    """A process that holds the server until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(cluster.data)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"holding\n"
        yield process


def setting(cluster: Cluster, name: str) -> object:
    with connect(cluster) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row is not None
    return row[0]


def test_the_url_is_known_before_anything_runs_and_connects_once_it_does(cluster: Cluster) -> None:
    url = cluster.url()
    assert not cluster.data.exists()

    cluster.ensure_running()

    assert cluster.url() == url
    assert urlparse(url).scheme == "postgresql"
    assert setting(cluster, "server_encoding") == "UTF8"
    assert setting(cluster, "listen_addresses") == ""


def test_the_url_takes_any_folder_name(folder: Path) -> None:
    for name in ("with space", "per%20cent", "pl+us", "Ünï", "que?ry", "ha#sh"):
        config = environ.Env.db_url_config(Cluster(folder / name).url())
        assert (config["HOST"], config["NAME"]) == (str(folder / name), "shop")


def test_a_path_too_long_for_a_socket_gets_a_short_private_folder(folder: Path) -> None:
    cluster = Cluster(folder / ("long" * 30) / "postgres", durable=False)
    assert len(str(cluster.socket_dir)) < 60
    try:
        cluster.ensure_running()
        with connect(cluster):
            assert cluster.socket_dir.stat().st_mode & 0o777 == 0o700
    finally:
        cluster.stop()
        shutil.rmtree(cluster.socket_dir)


def test_a_socket_folder_of_somebody_else_is_refused(folder: Path) -> None:
    cluster = Cluster(folder / ("long" * 30) / "postgres", durable=False)
    cluster.socket_dir.mkdir(mode=0o755)
    try:
        with pytest.raises(EmbeddedPostgresError, match="made by somebody else"):
            cluster.ensure_running()
    finally:
        cluster.socket_dir.rmdir()


def test_the_data_are_private_and_survive_a_restart(cluster: Cluster) -> None:
    cluster.ensure_running()
    with connect(cluster) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    cluster.stop()
    assert not (cluster.data / "postmaster.pid").exists()

    cluster.ensure_running()

    with connect(cluster) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert cluster.data.stat().st_mode & 0o777 == 0o700
    assert cluster.data.stat().st_uid != 0


def test_a_durable_server_gives_up_nothing_that_a_crash_needs(folder: Path) -> None:
    cluster = Cluster(folder / "postgres")
    try:
        cluster.ensure_running()
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert setting(cluster, name) == "on"
        assert setting(cluster, "max_connections") == "200"
    finally:
        cluster.stop()


def test_a_killed_server_is_healed(cluster: Cluster) -> None:
    cluster.ensure_running()
    killed = postmaster(cluster)
    killed.kill()

    cluster.ensure_running()

    assert postmaster(cluster).pid != killed.pid
    assert setting(cluster, "fsync") == "off"


def test_a_pid_file_that_names_another_program_is_healed(cluster: Cluster) -> None:
    cluster.ensure_running()
    pid_file = cluster.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    owner = cluster.data.stat()
    cluster.stop()
    identity = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    # Of the same user, so that PostgreSQL itself would believe that the server runs.
    with subprocess.Popen(["sleep", "60"], cwd="/", **identity) as other:  # type: ignore[call-overload]
        pid_file.write_text("\n".join([str(other.pid), *lines[1:], ""]))
        os.chown(pid_file, owner.st_uid, owner.st_gid)

        cluster.ensure_running()

        other.kill()
    assert postmaster(cluster).pid != other.pid


def test_many_may_start_it_at_once(cluster: Cluster) -> None:
    code = OTHER_PROCESS + "cluster.ensure_running()"
    command = [sys.executable, "-c", code, str(cluster.data)]
    starting = [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]
    assert [process.wait(60) for process in starting] == [0, 0, 0]
    with connect(cluster):
        pass


def test_the_last_holder_stops_it(cluster: Cluster) -> None:
    leave = cluster.hold()
    with another_holder(cluster) as other:
        leave()
        with connect(cluster):
            pass

        other.communicate()
    with pytest.raises(psycopg.OperationalError):
        connect(cluster)


def test_a_killed_holder_holds_no_more(cluster: Cluster) -> None:
    leave = cluster.hold()
    with another_holder(cluster) as other:
        other.send_signal(signal.SIGKILL)

    leave()

    with pytest.raises(psycopg.OperationalError):
        connect(cluster)


def test_asking_a_running_server_is_quick_and_starts_nothing(cluster: Cluster) -> None:
    cluster.ensure_running()
    before = postmaster(cluster).pid
    threads = [threading.Thread(target=cluster.ensure_running) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=5)
        assert not thread.is_alive()
    assert postmaster(cluster).pid == before


def test_a_folder_that_cannot_be_written_is_told_in_one_sentence(folder: Path) -> None:
    (folder / "file").touch()
    with pytest.raises(EmbeddedPostgresError, match="Cannot write to"):
        Cluster(folder / "file" / "postgres").ensure_running()


def test_a_folder_with_something_else_in_it_is_left_alone(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "letter.txt").write_text("mine")
    with pytest.raises(EmbeddedPostgresError, match="is not empty"):
        Cluster(folder / "postgres").ensure_running()
    assert (folder / "postgres" / "letter.txt").read_text() == "mine"


def test_data_of_another_version_are_told(cluster: Cluster) -> None:
    cluster.ensure_running()
    cluster.stop()
    version = cluster.data / "PG_VERSION"
    version.write_text("12\n")
    with pytest.raises(EmbeddedPostgresError, match="incompatible"):
        cluster.ensure_running()


def test_a_private_parent_gets_the_right_to_pass_and_no_other(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = folder / "home"
    (home / "open").mkdir(parents=True)
    (home / "letter.txt").touch(0o600)
    home.chmod(0o700)
    folder.chmod(0o750)

    let_through(Account("somebody", uid=12345, gid=12345), home / "open" / "postgres")

    assert home.stat().st_mode & 0o777 == 0o701
    assert folder.stat().st_mode & 0o777 == 0o751
    assert (home / "open").stat().st_mode & 0o777 == 0o755
    assert (home / "letter.txt").stat().st_mode & 0o777 == 0o600
    told = capsys.readouterr().err
    assert f"may now pass through {home} " in told
    assert f"may now pass through {folder} " in told
    assert len(told.splitlines()) == 2


def test_the_server_never_runs_as_root(cluster: Cluster) -> None:
    cluster.ensure_running()
    assert 0 not in postmaster(cluster).uids()
    assert postmaster(cluster).uids().real == cluster.data.stat().st_uid


def test_the_default_lies_in_the_project_or_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.delenv("SHOP_DATA_DIR", raising=False)
    assert default().data == ROOT.resolve() / ".data" / "postgres"
    monkeypatch.setenv("SHOP_DATA_DIR", str(folder))
    assert default().data == folder / "postgres"


def test_a_server_that_was_killed_is_revived_and_a_living_one_left_alone(cluster: Cluster) -> None:
    cluster.ensure_running()
    assert not cluster.revive()
    killed = postmaster(cluster)
    killed.kill()
    killed.wait()

    assert cluster.revive()

    assert postmaster(cluster).pid != killed.pid
