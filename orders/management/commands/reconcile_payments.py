"""`manage.py reconcile_payments`: ask the payment providers about everything that is not settled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from orders.reconciling import reconcile


class Command(BaseCommand):
    help = "Ask the payment providers about everything that is not settled, and heal what differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--quiet-minutes",
            type=int,
            default=0,
            help="Leave alone what the provider was asked about within these minutes (default: 0, ask about all).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        asked = healed = problems = 0
        for finding in reconcile(quiet=timedelta(minutes=options["quiet_minutes"])):
            asked, healed = asked + 1, healed + finding.is_healed
            if finding.problem:
                problems += 1
                self.stdout.write(self.style.WARNING(str(finding)))
            elif finding.is_healed or options["verbosity"] > 1:
                self.stdout.write(str(finding))
        self.stdout.write(f"{asked} asked about, {healed} healed, {problems} not cleared up.")
        if problems:
            raise CommandError(f"{problems} could not be cleared up; they are asked about again later.")
