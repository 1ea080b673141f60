"""An object store on loopback: as much of S3 as storing, reading and removing files takes. It checks no signatures."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True)
class Kept:
    """An object, with the headers it was sent with."""

    content: bytes
    headers: dict[str, str]


@dataclass
class ObjectStore:
    """Where it listens, and its objects by bucket and name: "pictures/a/b.webp"."""

    url: str
    objects: dict[str, Kept] = field(default_factory=dict)


class _Handler(BaseHTTPRequestHandler):
    """Puts, gets and deletes the objects of one store."""

    def __init__(self, objects: dict[str, Kept], *args: Any) -> None:
        self.objects = objects
        super().__init__(*args)

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.objects[self._key()] = Kept(body, {name.lower(): value for name, value in self.headers.items()})
        self._answer(200)

    def do_GET(self) -> None:
        kept = self.objects.get(self._key())
        self._answer(200 if kept else 404, kept)

    do_HEAD = do_GET  # noqa: N815

    def do_DELETE(self) -> None:
        self.objects.pop(self._key(), None)
        self._answer(204)

    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).lstrip("/")

    def _answer(self, status: int, kept: Kept | None = None) -> None:
        content = kept.content if kept else b""
        self.send_response(status)
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Thu, 26 Nov 2026 12:00:00 GMT")
        if kept:
            self.send_header("Content-Type", kept.headers.get("content-type", ""))
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def object_store() -> Iterator[ObjectStore]:
    """A store that lives for the block; it has every bucket that is asked for."""
    objects: dict[str, Kept] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, objects))
    store = ObjectStore(f"http://127.0.0.1:{server.server_port}", objects)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield store
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
