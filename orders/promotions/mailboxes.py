"""One mailbox, many spellings: who a per-customer limit means. Pure."""

from __future__ import annotations

import unicodedata

from accounts.email_addresses import canonical_email

# Providers that ignore dots in the local part, whatever their domain's spelling.
DOTLESS = {"gmail.com", "googlemail.com"}


def mailbox_key(email: str) -> str:
    """The same for spellings that lead to the same mailbox: case, Unicode forms, `+tags`, and Gmail's dots."""
    address = unicodedata.normalize("NFKC", canonical_email(email)).casefold()
    local, _, domain = address.rpartition("@")
    local = local.split("+", 1)[0]
    if domain in DOTLESS:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"
