"""One mailbox, many spellings: who a per-customer limit means. Pure."""

from __future__ import annotations

import unicodedata

from accounts.email_addresses import canonical_email

# Providers that ignore dots in the local part, whatever their domain's spelling.
DOTLESS = {"gmail.com", "googlemail.com"}


def mailbox_key(email: str) -> str:
    """The same for spellings that lead to the same mailbox: case, Unicode forms, quotes, `+tags`, Gmail's dots."""
    address = canonical_email(unicodedata.normalize("NFKC", email).casefold())
    local, _, domain = address.rpartition("@")
    if len(local) > 2 and local[0] == local[-1] == '"':
        local = local[1:-1].replace("\\", "")
    local = local.split("+", 1)[0] or local
    if domain in DOTLESS:
        local, domain = local.replace(".", "") or local, "gmail.com"
    return f"{local}@{domain}"
