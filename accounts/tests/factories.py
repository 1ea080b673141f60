"""Small makers of people and addresses, for the tests of every app."""

from __future__ import annotations

from typing import Any

import factory
from allauth.account.models import EmailAddress

from accounts.models import Address, User

PASSWORD = "violet-teapot-41"


class UserFactory(factory.django.DjangoModelFactory[User]):
    """A customer whose e-mail address is confirmed, unless `confirmed=False`; the password is `PASSWORD`."""

    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"person{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.com")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        confirmed = kwargs.pop("confirmed", True)
        user = User(**{key: value for key, value in kwargs.items() if key != "password"})
        user.set_password(kwargs.get("password", PASSWORD))
        user.save()
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=confirmed)
        return user


class AddressFactory(factory.django.DjangoModelFactory[Address]):
    class Meta:
        model = Address

    user = factory.SubFactory(UserFactory)
    name = "Alice Archer"
    line1 = "Juniper Lane 1"
    postcode = "10115"
    city = "Berlin"
    country = "DE"
