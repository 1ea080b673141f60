"""The door of `orders.idempotency`: requests that carry an `Idempotency-Key`, and their answers."""

from __future__ import annotations

import json
from collections.abc import Callable

from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from orders import idempotency
from orders.api.headers import CART_TOKEN, KEY, ORDER_TOKEN, customer
from orders.errors import KeyMissing
from orders.idempotency import KeyedRequest, check_key

PROBLEM = "application/problem+json"
# Refusals that the state of the shop decided; other errors have executed nothing and may be corrected.
OUTCOMES = {409, 422}


def answer_once(
    view: APIView, request: Request, act: Callable[[KeyedRequest | None], Response], *, required: bool
) -> Response:
    """Answer with the act, once per key; a request that was answered before gets its stored answer.

    Without a key the act just runs, unless the key is required. Raises KeyMissing, InvalidOrder for a key
    that is none, KeyReused and KeyInProgress.
    """
    key = request.headers.get(KEY)
    if key is None:
        if required:
            raise KeyMissing(f"Send a random {KEY} header, and the same one when you try again.")
        return act(None)
    keyed = _keyed(request, check_key(key))
    stored = idempotency.claim(keyed)
    if stored is not None:
        return _answer(stored.status_code, stored.body)
    try:
        response = act(keyed)
    except Exception as error:
        response = view.handle_exception(error)
    # Text, because PostgreSQL would not keep the order of a JSON object's members.
    body = JSONRenderer().render(response.data).decode()
    if response.status_code < 400 or response.status_code in OUTCOMES:
        idempotency.store(keyed, status_code=response.status_code, body=body)
    else:
        idempotency.give_back(keyed)
    return response


def _keyed(request: Request, key: str) -> KeyedRequest:
    """The request as the rules see it.

    All guests are one principal: to them the key is the secret, and only who also knows the whole body, with
    e-mail address, and sends the same tokens of cart and order is answered from memory.
    """
    user = customer(request)
    return KeyedRequest(
        principal=f"user:{user.pk}" if user else "guest",
        route=f"{request.method} {request.path}",
        key=key,
        body={"body": request.data} | {name: request.headers.get(name) for name in (CART_TOKEN, ORDER_TOKEN)},
    )


def _answer(status: int, text: str) -> Response:
    content_type = PROBLEM if status >= 400 else None
    headers = {"Idempotent-Replayed": "true"}
    return Response(json.loads(text), status=status, headers=headers, content_type=content_type)
