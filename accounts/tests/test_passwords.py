from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts import passwords, tokens
from accounts.errors import InvalidCredentials, InvalidResetLink, InvalidToken, WrongPassword
from accounts.models import User
from accounts.registration import is_confirmed
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.outbox import enqueued, events, link_in, send_all
from shop.testing.races import at_once

NEW = "copper-lantern-58"


def reset_link_of(user: User) -> tuple[str, str]:
    """The uid and the token that the e-mail brings."""
    passwords.request_reset(email=user.email)
    found = re.search(r"/key/(\w+?)-(.+)/$", link_in(send_all()[-1]))
    assert found
    return found[1], found[2]


@pytest.mark.django_db
@pytest.mark.parametrize("login", ["alice", "ALICE", "alice@example.com", "Alice@Example.COM"])
def test_people_are_known_by_username_and_by_email_address(alice: User, login: str) -> None:
    assert passwords.authenticate(login=login, password=PASSWORD) == alice


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("alice", "wrong"),
        ("nobody", PASSWORD),
        ("nobody@example.com", PASSWORD),
        ("gone", PASSWORD),
        ("", PASSWORD),
        ("alıce@example.com", PASSWORD),
    ],
)
def test_nobody_else_is_let_in(alice: User, login: str, password: str) -> None:
    UserFactory.create(username="gone", is_active=False)
    with pytest.raises(InvalidCredentials):
        passwords.authenticate(login=login, password=password)


@pytest.mark.django_db
@pytest.mark.parametrize("required", [True, False])
def test_an_unconfirmed_address_keeps_out_when_the_shop_wants_it(settings: object, required: bool) -> None:
    settings.API_REQUIRES_CONFIRMED_EMAIL = required  # type: ignore[attr-defined]
    UserFactory.create(username="nina", confirmed=False)
    if required:
        with pytest.raises(InvalidCredentials):
            passwords.authenticate(login="nina", password=PASSWORD)
    else:
        passwords.authenticate(login="nina", password=PASSWORD)


@pytest.mark.django_db
def test_changing_the_password_ends_sessions_and_tokens_and_tells_the_owner(alice: User, client: Client) -> None:
    client.force_login(alice)
    pair = tokens.open_family(user=alice)
    passwords.change_password(user=alice, current_password=PASSWORD, new_password=NEW)
    assert User.objects.get().check_password(NEW)
    assert client.get("/account/").status_code == 302
    with pytest.raises(InvalidToken):
        tokens.rotate(refresh=pair.refresh)
    assert events() == ["password-changed"]


@pytest.mark.django_db
def test_a_wrong_current_password_changes_nothing(alice: User) -> None:
    pair = tokens.open_family(user=alice)
    with pytest.raises(WrongPassword):
        passwords.change_password(user=alice, current_password="wrong", new_password=NEW)
    assert User.objects.get().check_password(PASSWORD)
    tokens.rotate(refresh=pair.refresh)
    assert events() == []


@pytest.mark.django_db(transaction=True)
def test_of_parallel_changes_one_wins() -> None:
    user = UserFactory.create()
    outcomes = at_once(
        6,
        lambda n: passwords.change_password(
            user=User.objects.get(pk=user.pk), current_password=PASSWORD, new_password=f"{NEW}-{n}"
        ),
    )
    assert sum(outcome is None for outcome in outcomes) == 1
    assert all(outcome is None or isinstance(outcome, WrongPassword) for outcome in outcomes)


@pytest.mark.django_db
def test_the_jobs_hold_no_secret(alice: User) -> None:
    passwords.request_reset(email="ALICE@example.com")
    assert enqueued() == [("reset-password", {"user_id": alice.pk})]


@pytest.mark.django_db
def test_the_link_goes_to_the_address_on_file(alice: User) -> None:
    passwords.request_reset(email=" ALICE@Example.com ")
    [message] = send_all()
    assert message.to == ["alice@example.com"]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["alıce@example.com", "ali\u017fe@example.com"])
def test_a_lookalike_never_gets_the_owners_link(alice: User, address: str) -> None:
    passwords.request_reset(email=address)
    assert events() == ["unknown-address"]


@pytest.mark.django_db
def test_the_link_resets_the_password_once_and_confirms_the_address() -> None:
    user = UserFactory.create(confirmed=False)
    pair = tokens.open_family(user=user)
    uid, token = reset_link_of(user)
    owner = passwords.owner_of_reset_link(uid=uid, token=token)
    assert owner == user
    passwords.reset_password(user=owner, password=NEW)
    assert User.objects.get().check_password(NEW)
    assert is_confirmed(user)
    with pytest.raises(InvalidToken):
        tokens.rotate(refresh=pair.refresh)
    with pytest.raises(InvalidResetLink):
        passwords.owner_of_reset_link(uid=uid, token=token)


@pytest.mark.django_db
@pytest.mark.parametrize("event", ["password", "email", "deactivated"])
def test_the_link_dies_when_the_account_changes(alice: User, event: str) -> None:
    uid, token = reset_link_of(alice)
    if event == "password":
        passwords.set_password(user=alice, password=NEW)
    elif event == "email":
        User.objects.update(email="moved@example.com")
    else:
        User.objects.update(is_active=False)
    with pytest.raises(InvalidResetLink):
        passwords.owner_of_reset_link(uid=uid, token=token)


@pytest.mark.django_db(transaction=True)
def test_of_parallel_uses_of_one_link_one_wins() -> None:
    user = UserFactory.create()
    uid, token = reset_link_of(user)

    def use(n: int) -> None:
        owner = passwords.owner_of_reset_link(uid=uid, token=token)
        passwords.reset_password(user=owner, password=f"{NEW}-{n}")

    outcomes = at_once(6, use)
    assert sum(outcome is None for outcome in outcomes) == 1
    assert all(outcome is None or isinstance(outcome, InvalidResetLink) for outcome in outcomes)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("uid", "token"), [("", ""), ("!", "x"), ("zzzzzzzzzzzzz", "x"), ("1" * 20, "x"), ("1", "x"), ("1", "c-\u0000")]
)
def test_an_invented_link_is_refused(alice: User, uid: str, token: str) -> None:
    with pytest.raises(InvalidResetLink):
        passwords.owner_of_reset_link(uid=uid, token=token)
