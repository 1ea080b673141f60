"""HTTP requests to addresses that a person typed: only to public ones, pinned, bounded in time and size.

The host's name is looked up once. Every address found must be public, and the connection goes to one of those very
addresses; a name that is answered differently the next time (DNS rebinding) is not asked a next time. TLS is
verified against the name. Redirects are not followed here; `catalog.outbound.downloading` asks again for each.
"""

from __future__ import annotations

import http.client
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from catalog.outbound.addresses import AddressRefused, Target, may_reach

Address = tuple[socket.AddressFamily, Any]


class NoAnswer(Exception):
    """There was no answer in time, or none that is HTTP; the message says how far it came."""


@dataclass(frozen=True)
class Patience:
    """Seconds until a connection must stand, and until the answer must be complete."""

    connect: float = 5
    total: float = 15


@dataclass(frozen=True)
class Answer:
    """What a host answered; the body is read only as far as somebody asks for it."""

    status: int
    headers: Mapping[str, str]
    _response: http.client.HTTPResponse
    _over: threading.Event

    def read(self, limit: int) -> bytes:
        """The body's first `limit` bytes at most. Raises NoAnswer when they do not come."""
        with _told(self._over):
            return self._response.read(limit)


def look_up(target: Target, *, allow_local: bool = False, within: float = Patience.connect) -> list[Address]:
    """The addresses behind the target's name. Raises NoAnswer, also when nobody answers `within` so many seconds, and
    AddressRefused when one of them is not public."""
    try:
        found = _resolved(target, within)
    except queue.Empty:
        raise NoAnswer(f"The name {target.host} was not found in time.") from None
    except (OSError, UnicodeError) as error:
        raise NoAnswer(f"The name {target.host} was not found.") from error
    for *_, address in found:
        if not may_reach(ip_address(str(address[0])), allow_local=allow_local):
            raise AddressRefused(f"{target.host} leads to {address[0]}, not into the public internet.")
    return [(family, address) for family, *_, address in found]


def _resolved(target: Target, within: float) -> list[tuple[Any, ...]]:
    """What the resolver knows. It takes no time limit, and may take minutes: so it is asked in a thread, which is left
    behind when the time is up, and ends when the resolver does. Raises queue.Empty then."""
    told: queue.SimpleQueue[list[tuple[Any, ...]] | Exception] = queue.SimpleQueue()

    def resolve() -> None:
        try:
            told.put(list(socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)))
        except Exception as error:
            told.put(error)

    threading.Thread(target=resolve, name="look-up", daemon=True).start()
    answer = told.get(timeout=max(0.01, within))
    if isinstance(answer, Exception):
        raise answer
    return answer


@contextmanager
def ask(
    target: Target,
    *,
    method: str = "GET",
    headers: Mapping[str, str],
    body: bytes | None = None,
    patience: Patience = Patience(),
    allow_local: bool = False,
) -> Iterator[Answer]:
    """Send one request and give its answer, whatever its status. Raises AddressRefused or NoAnswer."""
    deadline = time.monotonic() + patience.total
    over = threading.Event()
    with ExitStack() as stack:
        with _told(over):
            addresses = look_up(target, allow_local=allow_local, within=min(patience.connect, patience.total))
            connection = _connected(addresses, patience, deadline)
            stack.enter_context(connection)
            stack.enter_context(_cut_off(connection, deadline, over))
            if target.scheme == "https":
                tls = ssl.create_default_context()
                connection = stack.enter_context(tls.wrap_socket(connection, server_hostname=target.host))
            response = _exchange(target, connection, method, headers, body)
            stack.enter_context(response)
        lowered = {name.lower(): value for name, value in response.getheaders()}
        yield Answer(response.status, lowered, response, over)


def _connected(addresses: list[Address], patience: Patience, deadline: float) -> socket.socket:
    """A connection to the first of the addresses that takes one."""
    until = min(time.monotonic() + patience.connect, deadline)
    failure: OSError = TimeoutError("no time left")
    for family, address in addresses:
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(max(0.01, until - time.monotonic()))
            connection.connect(address)
        except BaseException as error:
            connection.close()
            if not isinstance(error, OSError):
                raise
            failure = error
        else:
            connection.settimeout(patience.total)
            return connection
    raise NoAnswer(f"No connection: {_words(failure)}.") from failure


@contextmanager
def _cut_off(connection: socket.socket, deadline: float, over: threading.Event) -> Iterator[None]:
    """End the connection at the deadline, also when it drips: a time limit for each read would never be reached."""
    with connection.dup() as handle:  # TLS takes over the other one

        def cut() -> None:
            over.set()
            with suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(deadline - time.monotonic(), cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()  # it must not act on a handle that has become another connection's


def _exchange(
    target: Target, connection: socket.socket, method: str, headers: Mapping[str, str], body: bytes | None
) -> http.client.HTTPResponse:
    """Send the request over the open connection, and read the answer's head."""
    kind = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
    client = kind(target.host, target.port)
    client.auto_open = 0  # never by itself: it would look the name up again
    client.sock = connection
    client.request(method, target.path, body=body, headers={"Connection": "close", **headers})
    return client.getresponse()


@contextmanager
def _told(over: threading.Event) -> Iterator[None]:
    """Whatever can go wrong on the wire, as NoAnswer. A cut connection may look like the answer's proper end."""
    try:
        yield
        if over.is_set():
            raise TimeoutError
    except ssl.SSLCertVerificationError as error:
        raise NoAnswer(f"The certificate is not accepted: {error.verify_message}.") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        if isinstance(error, AddressRefused):
            raise
        if over.is_set() or isinstance(error, TimeoutError):
            raise NoAnswer("The time was up before the answer was complete.") from error
        raise NoAnswer(f"No answer that can be read: {_words(error)}.") from error


def _words(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text)[:120].rstrip(".")
