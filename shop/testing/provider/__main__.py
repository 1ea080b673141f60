"""`python -m shop.testing.provider --port N`: the double as a process of its own, for tests that kill processes.

GET  /ledger                    its books: charges, sessions, refunds
POST /pay/SESSION/pay           play the shopper: also decline, authorize, pay_slowly, arrive
POST /faults                    {"fault": "hang_after", "at": "sessions", "times": 3}
POST /faults/release            let go of what hangs
"""

from __future__ import annotations

import argparse
import contextlib
import signal

from shop.testing.provider.events import SECRET
from shop.testing.provider.server import SECRET_KEY, Double


def main() -> None:
    parser = argparse.ArgumentParser(description="A double of Stripe for tests.")
    parser.add_argument("--port", type=int, default=0)
    double = Double(parser.parse_args().port)
    print(f"STRIPE_API_BASE={double.url}", flush=True)
    print(f"STRIPE_SECRET_KEY={SECRET_KEY}\nSTRIPE_WEBHOOK_SECRETS={SECRET}", flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        double.serve_forever()


if __name__ == "__main__":
    main()
