"""How somebody becomes a customer, and shows that an e-mail address is theirs."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.db import IntegrityError, transaction

from accounts.errors import EmailTaken, UsernameTaken
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


def confirm_address(*, address: EmailAddress) -> None:
    """The owner has opened the link: the address is theirs, and takes the place of the one before.

    Raises EmailTaken if somebody else has registered it meanwhile.
    """
    user: User = address.user
    old_email = user.email
    try:
        with transaction.atomic(durable=True):
            EmailAddress.objects.filter(user=user).exclude(pk=address.pk).delete()
            EmailAddress.objects.filter(pk=address.pk).update(verified=True, primary=True)
            if address.email != old_email:
                User.objects.filter(pk=user.pk).update(email=address.email)
                enqueue_email("email-changed", user_id=user.pk, old_email=old_email)
    except IntegrityError:
        raise EmailTaken("Another account uses this e-mail address.")
    user.email, address.verified, address.primary = address.email, True, True
    # allauth's way of saying it; who waits for it begins after our transaction.
    email_confirmed.send(sender=EmailAddress, request=None, email_address=address)


def confirm_own_address(*, user: User) -> None:
    """As `confirm_address`, for somebody who has opened a link in another e-mail that was sent to this address."""
    address, _ = EmailAddress.objects.get_or_create(user=user, email=user.email)
    if not address.verified:
        confirm_address(address=address)


def mark_confirmed(*, user: User) -> None:
    """Take it as shown that the user's e-mail address is theirs, as a part of what the caller does."""
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    shown = {"primary": True, "verified": True}
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults=shown)


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
