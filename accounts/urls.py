"""Pages under /account/ for those who are logged in."""

from __future__ import annotations

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.profile, name="profile"),
    path("addresses/", views.addresses, name="addresses"),
    path("addresses/add/", views.address_add, name="address-add"),
    path("addresses/<int:address_id>/", views.address_edit, name="address-edit"),
    path("addresses/<int:address_id>/delete/", views.address_delete, name="address-delete"),
    path("addresses/<int:address_id>/default/", views.address_default, name="address-default"),
    path("confirm-email/resend/", views.resend_confirmation, name="resend-confirmation"),
]
