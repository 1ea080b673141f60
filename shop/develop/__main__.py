"""`make run`: start the database, fill the demo shop once, serve the site and run the worker until Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path

from shop.develop.supervisor import Supervisor
from shop.embedded_postgres import ROOT, EmbeddedPostgresError, default, serves

HOST = "127.0.0.1"
DEMO_PASSWORD = "juniper-demo"  # the published password of made-up people
DEMO_ACCOUNTS = {
    "admin": "administrator",
    "clara": "keeps the catalogue",
    "otto": "handles the orders",
    "mona": "reads the reports, sets up coupons, shipping and tax",
    "alice": "customer",
    "bruno": "customer",
    "chloe": "customer",
}


class Refused(Exception):
    """The shop cannot start here; the message is one sentence for the person at the keyboard."""


def main() -> int:
    try:
        port = _free_port(os.environ.get("PORT") or "8000")
        embedded = _embedded_database_wanted()
        with Supervisor() as supervisor:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, lambda *_: supervisor.stop())
            _run(supervisor, port, embedded)
    except (Refused, EmbeddedPostgresError) as error:
        print(f"The shop does not start: {error}", file=sys.stderr)
        return 1
    print("\nThe shop is closed; its data are kept.", flush=True)
    return 0


def _run(supervisor: Supervisor, port: int, embedded: bool) -> None:
    if embedded:
        if not default().data.exists():
            print("Creating the database in .data/postgres …", flush=True)
        supervisor.hold_database(default())
    python = [sys.executable, "-u"]
    if supervisor.run_once([*python, "-m", "shop.develop.prepare"]) != 0:
        if supervisor.stopping:
            return
        raise Refused("the database could not be prepared, see above.")
    manage = [*python, str(ROOT / "manage.py")]
    supervisor.keep_running("web server", [*manage, "runserver", f"{HOST}:{port}"])
    supervisor.keep_running("worker", [*manage, "procrastinate", "worker"], restart_on_change=True)
    _wait_for_answer(supervisor, port)
    if not supervisor.stopping:
        print(_welcome(port), flush=True)
    supervisor.watch()


def _free_port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise Refused(f"PORT is {text!r}, and must be a number from 1 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(text)))
        except PermissionError:
            raise Refused(f"port {text} is reserved for the system; choose another one: make run PORT=8001")
        except OSError:
            raise Refused(f"port {text} is in use; stop what uses it, or choose another: make run PORT={int(text) + 1}")
    return int(text)


def _embedded_database_wanted() -> bool:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    try:
        if not settings.DEBUG:
            raise Refused("`make run` is for development, and DEBUG is off; put DEBUG=true into .env.")
        return serves(settings.DATABASES["default"])
    except ImproperlyConfigured as error:
        raise Refused(str(error))


def _wait_for_answer(supervisor: Supervisor, port: int) -> None:
    while not supervisor.stopping:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
            return
        except OSError:
            supervisor.look_after()


def _welcome(port: int) -> str:
    address = f"http://{HOST}:{port}"
    mail = Path(os.environ.get("SHOP_DATA_DIR", ".data")) / "mail"
    people = "\n".join(f"    {name:<8}{who}" for name, who in DEMO_ACCOUNTS.items())
    return f"""
  The shop is open.

    Shop     {address}/
    Admin    {address}/admin/
    API      {address}/docs (Swagger UI), {address}/redoc
    E-mails  {mail}/

  Demo accounts, all with the password {DEMO_PASSWORD}

{people}

  Ctrl-C closes the shop.
"""


if __name__ == "__main__":
    sys.exit(main())
