"""A process dies at the worst moment: whoever asks again gets the one order, is charged once and written to once."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import httpx
import pytest

from shop.testing.chaos import failpoints
from shop.testing.chaos.buyers import ORDERS, Wish
from shop.testing.chaos.programs import wait_until
from shop.testing.chaos.shop import Shop

pytestmark = pytest.mark.chaos

LEASE_SECONDS = 2.0


def dying(shop: Shop, place: str) -> dict[str, str]:
    """The environment of a process that dies there once."""
    once = shop.folder / "die-once"
    once.touch()
    return {"SHOP_TEST_DIE_AT": place, "SHOP_TEST_DIE_ONCE": str(once), "SHOP_TEST_LEASE": str(LEASE_SECONDS)}


def has_died(shop: Shop) -> bool:
    return not (shop.folder / "die-once").exists()


def ask(shop: Shop, wish: Wish, method: str) -> httpx.Response:
    return httpx.post(shop.url + ORDERS, json=wish.body(method), headers={"Idempotency-Key": wish.key}, timeout=30)


def ask_until_answered(shop: Shop, wish: Wish, method: str) -> tuple[dict[str, Any], Counter[str]]:
    """As an app does that has heard nothing; the order, and what it was told before."""
    told: Counter[str] = Counter()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            answer = ask(shop, wish, method)
        except httpx.HTTPError as error:
            told[type(error).__name__] += 1
        else:
            if answer.status_code == 201:
                order: dict[str, Any] = answer.json()
                return order, told
            told[f"{answer.status_code} {answer.json()['code']}"] += 1
        time.sleep(0.3)
    raise AssertionError(f"Not answered: {told}")


def orders_of(shop: Shop, wish: Wish) -> list[str]:
    return [number for (number,) in shop.rows("SELECT number FROM orders_order WHERE email = %s", wish.email)]


def letters_to(shop: Shop, wish: Wish) -> list[tuple[str, str]]:
    return [(letter.message_id, letter.subject) for letter in shop.letters() if letter.to == wish.email]


@pytest.mark.parametrize("place", [failpoints.AFTER_COMMIT, failpoints.AFTER_PAGE])
def test_whoever_asks_again_gets_the_one_order_and_is_charged_once(shop: Shop, place: str) -> None:
    shop.start_web(application="shop.testing.chaos.wsgi", **dying(shop, place))
    wish = Wish()

    order, told = ask_until_answered(shop, wish, "card")

    assert has_died(shop)
    # Nobody heard of the first try; while its key may still be worked on, others are told to wait.
    assert told.pop("RemoteProtocolError", 0) + told.pop("ReadError", 0) == 1
    assert set(told) <= {"409 idempotency_key_in_progress"}
    assert orders_of(shop, wish) == [order["number"]]
    assert [s["client_reference_id"] for s in shop.ledger()["sessions"]].count(order["number"]) == 1
    paid = [httpx.post(f"{order['payment']['redirect_url']}/pay", timeout=10).status_code for _ in range(2)]
    assert paid == [303, 400]
    assert shop.charges()[order["number"]] == 1
    assert ask(shop, wish, "card").json()["number"] == order["number"]

    shop.start_worker()
    shop.work_off()
    assert len(letters_to(shop, wish)) == 1
    shop.manage("audit")
    print(f"\n  {place}: 1 order, 1 charge, 1 letter; told meanwhile: {dict(told) or 'nothing'}")


def test_a_letter_that_was_sent_and_not_noted_is_sent_again_under_its_name(shop: Shop) -> None:
    """The worker dies in the middle of a batch; what it had begun is taken over, and nobody else hears twice."""
    shop.start_web()
    wishes = [Wish() for _ in range(8)]
    numbers = [ask_until_answered(shop, wish, "bank_transfer")[0]["number"] for wish in wishes]

    started = time.monotonic()
    died_and_taken_over(shop, failpoints.AFTER_MAIL)

    letters = Counter(letter for wish in wishes for letter in letters_to(shop, wish))
    assert len({name for name, _ in letters}) == len(wishes)
    assert sorted(letters.values()) == [1] * (len(wishes) - 1) + [2]
    noted = shop.rows(
        "SELECT o.number, count(*) FROM orders_order o JOIN orders_orderevent e ON e.order_id = o.id"
        " WHERE o.number = ANY(%s) AND e.kind = 'email' GROUP BY o.number",
        numbers,
    )
    assert dict(noted) == dict.fromkeys(numbers, 1)
    shop.manage("audit")
    print(
        f"\n  {failpoints.AFTER_MAIL}: {len(wishes)} letters, one of them twice under one name; killed, taken over and "
        f"done in {time.monotonic() - started:.1f} s"
    )


def test_authorized_money_is_taken_once(shop: Shop) -> None:
    shop.start_web(STRIPE_CAPTURE="manual")
    number = paid_order(shop)
    assert shop.charges()[number] == 0
    shop.act(f"lifecycle.ship(order=Order.objects.get(number='{number}'), actor=SHOP)")

    died_and_taken_over(shop, failpoints.AFTER_CAPTURE)

    assert shop.charges()[number] == 1
    captured = "SELECT p.state, o.payment_status FROM orders_order o JOIN orders_payment p ON p.order_id = o.id WHERE"
    assert shop.rows(f"{captured} o.number = %s", number) == [("captured", "paid")]
    shop.manage("audit")
    print(f"\n  {failpoints.AFTER_CAPTURE}: 1 charge, and it is known")


def test_money_is_given_back_once(shop: Shop) -> None:
    shop.start_web()
    number = paid_order(shop)
    shop.act(
        f"order = Order.objects.get(number='{number}')",
        "request_refund(order=order, terms=RefundTerms(amount=order.total), actor=SHOP)",
    )

    died_and_taken_over(shop, failpoints.AFTER_REFUND)

    refunds = [r for r in shop.ledger()["refunds"] if r["metadata"].get("order_number") == number]
    assert [refund["amount"] for refund in refunds] == [total_of(shop, number)]
    stored = "SELECT r.state, o.payment_status FROM orders_order o JOIN orders_refund r ON r.order_id = o.id WHERE"
    assert shop.rows(f"{stored} o.number = %s", number) == [("succeeded", "refunded")]
    shop.manage("audit")
    print(f"\n  {failpoints.AFTER_REFUND}: 1 refund, and it is known")


def paid_order(shop: Shop) -> str:
    """An order whose shopper has paid at the provider, who has been asked about it."""
    order = ask_until_answered(shop, Wish(), "card")[0]
    number = str(order["number"])
    httpx.post(f"{order['payment']['redirect_url']}/pay", timeout=10)
    shop.act(f"settle(payment_id=Payment.objects.get(order__number='{number}').pk)")
    return number


def died_and_taken_over(shop: Shop, place: str) -> None:
    """A worker dies there; another one does all that is left."""
    worker = shop.start_worker("shop.testing.chaos.worker", **dying(shop, place))
    wait_until(lambda: worker.process.poll() is not None, "the worker dies")
    assert worker.process.returncode == failpoints.DIED, worker.last_words()
    shop.end("worker")
    wait_until(lambda: _lost(shop), "the worker is lost", seconds=20)
    shop.start_worker()
    shop.work_off()


def total_of(shop: Shop, number: str) -> int:
    return int(shop.rows("SELECT total FROM orders_order WHERE number = %s", number)[0][0])


def _lost(shop: Shop) -> bool:
    age = "SELECT now() - max(last_heartbeat) > interval '2 seconds' FROM procrastinate_workers"
    return bool(shop.rows(age)[0][0])
