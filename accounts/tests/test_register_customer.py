from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress

from accounts.errors import UsernameTaken
from accounts.models import User
from accounts.registration import is_confirmed, register_customer, resend_confirmation
from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.outbox import enqueued, events, send_all
from shop.testing.races import at_once


@pytest.mark.django_db
def test_a_new_customer_has_an_unconfirmed_address_and_a_letter_on_the_way() -> None:
    user = register_customer(username="Alice", email="Alice@Example.com", password=PASSWORD)
    assert user is not None
    assert (user.username, user.email) == ("alice", "alice@example.com")
    assert user.check_password(PASSWORD)
    assert not is_confirmed(user)
    address = EmailAddress.objects.get(user=user)
    assert enqueued() == [("confirm-email", {"address_id": address.pk})]


@pytest.mark.django_db
def test_a_known_address_makes_no_account_and_tells_its_owner(alice: User) -> None:
    assert register_customer(username="mallory", email="ALICE@example.com", password=PASSWORD) is None
    assert User.objects.count() == 1
    assert enqueued() == [("already-registered", {"user_id": alice.pk})]
    assert [message.to for message in send_all()] == [["alice@example.com"]]


@pytest.mark.django_db
def test_a_taken_username_is_refused_and_nothing_is_written(alice: User) -> None:
    with pytest.raises(UsernameTaken):
        register_customer(username="ALICE", email="new@example.com", password=PASSWORD)
    assert User.objects.count() == 1
    assert events() == []


@pytest.mark.django_db
def test_an_address_somebody_else_only_wants_to_change_to_is_free(alice: User) -> None:
    EmailAddress.objects.create(user=alice, email="new@example.com", verified=False)
    assert register_customer(username="nina", email="new@example.com", password=PASSWORD) is not None


@pytest.mark.django_db(transaction=True)
def test_of_many_who_register_one_address_at_once_one_gets_it() -> None:
    outcomes = at_once(
        8, lambda n: register_customer(username=f"racer{n}", email="race@example.com", password=PASSWORD)
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType"] * 7 + ["User"]
    assert User.objects.count() == 1
    assert sorted(events()) == ["already-registered"] * 7 + ["confirm-email"]


@pytest.mark.django_db(transaction=True)
def test_of_many_who_register_one_username_at_once_one_gets_it() -> None:
    outcomes = at_once(
        8, lambda n: register_customer(username="racer", email=f"race{n}@example.com", password=PASSWORD)
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["User"] + ["UsernameTaken"] * 7
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_control_checking_first_lets_the_race_happen() -> None:
    def check_then_create(n: int) -> User | None:
        if User.objects.filter(email="race@example.com").exists():
            return None
        return User.objects.create_user(f"racer{n}", "race@example.com", PASSWORD)

    outcomes = at_once(8, check_then_create)
    assert any(type(outcome).__name__ == "IntegrityError" for outcome in outcomes)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("email", "letters"),
    [("waiting@example.com", ["confirm-email"]), ("alice@example.com", []), ("nobody@example.com", [])],
)
def test_the_link_is_sent_again_only_to_who_waits_for_it(alice: User, email: str, letters: list[str]) -> None:
    UserFactory.create(email="waiting@example.com", confirmed=False)
    resend_confirmation(email=email)
    assert events() == letters
