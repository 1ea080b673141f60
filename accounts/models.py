"""Users and their address book."""

from __future__ import annotations

from typing import Any, ClassVar

from django.apps import apps
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import AbstractUser, Group, Permission, UserManager
from django.contrib.postgres.expressions import ArraySubquery
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import OuterRef, Q, Value
from django.db.models.functions import Concat, Lower
from django.utils.crypto import salted_hmac

from accounts.countries import country_name
from accounts.email_addresses import canonical_email, validate_mailbox

# No "@": a username that looks like somebody's e-mail address would be ambiguous at login.
username_validators = [
    RegexValidator(
        r"\A[A-Za-z0-9][A-Za-z0-9._-]*\Z",
        "Use letters, digits, dots, hyphens and underscores, beginning with a letter or digit.",
    )
]
# Names and addresses are printed on labels and in e-mails: one line of text, no control characters.
one_line = RegexValidator(r"\A[^\x00-\x1f\x7f-\x9f\u2028\u2029]*\Z", "Use one line of text without control characters.")


class ShopUserManager(UserManager["User"]):
    """Finds users as people name themselves: without regard to case."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=(username or "").lower())

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        return canonical_email(email or "")

    def create_superuser(self, *args: Any, **kwargs: Any) -> User:
        """Whoever may do this on the server need not prove that the e-mail address is theirs."""
        user = super().create_superuser(*args, **kwargs)
        addresses = apps.get_model("account", "EmailAddress").objects
        addresses.create(user=user, email=user.email, primary=True, verified=True)
        return user

    def named(self, login: str) -> models.QuerySet[User]:
        """Who logs in under this username or e-mail address; a username has no "@"."""
        if "@" in login:
            return self.filter(email=canonical_email(login))
        return self.filter(username=login.lower())

    def with_roles(self) -> models.QuerySet[User]:
        """Users with `group_names` and `permission_names`, in the same query."""
        granted = Permission.objects.filter(Q(user=OuterRef("pk")) | Q(group__user=OuterRef("pk")))
        name = Concat("content_type__app_label", Value("."), "codename")
        return self.annotate(
            group_names=ArraySubquery(Group.objects.filter(user=OuterRef("pk")).order_by("name").values("name")),
            permission_names=ArraySubquery(
                granted.annotate(full_name=name).order_by("full_name").values("full_name").distinct()
            ),
        )


class User(AbstractUser):
    """A person who can log in: a customer, a member of staff, a manager or an administrator."""

    username = models.CharField(
        max_length=60,
        unique=True,
        validators=username_validators,
        error_messages={"unique": "This username is taken."},
    )
    first_name = models.CharField("first name", max_length=150, blank=True, validators=[one_line])
    last_name = models.CharField("last name", max_length=150, blank=True, validators=[one_line])
    email = models.EmailField(
        "e-mail address",
        unique=True,
        validators=[validate_mailbox],
        error_messages={"unique": "This e-mail address is in use."},
    )
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
            # Both are looked up by equality, which the plain unique indexes serve.
            models.CheckConstraint(condition=Q(email=Lower("email")), name="accounts_user_email_lower"),
            models.CheckConstraint(condition=Q(username=Lower("username")), name="accounts_user_username_lower"),
        ]

    @classmethod
    def normalize_username(cls, username: str) -> str:
        return super().normalize_username(username).lower()

    def set_password(self, raw_password: str | None) -> None:
        """A new password also ends every session and token, whichever door it comes through."""
        super().set_password(raw_password)
        self.credentials_version += 1

    def check_password(self, raw_password: str | None) -> bool:
        """As Django's; renewing an old hash at login is no change of password, and never undoes one."""

        def renew(raw_password: str | None) -> None:
            old, self.password = self.password, make_password(raw_password)
            User.objects.filter(pk=self.pk, password=old).update(password=self.password)

        return check_password(raw_password, self.password, renew)

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
    name = models.CharField(max_length=120, validators=[one_line])
    line1 = models.CharField("address", max_length=160, validators=[one_line])
    line2 = models.CharField("address, second line", max_length=160, blank=True, validators=[one_line])
    city = models.CharField(max_length=120, validators=[one_line])
    region = models.CharField(max_length=120, blank=True, validators=[one_line])
    postcode = models.CharField(max_length=20, blank=True, validators=[one_line])
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

    @property
    def country_name(self) -> str:
        return country_name(self.country)
