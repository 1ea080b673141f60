"""The double's HTTP side: Stripe's paths, keys and errors, a small hosted page, and `/ledger` to look in."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlsplit
from urllib.request import Request, urlopen

from shop.testing.provider.events import signed
from shop.testing.provider.faults import Fault, Faults
from shop.testing.provider.ledger import Json, Ledger, Refused

SECRET_KEY = "sk_test_of_the_double"


class Double(ThreadingHTTPServer):
    """A running double. `url` is its address; a context manager stops it."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.ledger = Ledger(self.url)
        self.faults = Faults()
        self.calls: list[tuple[str, str, str]] = []  # method, path, idempotency key
        self.answers: dict[str, tuple[str, int, Json]] = {}  # by idempotency key: request, status, body
        self.in_progress: set[str] = set()

    def __enter__(self) -> Double:
        threading.Thread(target=self.serve_forever, args=[0.02], daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.faults.clear()
        self.shutdown()
        self.server_close()

    def writes(self) -> list[str]:
        """The idempotency keys of all calls that would change something."""
        return [key for method, _, key in self.calls if method == "POST"]

    def deliver(self, url: str, events: list[Json] | None = None) -> list[int]:
        """Send events (all that happened) to a shop's endpoint; the statuses of its answers."""
        statuses = []
        for event in self.ledger.events if events is None else events:
            body, headers = signed(event)
            try:
                with urlopen(Request(url, body, headers), timeout=20) as answer:
                    statuses.append(answer.status)
            except HTTPError as error:
                statuses.append(error.code)
        return statuses

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up waiting is nothing to print."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Double

    def do_GET(self) -> None:
        self._answer("GET", "")

    def do_POST(self) -> None:
        self._answer("POST", self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _answer(self, method: str, body: str) -> None:
        parts = urlsplit(self.path)
        if not parts.path.startswith("/v1/"):
            return self._control(method, parts.path, body)
        key = self.headers.get("Idempotency-Key") or ""
        self.server.calls.append((method, parts.path, key))
        self.server.faults.let_happen(parts.path)
        fault = self.server.faults.take(method, parts.path)
        if fault and not fault.is_carried_out:
            return self._break(fault)
        status, answer, headers = self._idempotently(method, parts.path, body or parts.query, key, fault)
        if fault:
            if fault.waits:
                self.server.faults.wait()
            if fault != Fault.SLOW:
                return self._break(fault)
        return self._send(status, json.dumps(answer), headers)

    def _idempotently(
        self, method: str, path: str, params: str, key: str, fault: Fault | None
    ) -> tuple[int, Json, dict[str, str]]:
        """As Stripe does it: the first answer again for the same request, an error for another one."""
        if self.headers.get("Authorization") != f"Bearer {SECRET_KEY}":
            return 401, _error("Invalid API Key provided."), {}
        request = f"{method} {path} {params}"
        with self.server.ledger.lock:
            if method == "POST" and key in self.server.answers:
                first, status, answer = self.server.answers[key]
                if first != request:
                    return 400, _error("The key was used with other parameters.", type="idempotency_error"), {}
                return status, answer, {"Idempotent-Replayed": "true"}
            try:
                # A deep copy: the answer is what was true then.
                answer = json.loads(json.dumps(route(self.server.ledger, method, path, decode(params))))
            except Refused as error:
                return error.status, {"error": error.error}, {}
            status = 200
            if method == "POST" and key:
                if fault == Fault.ERROR_AFTER:
                    self.server.answers[key] = (request, 500, _error("An unknown error occurred", type="api_error"))
                else:
                    self.server.answers[key] = (request, status, answer)
            return status, answer, {}

    def _break(self, fault: Fault) -> None:
        if fault.waits and not fault.is_carried_out:
            self.server.faults.wait()
        if fault in {Fault.DROP, Fault.DROP_AFTER, Fault.HANG, Fault.HANG_AFTER}:
            self.close_connection = True
            self.connection.close()
            return
        self._send(*BROKEN[fault], {})

    def _send(self, status: int, body: str, headers: dict[str, str], kind: str = "application/json") -> None:
        raw = body.encode()
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(raw)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def _control(self, method: str, path: str, body: str) -> None:
        """What Stripe's API does not have: the hosted page, and doors for a test in another process."""
        if path == "/favicon.ico":
            return self._send(204, "", {})
        if path == "/ledger":
            return self._send(200, json.dumps(self.server.ledger.as_json()), {})
        if path == "/faults" and method == "POST":
            self.server.faults.plan(**json.loads(body))
            return self._send(200, "{}", {})
        if path == "/faults/release" and method == "POST":
            self.server.faults.release()
            return self._send(200, "{}", {})
        if path == "/deliver" and method == "POST":
            return self._send(200, json.dumps(self.server.deliver(json.loads(body)["url"])), {})
        match = re.fullmatch(r"/pay/(\w+)(?:/(pay|decline|authorize|pay_slowly|arrive))?", path)
        if match is None:
            return self._send(404, "{}", {})
        session, act = match.groups()
        return self._hosted_page(session, act if method == "POST" else None)

    def _hosted_page(self, session: str, act: str | None) -> None:
        ledger = self.server.ledger
        try:
            shown = ledger.session(session)
            if act:
                getattr(ledger, act)(session)
        except Refused as error:
            return self._send(error.status, str(error), {}, "text/plain")
        if act and act != "decline":
            return self._send(303, "", {"Location": shown["success_url"]})
        forms = "".join(
            f'<form method="post" action="/pay/{session}/{name}"><button>{name}</button></form>'
            for name in ("pay", "decline", "authorize")
        )
        said = "<p role=status>Your card was declined.</p>" if act else ""
        return self._send(200, f"<h1>{shown['amount_total']} {shown['currency']}</h1>{said}{forms}", {}, "text/html")


STRANGER: Json = {
    "id": "cs_test_stranger", "object": "checkout.session", "status": "complete", "payment_status": "paid",
    "client_reference_id": "SOMEBODY-ELSE", "amount_total": 1, "currency": "eur", "metadata": {},
    "payment_intent": {"id": "pi_stranger", "object": "payment_intent", "status": "succeeded", "amount_received": 1},
}  # fmt: skip


PATH = r"/v1/(checkout/sessions|payment_intents|refunds)(?:/([^/]+))?(?:/(expire|capture|cancel))?"


def route(ledger: Ledger, method: str, path: str, params: Json) -> Json:
    """Carry out one call of the API. Raises Refused."""
    match = re.fullmatch(PATH, path)
    if match is None:
        raise Refused(f"Unrecognized request URL ({method}: {path}).", status=404)
    kind, name, act = match.groups()
    acts: dict[tuple[str, str, str], Callable[[], Json]] = {
        ("POST", "checkout/sessions", ""): lambda: ledger.create_session(params),
        ("POST", "checkout/sessions", "expire"): lambda: ledger.expire_session(name),
        ("POST", "payment_intents", "capture"): lambda: ledger.capture_intent(name, params),
        ("POST", "payment_intents", "cancel"): lambda: ledger.cancel_intent(name),
        ("POST", "refunds", ""): lambda: ledger.create_refund(params),
        ("GET", "checkout/sessions", ""): lambda: ledger.session(name),
        ("GET", "payment_intents", ""): lambda: ledger.intent(name),
        ("GET", "refunds", ""): lambda: ledger.refund(name) if name else ledger.list_refunds(params),
    }
    carry_out = acts.get((method, kind, act or ""))
    if carry_out is None:
        raise Refused(f"Unrecognized request URL ({method}: {path}).", status=404)
    answer = dict(carry_out())
    if "payment_intent.latest_charge" in params.get("expand", []) and isinstance(answer.get("payment_intent"), str):
        answer["payment_intent"] = ledger.intent_with_charge(answer["payment_intent"])
    return answer


def decode(form: str) -> Json:
    """Stripe's form encoding: `line_items[0][quantity]=1` → {"line_items": [{"quantity": "1"}]}."""
    tree: Json = {}
    for name, value in parse_qsl(form, keep_blank_values=True):
        first, *rest = re.findall(r"[^\[\]]+", name)
        node: Json = tree
        for part, following in zip([first, *rest], [*rest, None], strict=True):
            if following is None:
                node[part] = value
            else:
                node = node.setdefault(part, {})
    return {name: _lists(value) for name, value in tree.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(item) for name, item in value.items()}
    return list(inner.values()) if all(name.isdecimal() for name in inner) else inner


def _error(message: str, **error: str) -> Json:
    return {"error": {"type": "invalid_request_error", "message": message, **error}}


BROKEN: dict[Fault, tuple[int, str]] = {
    Fault.DECLINE: (402, json.dumps(_error("Your card was declined.", type="card_error", code="card_declined"))),
    Fault.REFUSE: (400, json.dumps(_error("Something about this request is wrong."))),
    Fault.BUSY: (429, json.dumps(_error("Too many requests.", code="rate_limit"))),
    Fault.UNAUTHORIZED: (401, json.dumps(_error("Invalid API Key provided: sk_test_***wrong"))),
    Fault.CONFLICT: (409, json.dumps(_error("A request with this key is running.", code="idempotency_key_in_use"))),
    Fault.ERROR: (500, json.dumps(_error("An unknown error occurred", type="api_error"))),
    Fault.ERROR_AFTER: (500, json.dumps(_error("An unknown error occurred", type="api_error"))),
    Fault.GARBAGE: (200, "<html><h1>Welcome to nginx!</h1></html>"),
    Fault.EMPTY: (200, "{}"),
    Fault.STRANGER: (200, json.dumps(STRANGER)),
}
