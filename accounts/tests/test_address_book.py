from __future__ import annotations

import pytest
from django.db import connection
from django.http import Http404

from accounts import address_book
from accounts.access import address_of, addresses_of
from accounts.errors import AddressBookFull, AddressNotFound
from accounts.models import Address, User
from accounts.tests.factories import AddressFactory, UserFactory
from shop.testing.races import at_once


@pytest.mark.django_db
def test_the_first_entry_is_the_default(alice: User) -> None:
    for name in ("First", "Second"):
        address_book.save_address(address=AddressFactory.build(user=alice, name=name))
    assert [(a.name, a.is_default) for a in addresses_of(alice)] == [("First", True), ("Second", False)]


@pytest.mark.django_db
def test_a_new_default_takes_the_place_of_the_old_one(alice: User) -> None:
    for name in ("First", "Second"):
        address_book.save_address(address=AddressFactory.build(user=alice, name=name, is_default=True))
    assert [a.name for a in addresses_of(alice).filter(is_default=True)] == ["Second"]


@pytest.mark.django_db
def test_when_the_default_is_removed_the_oldest_follows(alice: User) -> None:
    for name in ("First", "Second", "Third"):
        address_book.save_address(address=AddressFactory.build(user=alice, name=name))
    address_book.remove_address(address=addresses_of(alice).get(is_default=True))
    assert [a.name for a in addresses_of(alice).filter(is_default=True)] == ["Second"]


@pytest.mark.django_db
def test_the_book_has_an_end(alice: User) -> None:
    AddressFactory.create_batch(address_book.MAX_ADDRESSES, user=alice)
    with pytest.raises(AddressBookFull):
        address_book.save_address(address=AddressFactory.build(user=alice))
    assert addresses_of(alice).count() == address_book.MAX_ADDRESSES


@pytest.mark.django_db
def test_an_entry_removed_meanwhile_does_not_come_back(alice: User) -> None:
    address = AddressFactory.create(user=alice)
    Address.objects.all().delete()
    with pytest.raises(AddressNotFound):
        address_book.save_address(address=address)
    assert not Address.objects.exists()


@pytest.mark.django_db
def test_somebody_elses_address_does_not_exist(alice: User, bob: User, charlie: User) -> None:
    address = AddressFactory.create(user=alice)
    assert address_of(alice, address.pk) == address
    for other in (bob, charlie):
        with pytest.raises(Http404):
            address_of(other, address.pk)


@pytest.mark.django_db(transaction=True)
def test_parallel_writers_leave_one_default() -> None:
    user = UserFactory.create()
    outcomes = at_once(8, lambda _: address_book.save_address(address=AddressFactory.build(user=user, is_default=True)))
    assert outcomes == [None] * 8
    assert addresses_of(user).count() == 8
    assert addresses_of(user).filter(is_default=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_turn_taking_somebody_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address_book, "_lock_book", lambda user_id: connection.ensure_connection())
    user = UserFactory.create()
    outcomes = at_once(8, lambda _: address_book.save_address(address=AddressFactory.build(user=user, is_default=True)))
    assert any(type(outcome).__name__ == "IntegrityError" for outcome in outcomes)
