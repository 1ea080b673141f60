"""The door of the keys: API requests that carry an `Idempotency-Key`, and their answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from idempotency import keys
from idempotency.errors import KeyMissing
from idempotency.keys import MAX_KEY, KeyedRequest, check_key

KEY = "Idempotency-Key"
PROBLEM = "application/problem+json"
# Refusals that the state of the shop decided; other errors have executed nothing and may be corrected.
OUTCOMES = {409, 422}

_KEY_FORM = {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": "^[!-~]+$"}
_KEY_TEXT = (
    "A random name for this attempt, such as a UUID. The same request with the same key again is answered "
    "from memory; the same key with another body is refused with 422."
)
REQUIRED_KEY = OpenApiParameter(KEY, _KEY_FORM, OpenApiParameter.HEADER, required=True, description=_KEY_TEXT)
OPTIONAL_KEY = OpenApiParameter(KEY, _KEY_FORM, OpenApiParameter.HEADER, description=_KEY_TEXT)
REPLAYED = OpenApiParameter(
    "Idempotent-Replayed",
    {"type": "string", "enum": ["true"]},
    OpenApiParameter.HEADER,
    description="There when this is the stored answer to an earlier request with the same key.",
    response=[200, 201, 202, 409, 422],
)
KEY_REFUSALS = {
    409: OpenApiResponse(description="`idempotency_key_in_progress`: the first request with this key is running."),
    422: OpenApiResponse(description="`idempotency_key_reused` with another body."),
}


def answer_once(
    view: APIView,
    request: Request,
    act: Callable[[KeyedRequest | None], Response],
    *,
    required: bool = False,
    secrets: tuple[str, ...] = (),
) -> Response:
    """Answer with the act, once per key; a request that was answered before gets its stored answer.

    Without a key the act just runs, unless the key is required. `secrets` are headers that say on whose behalf
    a guest asks: with other ones it is another request. Raises KeyMissing, KeyInvalid, KeyReused, KeyInProgress.
    """
    key = request.headers.get(KEY)
    if key is None:
        if required:
            raise KeyMissing(f"Send a random {KEY} header, and the same one when you try again.")
        return act(None)
    keyed = _keyed(request, check_key(key), secrets)
    stored = keys.claim(keyed)
    if stored is not None:
        return _answer(stored.status_code, stored.body)
    try:
        response = act(keyed)
    except Exception as error:
        response = view.handle_exception(error)
    # Text, because PostgreSQL would not keep the order of a JSON object's members.
    body = JSONRenderer().render(response.data).decode()
    if response.status_code < 400 or response.status_code in OUTCOMES:
        keys.store(keyed, status_code=response.status_code, body=body)
    else:
        keys.give_back(keyed)
    return response


def _keyed(request: Request, key: str, secrets: tuple[str, ...]) -> KeyedRequest:
    """The request as the rules see it.

    All guests are one principal: to them the key is the secret, and only who also knows the whole body, with
    e-mail address, and sends the same tokens of cart and order is answered from memory.
    """
    return KeyedRequest(
        principal=f"user:{request.user.pk}" if request.user.is_authenticated else "guest",
        route=f"{request.method} {request.path}",
        key=key,
        body={"body": _said(request.data)} | {name: request.headers.get(name) for name in secrets},
    )


def _said(data: Any) -> Any:
    """What a body says. Of a form that is all values of each field, and of a file its name and what is in it."""
    if not isinstance(data, MultiValueDict):
        return data
    return {
        name: [_digest(each) if isinstance(each, UploadedFile) else each for each in data.getlist(name)]
        for name in data
    }


def _digest(file: UploadedFile[bytes]) -> list[str]:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return [str(file.name), digest.hexdigest()]


def _answer(status: int, text: str) -> Response:
    content_type = PROBLEM if status >= 400 else None
    headers = {"Idempotent-Replayed": "true"}
    return Response(json.loads(text), status=status, headers=headers, content_type=content_type)
