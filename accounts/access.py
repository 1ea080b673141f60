"""The only door to a person's own rows; what is somebody else's does not exist."""

from __future__ import annotations

from typing import Any, cast

from django.http import Http404, HttpRequest

from accounts.models import Address, AddressQuerySet, User


def person(request: HttpRequest | Any) -> User:
    """Who is logged in, behind a door that lets nobody else pass."""
    return cast(User, request.user)


def addresses_of(user: User) -> AddressQuerySet:
    """The user's address book."""
    return Address.objects.owned_by(user)


def address_of(user: User, address_id: int) -> Address:
    """An address from the user's book; raises Http404."""
    address = addresses_of(user).filter(pk=address_id).first()
    if address is None:
        raise Http404
    return address
