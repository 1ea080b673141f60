"""The form on a sold-out variant: where to write when it is back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from catalog.product_page import Choice


def usable_mailbox(address: str) -> None:
    """Refuse letters that merely look like, or turn into, ASCII ones: mıke@ is not mike@."""
    if not address.rpartition("@")[0].isascii():
        raise ValidationError("Use only Latin letters without accents, digits and signs before the @.")


class AlertForm(forms.Form):
    """`sold_out` are the variants to wait for; of several one is chosen."""

    variant = forms.TypedChoiceField(coerce=int, label="Which one")
    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        validators=[usable_mailbox],
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )
    # People do not see it, and browsers do not fill it in; what writes something here is no person.
    website = forms.CharField(required=False, label="Leave this empty")

    def __init__(self, data: Any = None, *, sold_out: Iterable[Choice], **kwargs: Any) -> None:
        super().__init__(data, auto_id="alert_%s", **kwargs)
        choices = [(choice.id, choice.name or choice.sku) for choice in sold_out]
        variant: Any = self.fields["variant"]
        variant.choices = choices
        if len(choices) == 1:
            variant.widget = forms.HiddenInput()
            variant.initial = choices[0][0]
        website: Any = self.fields["website"]
        website.widget.attrs = {"autocomplete": "off", "tabindex": "-1"}

    @property
    def is_from_a_machine(self) -> bool:
        return bool(self.cleaned_data.get("website"))
