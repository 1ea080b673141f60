#!/usr/bin/env python
"""Django's command line. In development it also runs the embedded database while a command needs it."""

from __future__ import annotations

import os
import sys

# Commands that never ask the database.
WITHOUT_DATABASE = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "spectacular",
    "startapp",
    "startproject",
    "version",
}


def hold_database(arguments: list[str]) -> None:
    """Run the embedded server until this process ends, if the command needs it and the settings name it."""
    if not arguments or arguments[0] in WITHOUT_DATABASE or {"-h", "--help", "--version"} & {*arguments}:
        return
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    from shop import embedded_postgres

    try:
        wanted = settings.DEBUG and embedded_postgres.serves(settings.DATABASES["default"])
    except ImproperlyConfigured:
        return  # Django tells it better, below
    if wanted:
        try:
            embedded_postgres.default().hold()
        except embedded_postgres.EmbeddedPostgresError as error:
            sys.exit(str(error))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    from django.core.management import execute_from_command_line

    hold_database(sys.argv[1:])
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
