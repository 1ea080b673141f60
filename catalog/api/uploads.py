"""Files that come over the API, and who is noted to have brought them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import RequestDataTooBig
from django.db.models import Model
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

# What stands around a file, and beside it: the other fields of the form.
AROUND = 100_000
# Read and thrown away, so that the client gets to see the answer, and not a connection that breaks.
READ_AND_FORGET = 64_000_000


class UploadParser(MultiPartParser):
    """Forms with a file, refused unread when they announce more than the view's `largest_file`.

    A body without a length is taken as empty by the server, so what is announced is what can come.
    """

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        context = parser_context or {}
        announced = context["request"].META.get("CONTENT_LENGTH") or "0"
        if not announced.isdigit() or int(announced) > context["view"].largest_file + AROUND:
            left = READ_AND_FORGET
            while left > 0 and (chunk := stream.read(65_536)):
                left -= len(chunk)
            raise RequestDataTooBig
        return super().parse(stream, media_type=media_type, parser_context=parser_context)


def note(request: Request, row: Model, what: str) -> None:
    """Write down who changed a row by a request, where staff read what was done in the admin."""
    LogEntry.objects.create(
        user_id=int(request.user.pk or 0),
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        object_repr=str(row)[:200],
        action_flag=CHANGE,
        change_message=what,
    )
