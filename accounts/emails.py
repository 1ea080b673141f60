"""The account e-mails. The worker composes them: the links in them open an account, and are stored nowhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import User


@dataclass(frozen=True)
class Letter:
    """To whom, and what the templates `emails/account-<event>-…` are given."""

    to: str
    context: dict[str, Any] = field(default_factory=dict)


def send(event: str, facts: dict[str, Any], *, job: int) -> None:
    """Send what is to be told about the event, unless there is nothing to tell any more.

    `job` makes the Message-ID, so that mail programs show one message however often the job is repeated.
    """
    letter = LETTERS[event](**facts)
    if letter is None:
        return
    context = letter.context | {"shop_name": settings.SHOP_NAME, "site_url": settings.SITE_URL}
    template = f"emails/account-{event}"
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    email = EmailMultiAlternatives(
        subject=" ".join(render_to_string(f"{template}-subject.txt", context).split()),
        body=render_to_string(f"{template}-body.txt", context),
        to=[letter.to],
        headers={"Message-ID": f"<account.{event}.{job}@{domain}>", "Auto-Submitted": "auto-generated"},
    )
    email.attach_alternative(render_to_string(f"{template}-body.html", context), "text/html")
    email.send()


def confirm_email(*, address_id: int) -> Letter | None:
    address = EmailAddress.objects.select_related("user").filter(pk=address_id, verified=False).first()
    if address is None or not address.user.is_active:
        return None
    key = EmailConfirmationHMAC.create(address).key
    return Letter(address.email, {"user": address.user, "link": _link("account_confirm_email", key=key)})


def reset_password(*, user_id: int) -> Letter | None:
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return None
    key, uid = default_token_generator.make_token(user), user_pk_to_url_str(user)
    link = _link("account_reset_password_from_key", uidb36=uid, key=key)
    return Letter(user.email, {"user": user, "link": link})


def unknown_address(*, email: str) -> Letter:
    """Somebody wanted to reset the password of an account that does not exist."""
    return Letter(email, {"email": email, "link": _link("account_signup")})


def already_registered(*, user_id: int) -> Letter | None:
    """Somebody signed up with the e-mail address of an account that exists."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return Letter(user.email, {"user": user, "link": _link("account_reset_password")}) if user else None


def password_changed(*, user_id: int) -> Letter | None:
    user = User.objects.filter(pk=user_id).first()
    return Letter(user.email, {"user": user, "link": _link("account_reset_password")}) if user else None


def email_changed(*, user_id: int, old_email: str) -> Letter | None:
    """Tells the old address."""
    user = User.objects.filter(pk=user_id).first()
    return Letter(old_email, {"user": user, "link": settings.SITE_URL}) if user else None


LETTERS: dict[str, Callable[..., Letter | None]] = {
    "confirm-email": confirm_email,
    "reset-password": reset_password,
    "unknown-address": unknown_address,
    "already-registered": already_registered,
    "password-changed": password_changed,
    "email-changed": email_changed,
}


def _link(name: str, **arguments: str) -> str:
    """An address on the configured site, whatever host the request named."""
    return settings.SITE_URL + reverse(name, kwargs=arguments)
