from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

# Any number will do, as long as nothing else in this database takes it.
MIGRATION_LOCK = 7_305_614_001


class Command(BaseCommand):
    help = "Migrates the database; of several servers that start together one does it and the others wait."

    def handle(self, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            # Waiting for another server's migrations may take as long as these take.
            cursor.execute("SET lock_timeout = 0")
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
            cursor.execute("RESET lock_timeout")
        try:
            call_command("migrate", interactive=False, verbosity=options["verbosity"])
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
