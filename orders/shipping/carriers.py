"""Carriers that the shop knows, and where each shows how far a parcel has come. Pure.

To add one, add a line: its tracking page with `{}` where the number stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class Carrier:
    name: str
    page: str

    def tracking_url(self, number: str) -> str:
        """The page about this parcel; empty without a number."""
        compact = "".join(number.split())
        return self.page.format(quote(compact, safe="")) if compact else ""


CARRIERS = (
    Carrier("DHL", "https://www.dhl.de/en/privatkunden/pakete-empfangen/verfolgen.html?piececode={}"),
    Carrier("DHL Express", "https://www.dhl.com/en/express/tracking.html?AWB={}"),
    Carrier("DPD", "https://tracking.dpd.de/status/en_US/parcel/{}"),
    Carrier("FedEx", "https://www.fedex.com/fedextrack/?trknbr={}"),
    Carrier("GLS", "https://gls-group.com/EU/en/parcel-tracking?match={}"),
    Carrier("Hermes", "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation#{}"),
    Carrier("La Poste", "https://www.laposte.fr/outils/suivre-vos-envois?code={}"),
    Carrier("Österreichische Post", "https://www.post.at/sv/sendungsdetails?snr={}"),
    Carrier("PostNord", "https://tracking.postnord.com/en/tracking?id={}"),
    Carrier("Royal Mail", "https://www.royalmail.com/track-your-item#/tracking-results/{}"),
    Carrier("Swiss Post", "https://service.post.ch/ekp-web/ui/entry/search/{}"),
    Carrier("UPS", "https://www.ups.com/track?tracknum={}"),
    Carrier("USPS", "https://tools.usps.com/go/TrackConfirmAction?tLabels={}"),
)
_BY_NAME = {carrier.name.casefold(): carrier for carrier in CARRIERS}


def find_carrier(name: str) -> Carrier | None:
    """The carrier of this name, in any case; None for one that the shop does not know."""
    return _BY_NAME.get(" ".join(name.split()).casefold())
