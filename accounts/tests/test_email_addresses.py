from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from accounts.email_addresses import canonical_email, validate_mailbox


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("  Mike@Example.COM ", "mike@example.com"),
        ("mike@MÜLLER.example", "mike@xn--mller-kva.example"),
        ("no at sign", "no at sign"),
    ],
)
def test_an_address_has_one_spelling(typed: str, canonical: str) -> None:
    assert canonical_email(typed) == canonical
    assert canonical_email(canonical) == canonical


@pytest.mark.parametrize("lookalike", ["mıke@example.com", "mi\u212ae@example.com", "mi\u017fs@example.com"])
def test_letters_that_turn_into_others_are_refused(lookalike: str) -> None:
    with pytest.raises(ValidationError):
        validate_mailbox(lookalike)


@pytest.mark.parametrize("broken", ["mike@" + "ü" * 80 + ".example", "mike@ü..example"])
def test_a_domain_that_cannot_exist_is_refused(broken: str) -> None:
    with pytest.raises(ValidationError):
        validate_mailbox(broken)
