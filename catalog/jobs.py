"""What the acts of the catalogue leave to the worker.

A job is enqueued in the transaction it belongs to, so that neither is ever without the other; `catalog/tasks.py` says
what each one does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast
from urllib.parse import urlsplit

from procrastinate.contrib.django import app
from procrastinate.jobs import JobDeferrer
from procrastinate.types import JSONDict, JSONValue

from catalog.models import ProductImage
from catalog.rehearsal import NEVER, rehearsed_products

# Below everything that somebody waits for: a letter, a webhook.
IN_THE_BACKGROUND = -20
FETCHED_TOGETHER = 20
LANES = 2


def job(name: str) -> JobDeferrer:
    """A job to be carried out at once; within a rehearsal, never."""
    return app.configure_task(name, schedule_at=NEVER) if rehearsed_products() else app.configure_task(name)


def enqueue_fetch(image_ids: Iterable[int]) -> None:
    """Have the pictures fetched that wait for it; any number of them.

    A host is asked for two pictures at a time at most, whatever the number of workers: the jobs of each of its two
    lanes exclude one another, so their number must stay small, and each takes several pictures.
    """
    by_host: dict[str, list[int]] = {}
    urls = ProductImage.objects.filter(pk__in=list(image_ids)).order_by("pk").values_list("pk", "source_url")
    for pk, url in urls.iterator():
        by_host.setdefault(_host(url), []).append(pk)
    for host, ids in by_host.items():
        lanes: list[list[JSONDict]] = [[] for _ in range(LANES)]
        for together in _batched(ids, FETCHED_TOGETHER):
            lanes[together[0] // FETCHED_TOGETHER % LANES].append({"image_ids": list(together)})
        for number, jobs in enumerate(lanes):
            if jobs:
                _background("catalog.fetch_images", lock=f"fetch:{host}:{number}").batch_defer(*jobs)


def enqueue_fetch_later(image_id: int, *, at: datetime) -> None:
    """Have one picture tried again. It is in no lane: until it is due it would keep all others of its host waiting."""
    _background("catalog.fetch_images", schedule_at=at).defer(image_ids=[image_id])


def enqueue_renditions(image_ids: Iterable[int]) -> None:
    """Have the smaller copies of these pictures made."""
    jobs: list[JSONDict] = [{"image_id": pk} for pk in image_ids]
    if jobs:
        _background("catalog.make_renditions").batch_defer(*jobs)


def enqueue_shelf_renditions(shelf: str, pk: int) -> None:
    """The same for the picture of a category or a collection."""
    _background("catalog.make_shelf_renditions").defer(shelf=shelf, pk=pk)


def enqueue_discard(files: Iterable[Sequence[str]]) -> None:
    """Have the files of deleted or replaced pictures removed: of each its own, and then its copies."""
    listed = [list(each) for each in files if each]
    if listed:
        _background("catalog.discard_files").defer(files=cast("JSONValue", listed))


def enqueue_refresh(what: str, pk: int) -> None:
    """Have all products found anew that have this `brand`, `product_type` or `attribute`."""
    _background("catalog.refresh_products").defer(what=what, pk=pk)


def _background(name: str, *, schedule_at: datetime | None = None, lock: str | None = None) -> JobDeferrer:
    return app.configure_task(name, schedule_at=schedule_at, lock=lock, priority=IN_THE_BACKGROUND)


def _batched(ids: Sequence[int], size: int) -> Iterable[Sequence[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


def _host(url: str) -> str:
    """Whom a picture is fetched from, as far as that can be told."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
