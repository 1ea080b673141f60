"""The demo shop's people: an administrator, staff, a manager and three customers, all with one password."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.db import transaction

from accounts.models import Address, User
from accounts.registration import mark_confirmed

PASSWORD = "juniper-demo"  # noqa: S105  # it is printed on the screen and in the README


@dataclass(frozen=True)
class Home:
    """Where somebody lives; `country` is an ISO 3166 code."""

    name: str
    line1: str
    postcode: str
    city: str
    country: str


@dataclass(frozen=True)
class Person:
    username: str
    first_name: str
    last_name: str
    does: str
    group: str = ""
    is_staff: bool = False
    is_superuser: bool = False
    homes: tuple[Home, ...] = ()

    @property
    def email(self) -> str:
        return f"{self.username}@example.com"

    def account(self) -> User:
        return User.objects.get(username=self.username)


PEOPLE = (
    Person("admin", "Ada", "Brandt", "administrator", is_staff=True, is_superuser=True),
    Person("clara", "Clara", "Voss", "keeps the catalogue", group="Catalog staff", is_staff=True),
    Person("otto", "Otto", "Lind", "handles the orders", group="Order staff", is_staff=True),
    Person(
        "mona",
        "Mona",
        "Berger",
        "reads the reports, sets up coupons, shipping and tax",
        group="Managers",
        is_staff=True,
    ),
    Person(
        "alice",
        "Alice",
        "Archer",
        "customer",
        homes=(
            Home("Alice Archer", "Lindenweg 12", "10437", "Berlin", "DE"),
            Home("Alice Archer, c/o Studio Nord", "Hafenstrasse 3", "20359", "Hamburg", "DE"),
        ),
    ),
    Person(
        "bruno", "Bruno", "Keller", "customer", homes=(Home("Bruno Keller", "Bäckerstraße 7", "1010", "Wien", "AT"),)
    ),
    Person(
        "chloe", "Chloé", "Martin", "customer", homes=(Home("Chloé Martin", "8 rue des Lilas", "69003", "Lyon", "FR"),)
    ),
)
CUSTOMERS = tuple(person for person in PEOPLE if person.homes)


def load_people() -> int:
    """Create the accounts that are not there yet, with confirmed e-mail addresses; returns how many were new."""
    there = set(User.objects.values_list("username", flat=True))
    new = [person for person in PEOPLE if person.username not in there]
    for person in new:
        _create(person)
    return len(new)


@transaction.atomic(durable=True)
def _create(person: Person) -> None:
    user = User(
        username=person.username,
        email=person.email,
        first_name=person.first_name,
        last_name=person.last_name,
        is_staff=person.is_staff,
        is_superuser=person.is_superuser,
    )
    user.set_password(PASSWORD)
    user.save()
    mark_confirmed(user=user)
    if person.group:
        user.groups.add(Group.objects.get(name=person.group))
    for number, home in enumerate(person.homes):
        Address.objects.create(user=user, is_default=number == 0, **vars(home))
