"""A file of orders from its first row to its last, batch by batch.

Killed in between, nothing is half done: the run says how far it has come, and the same file read again passes over
the orders that are there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from django.utils import timezone

from catalog.importing.models import ImportRun
from orders.actors import Actor
from orders.importing.batches import BATCH, Tally, import_batch
from orders.importing.layout import InvalidLayout, Layout
from orders.importing.reading import ReadOrder, Unreadable, read_header, read_orders
from orders.importing.rows import Source

State = ImportRun.State
MAX_ROWS = 20_000  # in one batch, however many orders they are


def import_orders(
    *,
    run: ImportRun,
    lines: Iterable[str],
    layout: Layout,
    actor: Actor,
    progress: Callable[[int, Tally], None] = lambda line, tally: None,
) -> Tally:
    """Take in what the run has not dealt with yet; the run knows how far it is, and what was refused.

    Raises InvalidLayout when nothing can be read, and Unreadable when nothing more can be; what was read before is
    kept, and the run says why it ended.
    """
    source = Source(run.file_name, actor, timezone.now(), layout.tax_included)
    _update(run, state=State.RUNNING, started_at=run.started_at or source.now, error="")
    whole, seen = Tally(), set[str]()
    try:
        places, rows = read_header(lines, layout)
        _update(run, ignored_columns=[name[:200] for name in places.ignored[:100]])
        for batch in _batches(read_orders(rows, places, layout), after=run.line):
            tally = import_batch(run=run, orders=batch, source=source, seen=seen)
            if run.is_dry_run:  # what a real run would find among the orders that are there
                seen.update(read.number for read in batch if not read.is_refused)
            whole.add(tally)
            progress(batch[-1].last_line, tally)
    except (InvalidLayout, Unreadable) as error:
        _update(run, state=State.FAILED, error=str(error)[:500], finished_at=timezone.now())
        raise
    _update(run, state=State.DONE, finished_at=timezone.now())
    run.refresh_from_db()
    return whole


def _batches(orders: Iterator[ReadOrder], *, after: int) -> Iterator[list[ReadOrder]]:
    batch: list[ReadOrder] = []
    rows = 0
    for order in orders:
        if order.first_line <= after:
            continue
        batch.append(order)
        rows += len(order.lines)
        if len(batch) == BATCH or rows >= MAX_ROWS:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch


def _update(run: ImportRun, **values: object) -> None:
    ImportRun.objects.filter(pk=run.pk).update(**values)
