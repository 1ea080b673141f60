"""Acts that happen at the same moment, each on a database connection of its own.

For tests marked `django_db(transaction=True)`: what such a thread does is really committed. A race test
proves nothing without its control, which switches the guard off and shows the fault.
"""

from orders.proof.racing import at_once, run_parallel

__all__ = ["at_once", "run_parallel"]
