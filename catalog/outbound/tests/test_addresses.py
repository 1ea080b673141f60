from __future__ import annotations

from ipaddress import ip_address

import pytest

from catalog.outbound.addresses import AddressRefused, Target, may_reach, parse_target

# One address, in everything a browser, curl or the C library would take for it; and its neighbours.
REFUSED = [
    # this machine
    "https://127.0.0.1/", "https://127.0.0.1:8443/x", "https://127.1/", "https://127.0.1/", "https://127.255.255.254/",
    "https://2130706433/", "https://0x7f000001/", "https://0x7f.0.0.1/", "https://0x7f.1/", "https://0177.0.0.1/",
    "https://017700000001/", "https://127.0.0.0x1/", "https://127.0.0.01/", "https://127.000.000.001/",
    "https://127.0.0.1./", "https://localhost/", "https://LOCALHOST/", "https://localhost./", "https://x.localhost/",
    "https://localhost.localdomain.local/", "https://0/", "https://0.0.0.0/", "https://0x0/", "https://[::]/",
    "https://[::1]/", "https://[0:0:0:0:0:0:0:1]/", "https://[0000::0001]:443/",
    # IPv4 in the clothes of IPv6
    "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[::ffff:8.8.8.8]/", "https://[::127.0.0.1]/",
    "https://[2002:7f00:1::]/", "https://[2002:808:808::]/", "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b::8.8.8.8]/", "https://[64:ff9b:1::1]/", "https://[2001:0:808:808::]/",
    # the metadata services of clouds
    "https://169.254.169.254/latest/meta-data/", "https://0xa9fea9fe/", "https://2852039166/",
    "https://0251.0376.0251.0376/", "https://[fd00:ec2::254]/", "https://100.100.100.200/", "https://192.0.0.192/",
    "https://168.63.129.16/", "https://metadata.google.internal/", "https://[fe80::a9fe:a9fe]/",
    # private, shared, local, documentation, multicast, reserved, broadcast
    "https://10.0.0.1/", "https://10.255.255.255/", "https://172.16.0.1/", "https://172.31.255.255/",
    "https://192.168.1.1/", "https://100.64.0.1/", "https://169.254.1.1/", "https://192.0.2.1/",
    "https://198.18.0.1/", "https://198.51.100.1/", "https://203.0.113.1/", "https://192.88.99.1/",
    "https://224.0.0.1/", "https://239.255.255.250/", "https://240.0.0.1/", "https://255.255.255.255/",
    "https://[fe80::1]/", "https://[fec0::1]/", "https://[fc00::1]/", "https://[fd12:3456::1]/", "https://[ff02::1]/",
    "https://[ff0e::1]/", "https://[2001:db8::1]/", "https://[3fff::1]/", "https://[100::1]/", "https://[5f00::1]/",
    "https://[fe80::1%25eth0]/", "https://[fe80::1%eth0]/",
    # names of local networks
    "https://postgres/", "https://redis:6379/", "https://intranet/", "https://printer.local/", "https://nas.home.arpa/",
    # somebody else before the @, or hidden behind other signs
    "https://example.com@127.0.0.1/", "https://user:pw@example.com/", "https://@example.com/", "https://:@example.com/",
    "https://example.com#@127.0.0.1/", "https://example.com\\@127.0.0.1/", "https:\\\\127.0.0.1/",
    "https://127.0.0.1%2f@example.com/", "https://example.com%00.evil.example/", "https://ex%61mple.com/",
    "https://１２７.0.0.1/", "https://①②⑦.⓪.⓪.①/", "https://127。0。0。1/", "https://ⓔxample.com/",
    "https://exa mple.com/", "https://example.com/a b", "https://example.com/\r\nX-Evil:1", "\thttps://example.com/",
    "https://exam\nple.com/", "https://example.com\x00/", " https://example.com/",
    # other ways than https
    "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://127.0.0.1:6379/_FLUSHALL",
    "javascript:alert(1)", "data:text/plain,x", "//example.com/", "example.com", "https:/example.com",
    "https:example.com", "https:///path", "https://", "", "unix:///run/docker.sock", "http+unix://x/",
    # no host, no port
    "https://example.com:0/", "https://example.com:65536/", "https://example.com:99999999/", "https://example.com:-1/",
    "https://example.com:8o/", "https://example.com:/", "https://.example.com/", "https://example..com/",
    "https://-example.com/", "https://example-.com/", "https://example.com./", f"https://{'a' * 64}.com/",
    f"https://{'a.' * 130}com/", "https://[::g]/", "https://[1::2::3]/", "https://[::1/", "https://::1/", "https://[]/",
    "https://1.2.3/", "https://1.2.3.4.5/", "https://256.1.1.1/", "https://example.123/", "https://example.0x7f/",
    "https://example.com/#part", "https://example.com/" + "a" * 2000,
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED)
def test_what_is_not_plainly_public_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        parse_target(url)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://example.com", Target("https", "example.com", 443, "/")),
        ("HTTPS://Shop.Example.COM:8443/Hooks?Key=1%20", Target("https", "shop.example.com", 8443, "/Hooks?Key=1%20")),
        ("https://example.com?x=1", Target("https", "example.com", 443, "/?x=1")),
        ("https://xn--mnchen-3ya.example/", Target("https", "xn--mnchen-3ya.example", 443, "/")),
        ("https://8.8.8.8/", Target("https", "8.8.8.8", 443, "/")),
        ("https://[2606:4700:4700::1111]/", Target("https", "2606:4700:4700::1111", 443, "/")),
        ("https://1-2-3-4.example.com/", Target("https", "1-2-3-4.example.com", 443, "/")),
        ("https://example.com/users/@me", Target("https", "example.com", 443, "/users/@me")),
    ],
)  # fmt: skip
def test_a_public_address_is_taken_apart(url: str, target: Target) -> None:
    assert parse_target(url) == target


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9000/x", "http://localhost:9000/", "https://localhost/", "http://[::1]:9000/", "http://example.com/"],
)  # fmt: skip
def test_development_may_call_this_machine_and_by_http(url: str) -> None:
    assert parse_target(url, allow_local=True).scheme == url.split(":")[0]


LOOPBACK = (
    "https://127.0.0.1/", "https://127.0.0.1:", "https://127.255", "https://[::1]", "https://[0:0:0:0:0:0:0:1]",
    "https://[0000::0001]", "https://localhost/", "https://LOCALHOST/", "http://example.com",
)  # fmt: skip


@pytest.mark.parametrize("url", [url for url in REFUSED if not url.startswith(LOOPBACK)])
def test_development_opens_nothing_else(url: str) -> None:
    with pytest.raises(AddressRefused):
        parse_target(url, allow_local=True)


@pytest.mark.parametrize("address", ["::ffff:127.0.0.1", "::127.0.0.1", "169.254.169.254", "10.0.0.1", "0.0.0.0", "::"])
def test_this_machine_in_disguise_is_not_this_machine(address: str) -> None:
    assert not may_reach(ip_address(address), allow_local=True)
