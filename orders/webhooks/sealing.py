"""Secrets at rest: sealed with a key that is made from SECRET_KEY, so that the database alone opens none of them."""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"orders.webhooks.sealing"  # the key signs nothing and opens nothing else


class SecretUnreadable(Exception):
    """It was sealed with a SECRET_KEY that is not known here any more."""

    def __init__(self) -> None:
        super().__init__("The endpoint's secret cannot be read: SECRET_KEY is another one. Replace the secret.")


def seal(secret: str) -> str:
    """The secret as it is stored."""
    return _boxes()[0].encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret itself. Raises SecretUnreadable."""
    try:
        return MultiFernet(_boxes()).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadable from error


def is_readable(sealed: str) -> bool:
    try:
        unseal(sealed)
    except SecretUnreadable:
        return False
    return True


def seal_anew(sealed: str) -> str:
    """The same secret sealed with today's key; unchanged if it is already, or if no known key opens it."""
    newest, *older = _boxes()
    try:
        newest.decrypt(sealed.encode())
    except InvalidToken:
        try:
            return MultiFernet([newest, *older]).rotate(sealed.encode()).decode()
        except InvalidToken:
            return sealed
    return sealed


def _boxes() -> list[Fernet]:
    """Today's first, then those of SECRET_KEY_FALLBACKS."""
    return [_box(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


@lru_cache
def _box(key: str) -> Fernet:
    # SECRET_KEY is long and random: it needs no stretching, as a password would.
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
