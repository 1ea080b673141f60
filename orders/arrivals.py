"""When somebody logs in or confirms an e-mail address, their cart and their orders follow them.

`accounts` must not know carts and orders, so this hangs on the frameworks' own signals, at the seam where they
say that it happened. Our own acts call one another; none of them is behind a signal.
"""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest

from accounts.models import User
from orders import cart
from orders.cart_cookie import cart_token
from orders.claiming import claim_guest_orders


def connect() -> None:
    """Listen; called once, when Django starts."""
    user_logged_in.connect(bring_cart, dispatch_uid="orders.bring_cart")
    email_confirmed.connect(bring_orders, dispatch_uid="orders.bring_orders")


def bring_cart(sender: object, request: HttpRequest | None, user: User, **_: Any) -> None:
    """The guest's cart of this browser goes into the customer's.

    Its cookie stays: the token in it opens nothing any more, neither now nor after logging out.
    """
    token = cart_token(request) if request is not None else None
    if token is not None:
        cart.merge(user=user, token=token)


def bring_orders(sender: object, email_address: EmailAddress, **_: Any) -> None:
    """Orders placed as a guest with this address become the customer's, now that it is known to be theirs."""
    claim_guest_orders(user=email_address.user, email=email_address.email)
