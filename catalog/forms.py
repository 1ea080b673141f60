"""The filter of the product lists. What is wrong in it is said at the field and left out; the list is shown anyway."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.utils.functional import cached_property

from catalog.browsing import Place
from catalog.listing import Wanted
from catalog.money import InvalidAmount, parse_amount
from catalog.search.expressions import LONGEST
from catalog.search.narrowing import Choice, read_choices

NEWEST = ("newest", "Newest first")
SORTS = [
    ("price", "Price, low to high"),
    ("-price", "Price, high to low"),
    ("name", "Name"),
]


class AmountField(forms.CharField):
    """A price as people type it ("12.50", "12,50"); gives minor units, or None when it is empty."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "size": 8})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            amount = parse_amount(text.replace(",", "."), settings.SHOP_CURRENCY)
        except InvalidAmount:
            raise ValidationError("Write a price as 12.50.")
        if amount < 0:
            raise ValidationError("A price is not negative.")
        return amount


class OrderField(forms.ChoiceField):
    """How a list is ordered. The usual order needs no word in the address, and has one there only by an older link."""

    def __init__(self, usual: tuple[str, str], *, also: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(required=False, label="Sort by", choices=[("", usual[1]), *also, *SORTS])
        self.usual = usual[0]

    def to_python(self, value: Any) -> str:
        order: str = super().to_python(value)
        return "" if order == self.usual else order


class BrowseForm(forms.Form):
    q = forms.CharField(required=False, max_length=LONGEST, widget=forms.HiddenInput)
    category = forms.ChoiceField(required=False)
    min_price = AmountField(required=False, label="Price from")
    max_price = AmountField(required=False, label="Price to")
    in_stock = forms.BooleanField(required=False, label="In stock only")
    sale = forms.BooleanField(required=False, label="Reduced only")
    sort = OrderField(NEWEST)

    def __init__(self, data: QueryDict, *, places: Iterable[Place] = (), searches: bool = False) -> None:
        """`places` are the categories to choose from; `searches` adds the words and their best match."""
        super().__init__(data, auto_id="filter_%s")
        self.address = data
        self.tops = tuple(places)
        self.places = {place.slug: place for top in self.tops for place in (top, *top.children)}
        if searches:
            self.fields["sort"] = OrderField(("", "Best match"), also=[NEWEST])
        else:
            del self.fields["q"]
        if self.places:
            self.fields["category"] = forms.ChoiceField(required=False, choices=_category_choices(self.tops))
        else:
            del self.fields["category"]

    def clean(self) -> dict[str, Any]:
        low, high = self.cleaned_data.get("min_price"), self.cleaned_data.get("max_price")
        if low is not None and high is not None and low > high:
            self.add_error("max_price", "This is below the lowest price.")
        return self.cleaned_data

    def wanted(self, *, category_path: str = "", within: Q | None = None) -> Wanted:
        """What is asked for, as far as it makes sense, of a category or `within` what meets a condition."""
        self.is_valid()
        place = self.place
        return Wanted(
            text=self.cleaned_data.get("q", ""),
            category_path=category_path or (place.path if place else ""),
            within=within,
            min_price=self.cleaned_data.get("min_price"),
            max_price=self.cleaned_data.get("max_price"),
            in_stock=self.cleaned_data.get("in_stock") or None,
            reduced=self.cleaned_data.get("sale", False),
            order=self.cleaned_data.get("sort", ""),
            choices=self.choices,
        )

    @cached_property
    def choices(self) -> tuple[Choice, ...]:
        """The brands and the values of options and attributes that the address names."""
        return read_choices(dict(self.address.lists()))

    @property
    def place(self) -> Place | None:
        """The category that was chosen."""
        return self.places.get(self.cleaned_data.get("category", ""))


def _category_choices(places: Iterable[Place]) -> list[Any]:
    return [("", "All categories")] + [
        (top.name, [(top.slug, f"All of {top.name}"), *((child.slug, child.name) for child in top.children)])
        for top in places
    ]
