"""Which addresses the shop may call on somebody's behalf: those of the public internet, written plainly. Pure.

A URL that a person typed must not lead the server to itself, to its neighbours or to the cloud's metadata
service. A URL is taken apart here, once, by one pattern, and what is called later is exactly these parts: no
second parser reads it differently.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

MAX_LENGTH = 2000
DEFAULT_PORTS = {"https": 443, "http": 80}
URL = re.compile(
    r"(?P<scheme>https?)://(?:\[(?P<literal>[0-9a-f:.]+)\]|(?P<name>[0-9a-z.-]+))(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[!-~]*)?(?P<query>\?[!-~]*)?",
    re.IGNORECASE,
)
LABEL = re.compile(r"[0-9a-z](?:[0-9a-z-]{0,61}[0-9a-z])?")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# Names that mean this machine or this network wherever they are looked up.
LOCAL_NAMES = ("localhost", "local", "internal", "home.arpa")

PUBLIC_V6 = IPv6Network("2000::/3")  # leaves out, among others, addresses that wrap one of IPv4 (mapped, NAT64)
# What Python calls global, and what is none of our business all the same.
SPECIAL_V4 = [
    IPv4Network("192.0.0.0/24"),  # protocol assignments; a metadata service of one cloud
    IPv4Network("192.88.99.0/24"),  # relays to 6to4
    IPv4Network("168.63.129.16/32"),  # the metadata service of another
]
SPECIAL_V6 = [
    IPv6Network("2001::/23"),  # Teredo and other protocol assignments
    IPv6Network("2002::/16"),  # 6to4
    IPv6Network("3fff::/20"),  # documentation
]
LOOPBACK_V4 = IPv4Network("127.0.0.0/8")
LOOPBACK_V6 = IPv6Address("::1")


class AddressRefused(ValueError):
    """The shop does not call this address; the message says why."""


@dataclass(frozen=True)
class Target:
    """The parts of a URL that may be called, as far as its text tells."""

    scheme: str
    host: str
    port: int
    path: str


def parse_target(url: str, *, allow_local: bool = False, allow_http: bool = False) -> Target:
    """The parts of `url`. Raises AddressRefused for what is not plainly the address of a public host.

    `allow_http` lets http without TLS pass; `allow_local`, for development, that and this machine itself. Where a
    host's name leads is not known here: that is asked by `catalog.outbound.asking`.
    """
    parts = URL.fullmatch(url)
    if parts is None or len(url) > MAX_LENGTH or "#" in url:
        raise AddressRefused(
            "Write the address as https://host/path, in plain letters, without user name, password or fragment."
        )
    scheme = parts["scheme"].lower()
    if scheme != "https" and not (allow_http or allow_local):
        raise AddressRefused("The address must begin with https://.")
    port = int(parts["port"] or DEFAULT_PORTS[scheme])
    if not 1 <= port <= 65535:
        raise AddressRefused("There is no such port.")
    host = _literal(parts["literal"]) if parts["literal"] else _name(parts["name"].lower(), allow_local=allow_local)
    _expect_reachable(host, allow_local=allow_local)
    return Target(scheme=scheme, host=host, port=port, path=(parts["path"] or "/") + (parts["query"] or ""))


def may_reach(address: IPv4Address | IPv6Address, *, allow_local: bool = False) -> bool:
    """The address belongs to the public internet (or, when allowed, to this machine)."""
    if allow_local and (address in LOOPBACK_V4 if isinstance(address, IPv4Address) else address == LOOPBACK_V6):
        return True
    if address.is_multicast or not address.is_global:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in SPECIAL_V4)
    return address in PUBLIC_V6 and not any(address in network for network in SPECIAL_V6)


def _literal(text: str) -> str:
    try:
        return str(IPv6Address(text))
    except ValueError:
        raise AddressRefused("This is no IPv6 address.")


def _name(name: str, *, allow_local: bool) -> str:
    """A host's name as DNS knows it, or an IPv4 address in its one usual form."""
    labels = name.split(".")
    if len(name) > 253 or not all(LABEL.fullmatch(label) for label in labels):
        raise AddressRefused("This is no host name.")
    if NUMBER.fullmatch(labels[-1]):  # 2130706433, 0x7f.1, 0177.0.0.1: what system calls would take for an address
        try:
            return str(IPv4Address(name))
        except ValueError:
            raise AddressRefused("Write an IPv4 address as four decimal numbers.")
    if allow_local and name == "localhost":
        return name
    if len(labels) == 1 or any(name == local or name.endswith(f".{local}") for local in LOCAL_NAMES):
        raise AddressRefused("This name means a machine of a local network.")
    return name


def _expect_reachable(host: str, *, allow_local: bool) -> None:
    """A host that is written as an address is checked at once."""
    try:
        address = ip_address(host)
    except ValueError:
        return
    if not may_reach(address, allow_local=allow_local):
        raise AddressRefused(f"{address} is not an address of the public internet.")
