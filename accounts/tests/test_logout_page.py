from __future__ import annotations

import pytest
from django.test import Client

from accounts import tokens
from accounts.errors import InvalidToken
from accounts.models import User

pytestmark = pytest.mark.django_db
URL = "/account/logout/"


def test_looking_at_the_page_logs_nobody_out(alice: User, client: Client) -> None:
    client.force_login(alice)
    page = client.get(URL)
    assert "Log out?" in page.content.decode()
    assert client.get("/account/").status_code == 200


def test_logging_out_ends_everything_on_every_device(alice: User, client: Client) -> None:
    client.force_login(alice)
    phone = Client()
    phone.force_login(alice)
    pair = tokens.open_family(user=alice)
    assert client.post(URL)["Location"] == "/"
    assert client.get("/account/").status_code == 302
    assert phone.get("/account/").status_code == 302
    with pytest.raises(InvalidToken):
        tokens.rotate(refresh=pair.refresh)
    assert client.get("/api/v1/auth/me/", HTTP_AUTHORIZATION=f"Bearer {pair.access}").status_code == 401


def test_somebody_who_is_not_logged_in_ends_nothing(alice: User, client: Client) -> None:
    pair = tokens.open_family(user=alice)
    assert client.post(URL)["Location"] == "/"
    assert client.get(URL)["Location"] == "/"
    tokens.rotate(refresh=pair.refresh)


def test_a_form_from_elsewhere_is_refused(alice: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post(URL).status_code == 403
    assert strict.get("/account/").status_code == 200
