"""People in the admin. Only administrators hand out rights; everybody logs in through the storefront's door."""

from __future__ import annotations

from typing import Any, ClassVar

import allauth.account.admin  # noqa: F401  registers what is unregistered below
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.forms import Form, ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts import passwords, registration, tokens
from accounts.models import Address, User
from accounts.views import logout

# One door for everybody: its quotas count, and what ends a session or changes a password does all of it.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.logout = logout  # type: ignore[method-assign]


def _password_change(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    return redirect("account_change_password")


admin.site.password_change = _password_change  # type: ignore[method-assign,assignment]
admin.site.unregister(EmailAddress)
admin.site.unregister(Group)


class NewPasswordForm(AdminPasswordChangeForm):
    """Sets the password of somebody else, or takes it away."""

    def save(self, commit: bool = True) -> User:
        user: User = self.user
        if self.cleaned_data["set_usable_password"]:
            passwords.set_password(user=user, password=self.cleaned_data["password1"])
        else:
            super().save(commit=commit)
            tokens.end_all(user_id=user.pk)
        return user


class ReadOnlyInline(TabularInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class AddressInline(ReadOnlyInline):
    model = Address
    fields = ("name", "line1", "line2", "postcode", "city", "country", "is_default")


class EmailAddressInline(ReadOnlyInline):
    model = EmailAddress
    fields = ("email", "verified", "primary")
    verbose_name_plural = "e-mail addresses"

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("accounts.view_user")


@admin.register(User)
class UserAdmin(ModelAdmin, DjangoUserAdmin[User]):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = NewPasswordForm
    list_display = ("username", "email", "first_name", "last_name", "is_active", "is_staff", "date_joined")
    list_filter = ("is_active", "is_staff", "groups")
    search_fields = ("username", "email", "first_name", "last_name")
    ordering = ("-date_joined",)
    readonly_fields = ("last_login", "date_joined")
    inlines = (EmailAddressInline, AddressInline)
    fieldsets = (
        (None, {"fields": ("username", "email", "password")}),
        ("Name", {"fields": ("first_name", "last_name")}),
        ("Rights", {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("username", "email", "password1", "password2")}),)
    filter_horizontal = ()
    autocomplete_fields = ("groups",)
    rights: ClassVar = ("is_staff", "is_superuser", "groups")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Nobody but an administrator gives anybody rights."""
        return self.readonly_fields if is_administrator(request) else (*self.readonly_fields, *self.rights)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Whoever may change a colleague's e-mail address or password can become that colleague."""
        return may_touch(request, obj) and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return may_touch(request, obj) and bool(super().has_delete_permission(request, obj))

    def get_inlines(self, request: HttpRequest, obj: Model | None) -> tuple[type[ReadOnlyInline], ...]:
        return self.inlines if obj else ()

    def save_model(self, request: HttpRequest, obj: User, form: Form | ModelForm[User], change: bool) -> None:
        """An account that is switched off loses its sessions and tokens; a new e-mail address is to be confirmed."""
        if change and "is_active" in form.changed_data:
            obj.credentials_version += 1
            tokens.revoke_families(user_id=obj.pk)
        super().save_model(request, obj, form, change)
        if not change or "email" in form.changed_data:
            registration.mark_unconfirmed(user=obj)


@admin.register(Group)
class GroupAdmin(ModelAdmin, DjangoGroupAdmin):
    """Roles. Only administrators change what a role may do."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return is_administrator(request)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return is_administrator(request)


def is_administrator(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_superuser


def may_touch(request: HttpRequest, user: User | None) -> bool:
    """Staff look after customers, administrators after everybody."""
    return is_administrator(request) or user is None or not (user.is_staff or user.is_superuser)
