"""The whole map of the site."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.static import serve
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView

from shop.api import elsewhere

urlpatterns = [
    # storefront
    path("", include("catalog.urls")),
    path("", include("orders.urls")),
    path("account/", include("accounts.urls")),
    path("account/", include("accounts.entrance_urls")),
    # staff
    path("admin/", admin.site.urls),
    # mobile apps
    path("api/v1/", include("shop.api")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    re_path(r"^api/(?P<rest>(?s:.*))$", elsewhere),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("redoc", SpectacularRedocView.as_view(url_name="schema"), name="redoc"),
    # Pictures. A proxy or an object store in front of the shop is faster; this works without one.
    re_path(r"^media/(?P<path>.+)$", serve, {"document_root": settings.MEDIA_ROOT}, name="media"),
]

handler400 = "shop.errors.bad_request"
handler403 = "shop.errors.permission_denied"
handler404 = "shop.errors.not_found"
handler429 = "shop.errors.too_many_requests"
handler500 = "shop.errors.server_error"
