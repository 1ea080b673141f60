"""What answers with somebody's personal data carry."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def personal(view: View[P]) -> View[P]:
    """Kept by no cache (`no-store`) and by no search engine."""

    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return never_cache(answer)


def behind_signed_link(view: View[P]) -> View[P]:
    """Personal, and reached through an address that is a secret: it goes to nobody as a referrer.

    Under `no-referrer` a browser sends a form with `Origin: null`, which the CSRF check refuses. Pages with a form
    set `same-origin` themselves; logged-in visitors have one on each, to log out: the address stays on our own site.
    """

    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers.setdefault(
            "Referrer-Policy", "same-origin" if request.user.is_authenticated else "no-referrer"
        )
        return response

    return personal(answer)
