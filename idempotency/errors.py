"""What can go wrong with an `Idempotency-Key`. Statuses belong to the doors."""

from __future__ import annotations

from typing import Any


class IdempotencyError(Exception):
    """Base of the errors about keys: a stable `code`, a sentence for people, details for programs."""

    code = "idempotency_error"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.details = details


class KeyInvalid(IdempotencyError):
    """What was sent is no key."""

    code = "idempotency_key_invalid"


class KeyReused(IdempotencyError):
    """The key was used for a request with another body."""

    code = "idempotency_key_reused"


class KeyInProgress(IdempotencyError):
    """The request with this key is still running."""

    code = "idempotency_key_in_progress"


class KeyMissing(IdempotencyError):
    """This request needs an `Idempotency-Key` header."""

    code = "idempotency_key_missing"
