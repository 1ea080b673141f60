"""Web workers are killed while people buy: nothing that was promised is lost, and nothing happens twice."""

from __future__ import annotations

import os
import random
import time

import pytest

from shop.testing.chaos.buyers import SHORT_LEASE, Buyers
from shop.testing.chaos.reckoning import expect_everything_once
from shop.testing.chaos.shop import Shop

pytestmark = pytest.mark.chaos

SECONDS = float(os.environ.get("CHAOS_SECONDS", "60"))
BETWEEN_KILLS = 0.2


def test_killing_web_workers_loses_no_order_and_doubles_none(shop: Shop) -> None:
    shop.start_web(**SHORT_LEASE)
    shop.start_worker()
    dice = random.Random(4711)
    buyers = Buyers(shop)

    kills, ends = 0, time.monotonic() + SECONDS
    while time.monotonic() < ends:
        kills += shop.kill_a_web_worker(dice)
        time.sleep(BETWEEN_KILLS)
    sales = buyers.finish()

    expect_everything_once(shop, sales)
    assert kills > SECONDS / BETWEEN_KILLS / 2
    assert sales.retries > 0  # which also says that the test of servers replaced politely would notice
    print(
        f"\n  {kills} web workers killed in {SECONDS:.0f} s: {len(sales.acknowledged)} orders, "
        f"{sales.retries} retries {dict(sales.answers)}"
    )
