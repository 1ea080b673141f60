"""What the account endpoints take and give."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import models
from rest_framework import serializers

from accounts.email_addresses import canonical_email, validate_mailbox
from accounts.models import Address, User, one_line, username_validators


class TextField(serializers.CharField):
    """Text as JSON means it: numbers are none."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("This must be a text.")
        return super().to_internal_value(data)


# A model's texts are as strict as those that are written down here.
TEXT_IS_TEXT = serializers.ModelSerializer.serializer_field_mapping | {models.CharField: TextField}


class NameField(TextField):
    """A first or last name, if people want to tell it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, allow_blank=True, max_length=150, **kwargs)
        self.validators.append(one_line)


class PasswordField(TextField):
    """A password as typed: spaces count. Whether it is a good one is another question."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {"write_only": True, "trim_whitespace": False, "max_length": 256} | kwargs
        super().__init__(style={"input_type": "password"}, **kwargs)


class UsernameField(TextField):
    """A username that is free, but for the one who has it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=60, validators=username_validators, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        value = super().run_validation(data)
        if not isinstance(value, str):
            return value
        username = User.normalize_username(value)
        owner = User.objects.filter(username=username).only("pk").first()
        if owner is not None and owner != self.parent.instance:
            raise serializers.ValidationError("This username is taken.")
        return username


class CanonicalEmailField(serializers.EmailField):
    """An e-mail address in its one spelling."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        value = canonical_email(super().run_validation(data))
        try:
            validate_mailbox(value)
        except DjangoValidationError as error:
            raise serializers.ValidationError(error.messages)
        return value


def check_new_password(field: str, password: str, user: User) -> None:
    """Django's password validators, which also compare it with the user's names."""
    try:
        validate_password(password, user)
    except DjangoValidationError as error:
        raise serializers.ValidationError({field: error.messages})


class RegistrationSerializer(serializers.Serializer[None]):
    username = UsernameField()
    email = CanonicalEmailField()
    password = PasswordField()
    first_name = NameField()
    last_name = NameField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        named = {name: value for name, value in attrs.items() if name != "password"}
        check_new_password("password", attrs["password"], User(**named))
        return attrs


class RegisteredSerializer(serializers.Serializer[None]):
    username = serializers.CharField()
    email = serializers.EmailField()
    detail = serializers.CharField()


class LoginSerializer(serializers.Serializer[None]):
    username = serializers.CharField(max_length=254, required=False, help_text="The username, or the e-mail address.")
    email = serializers.CharField(max_length=254, required=False, help_text="May be given instead of `username`.")
    password = PasswordField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        login = attrs.get("username") or attrs.get("email")
        if not login:
            raise serializers.ValidationError({"username": ["This field is required."]})
        return {"login": login, "password": attrs["password"]}


class RefreshSerializer(serializers.Serializer[None]):
    refresh = serializers.CharField(trim_whitespace=False)


class LogoutSerializer(serializers.Serializer[None]):
    refresh = serializers.CharField(
        trim_whitespace=False, required=False, help_text="Needed only without an access token."
    )


class TokenPairSerializer(serializers.Serializer[None]):
    access = serializers.CharField()
    refresh = serializers.CharField()
    token_type = serializers.CharField(default="Bearer")
    expires_in = serializers.IntegerField(help_text="Seconds that the access token lives.")


class MeSerializer(serializers.ModelSerializer[User]):
    """The e-mail address is changed on the website, where the new one has to be confirmed."""

    serializer_field_mapping = TEXT_IS_TEXT
    username = UsernameField(required=False)
    groups = serializers.ListField(source="group_names", child=serializers.CharField(), read_only=True)
    permissions = serializers.ListField(
        source="permission_names",
        child=serializers.CharField(),
        read_only=True,
        help_text='Such as "orders.view_reports"; an administrator has them all.',
    )

    class Meta:
        model = User
        fields: ClassVar = [
            "id",
            "username",
            "email",
            "first_name",
            "last_name",
            "date_joined",
            "is_staff",
            "is_superuser",
            "groups",
            "permissions",
        ]
        read_only_fields: ClassVar = ["id", "email", "date_joined", "is_staff", "is_superuser"]


class PasswordChangeSerializer(serializers.Serializer[User]):
    current_password = PasswordField()
    new_password = PasswordField()

    def validate_new_password(self, value: str) -> str:
        try:
            validate_password(value, self.context["request"].user)
        except DjangoValidationError as error:
            raise serializers.ValidationError(error.messages)
        return value


class PasswordResetSerializer(serializers.Serializer[None]):
    email = CanonicalEmailField()


class PasswordResetConfirmSerializer(serializers.Serializer[None]):
    uid = TextField(max_length=20, help_text="What stands before the first hyphen of the link's last part.")
    token = TextField(max_length=200, help_text="What stands behind that hyphen.")
    new_password = PasswordField()


class DetailSerializer(serializers.Serializer[None]):
    detail = serializers.CharField()


class AddressSerializer(serializers.ModelSerializer[Address]):
    serializer_field_mapping = TEXT_IS_TEXT
    country = TextField(max_length=2, help_text="ISO 3166 code of a country that the shop serves.")

    class Meta:
        model = Address
        fields: ClassVar = [
            "id",
            "name",
            "line1",
            "line2",
            "city",
            "region",
            "postcode",
            "country",
            "is_default",
        ]
        validators: ClassVar[list[Any]] = []  # a second default is not an error, see `save_address`

    def validate_country(self, value: str) -> str:
        if value.upper() not in settings.SHOP_COUNTRIES:
            raise serializers.ValidationError("The shop does not serve this country.")
        return value.upper()
