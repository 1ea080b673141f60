"""What can go wrong with accounts, in the shop's words. Statuses belong to the doors."""

from __future__ import annotations

from typing import Any


class AccountsError(Exception):
    """Base of the accounts' domain errors: a stable `code`, a sentence for people, details for programs."""

    code = "accounts_error"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.details = details


class InvalidToken(AccountsError):
    """The token is not valid any more, was never ours, or belongs to nobody who may log in."""

    code = "token_not_valid"
