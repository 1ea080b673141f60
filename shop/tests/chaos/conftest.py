"""One shop for all crash tests of a run; each test starts the servers it is going to kill."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from shop.testing.chaos.shop import Shop
from shop.testing.environment import RUN


@pytest.fixture(scope="session")
def whole_shop() -> Iterator[Shop]:
    folder = Path(os.environ[RUN]).resolve() / "chaos"
    folder.mkdir(parents=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # thousands of requests, of which only figures are wanted
    shop = Shop(folder)
    try:
        shop.open()
        yield shop
    finally:
        shop.close()
        if keep := os.environ.get("CHAOS_KEEP"):
            shutil.copytree(folder, keep, ignore=shutil.ignore_patterns("postgres*"), dirs_exist_ok=True)


@pytest.fixture
def shop(whole_shop: Shop) -> Iterator[Shop]:
    yield whole_shop
    for name in {"web", "worker"} & {*whole_shop.programs}:
        whole_shop.programs.pop(name).kill()
