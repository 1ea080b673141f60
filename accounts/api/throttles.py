"""Throttling of API views: the quota `throttle_scope` of the view, per client address."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts.throttling import client_address, spend

COUNTED = ("POST", "PUT")


class AddressThrottle(BaseThrottle):
    """Counts requests that try something out or create it; the answer to one too many is 429 with Retry-After."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        if request.method in COUNTED:
            spend(view.throttle_scope, client_address(request._request))  # type: ignore[attr-defined]
        return True
