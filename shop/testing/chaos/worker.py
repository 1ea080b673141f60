"""`python -m shop.testing.chaos.worker …`: `manage.py procrastinate worker …`, with the place at which it dies."""

from __future__ import annotations

import os
import sys

import django
from django.core.management import execute_from_command_line

from shop.testing.chaos.failpoints import arm

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    django.setup()
    arm()
    execute_from_command_line(["manage.py", "procrastinate", "worker", *sys.argv[1:]])
