"""Where payment providers tell their news."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from orders.errors import WebhookInvalid
from orders.payments.methods import is_manual
from orders.provider_events import receive

MAX_BODY = 256 * 1024


@never_cache
@csrf_exempt  # the provider's signature stands for it
@require_POST
def provider_webhook(request: HttpRequest, gateway: str) -> HttpResponse:
    """Verify, store, answer; a job does the rest. 400 for what is not the provider's, with nothing stored."""
    if is_manual(gateway):
        raise Http404("There is no such provider.")
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if not (announced.isascii() and announced.isdigit()) or int(announced) > MAX_BODY:
        return HttpResponse("The message is too large.", status=413, content_type="text/plain")
    try:
        receive(gateway=gateway, body=request.body, headers=request.headers)
    except WebhookInvalid:
        return HttpResponse("The message is not valid.", status=400, content_type="text/plain")
    return HttpResponse("Received.", content_type="text/plain")
