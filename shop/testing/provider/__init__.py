"""A double of Stripe for tests: enough of its API, over real HTTP on loopback, with a ledger of its own.

Double charging is seen from outside: `double.ledger.charges` is what the world would have paid. `faults` break the
connection in every way that a network and a provider know. Standing alone it is
`python -m shop.testing.provider --port N`; see `__main__`.
"""

from shop.testing.provider.events import signed
from shop.testing.provider.faults import Fault
from shop.testing.provider.ledger import Ledger, Refused
from shop.testing.provider.server import Double

__all__ = ["Double", "Fault", "Ledger", "Refused", "signed"]
