"""Writing in an address book: at most one entry is the default, and the book has an end."""

from __future__ import annotations

from django.db import transaction

from accounts.errors import AddressBookFull, AddressNotFound
from accounts.models import Address, User

MAX_ADDRESSES = 50


def save_address(*, address: Address) -> None:
    """Write a new or changed entry. The first one, or one marked so, becomes the default instead of the other.

    Raises AddressBookFull, and AddressNotFound when a changed entry is there no more.
    """
    with transaction.atomic(durable=True):
        _lock_book(address.user_id)
        others = Address.objects.filter(user_id=address.user_id).exclude(pk=address.pk)
        if address._state.adding:
            _refuse_more(others.count())
        elif not Address.objects.filter(pk=address.pk, user_id=address.user_id).exists():
            raise AddressNotFound("This address is not in your book any more.")
        if address.is_default or not others.exists():
            others.filter(is_default=True).update(is_default=False)
            address.is_default = True
        address.save()


def remove_address(*, address: Address) -> None:
    """Take an entry out of the book; the oldest of the others becomes the default if it was that."""
    with transaction.atomic(durable=True):
        _lock_book(address.user_id)
        address.delete()
        rest = Address.objects.filter(user_id=address.user_id)
        oldest = rest.order_by("pk").first()
        if oldest is not None and not rest.filter(is_default=True).exists():
            rest.filter(pk=oldest.pk).update(is_default=True)


def _lock_book(user_id: int) -> None:
    """Two writers of one book take turns: who is the default depends on all entries."""
    User.objects.select_for_update(no_key=True, of=("self",)).only("pk").get(pk=user_id)


def _refuse_more(count: int) -> None:
    if count >= MAX_ADDRESSES:
        raise AddressBookFull(f"An address book holds {MAX_ADDRESSES} addresses. Remove one first.")
