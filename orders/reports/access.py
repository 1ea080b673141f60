"""Who sees which orders in a report."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from orders.access import may

VIEW_REPORTS = "orders.view_reports"


@dataclass(frozen=True, slots=True)
class Scope:
    """The orders a report is about: one customer's, or everybody's. It cannot be left out by accident."""

    customer_id: int | None

    @property
    def is_everybody(self) -> bool:
        return self.customer_id is None


EVERYBODY = Scope(customer_id=None)


def scope_of(user: User) -> Scope:
    """Everybody's orders for managers, their own for all other users."""
    return EVERYBODY if may(user, VIEW_REPORTS) else Scope(customer_id=user.pk)
