"""Web servers are replaced while people buy, as when a new version comes: nobody notices."""

from __future__ import annotations

import pytest

from shop.testing.chaos.buyers import Buyers
from shop.testing.chaos.reckoning import expect_everything_once
from shop.testing.chaos.shop import Shop
from shop.testing.chaos.visitors import Visitors

pytestmark = pytest.mark.chaos

RELOADS, ENDED_WORKERS = 4, 6


def test_replacing_the_web_servers_under_load_fails_no_request(shop: Shop) -> None:
    """Nobody here asks twice: with the first answer that is not a good one the test fails."""
    shop.collect_static_files()
    shop.start_reloadable_web()
    shop.start_worker()
    visitors = Visitors(shop, ["/", "/products/mug/", "/cart/", "/api/v1/products/"])
    buyers = Buyers(shop, count=3)

    for _ in range(RELOADS):
        shop.reload_the_web()
    for _ in range(ENDED_WORKERS):
        shop.end_a_web_worker()
    shop.hand_the_web_over()
    visitors.leave()
    sales = buyers.finish()

    assert visitors.faults == []
    assert set(sales.answers) == {"201"}
    assert sales.retries == 0
    # Several for each time: how many more is a matter of how fast the machine is, not of the replacing.
    assert visitors.seen > 4 * (RELOADS + ENDED_WORKERS + 1)
    expect_everything_once(shop, sales)
    print(
        f"\n  the web server reloaded {RELOADS} times, {ENDED_WORKERS} workers ended, handed over once: "
        f"{len(sales.acknowledged)} orders and {visitors.seen} pages without a fault or a retry, "
        f"the slowest page {visitors.slowest:.1f} s"
    )
