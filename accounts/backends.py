"""Who logs in on the pages: found by one query, and one password check whatever the answer is."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from accounts.models import User


class AccountBackend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's own tries an e-mail address twice, which takes longer when there is such an account."""

    def _authenticate(self, request: HttpRequest | None, **credentials: str) -> User | None:
        login = credentials.get("email") or credentials.get("username") or ""
        found: User | None = self._check_password(User.objects.named(login).first(), credentials["password"])
        return found
