"""Stock-takes and deliveries by file: a sheet is handed in, looked at, and then applied line by line, each once.

A count holds for the moment at which its sheet was downloaded. The sheet names the last ledger entry of every level,
so what moved later is known exactly and is not lost: a parcel that left after the download still has left once the
count is applied. The difference that is applied is therefore counted − on hand at that moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Any

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone

from catalog.errors import CatalogError
from catalog.inventory import stock
from catalog.inventory.sheets import UNKNOWN, Expected, Given, read
from catalog.models import StockLevel, StockMovement, StockSheet, StockSheetLine

Kind = StockSheet.Kind
NUMBER = {Kind.COUNT: "counted", Kind.DELIVERY: "quantity"}
REASONS = {Kind.COUNT: StockMovement.Reason.COUNTED, Kind.DELIVERY: StockMovement.Reason.RECEIVED}
LOOKED_UP_TOGETHER = 1000
APPLIED_TOGETHER = 200
# What was counted that long ago says nothing any more: the next stock-take begins with a fresh sheet.
KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Standing:
    """A line as it stands now: what it would change of `on_hand`, or why it cannot."""

    line: StockSheetLine
    level: StockLevel | None
    since: int
    change: int
    problem: str

    @property
    def expected(self) -> int:
        """What was there, by the ledger, at the moment of the count."""
        return (self.line.quantity or 0) - self.change

    @property
    def becomes(self) -> int:
        return self.level.on_hand + self.change if self.level else 0


def to_count(levels: QuerySet[StockLevel]) -> Iterator[Expected]:
    """The sheet's lines for these levels, as they are at this moment (one statement, however many)."""
    rows = levels.annotate(entry=Coalesce(Subquery(_last_entry(OuterRef("pk"))), 0)).order_by("variant__sku")
    names = ("variant__sku", "variant__product__name", "variant__name", "variant__barcode", "on_hand", "entry")
    for sku, product, variant, barcode, on_hand, entry in rows.values_list(*names).iterator(chunk_size=2000):
        yield Expected(sku, f"{product} – {variant}" if variant else product, barcode, on_hand, entry)


@transaction.atomic(durable=True)
def hand_in(
    *, file: IO[bytes], name: str, kind: StockSheet.Kind, note: str = "", counted_now: bool = False, actor: str = ""
) -> StockSheet:
    """Keep what the file says, and what is wrong with it; the stock stays as it is. Raises Unreadable.

    With `counted_now` the count holds for this moment, whatever the sheet says; so does one without ledger entries.
    """
    given = list(read(file, number_column=NUMBER[kind]))
    sheet = StockSheet.objects.create(kind=kind, name=name[-120:], note=note, uploaded_by=actor)
    times = Counter(each.sku.lower() for each in given if each.sku)
    for start in range(0, len(given), LOOKED_UP_TOGETHER):
        batch = given[start : start + LOOKED_UP_TOGETHER]
        StockSheetLine.objects.bulk_create(_lines(sheet, batch, times, counted_now=counted_now))
    return sheet


def standings(sheet: StockSheet) -> list[Standing]:
    """Every line as it would be applied now: one statement."""
    return [_standing(sheet, line) for line in _with_movements(sheet.lines.all()).order_by("number")]


def confirm(*, sheet_id: int, actor: str) -> int:
    """Apply what has not been applied yet; returns how many lines that were. Twice, or at once, it is done once.

    A line that cannot be applied any more, because more is promised than would be left, gets its problem and
    changes nothing. After a crash the rest is applied by confirming again.
    """
    unconfirmed = StockSheet.objects.filter(pk=sheet_id, confirmed_at=None)
    unconfirmed.update(confirmed_at=timezone.now(), confirmed_by=actor)
    sheet = StockSheet.objects.get(pk=sheet_id)
    applied = 0
    while open_lines(sheet).exists():
        applied += _apply_some(sheet, actor)
    return applied


@transaction.atomic(durable=True)
def forget_unfinished() -> int:
    """Remove sheets that were handed in and never applied; returns how many."""
    forgotten = StockSheet.objects.filter(confirmed_at=None, uploaded_at__lt=timezone.now() - KEPT)
    ids = list(forgotten.select_for_update().order_by("pk").values_list("pk", flat=True))
    StockSheet.objects.filter(pk__in=ids).delete()
    return len(ids)


def open_lines(sheet: StockSheet) -> QuerySet[StockSheetLine]:
    """What has been neither applied nor refused."""
    lines: QuerySet[StockSheetLine] = sheet.lines.filter(moved=None, problem="")
    return lines


@transaction.atomic(durable=True)
def _apply_some(sheet: StockSheet, actor: str) -> int:
    due = open_lines(sheet).select_for_update(no_key=True, of=("self",)).order_by("pk")[:APPLIED_TOGETHER]
    lines = {line.pk: line for line in due}
    variants = StockLevel.objects.filter(pk__in=[line.level_id for line in lines.values()])
    levels = stock.lock(variants.values_list("variant", flat=True))
    changes: dict[int, int] = {}
    for line in _with_movements(StockSheetLine.objects.filter(pk__in=lines)):
        found = _standing(sheet, line)
        line.problem = found.problem
        line.moved = None if found.problem else found.change
        lines[line.pk] = line
        if found.level and not found.problem:
            changes[found.level.variant_id] = found.change
    kind = Kind(sheet.kind)
    stock.correct(
        levels,
        changes,
        reason=REASONS[kind],
        note=sheet.note or sheet.name,
        reference=f"{kind.label.lower()} {sheet.pk}",
        actor=actor,
    )
    StockSheetLine.objects.bulk_update(lines.values(), ["problem", "moved"])
    return len(changes)


def _with_movements(lines: QuerySet[StockSheetLine]) -> QuerySet[StockSheetLine]:
    """The lines with their levels, and with what each level has moved since its count."""
    later = StockMovement.objects.filter(level=OuterRef("level"), pk__gt=OuterRef("after_movement")).order_by()
    since = later.values("level").annotate(pieces=Sum("quantity")).values("pieces")
    return lines.select_related("level__variant__product").annotate(since=Coalesce(Subquery(since), 0))


def _standing(sheet: StockSheet, line: StockSheetLine) -> Standing:
    level, since = line.level, vars(line)["since"]
    if line.problem or line.quantity is None:
        return Standing(line, level, since, 0, line.problem)
    if level is None:
        return Standing(line, None, since, 0, "This variant has been deleted.")
    change = line.quantity if sheet.kind == Kind.DELIVERY else line.quantity + since - level.on_hand
    if line.moved is not None:
        return Standing(line, level, since, line.moved, "")
    try:
        stock.check_change(level, change)
    except CatalogError as error:
        return Standing(line, level, since, 0, str(error)[:200])
    return Standing(line, level, since, change, "")


def _lines(
    sheet: StockSheet, given: Sequence[Given], times: Counter[str], *, counted_now: bool
) -> Iterator[StockSheetLine]:
    levels = _levels_of(each.sku for each in given)
    is_now = counted_now or sheet.kind == Kind.DELIVERY
    known = set() if is_now else _known_entries(given)
    for each in given:
        level = levels.get(each.sku.lower())
        now = vars(level)["entry"] if level else 0
        entry = now if is_now or each.entry is None else each.entry
        problem = each.problem or _problem(each, level, times)
        if (
            not problem
            and sheet.kind == Kind.COUNT
            and level
            and entry not in (0, now)
            and (level.pk, entry) not in known
        ):
            problem = "The ledger entry is not of this SKU. Download a new sheet."
        yield StockSheetLine(
            sheet=sheet,
            number=each.number,
            sku=each.sku,
            level=level,
            quantity=each.pieces,
            after_movement=entry,
            problem=problem,
        )


def _problem(given: Given, level: StockLevel | None, times: Counter[str]) -> str:
    if times[given.sku.lower()] > 1:
        return "This SKU stands on several lines."
    return "" if level else UNKNOWN


def _levels_of(skus: Iterable[str]) -> dict[str, StockLevel]:
    """The levels of variants that are not archived, by SKU in small letters, with their last ledger entry."""
    wanted = {sku.lower() for sku in skus}
    found = (
        StockLevel.objects.filter(variant__archived_at=None)
        .annotate(lowered=Lower("variant__sku"), entry=Coalesce(Subquery(_last_entry(OuterRef("pk"))), 0))
        .filter(lowered__in=wanted)
    )
    return {vars(level)["lowered"]: level for level in found}


def _known_entries(given: Sequence[Given]) -> set[tuple[int, int]]:
    """Which of the named ledger entries there are, each with its level."""
    named = {each.entry for each in given if each.entry is not None and each.entry <= 2**63 - 1}
    return set(StockMovement.objects.filter(pk__in=named).values_list("level", "pk"))


def _last_entry(level: OuterRef) -> QuerySet[StockMovement, Any]:
    return StockMovement.objects.filter(level=level).order_by("-pk").values("pk")[:1]
