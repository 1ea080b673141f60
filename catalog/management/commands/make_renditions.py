"""Has the smaller copies of pictures made that are missing, as after a move of the shop or of its files."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from catalog.images import make_renditions, without_renditions
from catalog.jobs import enqueue_renditions


class Command(BaseCommand):
    help = "Make the smaller copies of pictures that are missing, by jobs. Running it again does no harm."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--here", action="store_true", help="make them now, in this process, without the worker")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["here"]:
            with transaction.atomic(durable=True):
                ids = list(without_renditions())
                enqueue_renditions(ids)
            self.stdout.write(f"Copies of {len(ids)} pictures are to be made; the worker does it in the background.")
            return
        done, broken = 0, 0
        for image_id in list(without_renditions()):
            try:
                make_renditions(image_id=image_id)
                done += 1
            except OSError as error:
                broken += 1
                self.stderr.write(f"Picture {image_id}: {error}")
        self.stdout.write(f"Copies of {done} pictures have been made, {broken} could not be read.")
