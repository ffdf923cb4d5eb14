"""Which addresses lie outside, in every spelling."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.addresses import AllowList, is_public, parse_url
from annotations.domain.errors import DomainError

INNER = [
    "0.0.0.0", "0.1.2.3", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1",
    "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192",
    "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.7", "203.0.113.9",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16", "::",
    "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:0:7f00:1::1",
    "2001:db8::1", "2002:7f00:1::1", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1",
    "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "2a00:1450::5efe:7f00:1",
    "2a00:1450::200:5efe:a00:1",
]  # fmt: skip
OUTER = [
    "8.8.8.8", "1.1.1.1", "93.184.216.34", "172.32.0.1", "100.128.0.1",
    "2a00:1450:4001:81b::200e",
]  # fmt: skip


@pytest.mark.parametrize("text", INNER)
def test_inner_addresses(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", OUTER)
def test_outer_addresses(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@given(st.ip_addresses())
def test_nothing_that_python_calls_private_is_public(address: ipaddress.IPv4Address) -> None:
    if is_public(address):
        assert address.is_global
        for name in ("private", "loopback", "multicast", "link_local", "reserved", "unspecified"):
            assert not getattr(address, f"is_{name}")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://127.1/", "127.0.0.1"),
        ("http://2130706433/", "127.0.0.1"),
        ("http://0x7f000001/", "127.0.0.1"),
        ("http://0x7f.1/", "127.0.0.1"),
        ("http://0177.0.0.1/", "127.0.0.1"),
        ("http://017700000001/", "127.0.0.1"),
        ("http://127.0.0.1./", "127.0.0.1"),
        ("http://１２７。０。０。１/", "127.0.0.1"),
        ("http://①②⑦.0.0.1/", "127.0.0.1"),
        ("http://[::ffff:7f00:1]/", "::ffff:7f00:1"),
        ("http://[0:0:0:0:0:0:0:1]:80/", "::1"),
        ("HTTP://Example.COM./a?b#c", "example.com"),
        ("http://bücher.example/", "xn--bcher-kva.example"),
    ],
)
def test_every_spelling_of_a_host_is_one(url: str, host: str) -> None:
    assert parse_url(url).host == host


@pytest.mark.parametrize(
    "url",
    [
        "", "/a.png", "//host/a.png", "ftp://host/a", "file:///etc/passwd", "gopher://x/_a",
        "data:image/png;base64,AA", "javascript:alert(1)", "http://", "http:///a",
        "http://user@host/",
        "http://user:secret@host/", "http://host@127.0.0.1/", "http://host:99999/", "http://host:a/",
        "http://host:-1/", "http://host\\@127.0.0.1/", "http://host\t/", "http://ho st/",
        "http://host/\r\nX: y",
        "http://[::1", "http://[fe80::1%25eth0]/", "http://[v1.x]/", "http://0x/", "http://1.2.3.4.5/",
        "http://256.256.256.256/", "http://a..b/", "http://.a/", "http://%31%32%37.0.0.1/",
        "http://host/\u2028", "http://" + "a" * 3000, "http://" + "a" * 64 + ".com/",
        "http://host/\ud800",
    ],
)  # fmt: skip
def test_what_two_readers_could_read_differently_is_refused(url: str) -> None:
    with pytest.raises(DomainError):
        parse_url(url)


@given(st.text(max_size=80))
def test_any_text_is_a_target_or_a_refusal(text: str) -> None:
    for url in (text, f"http://{text}", f"https://host/{text}"):
        try:
            target = parse_url(url)
        except DomainError:
            continue
        assert target.url.isascii()
        assert not set(target.url) & set(' \r\n\t\\"<>')
        assert parse_url(target.url) == target


def test_paths_and_ports_are_kept() -> None:
    target = parse_url("https://host:8443/ä b.png?q=ü&r={1}".replace(" ", "%20"))
    assert target.url == "https://host:8443/%C3%A4%20b.png?q=%C3%BC&r=%7B1%7D"
    assert parse_url("http://host?").path == "/"
    assert parse_url("http://[2a00::1]:8080/x").authority == "[2a00::1]:8080"


def test_the_allow_list_names_hosts_ports_addresses_and_networks() -> None:
    allow = AllowList.parse(["store", "other:9000", "10.0.0.0/8", "127.0.0.1:8080", "[::1]"])

    def allows(url: str, address: str) -> bool:
        return allow.allows(parse_url(url), ipaddress.ip_address(address))

    assert allows("http://store/a", "192.168.0.9")
    assert allows("http://STORE.:81/a", "192.168.0.9")
    assert allows("http://other:9000/", "192.168.0.9")
    assert not allows("http://other/", "192.168.0.9")
    assert allows("http://anything/", "10.2.3.4")
    assert allows("http://127.1:8080/", "127.0.0.1")
    assert not allows("http://127.0.0.1:6379/", "127.0.0.1")
    assert allows("http://[::1]:90/", "::1")
    assert not allows("http://store.evil.example/", "192.168.0.9")


def test_metadata_services_open_by_their_own_address_alone() -> None:
    wide = AllowList.parse(["100.64.0.0/10", "169.254.0.0/16", "fd00::/8", "::/0", "store"])
    for address in ("169.254.169.254", "100.100.100.200", "fd00:ec2::254", "::ffff:a9fe:a9fe"):
        for host in ("store", f"[{address}]" if ":" in address else address):
            target = parse_url(f"http://{host}/latest")
            assert not wide.allows(target, ipaddress.ip_address(address))
    near = parse_url("http://store/")
    assert wide.allows(near, ipaddress.ip_address("169.254.169.253"))
    assert AllowList.parse(["169.254.169.254"]).allows(
        near, ipaddress.ip_address("169.254.169.254")
    )
    port = AllowList.parse(["169.254.169.254:8080"])
    for number, open_ in ((8080, True), (80, False)):
        target = parse_url(f"http://169.254.169.254:{number}/")
        assert port.allows(target, ipaddress.ip_address("169.254.169.254")) == open_


@pytest.mark.parametrize("entry", ["a b", "10.0.0.0/99", "http://host", "user@host", ""])
def test_an_entry_that_cannot_be_read_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match="is no host"):
        AllowList.parse([entry])
