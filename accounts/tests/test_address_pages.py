from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Address, User
from accounts.tests.factories import AddressFactory

pytestmark = pytest.mark.django_db
URL = "/account/addresses/"
FORM = {"name": "Alice Archer", "line1": "Juniper Lane 1", "postcode": "10115", "city": "Berlin", "country": "DE"}


def test_alice_keeps_her_addresses(alice: User, client: Client) -> None:
    client.force_login(alice)
    assert "No addresses yet" in client.get(URL).content.decode()
    assert client.post(f"{URL}add/", FORM)["Location"] == URL
    address = Address.objects.get()
    assert (address.user, address.is_default) == (alice, True)
    assert "Germany" in client.get(URL).content.decode()
    client.post(f"{URL}{address.pk}/", FORM | {"city": "Bonn"})
    address.refresh_from_db()
    assert address.city == "Bonn"
    assert "Bonn" in client.get(f"{URL}{address.pk}/delete/").content.decode()
    assert Address.objects.exists(), "looking is not removing"
    client.post(f"{URL}{address.pk}/delete/")
    assert not Address.objects.exists()


def test_another_address_becomes_the_default(alice: User, client: Client) -> None:
    client.force_login(alice)
    AddressFactory.create(user=alice, is_default=True)
    second = AddressFactory.create(user=alice)
    client.post(f"{URL}{second.pk}/default/")
    assert Address.objects.get(is_default=True) == second
    client.post(f"{URL}add/", FORM | {"is_default": "on", "name": "Third"})
    assert Address.objects.get(is_default=True).name == "Third"
    assert client.get(f"{URL}{second.pk}/default/").status_code == 405


@pytest.mark.parametrize("mistake", [{"name": ""}, {"country": "XX"}, {"city": "x" * 121}, {"line1": "a\u0007b"}])
def test_a_mistake_is_shown_and_nothing_is_written(alice: User, client: Client, mistake: dict[str, str]) -> None:
    client.force_login(alice)
    page = client.post(f"{URL}add/", FORM | mistake)
    assert (page.status_code, "errorlist" in page.content.decode()) == (200, True)
    assert not Address.objects.exists()


@pytest.mark.parametrize("page", ["", "delete/", "default/"])
def test_somebody_elses_address_is_as_good_as_none(
    alice: User, bob: User, charlie: User, client: Client, page: str
) -> None:
    address = AddressFactory.create(user=alice)
    for person in (bob, charlie):
        client.force_login(person)
        assert client.post(f"{URL}{address.pk}/{page}", FORM | {"name": "Mine"}).status_code == 404
        assert address.line1 not in client.get(URL).content.decode()
    assert Address.objects.get().name == address.name


def test_a_stranger_is_sent_to_log_in(alice: User, client: Client) -> None:
    address = AddressFactory.create(user=alice)
    for path in (URL, f"{URL}add/", f"{URL}{address.pk}/", f"{URL}{address.pk}/delete/"):
        assert client.get(path)["Location"].startswith("/account/login/")


def test_markup_in_an_address_is_inert(alice: User, client: Client) -> None:
    client.force_login(alice)
    AddressFactory.create(user=alice, name="<script>alert(1)</script>")
    assert "<script>alert(1)" not in client.get(URL).content.decode()
