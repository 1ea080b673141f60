"""What the User model and its table promise."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import identify_hasher, make_password
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "changes",
    [
        {"username": "ALICE", "email": "other@example.com"},
        {"username": "Carla", "email": "other@example.com"},
        {"username": "other", "email": "ALICE@example.com"},
        {"username": "other", "email": "alice@example.com"},
        {"username": "other", "email": ""},
        {"username": "a@b", "email": "other@example.com"},
    ],
)
def test_the_database_refuses_a_user_that_breaks_the_rules(alice: User, changes: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(password="x", **changes)])
    assert User.objects.count() == 1


def test_users_are_made_with_one_spelling() -> None:
    user = User.objects.create_user("Alice", "Alice@EXAMPLE.com", PASSWORD)
    assert (user.username, user.email) == ("alice", "alice@example.com")
    assert User.objects.get_by_natural_key("ALICE") == user


def test_an_administrator_made_on_the_server_needs_no_confirmation() -> None:
    user = User.objects.create_superuser("root", "root@example.com", PASSWORD)
    assert EmailAddress.objects.get(user=user).verified


@pytest.mark.usefixtures("real_hashers")
def test_passwords_are_stored_with_bcrypt() -> None:
    assert UserFactory.create().password.startswith("bcrypt_sha256$")


@pytest.mark.usefixtures("real_hashers")
@pytest.mark.parametrize("old", ["pbkdf2_sha256", "scrypt"])
def test_an_older_hash_still_verifies_and_is_renewed_without_ending_anything(old: str) -> None:
    user = UserFactory.create()
    User.objects.update(password=make_password(PASSWORD, hasher=old))
    user.refresh_from_db()
    version = user.credentials_version
    assert user.check_password(PASSWORD)
    user.refresh_from_db()
    assert identify_hasher(user.password).algorithm == "bcrypt_sha256"
    assert user.credentials_version == version


@pytest.mark.usefixtures("real_hashers")
def test_renewing_a_hash_does_not_undo_a_change_of_the_password() -> None:
    user = UserFactory.create()
    User.objects.update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    stale = User.objects.get(pk=user.pk)
    changed = User.objects.get(pk=user.pk)
    changed.set_password("another-password-7")
    changed.save()
    assert stale.check_password(PASSWORD)
    assert User.objects.get(pk=user.pk).check_password("another-password-7")


def test_raising_the_version_ends_the_sessions(alice: User, client: Client) -> None:
    client.force_login(alice)
    assert client.get("/account/").status_code == 200
    User.objects.update(credentials_version=alice.credentials_version + 1)
    assert client.get("/account/").status_code == 302


def test_a_new_password_raises_the_version_whoever_sets_it(alice: User) -> None:
    version = alice.credentials_version
    alice.set_password("another-password-7")
    alice.save()
    alice.refresh_from_db()
    assert alice.credentials_version == version + 1
