from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from orders.reports.invariants import verdicts


class Command(BaseCommand):
    help = "Checks what must always hold for stock, orders, money and accounts; fails naming the offending rows."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = 0
        for verdict in verdicts():
            broken += not verdict.holds
            mark = self.style.SUCCESS("ok  ") if verdict.holds else self.style.ERROR("FAIL")
            self.stdout.write(f"{mark} {verdict.name}")
            for offender in verdict.offenders:
                self.stdout.write(f"       {offender}")
        if broken:
            raise CommandError(f"{broken} rules are broken.")
        self.stdout.write("Everything adds up.")
