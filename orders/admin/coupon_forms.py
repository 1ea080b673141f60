"""The forms of a coupon and of a batch of coupons. Amounts are typed as decimals; the kind decides which count."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.utils import timezone
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from catalog.admin.base import AmountInput
from orders.locks import lock_coupon
from orders.models import Coupon, Redemption
from orders.promotions.batches import MOST, SHORTEST_RANDOM
from orders.promotions.codes import LONGEST, read_code

Kind = Coupon.Kind
TERMS = [
    "kind", "percentage", "amount", "minimum_spend", "starts_at", "ends_at", "only_chosen", "max_uses",
    "max_uses_per_customer", "is_active", "note",
]  # fmt: skip
SAVED = ["code", *TERMS]
# The codes of a batch are for one use each, whoever makes it.
BATCH_TERMS = [name for name in TERMS if name != "max_uses"]
AT_MOST = 2**31 - 1
CHANGED = "Somebody else has changed this coupon since you opened this page. Please load it again."


class TermsForm(ModelForm[Coupon]):
    """What a coupon takes off, when, and how often."""

    percentage = forms.DecimalField(
        required=False, min_value=0, max_value=100, max_digits=5, decimal_places=2, widget=UnfoldAdminTextInputWidget()
    )
    amount = AmountInput(
        required=False, label=f"Amount in {settings.SHOP_CURRENCY}", help_text="Never more than the goods cost."
    )
    minimum_spend = AmountInput(
        required=False,
        label=f"Minimum spend in {settings.SHOP_CURRENCY}",
        help_text="Value of all goods in the cart from which it counts. Empty: any.",
    )
    max_uses = forms.IntegerField(
        label="Uses in total",
        required=False,
        min_value=1,
        max_value=AT_MOST,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text="Empty: as often as you like.",
    )
    max_uses_per_customer = forms.IntegerField(
        label="Uses per customer",
        required=False,
        min_value=1,
        max_value=AT_MOST,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text="A customer is an account or a mailbox, whatever the spelling of its address. Empty: any number.",
    )

    class Meta:
        model = Coupon
        fields = TERMS
        help_texts = {
            "starts_at": f"In the shop's time, {settings.TIME_ZONE}. Empty: at once.",
            "ends_at": f"In the shop's time, {settings.TIME_ZONE}. Empty: never.",
            "products": "It counts for these,",
            "categories": "and for everything in and below these.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # 0 means "does not apply": it is not shown.
        for name in ("percentage", "amount", "minimum_spend"):
            self.initial[name] = self.initial.get(name) or None

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.instance.pk and data.get("ends_at") is not None and data["ends_at"] <= timezone.now():
            self.add_error("ends_at", "This is over already.")
        self._clean_worth(data)
        self._clean_choice(data)
        data["minimum_spend"] = data.get("minimum_spend") or 0
        return data

    def _clean_worth(self, data: dict[str, Any]) -> None:
        """The kind decides what counts; what was typed for another kind is forgotten."""
        for name, kind in (("percentage", Kind.PERCENTAGE), ("amount", Kind.AMOUNT)):
            if data.get("kind") != kind:
                self.errors.pop(name, None)
                data[name] = 0
            elif not data.get(name) and name not in self.errors:
                self.add_error(name, "How much does it take off?")

    def _clean_choice(self, data: dict[str, Any]) -> None:
        chosen = bool(data.get("products") or data.get("categories"))
        if data.get("only_chosen") and not chosen:
            self.add_error("only_chosen", "Choose the products or categories that it is for.")
        elif chosen and not data.get("only_chosen"):
            self.add_error("only_chosen", "Tick this, or take the products and categories out.")


class CouponForm(TermsForm):
    """Remembers which terms it shows, and refuses to save over newer ones; what was redeemed meanwhile stays."""

    code = forms.CharField(
        max_length=LONGEST,
        widget=UnfoldAdminTextInputWidget(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
        help_text="3 to 40 letters, digits and hyphens. Shoppers may type it in any case.",
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput())

    class Meta(TermsForm.Meta):
        fields = SAVED

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["version"] = version_of(self.instance)

    def clean_code(self) -> str:
        code = read_code(self.cleaned_data["code"])
        if not code or code.startswith("-"):
            raise ValidationError("Use 3 to 40 letters, digits and hyphens, a letter or digit first.")
        if Coupon.objects.filter(code__iexact=code).exclude(pk=self.instance.pk).exists():
            raise ValidationError("This code is in use.")
        return code

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.instance.pk:
            self._hold(data)
        return data

    def _hold(self, data: dict[str, Any]) -> None:
        """Lock the coupon until it is saved, and see that the new terms go with what has been redeemed."""
        current = lock_coupon(self.instance.pk)
        if self.data.get(self.add_prefix("version")) != version_of(current):
            raise ValidationError(CHANGED)
        if data.get("code", current.code) != current.code and current.redemptions.exists():
            self.add_error("code", "It has been redeemed under its code, which therefore stays.")
        if current.batch and data.get("max_uses") not in (1, current.max_uses):
            self.add_error("max_uses", "A code of a batch is for one use.")
        if data.get("max_uses") is not None and data["max_uses"] < current.used:
            self.add_error("max_uses", f"It is in use {current.used} times already.")
        limit = data.get("max_uses_per_customer")
        if limit is not None and limit < (most := most_uses_by_one(current)):
            self.add_error("max_uses_per_customer", f"One customer has used it {most} times already.")


class BatchForm(TermsForm):
    """The terms of many coupons, and how their codes look. Each code is for one use."""

    max_uses = None  # type: ignore[assignment]  # how Django takes away a field that is inherited
    batch = forms.CharField(
        label="Name of the batch",
        max_length=60,
        widget=UnfoldAdminTextInputWidget(),
        help_text="To find them again: “Newsletter May 2026”.",
    )
    count = forms.IntegerField(
        label="How many",
        min_value=1,
        max_value=MOST,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text=f"Up to {MOST}.",
    )
    begins_with = forms.RegexField(
        r"\A[A-Za-z0-9][A-Za-z0-9-]*\Z",
        required=False,
        max_length=LONGEST - SHORTEST_RANDOM,
        widget=UnfoldAdminTextInputWidget(),
        help_text="What all codes have in common, such as “MAY-”.",
        error_messages={"invalid": "Use letters, digits and hyphens, a letter or digit first."},
    )
    length = forms.IntegerField(
        label="Random signs",
        initial=10,
        min_value=SHORTEST_RANDOM,
        max_value=LONGEST,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text="After that. Ten cannot be guessed and are still typed easily.",
    )

    def clean_begins_with(self) -> str:
        prefix: str = self.cleaned_data["begins_with"]
        return prefix.upper()

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if len(data.get("begins_with", "")) + data.get("length", 0) > LONGEST:
            self.add_error("length", f"A code has at most {LONGEST} signs, the beginning included.")
        return data


def version_of(coupon: Coupon) -> str:
    """Changes whenever the coupon's own columns do, except for how often it was used."""
    return hashlib.sha256(repr([getattr(coupon, name) for name in SAVED]).encode()).hexdigest()[:16]


def most_uses_by_one(coupon: Coupon) -> int:
    """How often the customer who has used it most is using it, by account or by mailbox."""
    uses: Counter[Any] = Counter()
    redeemed = Redemption.objects.filter(coupon=coupon, given_back_at=None)
    for email_key, account_key, customer in redeemed.values_list("email_key", "account_key", "customer_id"):
        uses.update({email_key, account_key, customer} - {"", None})
    return max(uses.values(), default=0)
