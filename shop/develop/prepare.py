"""The database made ready: migrated, and on the first start filled with the demo shop."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    # One process, one connection: without the pool a database that is away is told at once, and why.
    settings.DATABASES["default"]["OPTIONS"].pop("pool", None)
    django.setup()
    try:
        call_command("migrate", verbosity=0, interactive=False)
        _fill_once()
    except OperationalError as error:
        sys.exit(f"The database cannot be used: {' '.join(str(error).split())}")


def _fill_once() -> None:
    """Fill an empty shop; a filling that was interrupted is done again."""
    from catalog.models import Product

    unfinished = Path(settings.DATA_DIR) / "demo-unfinished"
    if unfinished.exists() or not Product.objects.exists():
        print("Filling the demo shop, which takes about a minute …", flush=True)
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        unfinished.touch()
        said = io.StringIO()
        call_command("demo", stdout=said)
        print(said.getvalue().split("\n", 1)[0], flush=True)  # the accounts are shown at the end of the start
        unfinished.unlink()


if __name__ == "__main__":
    main()
