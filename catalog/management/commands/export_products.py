"""`manage.py export_products [FILE]`: the catalogue as a CSV file, as Shopify writes and reads it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.importing.exporting import exported


class Command(BaseCommand):
    help = "Write all products into a CSV file that import_products, and Shopify, can take in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", help="Where to; without it, to the standard output.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["file"] is None:
            for piece in exported():
                sys.stdout.buffer.write(piece.encode())
            sys.stdout.flush()
            return
        path = Path(options["file"])
        # The whole file or none: nobody finds half of one under this name.
        unfinished = path.with_name(f"{path.name}.part")
        try:
            with unfinished.open("wb") as file:
                for piece in exported():
                    file.write(piece.encode())
            os.replace(unfinished, path)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise CommandError(f"{path} cannot be written: {error.strerror or error}.") from error
