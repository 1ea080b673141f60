"""Places at which a process of the shop dies, patched in from outside: the shop itself has no switches for it.

`SHOP_TEST_DIE_AT` names the place, `SHOP_TEST_DIE_ONCE` a file: whoever can remove it dies, so that of all processes
one does, once. As after `kill -9`, nothing is tidied up.
"""

from __future__ import annotations

import functools
import importlib
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

AFTER_COMMIT = "after the order is committed, before it is answered"
AFTER_PAGE = "after the provider made the payment's page, before its name is stored"
AFTER_CAPTURE = "after the provider took the money, before it is stored"
AFTER_REFUND = "after the provider gave the money back, before it is stored"
AFTER_MAIL = "after the mail was sent, before it is noted"

# Each is left just after this function has done its work.
PLACES = {
    AFTER_COMMIT: ("orders.api.placing", "place_order"),
    AFTER_PAGE: ("orders.payments.stripe.gateway", "StripeGateway.start"),
    AFTER_CAPTURE: ("orders.payments.stripe.gateway", "StripeGateway.capture"),
    AFTER_REFUND: ("orders.payments.stripe.gateway", "StripeGateway.refund"),
    AFTER_MAIL: ("django.core.mail", "EmailMultiAlternatives.send"),
}
DIED = 137  # as a process that was killed


def arm() -> None:
    """Patch what the environment asks for. Django must be set up."""
    if seconds := os.environ.get("SHOP_TEST_LEASE"):
        from idempotency import keys

        keys.LEASE = timedelta(seconds=float(seconds))
    if place := os.environ.get("SHOP_TEST_DIE_AT"):
        module, path = PLACES[place]
        owner: Any = importlib.import_module(module)
        *parents, name = path.split(".")
        for parent in parents:
            owner = getattr(owner, parent)
        setattr(owner, name, _dying_after(getattr(owner, name)))


def _dying_after(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def dying(*args: Any, **options: Any) -> Any:
        result = function(*args, **options)
        try:
            os.unlink(os.environ["SHOP_TEST_DIE_ONCE"])
        except FileNotFoundError:
            return result
        os._exit(DIED)

    return dying
