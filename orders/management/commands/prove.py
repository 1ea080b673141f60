"""Shows on the operator's own database that the shop keeps its promises when everybody comes at once."""

from __future__ import annotations

import json
import signal
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from orders.proof.proving import prove
from orders.proof.racing import connections_at_once
from orders.proof.stage import NothingToProveWith
from orders.proof.tallies import Finding

PROOF_LOCK = 7_305_614_002  # any number that nothing else in this database takes
FEWEST, MOST = 2, 200


class Command(BaseCommand):
    help = (
        "Lets many buyers at once go for the last piece, the last use of a coupon, one cart and one key, in rows that "
        "are made for it and removed again, and says of each promise whether it was kept. Then audits."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--buyers", type=_buyers, default=20, metavar="N", help=f"{FEWEST} to {MOST} at once (default: 20)"
        )
        parser.add_argument("--json", action="store_true", help="say it in JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        silent, buyers = options["json"], options["buyers"]
        if not silent:
            self.stdout.write(f"{buyers} buyers at once, over {connections_at_once()} connections at most.\n\n")
        with _alone(), _stoppable():
            try:
                proof = prove(buyers=buyers, tell=(lambda _: None) if silent else self._tell)
            except NothingToProveWith as error:
                raise CommandError(str(error)) from error
            except KeyboardInterrupt:
                raise CommandError("Stopped; what was made for it is removed.", returncode=130) from None
        if silent:
            self.stdout.write(json.dumps(proof.as_json(), indent=2))
        if not proof.holds:
            raise CommandError(f"{len(proof.broken)} promises are broken: {'; '.join(proof.broken)}.")
        if not silent:
            self.stdout.write("\nThe shop keeps its promises.")

    def _tell(self, found: Finding) -> None:
        mark = self.style.SUCCESS("ok  ") if found.holds else self.style.ERROR("FAIL")
        self.stdout.write(f"{mark} {found.promise}")
        self.stdout.write(f"       {found.told} ({found.seconds:.2f} s)")


def _buyers(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not FEWEST <= int(text) <= MOST:
        raise ArgumentTypeError(f"give a number from {FEWEST} to {MOST}")
    return int(text)


@contextmanager
def _alone() -> Iterator[None]:
    """One proof at a time, because each removes what it finds of others."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [PROOF_LOCK])
        row = cursor.fetchone()
    if not row or not row[0]:
        raise CommandError("Another proof is running on this database.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [PROOF_LOCK])


@contextmanager
def _stoppable() -> Iterator[None]:
    """Being terminated ends it as Ctrl-C does: cleanly."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
