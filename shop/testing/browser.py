"""Fixtures that drive the system's Chromium through Playwright.

`page` is a fresh browser window at the live server, `page_without_javascript` the same with scripts off, and
`open_page` makes more of them, for two people at once. All of them fail the test when a page throws a script
error or breaks the Content Security Policy.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
SLOWEST_MS = 15_000

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser, or the test is skipped."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("Chromium is not installed (apt-get install chromium)")
    return found


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for a file of tests.

    While it lives, Playwright's event loop runs in the thread of the tests, and Django refuses to use the
    database there. The tests are not asynchronous, so it is told to allow it; and because nothing else that
    is asynchronous could run in this thread, the browser is not kept for longer than a file.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            yield playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)


@pytest.fixture
def open_page(browser: Browser, live_server: Any) -> Iterator[OpenPage]:
    """Opens a window with cookies of its own; takes the options of Playwright's `new_context`."""
    faults: list[str] = []
    contexts: list[BrowserContext] = []

    def open_page(**options: Any) -> Page:
        context = browser.new_context(**{"base_url": live_server.url, "locale": "en-GB"} | options)
        contexts.append(context)
        context.set_default_timeout(SLOWEST_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda said: faults.append(f"{page.url}: {said.text}") if "Content Security Policy" in said.text else None,
        )
        return page

    yield open_page

    for context in contexts:
        with contextlib.suppress(Exception):
            context.close()
    assert not faults


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page()


@pytest.fixture
def page_without_javascript(open_page: OpenPage) -> Page:
    return open_page(java_script_enabled=False)
