"""`manage.py import_products FILE`: take in products as Shopify exports them."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.importing import running
from catalog.importing.choices import Choices
from catalog.models import ImportRun

MOST_SHOWN = 200


class Command(BaseCommand):
    help = "Take in products from a CSV file as Shopify exports it. The same file can be taken in again and again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", help="The CSV file.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would happen, and change nothing.")
        parser.add_argument(
            "--stock",
            action="store_true",
            help="Make the stock of products that are here what the file says (new ones always get it).",
        )
        parser.add_argument("--only-new", action="store_true", help="Leave products that are here as they are.")
        parser.add_argument("--resume", type=int, metavar="RUN", help="Go on with an import that was interrupted.")

    def handle(self, *args: Any, **options: Any) -> None:
        if (options["file"] is None) == (options["resume"] is None):
            raise CommandError("Name either a file, or an import to --resume.")
        run_id = options["resume"] or self._hand_in(options)
        try:
            run = running.carry_out(run_id=run_id, tell=self._tell if options["verbosity"] else None)
        except ImportRun.DoesNotExist:
            raise CommandError(f"There is no import {run_id}.") from None
        except running.TakenOver:
            raise CommandError(f"Import {run_id} is being carried out by somebody else.") from None
        self._report(run)

    def _hand_in(self, options: dict[str, Any]) -> int:
        path = Path(options["file"])
        choices = Choices(stock=options["stock"], only_new=options["only_new"])
        try:
            with path.open("rb") as file:
                run = running.hand_in(
                    file=file,
                    name=path.name,
                    choices=choices,
                    is_dry_run=options["dry_run"],
                    actor=f"{_user()} (command line)",
                )
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror or error}.") from error
        if options["verbosity"]:
            self.stderr.write(f"Import {run.pk} of {path.name}; if it is interrupted, go on with --resume {run.pk}.")
        return run.pk

    def _tell(self, run: ImportRun) -> None:
        share = 100 * run.line // max(run.lines, 1)
        self.stderr.write(f"{share:3} %  line {run.line} of {run.lines}")

    def _report(self, run: ImportRun) -> None:
        problems = run.problems.order_by("line", "pk")
        for problem in problems[:MOST_SHOWN]:
            self.stdout.write(_line(problem))
        if (more := problems.count() - MOST_SHOWN) > 0:
            self.stdout.write(f"… and {more} more; the page of import {run.pk} in the admin shows all of them.")
        if run.ignored_columns:
            self.stdout.write(f"Columns nobody reads: {', '.join(run.ignored_columns)}")
        would = "Dry run, nothing was written; it would be: " if run.is_dry_run else ""
        self.stdout.write(
            f"{would}{run.created} created, {run.updated} updated, {run.unchanged} unchanged, {run.refused} refused."
        )
        if run.error:
            raise CommandError(run.error)
        if run.state != ImportRun.State.DONE:
            raise CommandError(f"Import {run.pk} is {run.get_state_display().lower()}: it stands at line {run.line}.")
        if run.refused:
            raise CommandError(f"{run.refused} refused; everything else was taken in.")


def _line(problem: Any) -> str:
    kind = "refused" if problem.is_refusal else "hint"
    where = f", {problem.column}" if problem.column else ""
    value = f" [{problem.value}]" if problem.value else ""
    return f"line {problem.line}{where}: {problem.message}{value} ({kind})"


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"
