"""Who is asking: the owner of the access token in the Authorization header."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework_simplejwt.authentication import JWTAuthentication

from accounts import tokens
from accounts.errors import InvalidToken
from accounts.models import User


class TokenAuthentication(JWTAuthentication):
    """One query: the user, who must be active and not have logged out or changed the password since."""

    def get_raw_token(self, header: bytes) -> bytes | None:
        scheme, _, token = header.strip().partition(b" ")
        if scheme.lower() != b"bearer":
            return None  # not meant for us
        return token.strip()

    def get_validated_token(self, raw_token: bytes) -> Any:
        return tokens.read_access(raw_token)

    def get_user(self, validated_token: tokens.Claims) -> User:  # type: ignore[override]
        user = self.users().filter(pk=validated_token.user_id, is_active=True).first()
        if user is None or user.credentials_version != validated_token.credentials_version:
            raise InvalidToken(tokens.NOT_VALID)
        return user

    def users(self) -> QuerySet[User]:
        return User.objects.all()


class TokenAuthenticationWithRoles(TokenAuthentication):
    """Loads the names of the user's groups and permissions in the same query."""

    def users(self) -> QuerySet[User]:
        return User.objects.with_roles()


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = TokenAuthentication
    match_subclasses = True
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
