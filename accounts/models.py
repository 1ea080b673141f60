"""Users and their address book."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

# No "@": a username that looks like somebody's e-mail address would be ambiguous at login.
username_validators = [
    RegexValidator(
        r"\A[A-Za-z0-9][A-Za-z0-9._-]*\Z",
        "Use letters, digits, dots, hyphens and underscores, beginning with a letter or digit.",
    )
]


class ShopUserManager(UserManager["User"]):
    """Finds users as people name themselves: without regard to case."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__iexact=username)


class User(AbstractUser):
    """A person who can log in: a customer, a member of staff, a manager or an administrator."""

    username = models.CharField(
        max_length=60,
        unique=True,
        validators=username_validators,
        error_messages={"unique": "This username is taken."},
    )
    email = models.EmailField("e-mail address")
    # Part of every session's hash and of every token: raising it ends them all at once.
    credentials_version = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[ShopUserManager] = ShopUserManager()

    REQUIRED_FIELDS = ["email"]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="accounts_user_email_unique",
                violation_error_message="This e-mail address is in use.",
            ),
            models.UniqueConstraint(
                Lower("username"),
                name="accounts_user_username_unique",
                violation_error_message="This username is taken.",
            ),
            models.CheckConstraint(condition=~Q(username__contains="@"), name="accounts_user_username_no_at"),
            models.CheckConstraint(condition=~Q(email=""), name="accounts_user_email_given"),
        ]

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        """Ties a session to the password *and* to `credentials_version`."""
        return salted_hmac(
            "accounts.User.session",
            f"{self.password}:{self.credentials_version}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()

    def get_session_auth_hash(self) -> str:
        return self._get_session_auth_hash()


class TokenFamily(models.Model):
    """All refresh tokens that descend from one login; exactly one of them, `current_jti`, is alive.

    Rotation is a conditional UPDATE from the presented to the next `jti`; whoever presents another one is
    replaying a stolen or spent token, and the family is revoked.
    """

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="token_families")
    current_jti = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "token families"


class AddressQuerySet(models.QuerySet["Address"]):
    def owned_by(self, user: User) -> AddressQuerySet:
        """The addresses in this user's book."""
        return self.filter(user=user)


class Address(models.Model):
    """An entry of a customer's address book. Orders copy it; they never point to it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses")
    name = models.CharField(max_length=120)
    line1 = models.CharField("address", max_length=160)
    line2 = models.CharField("address, second line", max_length=160, blank=True)
    city = models.CharField(max_length=120)
    region = models.CharField(max_length=120, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, help_text="ISO 3166 code, such as DE")
    is_default = models.BooleanField("default address", default=False)

    objects = AddressQuerySet.as_manager()

    class Meta:
        ordering = ["-is_default", "pk"]
        verbose_name_plural = "addresses"
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(is_default=True), name="accounts_address_one_default_per_user"
            ),
            models.CheckConstraint(condition=Q(country__regex=r"^[A-Z]{2}$"), name="accounts_address_country_code"),
        ]

    def __str__(self) -> str:
        return ", ".join(part for part in (self.name, self.line1, self.city, self.country) if part)
