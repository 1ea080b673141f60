"""Imports from the file that was handed in to the report.

A run is carried out in batches. Each is one transaction, which also says how far the file has been dealt with: whoever
carries on after a crash begins with the next line, and what was committed is neither lost nor repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import IO

from django.conf import settings
from django.core.files.base import File
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone
from psycopg import errors as postgres

from catalog.importing.choices import Choices, Storable
from catalog.importing.columns import Layout
from catalog.importing.products import Outcome, take
from catalog.importing.relating import relate
from catalog.importing.shapes import Group, Problem, Unreadable
from catalog.importing.shopify import ProductFile, Rules
from catalog.jobs import job
from catalog.models import Attribute, ImportProblem, ImportRun
from catalog.variants import MAX_VARIANTS

BATCH_PRODUCTS = 250
BATCH_LINES = 1500
ATTEMPTS = 4
# Of two-part advisory locks: imports, by the id of the run.
LOCK_IMPORT = 41_001
# What ends a transaction that is worth repeating; keys of other rows are looked at when it ends.
PASSING = (
    postgres.DeadlockDetected,
    postgres.SerializationFailure,
    postgres.LockNotAvailable,
    postgres.ForeignKeyViolation,
)
NOT_STORED = "The file is no longer stored."
OPEN = (ImportRun.State.WAITING, ImportRun.State.RUNNING)
Tell = Callable[[ImportRun], None]


class TakenOver(Exception):
    """Somebody else carries this run out; perhaps dies doing so: ask again later."""


def hand_in(
    *,
    file: IO[bytes],
    name: str,
    choices: Storable | None = None,
    is_dry_run: bool = False,
    actor: str = "",
    kind: str = ImportRun.Kind.PRODUCTS,
) -> ImportRun:
    """Keep a copy of the file and note what is to be done with it. Nothing is read from it yet."""
    chosen = {} if choices is None else choices.stored()
    run = ImportRun(kind=kind, file_name=name[-200:], choices=chosen, is_dry_run=is_dry_run, actor=actor)
    run.lines = _count_lines(file)
    file.seek(0)
    run.file.save("import.csv", File(file), save=False)
    run.save()
    return run


@transaction.atomic(durable=True)
def start(
    *, run_id: int, choices: Storable | None = None, is_dry_run: bool = False, task: str = "catalog.run_import"
) -> bool:
    """Have a run carried out by the worker, once; is it? Without `choices`, as it was handed in.

    `task` is the job that carries out runs of this kind.
    """
    chosen = {} if choices is None else {"choices": choices.stored(), "is_dry_run": is_dry_run}
    uploaded = ImportRun.objects.filter(pk=run_id, state=ImportRun.State.UPLOADED)
    started = uploaded.update(state=ImportRun.State.WAITING, **chosen)
    if started:
        job(task).defer(run_id=run_id)
    return bool(started)


@transaction.atomic(durable=True)
def again(*, run_id: int, actor: str = "") -> ImportRun | None:
    """The same file once more, to be looked at and started; None when it is no longer stored."""
    run = ImportRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    if not run.file:
        return None
    return ImportRun.objects.create(
        kind=run.kind, file=run.file.name, file_name=run.file_name, choices=run.choices, lines=run.lines, actor=actor
    )


def cancel(*, run_id: int) -> bool:
    """Let a run end after the batch that is being written. What it has taken in stays."""
    live = ImportRun.objects.filter(pk=run_id, state__in=[ImportRun.State.UPLOADED, *OPEN])
    return bool(live.update(state=ImportRun.State.CANCELLED, finished_at=timezone.now()))


def carry_out(*, run_id: int, tell: Tell | None = None) -> ImportRun:
    """Read the file from where the run stands, to its end. Raises TakenOver when somebody else does the same."""
    run = ImportRun.objects.get(pk=run_id)
    if run.state not in (ImportRun.State.UPLOADED, *OPEN):
        return run
    now = timezone.now()
    ImportRun.objects.filter(pk=run_id, state__in=[ImportRun.State.UPLOADED, ImportRun.State.WAITING]).update(
        state=ImportRun.State.RUNNING, started_at=now
    )
    run.started_at = run.started_at or now
    try:
        if not run.file:
            raise FileNotFoundError
        with run.file.open("rb") as file:
            layout = _read(run, file, tell)
            if "related" in layout and not run.is_dry_run:
                file.seek(0)
                _relate(run, file)
    except FileNotFoundError:
        _end(run_id, ImportRun.State.FAILED, error=NOT_STORED)
    except Unreadable as error:
        where = f"Line {error.line}: " if error.line else ""
        _end(run_id, ImportRun.State.FAILED, error=f"{where}{error}"[:500])
    except TakenOver:
        run.refresh_from_db()
        if run.state in OPEN:
            raise
    else:
        _end(run_id, ImportRun.State.DONE)
    run.refresh_from_db()
    return run


def rules(lines: int) -> Rules:
    """What the parser has to know of this shop."""
    codes = set(Attribute.objects.values_list("code", flat=True))
    return Rules(currency=settings.SHOP_CURRENCY, most_variants=MAX_VARIANTS, lines=lines, codes=codes)


def _read(run: ImportRun, file: IO[bytes], tell: Tell | None) -> Layout:
    products = ProductFile(file, rules(run.lines))
    try:
        ignored = [name[:200] for name in products.layout.ignored]
        ImportRun.objects.filter(pk=run.pk).update(ignored_columns=ignored)
        for groups in _batches(products, after=run.line):
            _repeatedly(_commit, run, groups, products.layout)
            if tell is not None:
                tell(run)
    finally:
        products.close()
    return products.layout


def _relate(run: ImportRun, file: IO[bytes]) -> None:
    """Once all products are here: whom each is shown with. Done again from the beginning after a crash."""
    products = ProductFile(file, rules(run.lines))
    try:
        for groups in _batches(products, after=0):
            _repeatedly(_commit_related, run, groups, products.layout)
    finally:
        products.close()


def _repeatedly(
    commit: Callable[[ImportRun, list[Group], Layout], None], run: ImportRun, groups: list[Group], layout: Layout
) -> None:
    """Write a batch; again when it met somebody who held what it needed, or who deleted it."""
    for attempt in range(ATTEMPTS):
        try:
            commit(run, groups, layout)
        except (OperationalError, IntegrityError) as error:
            if not isinstance(error.__cause__, PASSING) or attempt == ATTEMPTS - 1:
                raise
        else:
            return


@transaction.atomic(durable=True)
def _commit(run: ImportRun, groups: list[Group], layout: Layout) -> None:
    """Write a batch, its problems and the run's progress. Raises TakenOver."""
    claim(run)
    choices = Choices.read(run.choices)
    with transaction.atomic():
        outcome = take(groups, layout=layout, choices=choices, actor=run.actor, run_id=run.pk)
        if run.is_dry_run:
            transaction.set_rollback(True)
    _report(run, groups[-1].last_line, outcome)


@transaction.atomic(durable=True)
def _commit_related(run: ImportRun, groups: list[Group], layout: Layout) -> None:
    """Write what the products of a batch, but those that were refused, are related to. Raises TakenOver."""
    claim(run)
    first, last = groups[0].line, groups[-1].last_line
    told = run.problems.filter(line__gte=first, line__lte=last)
    refused = set(told.filter(is_refusal=True).values_list("line", flat=True))
    taken = [
        group.product
        for group in groups
        if group.product is not None and refused.isdisjoint(range(group.line, group.last_line + 1))
    ]
    since = run.started_at or timezone.now()
    found = relate(taken, layout=layout, since=since, only_new=Choices.read(run.choices).only_new)
    known = set(told.values_list("line", "column", "message"))
    _note(run, [each for each in found.problems if (each.line, each.column, each.message) not in known])
    # They were counted as unchanged.
    moved = still_here(run).update(
        updated=F("updated") + found.changed, unchanged=Greatest(F("unchanged") - found.changed, 0)
    )
    if not moved:
        raise TakenOver


def claim(run: ImportRun) -> None:
    """Let nobody else work at this run until the transaction ends. Raises TakenOver when somebody does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK_IMPORT, run.pk])
        row = cursor.fetchone()
    if not row or not row[0]:
        raise TakenOver


def _note(run: ImportRun, problems: Iterable[Problem]) -> None:
    ImportProblem.objects.bulk_create(
        ImportProblem(
            run=run,
            line=problem.line,
            column=problem.column,
            value=problem.value,
            message=problem.message[:500],
            is_refusal=problem.is_refusal,
        )
        for problem in problems
    )


def _report(run: ImportRun, line: int, outcome: Outcome) -> None:
    _note(run, outcome.problems)
    moved = still_here(run).update(
        line=line,
        lines=max(run.lines, line),
        created=F("created") + outcome.created,
        updated=F("updated") + outcome.updated,
        unchanged=F("unchanged") + outcome.unchanged,
        refused=F("refused") + outcome.refused,
    )
    if not moved:
        raise TakenOver
    run.line = line


def still_here(run: ImportRun) -> QuerySet[ImportRun]:
    """The run, if nobody else has written its next batch and nobody has called it off."""
    return ImportRun.objects.filter(pk=run.pk, line=run.line, state=ImportRun.State.RUNNING)


def _batches(products: Iterable[Group], *, after: int) -> Iterator[list[Group]]:
    """Groups that begin after a line, so many at a time that a transaction stays short."""
    batch: list[Group] = []
    lines = 0
    for group in products:
        if group.last_line <= after:
            continue
        batch.append(group)
        lines += group.last_line - group.line + 1
        if len(batch) >= BATCH_PRODUCTS or lines >= BATCH_LINES:
            yield batch
            batch, lines = [], 0
    if batch:
        yield batch


def _end(run_id: int, state: ImportRun.State, *, error: str = "") -> None:
    running = ImportRun.objects.filter(pk=run_id, state=ImportRun.State.RUNNING)
    running.update(state=state, error=error, finished_at=timezone.now())


def _count_lines(file: IO[bytes]) -> int:
    """Lines end as on Unix and Windows, or as on old Macintoshes; one that never ends counts, too."""
    file.seek(0)
    lines, returns, last = 0, 0, b"\n"
    while chunk := file.read(1 << 16):
        lines += chunk.count(b"\n")
        returns += chunk.count(b"\r")
        last = chunk[-1:]
    return (lines or returns) + (last not in b"\r\n")
