from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts import tokens
from accounts.errors import InvalidToken
from accounts.models import User
from accounts.registration import is_confirmed
from accounts.tests.factories import PASSWORD, AddressFactory, UserFactory
from accounts.tests.outbox import events

pytestmark = pytest.mark.django_db
USERS = "/admin/accounts/user/"
NEW = "copper-lantern-58"


@pytest.fixture
def root(client: Client) -> Client:
    client.force_login(UserFactory.create(username="root", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def clerk(bob: User, client: Client) -> Client:
    """Bob, who may look after customers."""
    names = ["view_user", "add_user", "change_user", "delete_user", "change_group", "view_group"]
    bob.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(bob)
    return client


def user_form(user: User, **changes: str) -> dict[str, str]:
    empty = {f"{name}-TOTAL_FORMS": "0" for name in ("emailaddress_set", "addresses")}
    empty |= {f"{name}-INITIAL_FORMS": "0" for name in ("emailaddress_set", "addresses")}
    data = {"username": user.username, "email": user.email, "is_active": "on" if user.is_active else ""}
    return {name: value for name, value in (empty | data | changes).items() if value}


@pytest.mark.parametrize("path", ["/admin/", USERS, "/admin/auth/group/"])
def test_a_customer_cannot_open_the_admin(alice: User, client: Client, path: str) -> None:
    client.force_login(alice)
    assert client.get(path).status_code in (302, 403)
    assert client.get(path, follow=True).status_code == 403


def test_the_login_of_the_admin_is_that_of_the_shop(client: Client) -> None:
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0] == "/account/login/?next=%2Fadmin%2F"
    assert client.post("/admin/login/", {"username": "root", "password": PASSWORD}).status_code == 302


def test_staff_come_to_the_admin_through_it(client: Client, bob: User) -> None:
    data = {"login": "bob", "password": PASSWORD, "next": "/admin/"}
    assert client.post("/account/login/", data)["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_logging_out_of_the_admin_ends_everything(client: Client, bob: User) -> None:
    pair = tokens.open_family(user=bob)
    client.force_login(bob)
    client.post("/admin/logout/")
    assert client.get("/admin/").status_code == 302
    with pytest.raises(InvalidToken):
        tokens.rotate(refresh=pair.refresh)


def test_the_own_password_is_changed_on_the_shops_page(client: Client, bob: User) -> None:
    client.force_login(bob)
    assert client.get("/admin/password_change/")["Location"] == "/account/password/change/"


def test_people_are_listed_searched_and_shown(root: Client, alice: User) -> None:
    AddressFactory.create(user=alice, line1="Juniper Lane 1")
    assert "alice@example.com" in root.get(USERS, {"q": "alice"}).content.decode()
    page = root.get(f"{USERS}{alice.pk}/change/").content.decode()
    assert "Juniper Lane 1" in page
    assert alice.password not in page


def test_an_administrator_adds_somebody_who_has_to_confirm_the_address(root: Client) -> None:
    data = {"username": "Nina", "email": "Nina@Example.com", "password1": NEW, "password2": NEW}
    assert root.post(f"{USERS}add/", data).status_code == 302
    user = User.objects.get(username="nina")
    assert (user.email, is_confirmed(user)) == ("nina@example.com", False)
    assert events() == ["confirm-email"]


@pytest.mark.parametrize(
    "changes", [{"email": ""}, {"email": "alice@example.com"}, {"password1": "x", "password2": "x"}]
)
def test_a_mistake_adds_nobody(root: Client, alice: User, changes: dict[str, str]) -> None:
    data = {"username": "nina", "email": "nina@example.com", "password1": NEW, "password2": NEW} | changes
    assert root.post(f"{USERS}add/", data).status_code == 200
    assert not User.objects.filter(username="nina").exists()


def test_switching_an_account_off_ends_its_sessions_and_tokens_for_good(root: Client, alice: User) -> None:
    pair = tokens.open_family(user=alice)
    browser = Client()
    browser.force_login(alice)
    alice.is_active = False
    assert root.post(f"{USERS}{alice.pk}/change/", user_form(alice)).status_code == 302
    assert not User.objects.get(pk=alice.pk).is_active
    alice.is_active = True
    root.post(f"{USERS}{alice.pk}/change/", user_form(alice))
    assert browser.get("/account/").status_code == 302
    with pytest.raises(InvalidToken):
        tokens.rotate(refresh=pair.refresh)


def test_a_new_email_address_replaces_the_old_one_and_is_to_be_confirmed(root: Client, alice: User) -> None:
    assert root.post(f"{USERS}{alice.pk}/change/", user_form(alice, email="New@example.com")).status_code == 302
    alice.refresh_from_db()
    assert (alice.email, is_confirmed(alice)) == ("new@example.com", False)
    stranger = Client()
    stranger.post("/account/login/", {"login": "alice@example.com", "password": PASSWORD})
    assert stranger.get("/account/").status_code == 302, "the old address logs nobody in"


@pytest.mark.parametrize("data", [{"password1": NEW, "password2": NEW, "usable_password": "true"}])
def test_a_password_set_by_an_administrator_ends_sessions_and_tokens(
    root: Client, alice: User, data: dict[str, str]
) -> None:
    pair = tokens.open_family(user=alice)
    assert root.post(f"{USERS}{alice.pk}/password/", data).status_code == 302
    alice.refresh_from_db()
    assert alice.check_password(NEW)
    with pytest.raises(InvalidToken):
        tokens.rotate(refresh=pair.refresh)


def test_a_password_can_be_taken_away(root: Client, alice: User) -> None:
    pair = tokens.open_family(user=alice)
    data = {"usable_password": "false", "unset-password": "1"}
    assert root.post(f"{USERS}{alice.pk}/password/", data).status_code == 302
    alice.refresh_from_db()
    assert not alice.has_usable_password()
    with pytest.raises(InvalidToken):
        tokens.rotate(refresh=pair.refresh)


def test_a_clerk_gives_nobody_rights(clerk: Client, alice: User) -> None:
    managers = Group.objects.get(name="Managers")
    wishes = user_form(alice, is_staff="on", is_superuser="on", groups=str(managers.pk), first_name="Ada")
    assert clerk.post(f"{USERS}{alice.pk}/change/", wishes).status_code == 302
    alice.refresh_from_db()
    assert alice.first_name == "Ada"
    assert (alice.is_staff, alice.is_superuser, alice.groups.exists()) == (False, False, False)


def test_a_clerk_does_not_touch_colleagues(clerk: Client, bob: User) -> None:
    boss = UserFactory.create(username="boss", is_staff=True, is_superuser=True)
    for person in (boss, bob):
        taken = user_form(person, email="taken@example.com", is_superuser="on", is_staff="on")
        assert clerk.post(f"{USERS}{person.pk}/change/", taken).status_code == 403
        assert clerk.post(f"{USERS}{person.pk}/delete/", {"post": "yes"}).status_code == 403
        assert clerk.get(f"{USERS}{person.pk}/password/").status_code == 403
    clerk.post(USERS, {"action": "delete_selected", "_selected_action": [str(boss.pk)], "post": "yes"})
    boss.refresh_from_db()
    bob.refresh_from_db()
    assert (boss.email, bob.is_superuser) == ("boss@example.com", False)


def test_a_clerk_does_not_change_roles(clerk: Client) -> None:
    managers = Group.objects.get(name="Managers")
    assert clerk.post(f"/admin/auth/group/{managers.pk}/change/", {"name": "Mine"}).status_code == 403
    managers.refresh_from_db()
    assert managers.name == "Managers"


def test_e_mail_addresses_have_no_page_of_their_own(root: Client) -> None:
    assert root.get("/admin/account/emailaddress/").status_code == 404
