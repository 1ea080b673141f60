from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.registration import is_confirmed
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.outbox import events, link_in, send_all

pytestmark = pytest.mark.django_db
URL = "/account/signup/"


def form(**changes: str) -> dict[str, str]:
    return {
        "email": "nina@example.com",
        "username": "nina",
        "password1": PASSWORD,
        "password2": PASSWORD,
    } | changes


def test_signing_up_leads_to_the_mailbox_and_from_there_into_the_shop(client: Client) -> None:
    response = client.post(URL, form(email="Nina@Example.com", username="Nina"), follow=True)
    assert "Look into your mailbox" in response.content.decode()
    assert not response.wsgi_request.user.is_authenticated
    [message] = send_all()
    link = link_in(message)
    assert "Yes, confirm it" in client.get(link).content.decode()
    user = User.objects.get()
    assert not is_confirmed(user), "opening the link is not yet confirming"
    client.post(link)
    assert is_confirmed(user)
    client.post("/account/login/", {"login": "nina", "password": PASSWORD})
    assert client.get("/account/").status_code == 200
    assert "does not work any more" in client.get(link).content.decode()


def test_a_known_address_gets_the_same_answer(client: Client) -> None:
    UserFactory.create(username="alice")
    known = client.post(URL, form(email="ALICE@example.com"))
    new = Client().post(URL, form())
    assert (known.status_code, known["Location"]) == (new.status_code, new["Location"])
    assert known.cookies.keys() == new.cookies.keys()
    assert events() == ["already-registered", "confirm-email"]
    assert User.objects.count() == 2


@pytest.mark.parametrize(
    "mistake",
    [
        {"username": "ALICE"},
        {"username": "a@b"},
        {"email": "mıke@example.com"},
        {"email": "x"},
        {"password1": "short", "password2": "short"},
        {"password1": "nina@example.com", "password2": "nina@example.com"},
        {"password2": "different-words-9"},
    ],
)
def test_a_mistake_is_shown_and_nothing_is_written(client: Client, mistake: dict[str, str]) -> None:
    UserFactory.create(username="alice")
    response = client.post(URL, form(**mistake))
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert PASSWORD not in response.content.decode()
    assert User.objects.count() == 1
    assert events() == []


def test_rights_cannot_be_sent_along(client: Client) -> None:
    client.post(URL, form(is_staff="on", is_superuser="on"))
    user = User.objects.get()
    assert not user.is_staff
    assert not user.is_superuser


def test_sign_ups_are_counted(client: Client, settings: Any) -> None:
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"registration": "1/hour"}
    assert client.post(URL, form()).status_code == 302
    refused = client.post(URL, form(username="other", email="other@example.com"))
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert client.get(URL).status_code == 200


@pytest.mark.parametrize("email", ["waiting@example.com", "alice@example.com", "nobody@example.com"])
def test_asking_for_the_link_again_is_answered_alike(client: Client, email: str) -> None:
    UserFactory.create(username="alice")
    UserFactory.create(username="waiting", confirmed=False)
    response = client.post("/account/confirm-email/resend/", {"email": email})
    assert (response.status_code, response["Location"]) == (302, "/account/confirm-email/")
    assert events() == (["confirm-email"] if email.startswith("waiting") else [])


@pytest.mark.parametrize("key", ["x", "a:b:c", "resend2"])
def test_an_invented_link_confirms_nothing(client: Client, key: str) -> None:
    assert "does not work any more" in client.get(f"/account/confirm-email/{key}/").content.decode()
    assert client.post(f"/account/confirm-email/{key}/").status_code == 404
