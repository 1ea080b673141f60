"""Account pages: the profile, the address book, and allauth's entrance pages behind our quotas and acts."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views as allauth
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import address_book, registration, tokens
from accounts.access import address_of, addresses_of, person
from accounts.errors import AddressBookFull, AddressNotFound, UsernameTaken, WrongPassword
from accounts.forms import AddressForm, ProfileForm, ResetPasswordForm
from accounts.models import Address
from accounts.throttling import client_address, spend

View = Callable[..., HttpResponse]


def throttled(scope: str) -> Callable[[View], View]:
    """Count the forms that are sent; one too many raises TooManyRequests."""

    def decorate(view: View) -> View:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "POST":
                spend(scope, client_address(request))
            return view(request, *args, **kwargs)

        return counted

    return decorate


# --- Entrance ---------------------------------------------------------------------------------------------


class SignupView(allauth.SignupView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        """One answer for new and for known e-mail addresses."""
        data = form.cleaned_data
        try:
            registration.register_customer(username=data["username"], email=data["email"], password=data["password1"])
        except UsernameTaken as error:
            form.add_error("username", str(error))
            response: HttpResponse = self.form_invalid(form)
            return response
        return redirect("account_email_verification_sent")


class LogoutView(allauth.LogoutView):  # type: ignore[misc]
    """GET asks, POST ends the sessions and tokens of this person on every device."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.request.user.is_authenticated:
            tokens.end_all(user_id=self.request.user.pk)
        response: HttpResponse = super().post(*args, **kwargs)
        return response


class PasswordResetFromKeyView(allauth.PasswordResetFromKeyView):  # type: ignore[misc]
    """The page that the link in the e-mail leads to."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().form_valid(form)
        except WrongPassword:  # the same link was used a moment ago
            return redirect("account_reset_password")
        registration.confirm_own_address(user=self.reset_user)
        return response


sensitive = sensitive_post_parameters("password", "password1", "password2", "oldpassword")
signup = sensitive(throttled("registration")(SignupView.as_view()))
logout = LogoutView.as_view()
password_reset = throttled("password_reset")(allauth.password_reset)
password_reset_from_key = sensitive(throttled("password_reset")(PasswordResetFromKeyView.as_view()))
password_change = throttled("login")(allauth.password_change)
reauthenticate = sensitive(allauth.reauthenticate)


@throttled("password_reset")
@require_http_methods(["GET", "HEAD", "POST"])
def resend_confirmation(request: HttpRequest) -> HttpResponse:
    """Send the confirmation link once more; the answer does not depend on the address."""
    form = ResetPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        registration.resend_confirmation(email=form.cleaned_data["email"])
        return redirect("account_email_verification_sent")
    return render(request, "accounts/resend_confirmation.html", {"form": form})


# --- Profile ----------------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = ProfileForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        try:
            user.save(update_fields=["first_name", "last_name", "username"])
        except IntegrityError:  # taken between the check and the writing
            form.add_error("username", "This username is taken.")
        else:
            messages.success(request, "Your profile is saved.")
            return redirect("accounts:profile")
    if form.errors:
        user.refresh_from_db(fields=["first_name", "last_name", "username"])
    return render(request, "accounts/profile.html", {"form": form})


# --- Address book -----------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD"])
def addresses(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/addresses.html", {"addresses": addresses_of(person(request))})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def address_add(request: HttpRequest) -> HttpResponse:
    return _edit(request, Address(user=person(request), country="DE"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def address_edit(request: HttpRequest, address_id: int) -> HttpResponse:
    return _edit(request, address_of(person(request), address_id))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def address_delete(request: HttpRequest, address_id: int) -> HttpResponse:
    address = address_of(person(request), address_id)
    if request.method == "POST":
        address_book.remove_address(address=address)
        messages.success(request, "The address is removed.")
        return redirect("accounts:addresses")
    return render(request, "accounts/address_delete.html", {"address": address})


@login_required
@require_POST
def address_default(request: HttpRequest, address_id: int) -> HttpResponse:
    address = address_of(person(request), address_id)
    address.is_default = True
    address_book.save_address(address=address)
    return redirect("accounts:addresses")


def _edit(request: HttpRequest, address: Address) -> HttpResponse:
    is_new = address._state.adding
    form = AddressForm(request.POST or None, instance=address)
    if request.method == "POST" and form.is_valid():
        try:
            address_book.save_address(address=form.instance)
        except (AddressBookFull, AddressNotFound) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "The address is saved.")
            return redirect("accounts:addresses")
    return render(request, "accounts/address_form.html", {"form": form, "is_new": is_new})
