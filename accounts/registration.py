"""How somebody becomes a customer, and shows that an e-mail address is theirs."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from accounts.errors import UsernameTaken
from accounts.models import User
from accounts.tasks import enqueue_email


def register_customer(
    *, username: str, email: str, password: str, first_name: str = "", last_name: str = ""
) -> User | None:
    """Create the account and ask for confirmation of its e-mail address.

    If the e-mail address belongs to somebody, they are told by e-mail, nothing is created, and None is returned;
    whoever asked must not notice the difference. Expects validated values. Raises UsernameTaken.
    """
    user = User(
        username=User.normalize_username(username),
        email=User.objects.normalize_email(email),
        first_name=first_name,
        last_name=last_name,
    )
    user.set_password(password)  # slow by design, and therefore done for known addresses as well
    try:
        with transaction.atomic(durable=True):
            user.save(force_insert=True)
            address = EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
            enqueue_email("confirm-email", address_id=address.pk)
        return user
    except IntegrityError as error:
        if "username" in _broken_constraint(error):
            raise UsernameTaken("This username is taken.")
    _tell_owner(user.email)
    return None


def resend_confirmation(*, email: str) -> None:
    """Send the link once more, if the address belongs to an account and is not confirmed yet."""
    waiting = EmailAddress.objects.filter(email=User.objects.normalize_email(email), verified=False)
    for address in waiting.filter(user__is_active=True)[:1]:
        enqueue_email("confirm-email", address_id=address.pk)


def mark_confirmed(*, user: User) -> None:
    """Take it as shown that the user's e-mail address is theirs."""
    with transaction.atomic():
        EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
        EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"primary": True, "verified": True})


def mark_unconfirmed(*, user: User) -> None:
    """Staff wrote down another e-mail address: forget the old ones and ask for confirmation.

    Runs within the transaction that changes the user.
    """
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    address, _ = EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"primary": True})
    if not address.verified:
        enqueue_email("confirm-email", address_id=address.pk)


def is_confirmed(user: User) -> bool:
    """Whether the user has shown that their e-mail address is theirs."""
    return bool(EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists())


def _tell_owner(email: str) -> None:
    owner = User.objects.filter(email=email).only("pk").first()
    if owner is not None:
        enqueue_email("already-registered", user_id=owner.pk)


def _broken_constraint(error: IntegrityError) -> str:
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""
