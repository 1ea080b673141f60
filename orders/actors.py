"""Who did something: what the timeline, the stock ledger and the staff's pages say about it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    """The sort of somebody: a person on one side of the counter or the other, the shop itself, or a provider."""

    CUSTOMER = "customer"
    GUEST = "guest"
    STAFF = "staff"
    SHOP = "shop"
    PROVIDER = "provider"


@dataclass(frozen=True)
class Actor:
    """Somebody who acts on an order; `name` is a username, a provider's code or a job's name."""

    kind: ActorKind
    name: str


GUEST = Actor(ActorKind.GUEST, "guest")
SHOP = Actor(ActorKind.SHOP, "shop")


def staff(username: str) -> Actor:
    """A member of staff."""
    return Actor(ActorKind.STAFF, username)


def customer(username: str) -> Actor:
    """The customer whose order it is."""
    return Actor(ActorKind.CUSTOMER, username)


def job(name: str) -> Actor:
    """A job of the shop's, which nobody asked for at that moment."""
    return Actor(ActorKind.SHOP, name)


def provider(code: str) -> Actor:
    """A payment provider, through its webhook or its answer."""
    return Actor(ActorKind.PROVIDER, code)
