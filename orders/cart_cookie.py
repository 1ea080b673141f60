"""How a guest's browser holds its cart: the cart's token in a signed cookie. Customers need none."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from orders import cart as carts
from orders.models import Cart

SALT = "orders.cart"


def current_user(request: HttpRequest) -> User | None:
    """The logged-in customer, or None for a guest."""
    return request.user if isinstance(request.user, User) else None


def cart_token(request: HttpRequest) -> UUID | None:
    """The token in the cookie, if it is one of ours."""
    try:
        return UUID(request.get_signed_cookie(settings.CART_COOKIE_NAME, salt=SALT))
    except (KeyError, BadSignature, ValueError):
        return None


def remember_cart(response: HttpResponse, cart: Cart) -> None:
    """Hand a guest's cart to the browser."""
    if cart.customer_id is None:
        response.set_signed_cookie(
            settings.CART_COOKIE_NAME,
            str(cart.token),
            salt=SALT,
            max_age=settings.CART_COOKIE_LIFETIME,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def forget_cart(response: HttpResponse) -> None:
    """Take the cart's token from the browser."""
    response.delete_cookie(settings.CART_COOKIE_NAME, samesite="Lax")


def piece_count(request: HttpRequest) -> int:
    """How many pieces the shopper's cart holds, for the header."""
    return carts.piece_count(user=current_user(request), token=cart_token(request))
