"""One spelling for every e-mail address, so that no two accounts share a mailbox; pure."""

from __future__ import annotations

from django.core.exceptions import ValidationError


def canonical_email(value: str) -> str:
    """The address in lower case with its domain in ASCII (IDNA), as mail servers see it.

    What cannot be spelled so is returned as it came, for `validate_mailbox` to refuse.
    """
    local, at, domain = value.strip().rpartition("@")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode()
        except UnicodeError:
            return value.strip()
    return f"{local}{at}{domain}".lower() if local.isascii() else value.strip()


def validate_mailbox(value: str) -> None:
    """Refuse letters that merely look like, or turn into, ASCII ones: mıke@ is not mike@."""
    if not canonical_email(value).isascii():
        raise ValidationError("Use only Latin letters without accents, digits and signs before the @.")
