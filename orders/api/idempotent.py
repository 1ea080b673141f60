"""Requests about carts and orders that carry an `Idempotency-Key`."""

from __future__ import annotations

from collections.abc import Callable

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from idempotency import api
from idempotency.keys import KeyedRequest
from orders.api.headers import CART_TOKEN, ORDER_TOKEN


def answer_once(
    view: APIView, request: Request, act: Callable[[KeyedRequest | None], Response], *, required: bool
) -> Response:
    """As `idempotency.api.answer_once`; a guest with the token of another cart or order asks something else."""
    return api.answer_once(view, request, act, required=required, secrets=(CART_TOKEN, ORDER_TOKEN))
