"""`manage.py import_orders`: the history of orders of another shop, out of a CSV file. See docs/import.md."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.importing.models import ImportRun
from catalog.importing.running import TakenOver
from catalog.money import format_amount
from orders.actors import job
from orders.importing.batches import Tally
from orders.importing.choices import OrderChoices, columns_from
from orders.importing.layout import COLUMNS, InvalidLayout
from orders.importing.reading import Unreadable
from orders.importing.running import import_orders, lines_of

SHOWN = 20


class Command(BaseCommand):
    help = "Takes in orders of another shop, which are over: they move no stock and send no mail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="A CSV file with one row per order line; rows of an order follow one another.")
        parser.add_argument("--dry-run", action="store_true", help="Read and report; write no order.")
        parser.add_argument("--delimiter", default=",", help="What stands between cells (default: a comma).")
        parser.add_argument("--decimal", default=".", choices=[".", ","], help="The decimal sign (default: a point).")
        parser.add_argument("--encoding", default="utf-8-sig", help="Default: UTF-8, with or without its mark.")
        parser.add_argument("--date-format", default="", help="As strptime has it, such as %%d/%%m/%%Y; default: ISO.")
        parser.add_argument("--time-zone", default="", help="Of dates without an offset (default: the shop's).")
        parser.add_argument("--currency", default="", help="Of rows that name none (default: the shop's).")
        parser.add_argument("--status", default="", help="Of rows that name none, such as delivered.")
        parser.add_argument("--cancelled-prefix", default="", help="Orders whose number begins so are cancelled.")
        parser.add_argument(
            "--tax",
            choices=["included", "on-top"],
            help="Prices contain the tax, or it is added (default: as in this shop).",
        )
        parser.add_argument(
            "--columns",
            type=_columns,
            default={},
            metavar="OURS=THEIRS,…",
            help=f"What the file calls our columns: {', '.join(COLUMNS)}.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        run = ImportRun.objects.create(
            kind=ImportRun.Kind.ORDERS,
            state=ImportRun.State.WAITING,
            file_name=path.name[:200],
            is_dry_run=options["dry_run"],
            actor="import_orders",
        )
        try:
            layout = OrderChoices.read({**options, "tax": options["tax"] or ""}).layout()
            with path.open("rb") as file:
                lines = lines_of(file, options["encoding"])
                tally = import_orders(
                    run=run, lines=lines, layout=layout, actor=job("import_orders"), progress=self._progress
                )
        except TakenOver:
            raise CommandError(f"Import {run.pk} was called off.") from None
        except (OSError, LookupError, InvalidLayout, Unreadable) as error:
            ImportRun.objects.filter(pk=run.pk).update(state=ImportRun.State.FAILED, error=str(error)[:500])
            self._report(run)
            raise CommandError(str(error)) from error
        self._report(run)
        self._sum_up(tally, is_dry=run.is_dry_run)

    def _progress(self, line: int, tally: Tally) -> None:
        if self.verbosity > 1:
            self.stdout.write(f"line {line}")

    def execute(self, *args: Any, **options: Any) -> str | None:
        self.verbosity: int = options["verbosity"]
        return super().execute(*args, **options)

    def _report(self, run: ImportRun) -> None:
        problems = run.problems.all()
        shown = problems if self.verbosity > 1 else problems[:SHOWN]
        for problem in shown:
            mark = self.style.WARNING("refused") if problem.is_refusal else "note"
            self.stdout.write(f"{mark} line {problem.line}, {problem.column} {problem.value[:40]!r}: {problem.message}")
        if (more := problems.count() - len(shown)) > 0:
            self.stdout.write(f"… and {more} more, which -v 2 shows, too.")

    def _sum_up(self, tally: Tally, *, is_dry: bool) -> None:
        verb = "would be imported" if is_dry else "imported"
        self.stdout.write(
            f"{tally.created} orders {verb} ({tally.cancelled} of them cancelled), with {tally.lines} lines and "
            f"{tally.pieces} pieces; {tally.unchanged} were there, {tally.refused} refused."
        )
        for name, sums in (("Revenue", tally.revenue), ("Of cancelled orders", tally.called_off)):
            for currency, amount in sorted(sums.items()):
                self.stdout.write(f"{name}: {format_amount(amount, currency, settings.SHOP_LOCALE)}")


def _columns(text: str) -> dict[str, str]:
    try:
        return columns_from(text)
    except InvalidLayout as error:
        raise argparse.ArgumentTypeError(str(error)) from error
