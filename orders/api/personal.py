"""What every view of carts and orders has in common."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import TokenAuthenticationWithRoles


class Personal(APIView):
    """Answers about one person: nobody on the way keeps them, and asking costs one query for the person."""

    authentication_classes = [TokenAuthenticationWithRoles]

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        final = super().finalize_response(request, response, *args, **kwargs)
        final["Cache-Control"] = "no-store"
        return final
