"""Pictures fetched from elsewhere: by jobs, again and again with growing pauses, and only from the public internet.

The product is there meanwhile. A picture waits, is stored, or has failed for good; then staff can have it fetched
again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from io import BytesIO
from secrets import randbelow, token_hex

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from catalog import pictures
from catalog.errors import InvalidProduct
from catalog.jobs import enqueue_fetch, enqueue_fetch_later, enqueue_renditions
from catalog.models import ProductImage
from catalog.models.image import ProductImageQuerySet
from catalog.outbound.addresses import AddressRefused
from catalog.outbound.asking import NoAnswer, Patience
from catalog.outbound.downloading import TooLarge, download

PATIENCE = Patience(connect=5, total=30)
# After the first try, the second …: five within about half a day.
PAUSES = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=12))
MAX_TRIES = len(PAUSES) + 1
TURN = 20.0  # seconds after which a job makes room for others

State = ProductImage.State


def fetch_images(*, image_ids: Sequence[int]) -> None:
    """Fetch those of these pictures that still wait, one after the other; when it takes long, another job goes on."""
    until = time.monotonic() + TURN
    for number, image_id in enumerate(image_ids):
        if time.monotonic() > until:
            with transaction.atomic(durable=True):
                enqueue_fetch(image_ids[number:])
            return
        fetch(image_id=image_id)


def fetch(*, image_id: int) -> None:
    """Try once to fetch a picture that waits for it. What goes wrong is noted on the picture, and tried again later
    unless that is of no use."""
    image = ProductImage.objects.filter(pk=image_id, state=State.WAITING).first()
    if image is None:
        return
    try:
        content = download(
            image.source_url,
            limit=pictures.MAX_BYTES,
            accept="image/avif,image/webp,image/png,image/jpeg,image/gif",
            patience=PATIENCE,
            allow_local=settings.SHOP_IMAGES_ALLOW_PRIVATE,
        )
        picture = pictures.checked(BytesIO(content), size=len(content))
    except (AddressRefused, InvalidProduct) as error:
        _give_up(image, str(error))
    except TooLarge:
        _give_up(image, "This file is larger than 15 MB.")
    except NoAnswer as error:
        _try_later(image, str(error))
    else:
        _store(image, picture)


def to_fetch(run_id: int) -> dict[str, int]:
    """How many of the pictures that an import has brought are `waiting` to be fetched, and how many have `failed`."""
    rows = ProductImage.objects.filter(~Q(state=State.STORED), import_run=run_id)
    return rows.aggregate(
        waiting=Count("pk", filter=Q(state=State.WAITING)), failed=Count("pk", filter=Q(state=State.FAILED))
    )


@transaction.atomic(durable=True)
def fetch_again(*, image_ids: Iterable[int]) -> int:
    """Start anew with pictures that could not be fetched; how many there were."""
    return start_anew(image_ids)


def start_anew(image_ids: Iterable[int]) -> int:
    """What `fetch_again` does; part of the caller's transaction."""
    failed = ProductImage.objects.select_for_update(no_key=True).filter(pk__in=list(image_ids), state=State.FAILED)
    ids = list(failed.order_by("pk").values_list("pk", flat=True))
    ProductImage.objects.filter(pk__in=ids).update(state=State.WAITING, tries=0, problem="")
    enqueue_fetch(ids)
    return len(ids)


def _store(image: ProductImage, picture: pictures.Encoded) -> None:
    """Keep the picture as a file of ours, and name it in its row, if that still waits for it."""
    token = token_hex(8)
    name = default_storage.save(f"products/{token[:2]}/{token}.webp", ContentFile(picture.content))
    is_named = False
    try:
        is_named = _name(image, name, picture)
    finally:
        if not is_named:
            default_storage.delete(name)


@transaction.atomic(durable=True)
def _name(image: ProductImage, name: str, picture: pictures.Encoded) -> bool:
    named = _waiting(image).update(
        image=name, width=picture.width, height=picture.height, renditions=[], state=State.STORED, problem=""
    )
    if named:
        enqueue_renditions([image.pk])
    return bool(named)


def _give_up(image: ProductImage, problem: str) -> None:
    _waiting(image).update(state=State.FAILED, tries=F("tries") + 1, problem=_one_line(problem))


@transaction.atomic(durable=True)
def _try_later(image: ProductImage, problem: str) -> None:
    if image.tries + 1 >= MAX_TRIES:
        _give_up(image, problem)
    elif _waiting(image).filter(tries=image.tries).update(tries=F("tries") + 1, problem=_one_line(problem)):
        # Up to a tenth more, so that what failed together does not come back together.
        pause = PAUSES[image.tries] * (1 + randbelow(101) / 1000)
        enqueue_fetch_later(image.pk, at=timezone.now() + pause)


def _waiting(image: ProductImage) -> ProductImageQuerySet:
    """The picture's row, unless somebody has stored, changed or deleted it meanwhile."""
    return ProductImage.objects.filter(pk=image.pk, state=State.WAITING, source_url=image.source_url)


def _one_line(text: str) -> str:
    """What a stranger's server said, fit to be stored and shown."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]
