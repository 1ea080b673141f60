from __future__ import annotations

import pytest

from orders.promotions.codes import CODE_FORM, random_code, read_code


@pytest.mark.parametrize(
    "typed",
    [
        "WELCOME10",
        " WELCOME10\n",
        "WEL COME 10",
        "\uff37\uff25\uff2c\uff23\uff2f\uff2d\uff25\uff11\uff10",  # wide letters, as a Japanese keyboard sends them
        "WELCOME\u00a010",
    ],
)
def test_a_code_is_read_as_it_was_meant(typed: str) -> None:
    assert read_code(typed) == "WELCOME10"


@pytest.mark.parametrize("dash", ["-", "\u2010", "\u2011", "\u2013", "\u2014", "\u2212", "\uff0d", "\ufe63"])
def test_a_dash_is_a_dash(dash: str) -> None:
    assert read_code(f"MAY{dash}2026") == "MAY-2026"


NO_CODES = [
    "", "  ", "AB", "A" * 41, "A" * 100_000, "100%", "a_b_c", "' OR 1=1 --", "WELCOME\x00", "WELCOME\ud800",
    "W\u0131NTER", "W\u0130NTER", "\u0421OUPON", "SALE\U0001f600", "SALE\u200b10",
]  # fmt: skip


@pytest.mark.parametrize("typed", NO_CODES)
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert read_code(typed) == ""


def test_random_codes_differ_and_have_the_form_of_a_code() -> None:
    codes = {random_code("MAY-", 10) for _ in range(1000)}
    assert len(codes) == 1000
    assert all(CODE_FORM.fullmatch(code) and code.startswith("MAY-") and len(code) == 14 for code in codes)
