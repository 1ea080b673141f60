"""The addresses that machines read."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from catalog import quotas
from catalog.feeds import google, sitemap

XML = "application/xml; charset=utf-8"
AN_HOUR = "public, max-age=3600"
HIGHEST_PART = 10**12


@require_safe
def google_feed(request: HttpRequest) -> HttpResponseBase:
    """All variants that are listed. Who has the present one already is told so, and costs next to nothing."""
    etag = f'W/"{google.fingerprint()}"'
    unchanged = get_conditional_response(request, etag=etag)
    if isinstance(unchanged, HttpResponseNotModified):
        unchanged["ETag"], unchanged["Cache-Control"] = etag, AN_HOUR
        return unchanged
    quotas.spend("feeds", request)
    return _answer(request, google.google_feed(), etag=etag)


@require_safe
def sitemap_index(request: HttpRequest) -> HttpResponseBase:
    return _answer(request, [sitemap.index()])


@require_safe
def sitemap_products(request: HttpRequest, number: int) -> HttpResponseBase:
    if number > HIGHEST_PART or not sitemap.has_part(number):
        raise Http404
    return _answer(request, sitemap.products(number))


@require_safe
def sitemap_categories(request: HttpRequest) -> HttpResponseBase:
    return _answer(request, [sitemap.categories()])


@require_safe
def sitemap_collections(request: HttpRequest) -> HttpResponseBase:
    return _answer(request, [sitemap.collections()])


@require_safe
def sitemap_pages(request: HttpRequest) -> HttpResponseBase:
    return _answer(request, [sitemap.pages()])


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    response = render(request, "robots.txt", {"site_url": settings.SITE_URL}, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = AN_HOUR
    return response


def _answer(request: HttpRequest, pieces: Iterable[str], *, etag: str = "") -> HttpResponseBase:
    """For everybody the same, for an hour; HEAD writes nothing."""
    content = () if request.method == "HEAD" else (piece.encode() for piece in pieces)
    headers = {"Cache-Control": AN_HOUR, "X-Robots-Tag": "noindex", **({"ETag": etag} if etag else {})}
    return StreamingHttpResponse(content, content_type=XML, headers=headers)
