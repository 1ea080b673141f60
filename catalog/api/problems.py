"""What the OpenAPI file says about access, problem answers and where to find what was made."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

# With a token or without one. (The stubs of drf-spectacular know names only, the library takes this too.)
OPEN: Any = [{"bearer": []}, {}]
LOCATION = OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[201])
MEANING = {
    400: "Something in the request needs correction; `errors` names the fields.",
    401: "The token is missing, expired or not valid.",
    403: "This account may not do that.",
    404: "There is nothing here.",
    409: "The state of the shop does not allow it.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "`idempotency_key_reused` with another body.",
}


class ProblemSerializer(serializers.Serializer[Any]):
    """An error as RFC 9457 describes it."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable, for programs.")
    detail = serializers.CharField(help_text="For people.")
    errors = serializers.DictField(  # type: ignore[assignment]  # a field, not the property of this name
        child=serializers.JSONField(), required=False, help_text="Sentences by field."
    )


def problems(*statuses: int) -> dict[tuple[int, str], OpenApiResponse]:
    """The problem answers an operation can give, for `extend_schema(responses=…)`."""
    return {
        (status, "application/problem+json"): OpenApiResponse(ProblemSerializer, description=MEANING[status])
        for status in statuses
    }
