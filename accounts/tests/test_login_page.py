from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.outbox import events
from shop.testing.races import at_once

URL = "/account/login/"


def log_in(client: Client, login: str = "alice", password: str = PASSWORD, **options: Any) -> Any:
    return client.post(URL, {"login": login, "password": password}, **options)


def is_logged_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("login", ["alice", "ALICE", "alice@example.com", " Alice@Example.COM "])
def test_alice_logs_in(client: Client, alice: User, login: str) -> None:
    response = log_in(client, login)
    assert response["Location"] == "/account/"
    assert is_logged_in(client)


@pytest.mark.django_db
def test_the_session_gets_a_new_key(client: Client, alice: User) -> None:
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    planted = session.session_key or ""
    client.cookies["session"] = planted
    log_in(client)
    assert client.cookies["session"].value != planted
    thief = Client()
    thief.cookies["session"] = planted
    assert not is_logged_in(thief)


@pytest.mark.django_db
@pytest.mark.parametrize(("login", "password"), [("alice", "wrong"), ("nobody", PASSWORD)])
def test_a_wrong_name_or_password_keeps_out(client: Client, alice: User, login: str, password: str) -> None:
    response = log_in(client, login, password)
    assert response.status_code == 200
    assert "Wrong name or password." in response.content.decode()
    assert not is_logged_in(client)


@pytest.mark.django_db
@pytest.mark.parametrize("login", ["alice", "alice@example.com", "nobody", "nobody@example.com"])
def test_every_refusal_costs_one_hash_so_that_time_tells_nothing(client: Client, hashes: list[str], login: str) -> None:
    UserFactory.create(username="alice")
    hashes.clear()
    log_in(client, login, "wrong")
    assert len(hashes) == 1


@pytest.mark.django_db
def test_an_account_that_is_switched_off_keeps_out(client: Client, alice: User) -> None:
    User.objects.update(is_active=False)
    assert log_in(client)["Location"] == "/account/inactive/"
    assert not is_logged_in(client)


@pytest.mark.django_db
def test_an_unconfirmed_address_keeps_out_and_gets_another_link(client: Client) -> None:
    UserFactory.create(username="nina", confirmed=False)
    assert log_in(client, "nina")["Location"] == "/account/confirm-email/"
    assert not is_logged_in(client)
    assert events() == ["confirm-email"]


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["/orders/", "/account/addresses/?x=1"])
def test_next_leads_back_into_the_shop(client: Client, alice: User, place: str) -> None:
    data = {"login": "alice", "password": PASSWORD, "next": place}
    assert client.post(URL, data)["Location"] == place


@pytest.mark.django_db
@pytest.mark.parametrize(
    "place",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "https:///evil.example",
        "https://evil.example/account/",
        "http://testserver@evil.example/",
        "javascript:alert(1)",
        "/\t/evil.example",
        "\r\n//evil.example",
        "data:text/html,x",
        "http://localhost/",
    ],
)
def test_next_never_leads_out_of_the_shop(client: Client, alice: User, place: str) -> None:
    data = {"login": "alice", "password": PASSWORD, "next": place}
    assert client.post(URL, data)["Location"] == "/account/"
    assert client.get(URL, {"next": place})["Location"] == "/account/", "also when logged in already"
    logout = client.post("/account/logout/", {"next": place})
    assert logout["Location"] == "/"


@pytest.mark.django_db
def test_guesses_are_counted_for_the_account_and_the_address(client: Client, alice: User, settings: Any) -> None:
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"login_account": "3/hour"}
    for name in ("alice", "ALICE", " alice "):
        assert log_in(client, name, "wrong").status_code == 200
    refused = log_in(client)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert not is_logged_in(client)
    assert log_in(client, REMOTE_ADDR="10.0.0.2")["Location"] == "/account/"


@pytest.mark.django_db
def test_page_and_api_share_one_quota(client: Client, alice: User, settings: Any) -> None:
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"login": "2/minute"}
    log_in(client, password="wrong")
    api = "/api/v1/auth/token/"
    body = {"username": "alice", "password": "wrong"}
    assert client.post(api, body, content_type="application/json").status_code == 401
    assert client.post(api, body, content_type="application/json").status_code == 429
    assert log_in(client).status_code == 429


@pytest.mark.django_db(transaction=True)
def test_a_parallel_burst_makes_no_more_guesses_than_the_quota(settings: Any) -> None:
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"login": "5/minute"}
    user = UserFactory.create()
    statuses = at_once(50, lambda n: log_in(Client(), user.username, f"wrong-{n}").status_code)
    assert statuses.count(200) == 5
    assert statuses.count(429) == 45


@pytest.mark.django_db
def test_without_a_cache_the_door_is_closed(client: Client, alice: User, settings: Any) -> None:
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "redis://127.0.0.1:1/0"}}
    assert client.get(URL).status_code == 200
    assert log_in(client).status_code == 503


@pytest.mark.django_db
def test_a_form_from_elsewhere_is_refused(alice: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert log_in(strict).status_code == 403
