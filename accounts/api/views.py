"""Registration, tokens, the own account and its address book.

The schema adds the refusals that follow from authentication, parameters and body; those of the acts are named here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import NotAuthenticated, ValidationError
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from accounts import address_book, passwords, registration, tokens
from accounts.access import address_of, addresses_of, person
from accounts.adapter import spend_login
from accounts.api import serializers
from accounts.api.authentication import TokenAuthentication, TokenAuthenticationWithRoles
from accounts.api.throttles import AddressThrottle
from accounts.errors import UsernameTaken, WrongPassword
from accounts.models import Address
from accounts.throttling import client_address, spend
from idempotency.api import KEY_REFUSALS, OPTIONAL_KEY, REPLAYED, answer_once

FULL = OpenApiResponse(description="`address_book_full`, or `idempotency_key_in_progress`.")


def valid(serializer: BaseSerializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


class PrivateView(APIView):
    """Nobody in between may keep the answer."""

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response


class PublicView(PrivateView):
    """A door that is open to everybody, also with an Authorization header that has become stale."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes: Sequence[type[BaseThrottle]] = (AddressThrottle,)


def pair_answer(pair: tokens.TokenPair) -> Response:
    return Response(
        {
            "access": pair.access,
            "refresh": pair.refresh,
            "token_type": "Bearer",
            "expires_in": pair.expires_in,
        }
    )


class RegisterView(PublicView):
    throttle_scope = "registration"

    @extend_schema(
        tags=["auth"],
        operation_id="register",
        auth=[],
        request=serializers.RegistrationSerializer,
        responses={201: serializers.RegisteredSerializer},
    )
    def post(self, request: Request) -> Response:
        """Sign up. The answer is the same for an e-mail address that has an account; its owner is told by e-mail."""
        data = valid(serializers.RegistrationSerializer(data=request.data))
        spend("registration", data["email"])
        try:
            registration.register_customer(**data)
        except UsernameTaken as error:
            raise ValidationError({"username": [str(error)]})
        detail = "Almost done: open the link that we have sent to your e-mail address."
        answer = {"username": data["username"], "email": data["email"], "detail": detail}
        return Response(answer, status=status.HTTP_201_CREATED)


class TokenView(PublicView):
    parser_classes = (*PublicView.parser_classes, FormParser, MultiPartParser)
    throttle_classes = ()  # `spend_login` counts, as for the login page

    @extend_schema(
        tags=["auth"],
        operation_id="log_in",
        auth=[],
        request=serializers.LoginSerializer,
        responses={200: serializers.TokenPairSerializer, 401: None, 429: None},
    )
    def post(self, request: Request) -> Response:
        """Log in with username or e-mail address, as JSON or as a form."""
        data = valid(serializers.LoginSerializer(data=request.data))
        spend_login(client_address(request._request), data["login"])
        return pair_answer(tokens.open_family(user=passwords.authenticate(**data)))


class TokenRefreshView(PublicView):
    throttle_classes = ()

    @extend_schema(
        tags=["auth"],
        operation_id="refresh_token",
        auth=[],
        request=serializers.RefreshSerializer,
        responses={200: serializers.TokenPairSerializer, 401: None},
    )
    def post(self, request: Request) -> Response:
        """Exchange the refresh token for a new pair. Using one twice ends everything that came from its login."""
        data = valid(serializers.RefreshSerializer(data=request.data))
        return pair_answer(tokens.rotate(refresh=data["refresh"]))


class LogoutView(PublicView):
    throttle_classes = ()

    @extend_schema(
        tags=["auth"],
        operation_id="log_out",
        auth=[{"bearer": []}, {}],  # type: ignore[list-item]  # it wants what OpenAPI has here
        request=serializers.LogoutSerializer,
        responses={204: None, 401: None},
    )
    def post(self, request: Request) -> Response:
        """End all sessions and tokens of this person; shown by the access token, or a refresh token in the body."""
        data = valid(serializers.LogoutSerializer(data=request.data))
        if "refresh" in data:
            user_id = tokens.owner_of_refresh(refresh=data["refresh"])
        else:
            found = TokenAuthentication().authenticate(request)
            if found is None:
                raise NotAuthenticated
            user_id = found[0].pk
        tokens.end_all(user_id=user_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class MeView(PrivateView):
    authentication_classes = (TokenAuthenticationWithRoles,)

    @extend_schema(
        tags=["account"],
        operation_id="read_me",
        responses={200: serializers.MeSerializer},
    )
    def get(self, request: Request) -> Response:
        """Who I am and what I may do."""
        return Response(serializers.MeSerializer(person(request)).data)

    @extend_schema(
        tags=["account"],
        operation_id="change_me",
        request=serializers.MeSerializer,
        responses={200: serializers.MeSerializer},
    )
    def patch(self, request: Request) -> Response:
        """Change my names."""
        user = person(request)
        serializer = serializers.MeSerializer(user, data=request.data, partial=True)
        for name, value in valid(serializer).items():
            setattr(user, name, value)
        try:
            user.save(update_fields=[*serializer.validated_data])
        except IntegrityError:  # taken between the check and the writing
            raise ValidationError({"username": ["This username is taken."]})
        return Response(serializer.data)


class PasswordChangeView(PrivateView):
    throttle_classes = (AddressThrottle,)
    throttle_scope = "login"

    @extend_schema(
        tags=["account"],
        operation_id="change_password",
        request=serializers.PasswordChangeSerializer,
        responses={200: serializers.DetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Choose a new password. All sessions and tokens end, this one too."""
        serializer = serializers.PasswordChangeSerializer(data=request.data, context={"request": request})
        try:
            passwords.change_password(user=person(request), **valid(serializer))
        except WrongPassword as error:
            raise ValidationError({"current_password": [str(error)]})
        return Response({"detail": "The password is changed. Log in with the new one."})


class PasswordResetView(PublicView):
    throttle_scope = "password_reset"

    @extend_schema(
        tags=["account"],
        operation_id="request_password_reset",
        auth=[],
        request=serializers.PasswordResetSerializer,
        responses={202: serializers.DetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Ask for a link to choose a new password. The answer is the same for an unknown address."""
        data = valid(serializers.PasswordResetSerializer(data=request.data))
        spend("password_reset", data["email"])
        passwords.request_reset(email=data["email"])
        detail = "If there is an account with this e-mail address, a link is on its way."
        return Response({"detail": detail}, status=status.HTTP_202_ACCEPTED)


class PasswordResetConfirmView(PublicView):
    throttle_scope = "password_reset"

    @extend_schema(
        tags=["account"],
        operation_id="reset_password",
        auth=[],
        request=serializers.PasswordResetConfirmSerializer,
        responses={200: serializers.DetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Choose a new password with what stands in the link `…/<uid>-<token>/`."""
        data = valid(serializers.PasswordResetConfirmSerializer(data=request.data))
        user = passwords.owner_of_reset_link(uid=data["uid"], token=data["token"])
        serializers.check_new_password("new_password", data["new_password"], user)
        passwords.reset_password(user=user, password=data["new_password"])
        return Response({"detail": "The password is changed. Log in with it."})


class AddressViewSet(PrivateView, ViewSet):
    """The own address book."""

    @extend_schema(
        tags=["addresses"],
        operation_id="list_addresses",
        responses={200: serializers.AddressSerializer(many=True)},
    )
    def list(self, request: Request) -> Response:
        """The whole book, at most 50 addresses, the default one first."""
        return Response(serializers.AddressSerializer(addresses_of(person(request)), many=True).data)

    @extend_schema(
        tags=["addresses"],
        operation_id="add_address",
        parameters=[OPTIONAL_KEY, REPLAYED],
        request=serializers.AddressSerializer,
        responses={201: serializers.AddressSerializer, **KEY_REFUSALS, 409: FULL},
    )
    def create(self, request: Request) -> Response:
        """Write an address into the book; the first one is the default."""

        def act(_: object) -> Response:
            data = valid(serializers.AddressSerializer(data=request.data))
            address = Address(user=person(request), **data)
            address_book.save_address(address=address)
            return Response(serializers.AddressSerializer(address).data, status=status.HTTP_201_CREATED)

        return answer_once(self, request, act)

    @extend_schema(
        tags=["addresses"],
        operation_id="read_address",
        responses={200: serializers.AddressSerializer},
    )
    def retrieve(self, request: Request, address_id: int) -> Response:
        """One address."""
        return Response(serializers.AddressSerializer(address_of(person(request), address_id)).data)

    @extend_schema(
        tags=["addresses"],
        operation_id="replace_address",
        request=serializers.AddressSerializer,
        responses={200: serializers.AddressSerializer},
    )
    def update(self, request: Request, address_id: int) -> Response:
        """Write all of an address anew."""
        return self._change(request, address_id, partial=False)

    @extend_schema(
        tags=["addresses"],
        operation_id="change_address",
        request=serializers.AddressSerializer(partial=True),
        responses={200: serializers.AddressSerializer},
    )
    def partial_update(self, request: Request, address_id: int) -> Response:
        """Change parts of an address."""
        return self._change(request, address_id, partial=True)

    @extend_schema(
        tags=["addresses"],
        operation_id="remove_address",
        responses={204: None},
    )
    def destroy(self, request: Request, address_id: int) -> Response:
        """Take an address out of the book."""
        address_book.remove_address(address=address_of(person(request), address_id))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _change(self, request: Request, address_id: int, *, partial: bool) -> Response:
        address = address_of(person(request), address_id)
        serializer = serializers.AddressSerializer(address, data=request.data, partial=partial)
        for name, value in valid(serializer).items():
            setattr(address, name, value)
        address_book.save_address(address=address)
        return Response(serializers.AddressSerializer(address).data)
