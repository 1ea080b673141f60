"""The steps of a shipping rate as text that people edit: one step a line, "from: price".

By weight `2 kg: 6.90` or `500 g: 4.90` (a bare number is grams), by value of the goods `50.00: 2.90`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import ValidationError

from catalog.forms_money import typed_amount
from catalog.money import to_string
from orders.models import RateStep, ShippingMethod

MOST_STEPS = 50
MOST_GRAMS = 10**8
Kind = ShippingMethod.Kind


def read_steps(text: str, kind: str) -> dict[int, int]:
    """Prices by where they start. Raises ValidationError that names the line."""
    steps: dict[int, int] = {}
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_STEPS:
        raise ValidationError(f"A rate has at most {MOST_STEPS} steps.")
    for line in lines:
        start, price = _read_step(line, kind)
        if start in steps:
            raise ValidationError(f"“{line}”: there is a step that starts here already.")
        steps[start] = price
    return steps


def write_steps(steps: Iterable[RateStep], kind: str) -> str:
    """The same text for the form, lowest step first."""
    currency = settings.SHOP_CURRENCY
    ordered = sorted(steps, key=lambda step: step.starts_at)
    if kind == Kind.BY_WEIGHT:
        return "\n".join(f"{step.starts_at} g: {to_string(step.price, currency)}" for step in ordered)
    return "\n".join(f"{to_string(step.starts_at, currency)}: {to_string(step.price, currency)}" for step in ordered)


def _read_step(line: str, kind: str) -> tuple[int, int]:
    start, separator, price = (part.strip() for part in line.partition(":"))
    if not separator:
        raise ValidationError(f"“{line}”: write where the step starts, a colon, and its price.")
    try:
        return (_grams(start) if kind == Kind.BY_WEIGHT else typed_amount(start)), typed_amount(price)
    except ValidationError as error:
        raise ValidationError(f"“{line}”: {error.messages[0]}") from error


def _grams(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,9})(?:[.,]([0-9]{1,3}))?\s*(kg|g)?", text, re.ASCII | re.IGNORECASE)
    if found is None or (found[2] and (found[3] or "").lower() != "kg"):
        raise ValidationError("This is not a weight.")
    is_kilos = (found[3] or "").lower() == "kg"
    grams = int(found[1]) * 1000 + int((found[2] or "").ljust(3, "0")) if is_kilos else int(found[1])
    if grams > MOST_GRAMS:
        raise ValidationError("This weight is too large.")
    return grams
