"""The pytest plugin of the shop: database server, strictness under CI, shared fixtures.

`pytest.ini` loads it before Django's settings, whose environment it decides.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Generator
from typing import Any, TypeVar

import hypothesis
import pytest

from shop.testing import environment

pytest_plugins = ["shop.testing.browser", "shop.testing.gunicorn", "shop.testing.payments"]

IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
LOOPBACK = {"127.0.0.1", "::1", "localhost"}

hypothesis.settings.register_profile("shop", deadline=None, derandomize=IN_CI, print_blob=True)
hypothesis.settings.load_profile("shop")


def pytest_configure(config: pytest.Config) -> None:
    _hash_passwords_quickly()
    _keep_one_connection_per_thread()
    only_asked = config.option.collectonly or config.option.help or config.option.version
    if environment.is_first_process and not only_asked:
        # Being terminated is no reason to leave a server behind.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        stack = contextlib.ExitStack()
        stack.enter_context(environment.database_server(environment.run_folder))
        config.add_cleanup(stack.close)


def _hash_passwords_quickly() -> None:
    """Tests create many users; those about hashing itself use `production_password_hashers`."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


def _keep_one_connection_per_thread() -> None:
    """Django gives code inside an event loop a connection of its own, even in the same thread.

    While a browser is driven, an event loop runs in the thread of the tests: they would lose sight of the
    connection on which their database was made.
    """
    from django.db import connections

    connections._connections = threading.local()  # type: ignore[attr-defined]


@pytest.fixture
def production_password_hashers(settings: Any) -> None:
    settings.PASSWORD_HASHERS = settings.PASSWORD_HASHERS[1:]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """What `-n auto` means here: at least two, so that a test that needs the database for itself is found."""
    return min(max(2, os.cpu_count() or 2), 8)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After a test that really commits, tables are emptied; give back what the migrations had put there."""
    for item in items:
        marker = item.get_closest_marker("django_db")
        options = dict(marker.kwargs) if marker else {}
        commits = {"transactional_db", "live_server"} & {*getattr(item, "fixturenames", ())}
        if commits or options.get("transaction"):
            options |= {"transaction": True, "serialized_rollback": True}
            item.add_marker(pytest.mark.django_db(**options), append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _fail_instead_of_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _fail_instead_of_skip((yield))


def _fail_instead_of_skip(report: Report) -> Report:
    """Under CI everything that a test needs is there: a skipped test is a broken one."""
    if IN_CI and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"No test may skip under CI: {reason}"
    return report


@pytest.fixture(scope="session", autouse=True)
def only_loopback() -> Generator[None, None, None]:
    """A test talks to nobody but this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in LOOPBACK:
            raise RuntimeError(f"A test tried to reach {address[0]}.")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield
