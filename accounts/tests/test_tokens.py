"""Families of refresh tokens: one of them is alive, and a replay ends the family."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.utils import timezone

from accounts import tokens
from accounts.errors import InvalidToken
from accounts.models import TokenFamily, User
from accounts.tests.factories import UserFactory
from shop.testing.races import at_once
from shop.testing.sql import captured_sql


def read(refresh: str) -> dict[str, str]:
    """What stands in the token."""
    return jwt.decode(refresh, options={"verify_signature": False})


def is_live(refresh: str) -> bool:
    """Whether this is a token that could still be exchanged. Does not exchange it."""
    try:
        tokens.owner_of_refresh(refresh=refresh)
    except InvalidToken:
        return False
    return True


@pytest.mark.django_db
def test_a_refresh_token_is_exchanged_for_the_next_one(alice: User) -> None:
    first = tokens.open_family(user=alice)
    second = tokens.rotate(refresh=first.refresh)
    assert tokens.read_access(second.access) == tokens.Claims(alice.pk, alice.credentials_version)
    assert not is_live(first.refresh)
    assert is_live(second.refresh)


@pytest.mark.django_db
def test_a_replay_is_refused_and_ends_the_family(alice: User) -> None:
    first = tokens.open_family(user=alice)
    second = tokens.rotate(refresh=first.refresh)
    other_login = tokens.open_family(user=alice)
    with pytest.raises(InvalidToken):
        tokens.rotate(refresh=first.refresh)
    assert not is_live(second.refresh)
    assert is_live(other_login.refresh)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_parallel_exchanges_one_succeeds_and_at_most_one_token_lives() -> None:
    first = tokens.open_family(user=UserFactory.create())
    outcomes = at_once(20, lambda _: tokens.rotate(refresh=first.refresh))
    pairs = [outcome for outcome in outcomes if isinstance(outcome, tokens.TokenPair)]
    assert len(pairs) == 1
    assert all(isinstance(outcome, tokens.TokenPair | InvalidToken) for outcome in outcomes)
    assert sum(is_live(pair.refresh) for pair in pairs) <= 1


@pytest.mark.django_db(transaction=True)
def test_control_rotation_that_remembers_spent_tokens_lets_two_live_tokens_through() -> None:
    """As the usual blacklist does it: look whether the token is spent, then write that it is."""
    user = UserFactory.create()
    first = tokens.open_family(user=user)
    spent: set[str] = set()
    everybody_has_looked = threading.Barrier(5)

    def rotate_naively(_: int) -> tokens.TokenPair:
        jti = read(first.refresh)["jti"]
        if jti in spent:
            raise InvalidToken("spent")
        everybody_has_looked.wait(10)
        spent.add(jti)
        return tokens.open_family(user=user)

    outcomes: list[Any] = at_once(5, rotate_naively)
    assert sum(is_live(pair.refresh) for pair in outcomes) == 5


@pytest.mark.django_db
def test_the_exchange_is_one_conditional_update_of_the_familys_own_row(alice: User) -> None:
    first = tokens.open_family(user=alice)
    with captured_sql() as statements:
        tokens.rotate(refresh=first.refresh)
    [update] = statements
    assert update.startswith('UPDATE "accounts_tokenfamily" SET "current_jti"')
    # A condition inside a subquery would be read from the snapshot, not from the row that was waited for.
    conditions = update.partition(" WHERE ")[2]
    assert conditions.startswith('("accounts_tokenfamily"."id" = ')
    assert '"accounts_tokenfamily"."current_jti" = ' in conditions
    assert "tokenfamily" not in conditions.partition("SELECT")[2].partition(")")[0]


@pytest.mark.django_db
def test_logging_out_ends_everything_at_once(alice: User) -> None:
    pairs = [tokens.open_family(user=alice) for _ in range(3)]
    tokens.end_all(user_id=alice.pk)
    assert not any(is_live(pair.refresh) for pair in pairs)
    alice.refresh_from_db()
    assert tokens.read_access(pairs[0].access).credentials_version != alice.credentials_version
    assert is_live(tokens.open_family(user=alice).refresh)


@pytest.mark.django_db
def test_a_login_that_was_under_way_when_everything_ended_is_ended_too(alice: User) -> None:
    loaded_before = User.objects.get(pk=alice.pk)
    tokens.end_all(user_id=alice.pk)
    assert not is_live(tokens.open_family(user=loaded_before).refresh)


@pytest.mark.django_db
@pytest.mark.parametrize("fate", ["deleted", "deactivated", "expired"])
def test_tokens_of_people_who_are_gone_are_refused(alice: User, fate: str) -> None:
    pair = tokens.open_family(user=alice)
    if fate == "deleted":
        alice.delete()
    elif fate == "deactivated":
        User.objects.update(is_active=False)
    else:
        TokenFamily.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(InvalidToken):
        tokens.rotate(refresh=pair.refresh)


@pytest.mark.django_db
def test_expired_families_are_forgotten(alice: User) -> None:
    tokens.open_family(user=alice)
    dead = read(tokens.open_family(user=alice).refresh)["family"]
    TokenFamily.objects.filter(pk=dead).update(expires_at=timezone.now() - timedelta(days=1))
    assert tokens.remove_expired_families() == 1
    assert not TokenFamily.objects.filter(pk=dead).exists()
