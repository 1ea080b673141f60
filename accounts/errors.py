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


class InvalidCredentials(AccountsError):
    """No such account, a wrong password, or an account that may not log in; which of them is not told."""

    code = "invalid_credentials"

    def __init__(self) -> None:
        super().__init__("Wrong name or password, or an account that is not active or not confirmed yet.")


class WrongPassword(AccountsError):
    """The current password that was given is not the current one."""

    code = "wrong_password"


class InvalidResetLink(AccountsError):
    """The link to choose a new password was used, has expired, or was never ours."""

    code = "reset_link_not_valid"


class UsernameTaken(AccountsError):
    """Somebody else has this username."""

    code = "username_taken"


class EmailTaken(AccountsError):
    """Somebody else has this e-mail address. Only its owner is ever told."""

    code = "email_taken"


class AddressNotFound(AccountsError):
    """The address is not in this person's book (any more)."""

    code = "not_found"


class AddressBookFull(AccountsError):
    """The address book has no room for one more."""

    code = "address_book_full"


class TooManyRequests(AccountsError):
    """A quota is used up; `retry_after` says for how many seconds."""

    code = "throttled"

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many requests. Try again later.")
        self.retry_after = retry_after


class ThrottleUnavailable(AccountsError):
    """Requests cannot be counted at the moment, so those that must be counted are refused."""

    code = "unavailable"
