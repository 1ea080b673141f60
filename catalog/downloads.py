"""Files that staff take along: sent while they are read, and written down."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.http import StreamingHttpResponse
from django.utils import timezone

from catalog.importing.exporting import exported
from catalog.models import Product


def products_file(*, user_id: int, product_ids: Collection[int] | None = None) -> StreamingHttpResponse:
    """All products or these, in the format that they can be taken in from. Costs are in it: who took it is noted."""
    LogEntry.objects.create(
        user_id=user_id,
        content_type=ContentType.objects.get_for_model(Product),
        object_repr=f"Export of {'all' if product_ids is None else len(product_ids)} products",
        action_flag=CHANGE,
    )
    name = f"products-{timezone.localdate()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(exported(product_ids), content_type="text/csv; charset=utf-8", headers=headers)
