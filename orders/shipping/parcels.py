"""Parcels as rows; whether something may be shipped is for `orders.lifecycle` to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from orders.models import Order, Shipment, ShipmentLine
from orders.shipping.carriers import find_carrier


@dataclass(frozen=True)
class Parcel:
    """Who carries it, and how to follow it. All of it may be unknown."""

    carrier: str = ""
    tracking_number: str = ""
    tracking_url: str = ""

    def described(self, pieces: int) -> str:
        """What the timeline says of it."""
        said = "1 piece sent" if pieces == 1 else f"{pieces} pieces sent"
        return " ".join(part for part in (said, self.carrier and f"with {self.carrier}", self.tracking_number) if part)


UNKNOWN = Parcel()


def parcel_with(carrier: str, tracking_number: str = "", tracking_url: str = "") -> Parcel:
    """A parcel with this carrier. One that the shop knows is spelled as it knows it, and brings its tracking page."""
    known = find_carrier(carrier)
    return Parcel(
        carrier=known.name if known else carrier,
        tracking_number=tracking_number,
        tracking_url=tracking_url or (known.tracking_url(tracking_number) if known else ""),
    )


def with_contents(shipments: QuerySet[Shipment]) -> QuerySet[Shipment]:
    """Shipments with what is in them, in two queries whatever their number."""
    return shipments.prefetch_related(Prefetch("lines", ShipmentLine.objects.select_related("line")))


def write_shipment(
    order: Order, pieces: Mapping[int, int], parcel: Parcel, *, shipped_by: str, key: str | None = None
) -> Shipment:
    """A shipment with `pieces` by order line id; part of the caller's transaction, which holds the order's lock."""
    shipment = Shipment.objects.create(order=order, shipped_by=shipped_by, idempotency_key=key, **vars(parcel))
    ShipmentLine.objects.bulk_create(
        ShipmentLine(shipment=shipment, line_id=line_id, quantity=quantity) for line_id, quantity in pieces.items()
    )
    return shipment
