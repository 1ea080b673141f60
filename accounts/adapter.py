"""How allauth's pages act in this shop: our acts, our quotas, our e-mails, only our own site as a destination."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import passwords, registration
from accounts.email_addresses import canonical_email, validate_mailbox
from accounts.errors import EmailTaken
from accounts.models import User
from accounts.tasks import enqueue_email
from accounts.throttling import client_address, spend

WRONG = "Wrong name or password."


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": WRONG,
        "username_password_mismatch": WRONG,
        "incorrect_password": "This is not your password.",
        "enter_current_password": "This is not your current password.",
        "username_taken": "This username is taken.",
    }

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt before the password is looked at. Raises TooManyRequests, ThrottleUnavailable."""
        name = credentials.get("email") or credentials.get("username") or ""
        spend_login(client_address(request), name)

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def clean_email(self, email: str) -> str:
        email = canonical_email(email)
        validate_mailbox(email)
        return email

    def set_password(self, user: User, password: str) -> None:
        """Change and reset of a password end here."""
        passwords.set_password(user=user, password=password)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        context = {"email": email_address.email}
        try:
            registration.confirm_address(address=email_address)
        except EmailTaken:
            failed = "account/messages/email_confirmation_failed.txt"
            self.add_message(request, messages.ERROR, failed, context)
            return False
        self.add_message(request, messages.SUCCESS, "account/messages/email_confirmed.txt", context)
        return True

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        enqueue_email("confirm-email", address_id=emailconfirmation.email_address.pk)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_login")

    def is_safe_url(self, url: str) -> bool:
        """Nothing but our own site is a place to go to."""
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )


def spend_login(address: str, name: str) -> None:
    """One attempt to log in: counted for the client's address, and there for the account as well.

    The owner, who comes from another address, is not locked out by an attacker. Raises TooManyRequests.
    """
    spend("login", address)
    spend("login_account", f"{address} {canonical_email(name).casefold()}")
