"""Order numbers: random, so that nobody counts our orders or guesses a neighbour's; easy to read aloud."""

from __future__ import annotations

import secrets

# No vowels (no words), no 0, 1, I, O, U: nothing that is misheard or misread.
ALPHABET = "23456789BCDFGHJKLMNPQRSTVWXYZ"


def new_number() -> str:
    """A number such as `7K3MR-QXF2B`: one of 29^10, about 48 random bits."""
    digits = "".join(secrets.choice(ALPHABET) for _ in range(10))
    return f"{digits[:5]}-{digits[5:]}"
