"""Changing the e-mail address: the new one counts when it is confirmed, and the old one is told."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.outbox import events, link_in, send_all

pytestmark = pytest.mark.django_db
URL = "/account/email/"


@pytest.fixture
def sure(alice: User, client: Client) -> Client:
    """Alice, who has just typed her password."""
    client.post("/account/login/", {"login": "alice", "password": PASSWORD})
    client.post("/account/reauthenticate/", {"password": PASSWORD, "next": URL})
    return client


def ask(client: Client, email: str) -> None:
    client.post(URL, {"email": email, "action_add": "1"})


def test_the_password_is_asked_for_first(alice: User, client: Client) -> None:
    client.post("/account/login/", {"login": "alice", "password": PASSWORD})
    response = client.post(URL, {"email": "new@example.com", "action_add": "1"})
    assert response["Location"].startswith("/account/reauthenticate/")
    assert events() == []
    client.post(response["Location"], {"password": PASSWORD})
    assert events() == ["confirm-email"]


def test_the_new_address_counts_when_it_is_confirmed(sure: Client) -> None:
    ask(sure, "New@Example.com")
    assert User.objects.get().email == "alice@example.com"
    [message] = send_all()
    assert message.to == ["new@example.com"]
    sure.post(link_in(message))
    assert User.objects.get().email == "new@example.com"
    assert EmailAddress.objects.get().verified
    assert events() == ["confirm-email", "email-changed"]
    assert send_all()[-1].to == ["alice@example.com"]


def test_whether_the_new_address_is_known_is_not_told(sure: Client) -> None:
    UserFactory.create(username="charlie")
    known = sure.post(URL, {"email": "charlie@example.com", "action_add": "1"})
    new = sure.post(URL, {"email": "new@example.com", "action_add": "1"})
    assert (known.status_code, known["Location"]) == (new.status_code, new["Location"]) == (302, URL)


def test_an_address_that_somebody_registered_meanwhile_stays_theirs(sure: Client) -> None:
    ask(sure, "new@example.com")
    [message] = send_all()
    UserFactory.create(username="nina", email="new@example.com", confirmed=False)
    response = sure.post(link_in(message), follow=True)
    assert response.status_code == 200
    assert "could not be confirmed" in response.content.decode()
    assert User.objects.get(username="alice").email == "alice@example.com"


@pytest.mark.parametrize("email", ["x", "mıke@example.com", "alice@example.com"])
def test_a_mistake_changes_nothing(sure: Client, email: str) -> None:
    ask(sure, email)
    assert EmailAddress.objects.count() == 1
    assert events() == []


def test_the_page_shows_both_addresses(sure: Client) -> None:
    ask(sure, "new@example.com")
    page = sure.get(URL).content.decode()
    assert "alice@example.com" in page
    assert "new@example.com" in page
    sure.post(URL, {"email": "new@example.com", "action_remove": "1"})
    assert EmailAddress.objects.count() == 1
