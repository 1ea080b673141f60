"""After the storm: what the buyers were told, what the shop has stored, what the provider took, what was written."""

from __future__ import annotations

from collections import Counter

from shop.testing.chaos.buyers import Sales
from shop.testing.chaos.shop import Shop


def expect_everything_once(shop: Shop, sales: Sales) -> None:
    """Every order that was acknowledged is there, once, with one charge that is known here, and one letter."""
    shop.manage("reconcile_payments")
    shop.work_off()
    assert sales.unexpected == []
    numbers = [wish.number for wish in sales.acknowledged]
    assert len(numbers) == len(set(numbers)) > 10
    placed = shop.rows(
        "SELECT email, string_agg(number, ' ') FROM orders_order WHERE email = ANY(%s) GROUP BY email",
        [wish.email for wish in sales.acknowledged],
    )
    assert dict(placed) == {wish.email: wish.number for wish in sales.acknowledged}
    charges = shop.charges()
    assert {number: charges[number] for number in numbers} == dict.fromkeys(numbers, 1)
    payments = "SELECT o.number, p.state FROM orders_order o JOIN orders_payment p ON p.order_id = o.id"
    assert dict(shop.rows(f"{payments} WHERE o.number = ANY(%s)", numbers)) == dict.fromkeys(numbers, "captured")
    # A letter that went out just before its server died goes out again, under the same name: programs show one.
    names = {(letter.to, letter.message_id) for letter in shop.letters() if ".confirmation@" in letter.message_id}
    letters = Counter(to for to, _ in names)
    assert {wish.email: letters[wish.email] for wish in sales.acknowledged} == {
        wish.email: 1 for wish in sales.acknowledged
    }
    shop.manage("audit")
