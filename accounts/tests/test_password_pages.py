from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts import tokens
from accounts.errors import InvalidToken
from accounts.models import User
from accounts.registration import is_confirmed
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.outbox import events, link_in, send_all

pytestmark = pytest.mark.django_db
NEW = "copper-lantern-58"
CHANGE = "/account/password/change/"
RESET = "/account/password/reset/"


def change_form(**changes: str) -> dict[str, str]:
    return {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW} | changes


def test_alice_changes_her_password_and_logs_in_anew(alice: User, client: Client) -> None:
    client.force_login(alice)
    pair = tokens.open_family(user=alice)
    response = client.post(CHANGE, change_form(), follow=True)
    assert response.redirect_chain[-1][0] == "/account/login/"
    assert "Your password is changed" in response.content.decode()
    assert User.objects.get().check_password(NEW)
    assert client.get("/account/").status_code == 302
    with pytest.raises(InvalidToken):
        tokens.rotate(refresh=pair.refresh)
    assert events() == ["password-changed"]


@pytest.mark.parametrize(
    "mistake",
    [{"oldpassword": "wrong"}, {"password1": "short", "password2": "short"}, {"password2": "different-words-9"}],
)
def test_a_mistake_changes_nothing(alice: User, client: Client, mistake: dict[str, str]) -> None:
    client.force_login(alice)
    assert "errorlist" in client.post(CHANGE, change_form(**mistake)).content.decode()
    assert User.objects.get().check_password(PASSWORD)
    assert client.get("/account/").status_code == 200


@pytest.mark.parametrize("email", ["ALICE@example.com", "nobody@example.com"])
def test_asking_for_a_link_is_answered_alike(alice: User, client: Client, email: str) -> None:
    response = client.post(RESET, {"email": email})
    assert (response.status_code, response["Location"]) == (302, "/account/password/reset/done/")


def test_the_link_in_the_letter_leads_to_a_new_password_once(client: Client) -> None:
    user = UserFactory.create(confirmed=False)
    pair = tokens.open_family(user=user)
    client.post(RESET, {"email": user.email})
    link = link_in(send_all()[0])
    key = link.rstrip("/").partition("-")[2]
    page = client.get(link, follow=True)
    form_url = page.redirect_chain[-1][0]
    assert key not in form_url, "the secret must not stand in the address, from where a Referer would carry it away"
    assert key not in page.content.decode()
    done = client.post(form_url, {"password1": NEW, "password2": NEW}, follow=True)
    assert "Your new password is saved" in done.content.decode()
    assert User.objects.get().check_password(NEW)
    assert is_confirmed(user)
    with pytest.raises(InvalidToken):
        tokens.rotate(refresh=pair.refresh)
    assert "does not work any more" in Client().get(link, follow=True).content.decode()


def test_the_link_is_dead_after_the_password_was_changed(alice: User, client: Client) -> None:
    client.post(RESET, {"email": alice.email})
    link = link_in(send_all()[0])
    alice.set_password(NEW)
    alice.save()
    assert "does not work any more" in client.get(link, follow=True).content.decode()


def test_a_foreign_host_is_refused(alice: User, client: Client) -> None:
    assert client.post(RESET, {"email": alice.email}, HTTP_HOST="evil.example").status_code == 400
    assert events() == []


def test_asking_for_links_is_counted(client: Client, settings: Any) -> None:
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"password_reset": "1/hour"}
    assert client.post(RESET, {"email": "a@example.com"}).status_code == 302
    assert client.post(RESET, {"email": "b@example.com"}).status_code == 429


@pytest.mark.parametrize("path", ["1-x", "zzzzzzzzzzzzzzzz-x", "1-set-password"])
def test_an_invented_link_is_refused(alice: User, client: Client, path: str) -> None:
    page = client.get(f"/account/password/reset/key/{path}/", follow=True)
    assert "does not work any more" in page.content.decode()


def test_whoever_has_no_password_is_sent_one_by_email(client: Client, alice: User) -> None:
    assert client.get("/account/password/set/")["Location"] == RESET
