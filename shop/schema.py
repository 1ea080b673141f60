"""The OpenAPI file tells the truth: every operation lists the problem answers it can give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent, get_doc
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.permissions import (
    SAFE_METHODS,
    AllowAny,
    DjangoModelPermissionsOrAnonReadOnly,
    IsAuthenticated,
)

from accounts.api.throttles import COUNTED
from shop.errors import PROBLEM

MEANING = {
    "400": "The request is not understood, or `errors` names the fields that need correction.",
    "401": "The token is missing, expired or not valid.",
    "403": "This account may not do that.",
    "404": "There is nothing here, or not for you.",
    "409": "The state of the shop does not allow it.",
    "413": "The body is larger than the API takes.",
    "415": "The body has another type than the API takes.",
    "422": "The request is understood and cannot be done.",
    "429": "Too many requests from this address.",
    "503": "The shop is busy. Try again in a moment.",
}
SECONDS = {"description": "Seconds to wait before trying again.", "schema": {"type": "integer", "minimum": 1}}
CHALLENGE = {"description": "How to authenticate.", "schema": {"type": "string"}}
HEADERS = {
    "401": {"WWW-Authenticate": CHALLENGE},
    "409": {"Retry-After": SECONDS},
    "429": {"Retry-After": SECONDS},
    "503": {"Retry-After": SECONDS},
}


class ProblemSerializer(serializers.Serializer[Any]):
    """An error as RFC 9457 describes it. Some codes have members of their own beside these."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable, for programs.")
    detail = serializers.CharField(help_text="For people.")
    errors = serializers.DictField(  # type: ignore[assignment]  # the declaration of a field, not its own errors
        child=serializers.JSONField(), required=False, help_text="What to correct, by field."
    )


class ProblemAutoSchema(AutoSchema):
    """Adds problem+json answers to what the views declare.

    What follows from a view's authentication, permissions, throttles, parameters and body is found here; the
    refusals of its acts (403 on reading, 409, 422 …) are declared by the view, with or without a body.
    """

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is not None:
            responses = operation["responses"]
            declared = {status for status in responses if status >= "400"}
            for status in sorted(declared | {*self._implied_problems(operation)}):
                responses[status] = self._problem(status, responses.get(status, {}))
            operation["responses"] = dict(sorted(responses.items()))
        return operation

    def get_description(self) -> str:  # type: ignore[override]  # drf-spectacular's form, not DRF's
        """What is said about the operation itself; the docstrings of view classes are for us."""
        return str(get_doc(getattr(self.view, getattr(self.view, "action", self.method.lower()), None)))

    def _insert_field_validators(self, field: Any, schema: dict[str, Any]) -> None:
        """What may be blank is described as "either the pattern, or nothing"; it may well be both."""
        super()._insert_field_validators(field, schema)  # type: ignore[no-untyped-call]
        if getattr(field, "allow_blank", False) and "oneOf" in schema:
            schema["anyOf"] = schema.pop("oneOf")

    def get_auth(self) -> list[dict[str, Any]]:
        """The access token, whatever a view loads together with its owner; or nothing, where guests may."""
        required: list[dict[str, Any]] = []
        for authenticator in self.view.get_authenticators():
            scheme: Any = OpenApiAuthenticationExtension.get_match(authenticator)
            component: Any = ResolvedComponent(  # type: ignore[no-untyped-call]
                name=scheme.name,
                type=ResolvedComponent.SECURITY_SCHEMA,
                object=scheme.name,
                schema=scheme.get_security_definition(self),
            )
            self.registry.register_on_missing(component)
            required.append({scheme.name: []})
        return [*required, {}] if required and self._is_open_to_guests() else required

    def _is_open_to_guests(self) -> bool:
        permissions = {type(permission) for permission in self.view.get_permissions()}
        reads = self.method in SAFE_METHODS and DjangoModelPermissionsOrAnonReadOnly in permissions
        return AllowAny in permissions or reads

    def _get_response_for_code(
        self, serializer: Any, status_code: str, media_types: Any = None, direction: str = "response"
    ) -> Any:
        """What a view declares for a refusal counts with its description; the form is the same for all."""
        if status_code < "400":
            return super()._get_response_for_code(serializer, status_code, media_types, direction)  # type: ignore[no-untyped-call]
        description = serializer.description if isinstance(serializer, OpenApiResponse) else ""
        headers = self._get_response_headers_for_code(status_code, "response")
        return {"description": description, "headers": headers, "content": {}}

    def _implied_problems(self, operation: dict[str, Any]) -> Iterator[str]:
        yield "503"
        places = {parameter["in"] for parameter in operation.get("parameters", [])}
        if "path" in places:
            yield "404"
        if "query" in places or "requestBody" in operation:
            yield "400"
        if "requestBody" in operation:
            yield from ("413", "415")
        if self.view.get_authenticators():
            yield "401"
        if self.method not in SAFE_METHODS and any(
            type(permission) not in (AllowAny, IsAuthenticated) for permission in self.view.get_permissions()
        ):
            yield "403"
        if self.method in COUNTED and self.view.get_throttles():
            yield "429"

    def _problem(self, status: str, declared: dict[str, Any]) -> dict[str, Any]:
        component = self.resolve_serializer(ProblemSerializer, "response")
        described = {
            "description": declared.get("description") or MEANING.get(status, "The request is refused."),
            "content": {PROBLEM: {"schema": component.ref}},
        }
        headers = {**declared.get("headers", {}), **HEADERS.get(status, {})}
        return described | ({"headers": headers} if headers else {})
