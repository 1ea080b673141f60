"""What every view of carts and orders has in common."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import TokenAuthenticationWithRoles
from orders.access import guest_order, visible_order
from orders.api import headers
from orders.models import Order


class Personal(APIView):
    """Answers about one person: nobody on the way keeps them, and asking costs one query for the person."""

    authentication_classes = [TokenAuthenticationWithRoles]

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        final = super().finalize_response(request, response, *args, **kwargs)
        final["Cache-Control"] = "no-store"
        return final


def seen_order(request: Request, number: str) -> Order:
    """The order that this request may see: by its token, or as customer or staff. Raises Http404."""
    if headers.ORDER_TOKEN in request.headers:
        return guest_order(number, request.headers[headers.ORDER_TOKEN])
    user = headers.customer(request)
    if user is None:
        raise NotAuthenticated
    return visible_order(user, number)
