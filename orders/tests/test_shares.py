from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orders.payments.shares import Paid, Shares, shares


@given(st.integers(0, 10**10), st.lists(st.integers(1, 50), min_size=1, max_size=12))
def test_whatever_the_steps_a_line_gives_back_exactly_what_was_paid(value: int, steps: list[int]) -> None:
    quantity, refunded, given = sum(steps), 0, []
    for pieces in steps:
        given.append(Paid(value, quantity, refunded).worth(pieces))
        refunded += pieces
    assert sum(given) == value
    assert min(given) >= 0


@given(st.integers(0, 10**6), st.integers(1, 99), st.integers(0, 98))
def test_a_piece_is_never_off_by_more_than_rounding(value: int, quantity: int, refunded: int) -> None:
    if refunded < quantity:
        assert abs(Paid(value, quantity, refunded).worth(1) - value / quantity) <= 1


def test_ten_euros_for_three_pieces() -> None:
    assert [Paid(1000, 3, n).worth(1) for n in range(3)] == [333, 334, 333]


def test_what_is_chosen_is_worth_its_sum() -> None:
    assert shares({1: 1000, 2: 500}, 490) == Shares(1990, {1: 1000, 2: 500}, 490)


def test_less_is_taken_from_all_in_proportion() -> None:
    assert shares({1: 1000, 2: 500}, 500, 1000) == Shares(1000, {1: 500, 2: 250}, 250)


def test_an_amount_alone_is_for_nothing_in_particular() -> None:
    assert shares({}, 0, 700) == Shares(700, {}, 0)


@given(st.dictionaries(st.integers(1, 9), st.integers(0, 10**6)), st.integers(0, 10**4), st.data())
def test_the_shares_of_an_amount_sum_up_to_it(lines: dict[int, int], shipping: int, data: st.DataObject) -> None:
    worth = sum(lines.values()) + shipping
    if worth:
        amount = data.draw(st.integers(1, worth))
        found = shares(lines, shipping, amount)
        assert sum(found.lines.values()) + found.shipping == found.amount == amount
