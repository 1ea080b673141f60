"""Real requests over loopback; only the resolver, which is the outside world, is replaced."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from catalog.outbound.addresses import AddressRefused, parse_target
from catalog.outbound.asking import Answer, NoAnswer, Patience, ask
from shop.testing.receivers import (
    Behaviour,
    Receiver,
    answering,
    dripping_body,
    dripping_head,
    endless_body,
    hanging_up,
    receiver,
    silent,
    talking_nonsense,
)

SHORT = Patience(connect=1, total=0.3)
Resolver = Callable[..., list[str]]


def get(url: str, **options: Any) -> tuple[Answer, bytes]:
    """The answer to a GET from this machine, with the first 100 bytes of its body."""
    with ask(parse_target(url, allow_local=True), headers={}, allow_local=True, **options) as answer:
        return answer, answer.read(100)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """A DNS of our own: by name the answers it gives one after the other, the last for ever."""
    known: dict[str, list[list[str]]] = {}

    def look_up(host: str, port: int, *args: Any, **kwargs: Any) -> list[tuple[Any, ...]]:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        answers = known[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


def test_a_request_goes_there_and_back() -> None:
    with receiver(answering(201, b"welcome", X_Kind="good")) as here:
        target = parse_target(here.url(path="/a?b=c"), allow_local=True)
        with ask(target, method="POST", headers={"X-Mine": "1"}, body=b"hello", allow_local=True) as answer:
            assert (answer.status, answer.headers["x-kind"], answer.read(100)) == (201, "good", b"welcome")
    (got,) = here.requests
    assert (got.method, got.path, got.body) == ("POST", "/a?b=c", b"hello")
    assert (got.headers["host"], got.headers["x-mine"]) == (f"127.0.0.1:{here.port}", "1")


def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: done.wait(30) and [])
    started = time.monotonic()
    with pytest.raises(NoAnswer, match="not found in time"):
        get("http://hooks.example.com/", patience=SHORT)
    assert time.monotonic() - started < 5
    done.set()


def test_redirects_are_answers_like_any_other() -> None:
    with receiver() as secret, receiver(answering(302, Location=secret.url())) as here:
        answer, _ = get(here.url())
    assert answer.status == 302
    assert secret.requests == []


def test_of_an_endless_body_a_little_is_read() -> None:
    with receiver(endless_body(200)) as here:
        assert get(here.url())[1] == b"x" * 100


@pytest.mark.parametrize("behaviour", [dripping_head, dripping_body, silent])
def test_nobody_is_waited_for_longer_than_the_time_that_was_given(behaviour: Behaviour) -> None:
    started = time.monotonic()
    with receiver(behaviour) as here, pytest.raises(NoAnswer, match="time was up"):
        get(here.url(), patience=SHORT)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("behaviour", [hanging_up, talking_nonsense])
def test_what_is_no_answer_is_told_as_that(behaviour: Behaviour) -> None:
    with receiver(behaviour) as here, pytest.raises(NoAnswer):
        get(here.url())


def test_a_closed_port_is_told() -> None:
    with receiver() as here:
        url = here.url()
    with pytest.raises(NoAnswer, match="No connection: Connection refused"):
        get(url)


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"], ["::1"], ["10.0.0.1"], ["169.254.169.254"], ["fe80::1%eth0"], ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"], ["8.8.8.8", "192.168.1.1"], ["2606:4700:4700::1111", "::1"], ["0.0.0.0"],
    ],
)  # fmt: skip
def test_a_name_that_leads_inside_is_refused_whatever_else_it_leads_to(
    names: dict[str, list[list[str]]], addresses: list[str]
) -> None:
    names["hooks.example.com"] = [addresses]
    with (
        pytest.raises(AddressRefused, match="not into the public internet"),
        ask(parse_target("https://hooks.example.com/"), headers={}),
    ):
        pass


def test_an_unknown_name_is_told(names: dict[str, list[list[str]]]) -> None:
    with (
        pytest.raises(NoAnswer, match=r"hooks\.example\.com was not found"),
        ask(parse_target("https://hooks.example.com/"), headers={}),
    ):
        pass


class TestRebinding:
    """The name is public when it is looked up first, and means this machine a moment later."""

    @pytest.fixture
    def rebound(self, names: dict[str, list[list[str]]]) -> Iterator[Receiver]:
        names["evil.example.com"] = [["93.184.216.34"], ["127.0.0.1"]]
        with receiver() as here:
            yield here

    def test_the_connection_goes_to_the_address_that_was_checked(self, rebound: Receiver) -> None:
        target = parse_target(rebound.url("evil.example.com"), allow_local=True)
        # The guard of the test run stops the one connection that is tried, and names where it went.
        with pytest.raises(RuntimeError, match=r"reach 93\.184\.216\.34"), ask(target, headers={}):
            pass
        assert rebound.requests == []

    def test_control_who_checks_and_then_connects_by_name_is_led_inside(self, rebound: Receiver) -> None:
        checked = socket.getaddrinfo("evil.example.com", rebound.port)
        assert checked[0][4][0] == "93.184.216.34"
        client = http.client.HTTPConnection("evil.example.com", rebound.port)
        client.request("GET", "/")
        assert client.getresponse().status == 200
        client.close()
        assert len(rebound.requests) == 1


class TestTls:
    """Names are verified as they were written, though the connection goes to an address."""

    @pytest.fixture
    def authority(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> trustme.CA:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        return authority

    def served(self, authority: trustme.CA, name: str) -> tuple[ssl.SSLContext, list[str | None]]:
        """TLS for a server of this name, and the names that clients ask it for."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(context)
        asked: list[str | None] = []
        context.sni_callback = lambda connection, name, context: asked.append(name)
        return context, asked

    def test_the_certificate_of_the_name_is_accepted(
        self, names: dict[str, list[list[str]]], authority: trustme.CA
    ) -> None:
        names["hooks.example.com"] = [["127.0.0.1"]]
        tls, asked = self.served(authority, "hooks.example.com")
        with receiver(answering(200, b"safe"), tls=tls) as here:
            answer, body = get(here.url("hooks.example.com", scheme="https"))
        assert (answer.status, body) == (200, b"safe")
        assert asked == ["hooks.example.com"]
        assert here.requests[0].headers["host"] == f"hooks.example.com:{here.port}"

    def test_the_certificate_of_another_name_is_not(
        self, names: dict[str, list[list[str]]], authority: trustme.CA
    ) -> None:
        names["hooks.example.com"] = [["127.0.0.1"]]
        tls, _ = self.served(authority, "other.example.com")
        with receiver(tls=tls) as here, pytest.raises(NoAnswer, match="certificate is not accepted"):
            get(here.url("hooks.example.com", scheme="https"))
        assert here.requests == []

    def test_the_certificate_of_an_unknown_authority_is_not(
        self, names: dict[str, list[list[str]]], authority: trustme.CA
    ) -> None:
        names["hooks.example.com"] = [["127.0.0.1"]]
        tls, _ = self.served(trustme.CA(), "hooks.example.com")
        with receiver(tls=tls) as here, pytest.raises(NoAnswer, match="certificate is not accepted"):
            get(here.url("hooks.example.com", scheme="https"))

    def test_a_server_without_tls_is_no_answer(self, names: dict[str, list[list[str]]]) -> None:
        names["hooks.example.com"] = [["127.0.0.1"]]
        with receiver() as here, pytest.raises(NoAnswer):
            get(here.url("hooks.example.com", scheme="https"))

    def test_a_dripping_body_is_cut_off_here_too(
        self, names: dict[str, list[list[str]]], authority: trustme.CA
    ) -> None:
        names["hooks.example.com"] = [["127.0.0.1"]]
        tls, _ = self.served(authority, "hooks.example.com")
        with receiver(dripping_head, tls=tls) as here, pytest.raises(NoAnswer):
            get(here.url("hooks.example.com", scheme="https"), patience=Patience(connect=1, total=0.5))
