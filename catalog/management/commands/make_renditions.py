"""Has the smaller copies of pictures made that are missing, as after a move of the shop or of its files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from catalog.images import (
    make_renditions,
    make_shelf_renditions,
    shelves_without_renditions,
    without_renditions,
)
from catalog.jobs import enqueue_renditions, enqueue_shelf_renditions


class Command(BaseCommand):
    help = "Make the smaller copies of pictures that are missing, by jobs. Running it again does no harm."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--here", action="store_true", help="make them now, in this process, without the worker")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["here"]:
            with transaction.atomic(durable=True):
                ids = list(without_renditions())
                enqueue_renditions(ids)
                shelves = shelves_without_renditions()
                for kind, pk in shelves:
                    enqueue_shelf_renditions(kind, pk)
            self.stdout.write(
                f"Copies of {len(ids) + len(shelves)} pictures are to be made; the worker does it in the background."
            )
            return
        done, broken = 0, 0
        wanted: list[tuple[str, int, Callable[[], None]]] = [
            *(("picture", pk, partial(make_renditions, image_id=pk)) for pk in without_renditions()),
            *(
                (kind, pk, partial(make_shelf_renditions, shelf=kind, pk=pk))
                for kind, pk in shelves_without_renditions()
            ),
        ]
        for kind, pk, make in wanted:
            try:
                make()
                done += 1
            except OSError as error:
                broken += 1
                self.stderr.write(f"{kind.capitalize()} {pk}: {error}")
        self.stdout.write(f"Copies of {done} pictures have been made, {broken} could not be read.")
