"""The map of /api/v1/."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import include, path, resolve
from django.views.decorators.csrf import csrf_exempt

from shop.errors import not_found


@csrf_exempt  # knows no session, does nothing
def elsewhere(request: HttpRequest, rest: str) -> HttpResponse:
    """Where the API is not: 404, or on to the same address with its final slash, keeping method and body."""
    with_slash = f"{request.path}/"
    if rest.endswith("/") or not rest or resolve(with_slash).func is elsewhere:
        return not_found(request)
    query = f"?{request.META['QUERY_STRING']}" if request.META.get("QUERY_STRING") else ""
    return HttpResponsePermanentRedirect(with_slash + query, preserve_request=True)


urlpatterns = [
    path("", include("accounts.api.urls")),
    path("", include("catalog.api.urls")),
    path("", include("orders.api.urls")),
]
