"""A file of orders from its first row to its last, batch by batch.

Killed in between, nothing is half done: the run says how far it has come, and the same file read again passes over
the orders that are there.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from typing import IO

from django.utils import timezone

from catalog.importing.models import ImportRun
from catalog.importing.running import NOT_STORED, OPEN, TakenOver
from orders.actors import Actor, staff
from orders.importing.batches import BATCH, Tally, import_batch
from orders.importing.choices import OrderChoices
from orders.importing.layout import InvalidLayout, Layout, printable
from orders.importing.reading import ReadOrder, Unreadable, read_header, read_orders
from orders.importing.rows import Source

State = ImportRun.State
MAX_ROWS = 20_000  # in one batch, however many orders they are
LONGEST_LINE = 1_000_000
TASK = "orders.run_import"


def carry_out(*, run_id: int) -> None:
    """Read the file of a run from where it stands, to its end; what is wrong with it is kept with the run.

    Raises TakenOver when somebody else does the same.
    """
    run = ImportRun.objects.get(pk=run_id, kind=ImportRun.Kind.ORDERS)
    if run.state not in OPEN:
        return
    choices = OrderChoices.read(run.choices)
    try:
        if not run.file:
            raise FileNotFoundError
        with run.file.open("rb") as file:
            lines = lines_of(file, choices.encoding)
            import_orders(run=run, lines=lines, layout=choices.layout(), actor=staff(run.actor))
    except FileNotFoundError:
        fail(run, NOT_STORED)
    except (InvalidLayout, Unreadable) as error:
        fail(run, str(error))
    except TakenOver:
        if ImportRun.objects.filter(pk=run_id, state__in=OPEN).exists():
            raise


def lines_of(file: IO[bytes], encoding: str) -> Iterator[str]:
    """The lines of a file, none of which may fill the memory. Raises Unreadable.

    What is not in the encoding comes through as surrogates, which are refused row by row.
    """
    text = io.TextIOWrapper(file, encoding=encoding, errors="surrogateescape", newline="")
    number = 0
    while line := text.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            raise Unreadable(number, "It is too long for a line.")
        yield line


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
    kept, and the run says why it ended. Raises TakenOver when somebody else carries it out, or has called it off.
    """
    source = Source(run.file_name, actor, timezone.now(), layout.tax_included)
    begun = ImportRun.objects.filter(pk=run.pk).exclude(state__in=[State.DONE, State.CANCELLED])
    if not begun.update(state=State.RUNNING, started_at=run.started_at or source.now, error=""):
        raise TakenOver
    whole, seen = Tally(), set[str]()
    try:
        places, rows = read_header(lines, layout)
        ImportRun.objects.filter(pk=run.pk).update(ignored_columns=[name[:200] for name in places.ignored[:100]])
        for batch in _batches(read_orders(rows, places, layout), after=run.line):
            tally = import_batch(run=run, orders=batch, source=source, seen=seen)
            run.line = batch[-1].last_line
            if run.is_dry_run:  # what a real run would find among the orders that are there
                seen.update(read.number for read in batch if not read.is_refused)
            whole.add(tally)
            progress(batch[-1].last_line, tally)
    except (InvalidLayout, Unreadable) as error:
        fail(run, str(error))
        raise
    ImportRun.objects.filter(pk=run.pk, state=State.RUNNING).update(state=State.DONE, finished_at=timezone.now())
    run.refresh_from_db()
    return whole


def fail(run: ImportRun, error: str) -> None:
    """Note why nothing more is read."""
    ImportRun.objects.filter(pk=run.pk).exclude(state=State.CANCELLED).update(
        state=State.FAILED, error=printable(error)[:500], finished_at=timezone.now()
    )


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
