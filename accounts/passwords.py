"""Checking, changing and resetting passwords. Every change ends all sessions and tokens of the user."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.utils import url_str_to_user_pk
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F

from accounts import tokens
from accounts.errors import InvalidCredentials, InvalidResetLink, WrongPassword
from accounts.models import User
from accounts.registration import confirm_own_address, is_confirmed
from accounts.tasks import enqueue_email


def authenticate(*, login: str, password: str) -> User:
    """The active user with this username or e-mail address and this password.

    Raises InvalidCredentials, after the same work whatever the reason is.
    """
    user = User.objects.named(login).first()
    if user is None:
        make_password(password)
        raise InvalidCredentials
    if not user.check_password(password) or not user.is_active:
        raise InvalidCredentials
    if settings.API_REQUIRES_CONFIRMED_EMAIL and not is_confirmed(user):
        raise InvalidCredentials
    return user


def change_password(*, user: User, current_password: str, new_password: str) -> None:
    """Set a new password; raises WrongPassword if the current one is another."""
    if not user.check_password(current_password):
        raise WrongPassword("This is not your current password.")
    set_password(user=user, password=new_password)


def set_password(*, user: User, password: str) -> None:
    """Set the password, end everything that the old one has opened, and tell the owner.

    Raises WrongPassword if the password was changed since `user` was loaded.
    """
    old_hash, new_hash = user.password, make_password(password)
    with transaction.atomic(durable=True):
        changed = User.objects.filter(pk=user.pk, password=old_hash).update(
            password=new_hash, credentials_version=F("credentials_version") + 1
        )
        if not changed:
            raise WrongPassword("The password was changed meanwhile.")
        tokens.revoke_families(user_id=user.pk)
        enqueue_email("password-changed", user_id=user.pk)
    user.refresh_from_db(fields=["password", "credentials_version"])


def request_reset(*, email: str) -> None:
    """Send a link to choose a new password to the address on file; to an unknown address, that it is unknown."""
    email = User.objects.normalize_email(email)
    user = User.objects.filter(email=email, is_active=True).only("pk").first()
    if user is None:
        enqueue_email("unknown-address", email=email)
    else:
        enqueue_email("reset-password", user_id=user.pk)


def owner_of_reset_link(*, uid: str, token: str) -> User:
    """Whom the link from the e-mail, `…/<uid>-<token>/`, lets choose a new password; raises InvalidResetLink."""
    try:
        user = User.objects.filter(pk=url_str_to_user_pk(uid), is_active=True).first()
    except (ValueError, OverflowError):
        user = None
    if user is None or not default_token_generator.check_token(user, token):
        raise InvalidResetLink("The link was used or has expired. Ask for a new one.")
    return user


def reset_password(*, user: User, password: str) -> None:
    """Set the password for whoever came through the link; they have shown that the e-mail address is theirs.

    Raises InvalidResetLink if the same link was used a moment ago.
    """
    try:
        set_password(user=user, password=password)
    except WrongPassword:
        raise InvalidResetLink("The link was used or has expired. Ask for a new one.")
    confirm_own_address(user=user)
