from __future__ import annotations

import pytest

from orders.promotions.mailboxes import mailbox_key


@pytest.mark.parametrize(
    "spelling",
    [
        "alice@example.com",
        "ALICE@Example.COM",
        " alice@example.com ",
        "alice+shop@example.com",
        "alice+a+b@example.com",
        "ALICE+@example.com",
        "\uff41lice@example.com",  # a wide a
        "ali\u017fe@example.com".replace("\u017f", "c"),
        "alice\uff0bshop@example.com",  # a wide plus
        '"alice"@example.com',
        '"al\\ice"@example.com',
    ],
)
def test_spellings_of_one_mailbox_are_one_customer(spelling: str) -> None:
    assert mailbox_key(spelling) == "alice@example.com"


@pytest.mark.parametrize("spelling", ["a.l.i.ce@gmail.com", "alice@googlemail.com", "A.Lice+x@GoogleMail.com"])
def test_gmail_ignores_dots(spelling: str) -> None:
    assert mailbox_key(spelling) == "alice@gmail.com"


def test_a_domain_is_one_in_every_writing() -> None:
    assert mailbox_key("alice@b\u00fccher.example") == mailbox_key("Alice+1@XN--BCHER-KVA.example")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("alice@example.com", "alice@example.org"),
        ("a.lice@example.com", "alice@example.com"),  # elsewhere, dots count
        ("+one@example.com", "+two@example.com"),
        ("m\u0131ke@example.com", "mike@example.com"),  # a dotless i is another letter
        ("alice-shop@example.com", "alice@example.com"),
        ("alice", "bob"),
    ],
)
def test_other_mailboxes_are_other_customers(one: str, other: str) -> None:
    assert mailbox_key(one) != mailbox_key(other)
