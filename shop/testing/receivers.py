"""Real HTTP receivers on loopback, well-behaved and otherwise."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Handler"], None]


@dataclass
class Received:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Where it listens, and what it has got."""

    port: int
    requests: list[Received] = field(default_factory=list)

    def url(self, host: str = "127.0.0.1", path: str = "/hooks", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


class Handler(BaseHTTPRequestHandler):
    """Keeps each request, then behaves as it was told."""

    receiver: Receiver
    behaviour: Behaviour
    closing: threading.Event

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.receiver.requests.append(Received(self.command, self.path, headers, body))
        with suppress(OSError):  # who asked has hung up
            type(self).behaviour(self)

    do_GET = do_POST = answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def drip(self, piece: bytes) -> None:
        """Send the piece again and again, slowly, until nobody listens any more."""
        while not self.closing.wait(0.01):
            self.wfile.write(piece)


def answering(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    """Gives one and the same answer; underscores in header names are hyphens."""

    def behave(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return behave


def endless_body(status: int) -> Behaviour:
    """A proper head, and a body that does not end and comes as fast as it can."""

    def behave(handler: Handler) -> None:
        handler.send_response(status)
        handler.end_headers()
        while not handler.closing.is_set():
            handler.wfile.write(b"x" * 65536)

    return behave


def one_after_the_other(*behaviours: Behaviour) -> Behaviour:
    """Behaves differently each time it is asked; the last way for ever."""
    remaining = list(behaviours)

    def behave(handler: Handler) -> None:
        (remaining.pop(0) if len(remaining) > 1 else remaining[0])(handler)

    return behave


def breaking_off(body: bytes, *, promised: int) -> Behaviour:
    """Promises so many bytes, and hangs up after those of `body`."""

    def behave(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(promised))
        handler.end_headers()
        handler.wfile.write(body)

    return behave


def dripping_head(handler: Handler) -> None:
    """Never silent for long, and never done."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    handler.drip(b"z")


def dripping_body(handler: Handler) -> None:
    handler.send_response(500)
    handler.end_headers()
    handler.drip(b"z")


def silent(handler: Handler) -> None:
    handler.closing.wait()


def hanging_up(handler: Handler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def talking_nonsense(handler: Handler) -> None:
    handler.wfile.write(b"\x00\xff not HTTP at all\r\n\r\n")


@contextmanager
def receiver(behaviour: Behaviour | None = None, *, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A server that lives for the block; unless it is told how to behave, it is content with everything."""
    closing = threading.Event()

    class Told(Handler):
        pass

    Told.behaviour, Told.closing = behaviour or answering(200), closing
    server = ThreadingHTTPServer(("127.0.0.1", 0), Told)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda request, client_address: None  # type: ignore[method-assign]  # hung up during TLS
    opened = Told.receiver = Receiver(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield opened
    finally:
        closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
