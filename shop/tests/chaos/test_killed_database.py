"""The database is killed while people buy: nothing that was promised is lost, and the shop is back by itself."""

from __future__ import annotations

import time

import httpx
import pytest

from shop.testing.chaos.buyers import SHORT_LEASE, Buyers
from shop.testing.chaos.programs import wait_until
from shop.testing.chaos.reckoning import expect_everything_once
from shop.testing.chaos.shop import Shop

pytestmark = pytest.mark.chaos

DATABASE_KILLS = 3
BACK_WITHIN = 10.0


def test_killing_the_database_loses_nothing_and_the_shop_is_back_by_itself(shop: Shop) -> None:
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        assert shop.rows(f"SHOW {name}") == [("on",)]
    web = shop.start_web(**SHORT_LEASE)
    shop.start_worker().keep_running()
    buyers = Buyers(shop)

    killed, back = 0, []
    for _ in range(DATABASE_KILLS):
        sell_some(buyers)
        killed += shop.kill_the_database()
        expect_politeness(shop)
        shop.cluster.ensure_running()
        started = time.monotonic()
        wait_until(shop.is_ready, "the shop is ready", seconds=BACK_WITHIN)
        sell_some(buyers, at_least=1)
        back.append(time.monotonic() - started)
    sales = buyers.finish()

    assert max(back) <= BACK_WITHIN
    assert web.starts == 1
    web.expect_alive()
    expect_everything_once(shop, sales)
    print(
        f"\n  the database killed {DATABASE_KILLS} times ({killed} processes): {len(sales.acknowledged)} orders, "
        f"sold again after {', '.join(f'{seconds:.1f}' for seconds in back)} s, "
        f"{sales.retries} retries {dict(sales.answers)}"
    )


def sell_some(buyers: Buyers, at_least: int = 10) -> None:
    """Let so many more orders be acknowledged."""
    before = len(buyers.sales.acknowledged)
    wait_until(lambda: len(buyers.sales.acknowledged) >= before + at_least, "orders are placed", seconds=30)


def expect_politeness(shop: Shop) -> None:
    """Without its database the shop lives, and says that it will be back."""
    assert httpx.get(f"{shop.url}/livez", timeout=10).status_code == 200
    ready = httpx.get(f"{shop.url}/readyz", timeout=30)
    assert (ready.status_code, ready.headers["retry-after"]) == (503, "5")
