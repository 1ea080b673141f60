"""What shoppers type on cart and checkout pages, checked for its form. What the shop can do is up to the acts."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from accounts.countries import country_choices, country_name
from accounts.email_addresses import canonical_email, validate_mailbox
from accounts.models import Address, User, one_line
from orders.checkout import ShippingAddress, compact_vat_number
from orders.payments.methods import payment_methods

NEW_ADDRESS = "new"
ADDRESS_FIELDS = ("name", "line1", "line2", "postcode", "city", "region", "country")
MAX_ID = 2**63 - 1
phone_number = RegexValidator(r"\A[0-9+() ./-]{4,40}\Z", "Use digits, spaces and + ( ) . / - only.")
vat_number = RegexValidator(r"\A ?[A-Za-z]{2}[A-Za-z0-9+* .-]{2,16}\Z", "Begin with the country: DE123456789.")


@dataclass(frozen=True)
class Draft:
    """A filled-in checkout form. `choice` is the entry of the address book, or "new"."""

    email: str
    address: ShippingAddress
    choice: str
    payment_method: str
    note: str
    save_address: bool
    vat_number: str = ""
    shipping: str = ""

    @property
    def initial(self) -> dict[str, Any]:
        """The values with which the form is shown again."""
        return {
            "email": self.email,
            "address": self.choice or NEW_ADDRESS,
            "payment_method": self.payment_method,
            "note": self.note,
            "save_address": self.save_address,
            "vat_number": self.vat_number,
            **asdict(self.address),
        }


class Text(forms.CharField):
    """Text that arrived as it was sent: bytes that are no UTF-8 have become U+FFFD on the way in."""

    default_validators = [RegexValidator("\ufffd", "Some characters of this cannot be read.", inverse_match=True)]


class AddForm(forms.Form):
    """Into the cart: a variant and how many."""

    variant = forms.IntegerField(min_value=1, max_value=MAX_ID)
    quantity = forms.IntegerField(min_value=1, max_value=settings.CART_MAX_QUANTITY)


class QuantityForm(forms.Form):
    """How many of a line; 0 removes it."""

    quantity = forms.IntegerField(min_value=0, max_value=settings.CART_MAX_QUANTITY)


class CouponForm(forms.Form):
    """A code, as it was typed; whether there is such a coupon is up to the act."""

    code = Text(
        max_length=80, error_messages={"required": "Type the code of a coupon.", "max_length": "This is no coupon."}
    )


class AddressForm(forms.Form):
    """Where a parcel goes."""

    name = Text(label="Full name", max_length=120, validators=[one_line])
    line1 = Text(label="Street and number", max_length=160, validators=[one_line])
    line2 = Text(label="Additional line", max_length=160, required=False, validators=[one_line])
    postcode = Text(label="Postcode", max_length=20, validators=[one_line])
    city = Text(label="Town or city", max_length=120, validators=[one_line])
    region = Text(label="Region", max_length=120, required=False, validators=[one_line])
    country = forms.ChoiceField(label="Country", choices=lambda: _countries())
    phone = Text(
        label="Phone", required=False, validators=[phone_number], help_text="Only for questions about the delivery."
    )


class CheckoutForm(AddressForm):
    """Contact, address, payment and note. A customer chooses from the address book or types a new address."""

    email = forms.EmailField(label="E-mail address", max_length=254, validators=[one_line, validate_mailbox])
    address = forms.ChoiceField(label="Ship to", required=False, widget=forms.RadioSelect)
    save_address = forms.BooleanField(label="Keep this address in my address book", required=False)
    payment_method = forms.ChoiceField(label="Payment", widget=forms.RadioSelect)
    vat_number = Text(
        label="VAT number",
        required=False,
        validators=[vat_number],
        help_text="If you order for a business: it is printed on the invoice.",
    )
    note = Text(label="Note to us", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, user: User | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.book = {str(address.pk): address for address in Address.objects.owned_by(user)} if user else {}
        self._offer("address", [(pk, _one_line(address)) for pk, address in self.book.items()])
        self._offer("payment_method", [(method.code, method.label) for method in payment_methods()])
        for field in self.fields.values():
            field.error_messages["required"] = "Please fill this in."
        for name in ("country", "payment_method"):
            self.fields[name].error_messages["required"] = "Please choose one."
        self.fields["email"].error_messages["invalid"] = "Please type an e-mail address such as name@example.com."
        for name, hint in AUTOCOMPLETE.items():
            self.fields[name].widget.attrs["autocomplete"] = hint
        # The browser must not insist on fields that are not meant.
        self.use_required_attribute = not self.book
        if self.data.get("address") in self.book:
            for name in ADDRESS_FIELDS:
                self.fields[name].required = False

    def _offer(self, field: str, choices: list[tuple[str, str]]) -> None:
        """Set what can be chosen; the address book also offers "another address"."""
        another = [(NEW_ADDRESS, "Another address")] if field == "address" else []
        self.fields[field].choices = choices + another  # type: ignore[attr-defined]  # it is a ChoiceField

    def clean_email(self) -> str:
        return canonical_email(self.cleaned_data["email"])

    def draft(self) -> Draft:
        """What was typed and chosen, of a valid form."""
        data = self.cleaned_data
        chosen = self.book.get(data["address"])
        fields = {name: getattr(chosen, name) if chosen else data[name] for name in ADDRESS_FIELDS}
        return Draft(
            email=data["email"],
            address=ShippingAddress(**fields, phone=data["phone"]),
            choice=data["address"],
            payment_method=data["payment_method"],
            note=data["note"],
            save_address=data["save_address"],
            vat_number=compact_vat_number(data["vat_number"]),
        )

    def clean(self) -> dict[str, Any]:
        """An entry of the address book may lie in a country to which we do not ship (any more)."""
        data: dict[str, Any] = self.cleaned_data
        chosen = self.book.get(data.get("address", ""))
        if chosen and chosen.country not in settings.SHOP_COUNTRIES:
            self.add_error("address", "We do not ship to this country. Please choose another address.")
        return data


class PlaceForm(forms.Form):
    """What the review page sends back: what the shopper saw there, and the key that makes it one order."""

    key = forms.RegexField(re.compile(r"\A[A-Za-z0-9_-]{43}\Z"), max_length=43)
    expected_total = forms.IntegerField(min_value=0, max_value=MAX_ID)
    reviewed = forms.CharField(max_length=5000)
    shipping = forms.RegexField(re.compile(r"\A[a-z0-9]{1,20}\Z"), max_length=20)

    def clean_reviewed(self) -> dict[int, int]:
        """Pieces by variant id, sent as `12:1,40:2`."""
        text: str = self.cleaned_data["reviewed"]
        if not re.fullmatch(r"[0-9]{1,19}:[0-9]{1,3}(,[0-9]{1,19}:[0-9]{1,3})*", text, re.ASCII):
            raise ValidationError("This is not a cart.")
        return {int(pk): int(quantity) for pk, quantity in (line.split(":") for line in text.split(","))}


def _countries() -> list[tuple[str, str]]:
    """Nothing is chosen beforehand: a parcel to the wrong country is the dearest mistake of all."""
    return [("", "Choose a country"), *country_choices()]


def _one_line(address: Address) -> str:
    parts = (address.name, address.line1, f"{address.postcode} {address.city}", country_name(address.country))
    return ", ".join(part.strip() for part in parts)


AUTOCOMPLETE = {
    "email": "email",
    "phone": "tel",
    "name": "shipping name",
    "line1": "shipping address-line1",
    "line2": "shipping address-line2",
    "postcode": "shipping postal-code",
    "city": "shipping address-level2",
    "region": "shipping address-level1",
    "country": "shipping country",
}
