"""The forms of a shipping zone: where it is, and how things are shipped there. Amounts are typed as decimals."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet, ModelForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.countries import country_choices, country_name
from catalog.admin.base import AmountInput
from orders.admin.rate_steps import read_steps, write_steps
from orders.models import RateStep, ShippingMethod, ShippingZone, ZoneArea
from orders.shipping.options import compact_postcode

MOST_PREFIXES = 200
LONGEST_PREFIX = 12
TAKEN = "belongs to a zone already."


class CountryField(forms.ChoiceField):
    """A country that the shop serves, or the one that is stored already.

    Nothing is chosen at first: a browser sends the first choice of a list, and the row that waits for one more
    country would fill itself.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=_offered, widget=UnfoldAdminSelectWidget(), **options)

    def also_offer(self, code: str) -> None:
        if code and code not in settings.SHOP_COUNTRIES:
            self.choices = [*_offered(), (code, f"{country_name(code)} (no longer served)")]


def _offered() -> list[tuple[str, str]]:
    return [("", "–"), *country_choices()]


class PrefixesField(forms.CharField):
    """The beginnings of postcodes, as they are compared: without spaces and signs, in capitals; one or several."""

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]  # a text becomes a list
        text = super().to_python(value) or ""
        prefixes = []
        for typed in filter(None, (part.strip() for part in re.split(r"[,;\n]", text))):
            prefix = compact_postcode(typed)
            if not re.fullmatch(r"[A-Za-z0-9 -]+", typed) or not prefix:
                raise ValidationError(f"“{typed}” is no beginning of a postcode.")
            if len(prefix) > LONGEST_PREFIX:
                raise ValidationError(f"“{typed}” is too long for the beginning of a postcode.")
            prefixes.append(prefix)
        if len(prefixes) > MOST_PREFIXES:
            raise ValidationError(f"At most {MOST_PREFIXES} at once, please.")
        return list(dict.fromkeys(prefixes))

    def validate(self, value: Any) -> None:
        """What is typed is checked above."""

    def run_validators(self, value: Any) -> None:
        """The same."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != ([initial] if initial else [])
        except ValidationError:
            return True


class AreaForm(ModelForm[ZoneArea]):
    country = CountryField()
    postcode_prefix = PrefixesField(
        label="Postcodes that begin with",
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "the whole country"}),
        help_text="Several with commas between them: each becomes a line of its own.",
    )

    class Meta:
        model = ZoneArea
        fields = ("country", "postcode_prefix")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.more: list[str] = []
        if "country" in self.fields:
            self.fields["country"].also_offer(self.instance.country)  # type: ignore[attr-defined]

    def clean_postcode_prefix(self) -> str:
        prefixes: list[str] = self.cleaned_data["postcode_prefix"] or [""]
        self.more = prefixes[1:]
        return prefixes[0]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        country = self.cleaned_data.get("country", "")
        taken = ZoneArea.objects.filter(country=country, postcode_prefix__in=self.more)
        if self.more and (prefix := taken.values_list("postcode_prefix", flat=True).first()):
            self.add_error("postcode_prefix", f"{country} {prefix} {TAKEN}")
        return cleaned


class AreaFormSet(BaseInlineFormSet[ZoneArea, ShippingZone, AreaForm]):
    """Rows of areas; the further prefixes of a row become areas of their own."""

    def clean(self) -> None:
        super().clean()
        named: set[tuple[str, str]] = set()
        for form in self.forms:
            if form in self.deleted_forms or not form.cleaned_data.get("country"):
                continue
            for prefix in (form.cleaned_data.get("postcode_prefix", ""), *form.more):
                area = (form.cleaned_data["country"], prefix)
                if area in named:
                    raise ValidationError(f"{' '.join(area).strip()} is there twice.")
                named.add(area)

    def save(self, commit: bool = True) -> list[ZoneArea]:
        saved = super().save(commit)
        kept = [form for form in self.forms if form not in self.deleted_forms]
        ZoneArea.objects.bulk_create(
            ZoneArea(zone=self.instance, country=form.cleaned_data["country"], postcode_prefix=prefix)
            for form in kept
            for prefix in form.more
        )
        return saved


class MethodForm(ModelForm[ShippingMethod]):
    price = AmountInput(
        label=f"Price in {settings.SHOP_CURRENCY}", required=False, allow_zero=True, help_text="Of a flat rate."
    )
    steps = forms.CharField(
        label="Steps",
        required=False,
        max_length=2000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text="By weight or value: one step a line, where it starts and what it costs from there on. "
        "“0 g: 4.90” and “2 kg: 6.90”, or “0: 6.90” and “50.00: 2.90”. Below the first step it is not offered.",
    )
    free_from = AmountInput(
        label=f"Free from {settings.SHOP_CURRENCY}",
        required=False,
        allow_zero=True,
        help_text="Value of the goods from which it costs nothing. Empty: never.",
    )

    class Meta:
        model = ShippingMethod
        fields = (
            "name", "description", "kind", "price", "steps", "free_from", "max_weight", "min_days", "max_days",
            "position", "is_active",
        )  # fmt: skip
        labels = {
            "max_weight": "Heaviest (g)",
            "min_days": "Working days, least",
            "max_days": "Working days, most",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.read: dict[int, int] = {}
        if self.instance.pk and self.instance.kind != ShippingMethod.Kind.FLAT:
            self.initial["steps"] = write_steps(self.instance.steps.all(), self.instance.kind)

    def clean_price(self) -> int:
        return self.cleaned_data["price"] or 0

    def clean(self) -> dict[str, Any] | None:
        """A flat rate has a price and no steps, the others have steps and no price."""
        cleaned = super().clean() or self.cleaned_data
        kind, text = cleaned.get("kind"), cleaned.get("steps", "").strip()
        if kind == ShippingMethod.Kind.FLAT:
            if text:
                self.add_error("steps", "A flat rate has no steps.")
            return cleaned
        try:
            self.read = read_steps(text, kind or "")
        except ValidationError as error:
            self.add_error("steps", error)
            return cleaned
        if not self.read:
            self.add_error("steps", "Write at least one step: where it starts and what it costs.")
        cleaned["price"] = 0
        return cleaned

    def _save_m2m(self) -> None:
        """With the method its steps: what was written replaces what was there."""
        super()._save_m2m()  # type: ignore[misc]  # a method of Django's that its stubs leave out
        self.instance.steps.all().delete()
        RateStep.objects.bulk_create(
            RateStep(method=self.instance, starts_at=start, price=price) for start, price in self.read.items()
        )
