"""A guest becomes a customer: orders placed as a guest join the account."""

from __future__ import annotations

from django.db import transaction

from accounts.email_addresses import canonical_email
from accounts.models import User
from orders.models import Order


@transaction.atomic(durable=True)
def claim_guest_orders(*, user: User, email: str) -> int:
    """Give the user the orders that guests placed with this e-mail address; returns how many.

    The caller vouches that the address is confirmed to be the user's. Orders that belong to somebody stay.
    """
    wanted = canonical_email(email)
    # The database's idea of "the same but for case" is wider than that of mail servers: İ, K and ß have
    # relatives in ASCII. So it only proposes.
    proposed = Order.objects.filter(customer=None, email__iexact=email.strip()).values_list("pk", "email")
    mine = [pk for pk, address in proposed if canonical_email(address) == wanted]
    return Order.objects.filter(pk__in=mine, customer=None).update(customer=user)
