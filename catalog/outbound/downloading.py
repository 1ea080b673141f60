"""Files fetched from addresses that somebody wrote down: from public hosts alone, through few redirects, bounded in
size and time."""

from __future__ import annotations

import time
from dataclasses import replace
from urllib.parse import quote, urljoin, urlsplit

from catalog.outbound.addresses import AddressRefused, parse_target
from catalog.outbound.asking import Answer, NoAnswer, Patience, ask

MAX_REDIRECTS = 3
REDIRECTS = (301, 302, 303, 307, 308)


class TooLarge(Exception):
    """The file is larger than what was asked for at most."""


def download(url: str, *, limit: int, accept: str, patience: Patience, allow_local: bool = False) -> bytes:
    """The file behind `url`, if it has `limit` bytes at most.

    The time is that of all redirects together; each of them is held against the same rules as the first address.
    Raises AddressRefused, TooLarge, and NoAnswer for anything that may be better the next time.
    """
    deadline = time.monotonic() + patience.total
    here = plainly_written(url)
    headers = {"Accept": accept, "Accept-Encoding": "identity", "User-Agent": "Shop-Pictures/1"}
    for _ in range(MAX_REDIRECTS + 1):
        target = parse_target(here, allow_local=allow_local, allow_http=True)
        left = replace(patience, total=max(0.01, deadline - time.monotonic()))
        with ask(target, headers=headers, patience=left, allow_local=allow_local) as answer:
            if answer.status not in REDIRECTS:
                return _body(answer, limit)
            here = plainly_written(_followed(here, answer.headers.get("location", "")))
    raise NoAnswer(f"There are more than {MAX_REDIRECTS} redirects.")


def plainly_written(url: str) -> str:
    """The URL as browsers send it: what people, and programs of all sorts, write with spaces, accents, a fragment, or
    without its scheme. Whether it may be called is another question."""
    text = url.strip()
    try:
        parts = urlsplit(f"https:{text}" if text.startswith("//") else text)
        host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    except (ValueError, UnicodeError):
        raise AddressRefused("This is not the address of a file.") from None
    path = quote(parts.path, safe="/%!$&'()*+,;=:@~-._")
    query = quote(parts.query, safe="/%!$&'()*+,;=:@~-._?")
    return f"{parts.scheme}://{host}{path}" + (f"?{query}" if query else "")


def _followed(here: str, location: str) -> str:
    if not location:
        raise NoAnswer("It redirects to nowhere.")
    try:
        return urljoin(here, location)
    except ValueError:
        raise AddressRefused("It redirects to what is no address.") from None


def _body(answer: Answer, limit: int) -> bytes:
    if answer.status != 200:
        raise NoAnswer(f"It answered {answer.status}.")
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise NoAnswer("It is packed, though that was not asked for.")
    said = answer.headers.get("content-length", "")
    promised = int(said) if said.isdecimal() and len(said) < 20 else None
    if promised is not None and promised > limit:
        raise TooLarge
    body = answer.read(limit + 1)
    if len(body) > limit:
        raise TooLarge
    is_chunked = "transfer-encoding" in answer.headers
    if promised is not None and len(body) < promised and not is_chunked:
        raise NoAnswer(f"It broke off after {len(body)} of {promised} bytes.")
    return body
