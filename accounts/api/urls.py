"""/api/v1/auth/ and /api/v1/addresses/."""

from __future__ import annotations

from django.urls import path

from accounts.api import views

address_list = views.AddressViewSet.as_view({"get": "list", "post": "create"})
address_detail = views.AddressViewSet.as_view(
    {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}
)

urlpatterns = [
    path("auth/register/", views.RegisterView.as_view(), name="api-register"),
    path("auth/token/", views.TokenView.as_view(), name="api-token"),
    path("auth/token/refresh/", views.TokenRefreshView.as_view(), name="api-token-refresh"),
    path("auth/logout/", views.LogoutView.as_view(), name="api-logout"),
    path("auth/me/", views.MeView.as_view(), name="api-me"),
    path("auth/password/change/", views.PasswordChangeView.as_view(), name="api-password-change"),
    path("auth/password/reset/", views.PasswordResetView.as_view(), name="api-password-reset"),
    path(
        "auth/password/reset/confirm/",
        views.PasswordResetConfirmView.as_view(),
        name="api-password-reset-confirm",
    ),
    path("addresses/", address_list, name="api-addresses"),
    path("addresses/<int:address_id>/", address_detail, name="api-address"),
]
