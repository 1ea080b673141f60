"""Access and refresh tokens of the API: SimpleJWT signs them, families make them revocable.

An access token carries the user's `credentials_version` and dies with it. A refresh token names its family and
is alive only while it is the family's current one; see `TokenFamily`.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.errors import InvalidToken
from accounts.models import TokenFamily, User

MAX_LENGTH = 2000  # ours have about 400 characters
NOT_VALID = "The token is not valid or has expired. Log in again."


@dataclass(frozen=True)
class TokenPair:
    """What a login or a refresh hands out; `expires_in` is the access token's life in seconds."""

    access: str
    refresh: str
    expires_in: int


@dataclass(frozen=True)
class Claims:
    """What a token says about its owner."""

    user_id: int
    credentials_version: int


def open_family(*, user: User) -> TokenPair:
    """Hand out the first tokens of a login."""
    family = TokenFamily(
        id=uuid.uuid4(), user=user, current_jti=uuid.uuid4().hex, expires_at=timezone.now() + _refresh_lifetime()
    )
    family.save(force_insert=True)
    return _pair(family.id, family.current_jti, Claims(user.pk, user.credentials_version))


def rotate(*, refresh: str) -> TokenPair:
    """Exchange the family's current refresh token for the next one: of any number of attempts, one succeeds.

    Raises InvalidToken; if the token had been exchanged before, nobody can tell the owner from the thief, and
    the whole family is revoked.
    """
    claims, family_id, jti = _read_refresh(refresh)
    next_jti, now = uuid.uuid4().hex, timezone.now()
    # The compared columns stand in the family's own row, so PostgreSQL looks at them again after it has waited
    # for a competitor. The user may be looked up in a subquery: losing that race is harmless, the version counts.
    rotated = (
        _family(family_id, claims)
        .filter(current_jti=jti, revoked_at=None, expires_at__gt=now)
        .update(current_jti=next_jti, expires_at=now + _refresh_lifetime())
    )
    if not rotated:
        TokenFamily.objects.filter(pk=family_id, revoked_at=None).update(revoked_at=now)
        raise InvalidToken(NOT_VALID)
    return _pair(family_id, next_jti, claims)


def owner_of_refresh(*, refresh: str) -> int:
    """The id of the user whose live refresh token this is; raises InvalidToken."""
    claims, family_id, jti = _read_refresh(refresh)
    live = _family(family_id, claims).filter(current_jti=jti, revoked_at=None, expires_at__gt=timezone.now())
    if not live.exists():
        raise InvalidToken(NOT_VALID)
    return claims.user_id


def read_access(token: str | bytes) -> Claims:
    """The claims of an access token that is genuine and not expired; raises InvalidToken."""
    return _claims(_verified(AccessToken, token))


def end_all(*, user_id: int) -> None:
    """End every session, access and refresh token of this user at once."""
    with transaction.atomic(durable=True):
        User.objects.filter(pk=user_id).update(credentials_version=F("credentials_version") + 1)
        revoke_families(user_id=user_id)


def revoke_families(*, user_id: int) -> None:
    """Revoke all refresh tokens, as a part of what the caller does."""
    TokenFamily.objects.filter(user_id=user_id, revoked_at=None).update(revoked_at=timezone.now())


def remove_expired_families() -> int:
    """Forget the families whose last token has expired; tidies only, they are dead already."""
    deleted, _ = TokenFamily.objects.filter(expires_at__lt=timezone.now()).delete()
    return deleted


def _family(family_id: uuid.UUID, claims: Claims) -> Any:
    """The family, if its owner may log in and has not logged out everywhere since."""
    owner = User.objects.filter(pk=claims.user_id, is_active=True, credentials_version=claims.credentials_version)
    return TokenFamily.objects.filter(pk=family_id, user_id__in=owner.values("pk"))


def _pair(family_id: uuid.UUID, jti: str, claims: Claims) -> TokenPair:
    refresh, access = RefreshToken(), AccessToken()
    refresh["jti"] = jti
    refresh["family"] = str(family_id)
    for token in (refresh, access):
        token["user_id"] = str(claims.user_id)
        token["ver"] = claims.credentials_version
    lifetime: timedelta = settings.SIMPLE_JWT["ACCESS_TOKEN_LIFETIME"]
    return TokenPair(access=str(access), refresh=str(refresh), expires_in=int(lifetime.total_seconds()))


def _read_refresh(refresh: str) -> tuple[Claims, uuid.UUID, str]:
    token = _verified(RefreshToken, refresh)
    try:
        return _claims(token), uuid.UUID(token["family"]), str(token["jti"])
    except (KeyError, ValueError, TypeError, AttributeError):
        raise InvalidToken(NOT_VALID)


def _verified(kind: type[Any], token: str | bytes) -> Any:
    if len(token) > MAX_LENGTH:
        raise InvalidToken(NOT_VALID)
    try:
        return kind(token)
    # A signed token with absurd claims ("exp": 1e309) makes the library stumble in its own ways.
    except (TokenError, KeyError, ValueError, TypeError, OverflowError):
        raise InvalidToken(NOT_VALID)


def _claims(token: Any) -> Claims:
    try:
        return Claims(user_id=int(token["user_id"]), credentials_version=int(token["ver"]))
    except (KeyError, ValueError, TypeError, OverflowError):
        raise InvalidToken(NOT_VALID)


def _refresh_lifetime() -> timedelta:
    lifetime: timedelta = settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"]
    return lifetime
