"""A form field for amounts: people type decimals, the shop works with minor units."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from catalog.money import InvalidAmount, parse_amount, to_decimal


class AmountFormField(forms.Field):
    """An amount in the shop's currency, positive or, with `allow_zero`, zero: "12.50" is cleaned to 1250.

    A decimal comma is understood.
    """

    widget = forms.TextInput

    def __init__(self, *, allow_zero: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.allow_zero = allow_zero

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        example = to_decimal(0, settings.SHOP_CURRENCY)  # nobody takes it for a value: nothing is sold for nothing
        return super().widget_attrs(widget) | {"inputmode": "decimal", "size": 9, "placeholder": str(example)}

    def prepare_value(self, value: Any) -> Any:
        return str(to_decimal(value, settings.SHOP_CURRENCY)) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        if isinstance(value, int):
            return value
        amount = typed_amount(str(value))
        if amount == 0 and not self.allow_zero:
            raise ValidationError("This must be more than zero.")
        return amount


def typed_amount(text: str) -> int:
    """Minor units of an amount as somebody typed it. Raises ValidationError."""
    text = text.strip().replace(",", ".")
    if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,20})?", text):
        raise ValidationError("This is not an amount.")
    try:
        return parse_amount(text, settings.SHOP_CURRENCY)
    except InvalidAmount as error:
        raise ValidationError(str(error)) from error
