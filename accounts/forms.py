"""Forms of the account pages. Those of allauth's pages call our acts."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import forms as allauth
from django import forms
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest

from accounts import passwords
from accounts.countries import country_choices
from accounts.email_addresses import canonical_email, validate_mailbox
from accounts.models import Address, User


class OwnWords:
    """Labels in the shop's words instead of allauth's, and no placeholders: they vanish while one types."""

    fields: dict[str, forms.Field]
    words: ClassVar[dict[str, str]] = {
        "login": "E-mail address or username",
        "email": "E-mail address",
        "remember": "Keep me logged in",
        "oldpassword": "Current password",
        "password": "Password",
        "password1": "New password",
        "password2": "New password, once more",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.words.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)


class LoginForm(OwnWords, allauth.LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login = self.fields["login"]
        login.validators.append(MaxLengthValidator(254))
        login.widget.attrs |= {"autocomplete": "username", "autofocus": True, "maxlength": "254"}

    def clean_login(self) -> str:
        return canonical_email(self.cleaned_data["login"])


class SignupForm(OwnWords, allauth.SignupForm):  # type: ignore[misc]
    words: ClassVar[dict[str, str]] = OwnWords.words | {"password1": "Password", "password2": "Password, once more"}

    def validate_unique_email(self, value: str) -> str:
        """Whether the address is known is not told here; `register_customer` tells its owner."""
        return value


class AddEmailForm(OwnWords, allauth.AddEmailForm):  # type: ignore[misc]
    words: ClassVar[dict[str, str]] = {"email": "New e-mail address"}


class ChangePasswordForm(OwnWords, allauth.ChangePasswordForm):  # type: ignore[misc]
    pass


class ResetPasswordKeyForm(OwnWords, allauth.ResetPasswordKeyForm):  # type: ignore[misc]
    pass


class ReauthenticateForm(OwnWords, allauth.ReauthenticateForm):  # type: ignore[misc]
    pass


class ResetPasswordForm(forms.Form):
    """Asks for the link to choose a new password; the answer does not depend on the address."""

    email = forms.EmailField(
        label="E-mail address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def clean_email(self) -> str:
        email = canonical_email(self.cleaned_data["email"])
        validate_mailbox(email)
        return email

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Called by allauth's view."""
        passwords.request_reset(email=self.cleaned_data["email"])
        return str(self.cleaned_data["email"])


class ProfileForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields: ClassVar = ["first_name", "last_name", "username"]
        widgets: ClassVar = {
            "first_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "last_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
            "username": forms.TextInput(attrs={"autocomplete": "username"}),
        }

    def clean_username(self) -> str:
        return User.normalize_username(self.cleaned_data["username"])


class AddressForm(forms.ModelForm[Address]):
    country = forms.ChoiceField(widget=forms.Select(attrs={"autocomplete": "country"}))

    class Meta:
        model = Address
        fields: ClassVar = [
            "name",
            "line1",
            "line2",
            "postcode",
            "city",
            "region",
            "country",
            "is_default",
        ]
        widgets: ClassVar = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "line1": forms.TextInput(attrs={"autocomplete": "address-line1"}),
            "line2": forms.TextInput(attrs={"autocomplete": "address-line2"}),
            "postcode": forms.TextInput(attrs={"autocomplete": "postal-code"}),
            "city": forms.TextInput(attrs={"autocomplete": "address-level2"}),
            "region": forms.TextInput(attrs={"autocomplete": "address-level1"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = country_choices()  # type: ignore[attr-defined]

    def validate_constraints(self) -> None:
        """A second default is not an error: `save_address` makes the other one an ordinary entry."""
