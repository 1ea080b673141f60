"""What imports leave behind goes after a while: their files, never their reports."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from catalog.importing.models import private_storage
from catalog.jobs import job
from catalog.models import ImportRun

# Long enough to look into a file again when something in the shop looks odd after the next stock-take or month's end;
# no longer, since it holds costs and suppliers, and up to some hundred megabytes.
KEPT = timedelta(days=30)
FORGOTTEN_TOGETHER = 100


def forget_files() -> int:
    """Let go of the files of runs that ended, or were last heard of, that long ago; returns how many files those are.

    A run that was never started, or never resumed, is called off. A file that a younger run shares stays.
    """
    limit, forgotten = timezone.now() - KEPT, 0
    while names := _forget_some(limit):
        forgotten += len(names)
    return forgotten


@transaction.atomic(durable=True)
def _forget_some(limit: datetime) -> list[str]:
    old = _ended_before(limit)
    younger = ImportRun.objects.filter(~old, file=OuterRef("file"))
    due = ImportRun.objects.filter(old, ~Q(file=""), ~Exists(younger))
    # Whoever begins again with one of these files waits for us, and then finds that it is gone.
    held = ImportRun.objects.select_for_update(of=("self",)).filter(pk__in=due.values("pk"))
    rows = list(held.order_by("pk")[:FORGOTTEN_TOGETHER])
    names = sorted({str(run.file.name) for run in rows})
    left = ImportRun.objects.filter(pk__in=[run.pk for run in rows])
    left.exclude(state__in=ImportRun.ENDED).update(state=ImportRun.State.CANCELLED, finished_at=timezone.now())
    left.update(file="")
    if names:
        job("catalog.discard_import_files").defer(names=[*names])
    return names


def discard(*, names: list[str]) -> None:
    """Remove files that no run names any more."""
    for name in names:
        if not ImportRun.objects.filter(file=name).exists():
            private_storage().delete(name)


def _ended_before(limit: datetime) -> Q:
    ended, begun = Q(finished_at__lt=limit), Q(started_at__lt=limit) | Q(started_at=None, created_at__lt=limit)
    has_ended = Q(state__in=ImportRun.ENDED)
    return (has_ended & ended) | (~has_ended & begun)
