"""Which addresses lie outside: on the public internet, and nowhere near this server.

Sources: IANA's special-purpose address registries for IPv4 and IPv6; the URL standard's host
parser (an address whose last part is a number is an IPv4 address in any of inet_aton's spellings).
"""

import ipaddress
import re
import socket
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

from .errors import DomainError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_MAX_URL = 2048
_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*\Z")
_LAST_IS_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\Z")
# Spaces and control characters end or split an address for some readers and not for others, and
# a backslash is a slash to some.
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029]")
_TO_QUOTE = set('"<>^`{|}')
# Services that are no web servers; below 1024 only the web's own ports are open.
_CLOSED_PORTS = {1433, 1521, 2049, 2375, 2379, 3306, 3389, 5432, 5672, 5900, 6000, 6379, 9042,
                 9200, 9300, 11211, 27017}  # fmt: skip

_INNER_V4 = [
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        # A cloud's own services on an address that looks public.
        "168.63.129.16/32",
    )
]  # fmt: skip
# Where clouds hand out a machine's own credentials, often in the middle of a private network.
_METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in (
        "169.254.169.254", "169.254.170.2", "169.254.170.23", "169.254.0.23", "168.63.129.16",
        "100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254",
        "fe80::a9fe:a9fe",
    )
)  # fmt: skip
_UNICAST_V6 = ipaddress.ip_network("2000::/3")
# Teredo, 6to4 and the like carry an IPv4 address that the outer one hides.
_INNER_V6 = [
    ipaddress.ip_network(text)
    for text in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
]
_ISATAP = {0x00005EFE, 0x02005EFE}


def is_public(address: Address) -> bool:
    """True for unicast addresses of the public internet.

    `ipaddress.is_global` is not enough: it takes NAT64, 6to4, `::127.0.0.1` and multicast.
    """
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _INNER_V4)
    if address not in _UNICAST_V6 or any(address in network for network in _INNER_V6):
        return False
    return (int(address) >> 32) & 0xFFFFFFFF not in _ISATAP


@dataclass(frozen=True)
class Target:
    """Where a URL leads. `host` is an ASCII name or an address in its one canonical spelling;
    `path` is what to ask for there, with the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def literal(self) -> Address | None:
        """The address when the URL names one instead of a name."""
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def has_web_port(self) -> bool:
        if self.port < 1024:
            return self.port in _PORTS.values()
        return self.port not in _CLOSED_PORTS


def parse_url(url: str, field: str = "url") -> Target:
    """The target of an http or https URL. Raises DomainError for anything that two readers
    could read differently."""
    if len(url) > _MAX_URL:
        raise DomainError(field, f"an address may have at most {_MAX_URL} characters")
    if _FORBIDDEN.search(url):
        raise DomainError(field, "the address holds spaces or characters that no address has")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise DomainError(field, "this is not an address that can be read") from error
    scheme = parts.scheme.lower()
    if scheme not in _PORTS:
        raise DomainError(field, "give an address that starts with http:// or https://")
    if "@" in parts.netloc:
        raise DomainError(field, "an address with a user name or password is not fetched")
    host = _host(parts.hostname or "", "[" in parts.netloc, field)
    try:
        url.encode()
    except UnicodeEncodeError as error:
        raise DomainError(field, "this is not an address that can be read") from error
    path = _ascii(parts.path or "/") + (f"?{_ascii(parts.query)}" if parts.query else "")
    return Target(scheme, host, _PORTS[scheme] if port is None else port, path)


def _ascii(text: str) -> str:
    """Characters that no URL holds as percent signs and hex, as browsers send them."""
    return "".join(
        c if c.isascii() and c not in _TO_QUOTE else "".join(f"%{b:02X}" for b in c.encode())
        for c in text
    )


def _host(host: str, bracketed: bool, field: str) -> str:
    wrong = DomainError(field, "the address names no host that can be read")
    if ":" in host or bracketed:
        if "%" in host:
            raise wrong
        try:
            return str(ipaddress.IPv6Address(host))
        except ValueError as error:
            raise wrong from error
    name = unicodedata.normalize("NFKC", host).lower()
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise wrong from error
    name = name.removesuffix(".")
    if _LAST_IS_NUMBER.match(name):
        try:
            return socket.inet_ntoa(socket.inet_aton(name))
        except OSError as error:
            raise wrong from error
    if not _NAME.match(name):
        raise wrong
    return name


@dataclass(frozen=True)
class AllowList:
    """One's own stores: hosts, `host:port`, addresses and networks that may be inside."""

    names: frozenset[str]
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]

    @classmethod
    def parse(cls, entries: list[str]) -> "AllowList":
        """Raises ValueError with the entry that cannot be read."""
        names, networks = set(), []
        for entry in entries:
            try:
                networks.append(ipaddress.ip_network(entry.strip("[]"), strict=False))
                continue
            except ValueError:
                pass
            try:
                target = parse_url(f"http://{entry}")
            except DomainError as error:
                raise ValueError(f"{entry!r} is no host, address or network") from error
            if target.path != "/":
                raise ValueError(f"{entry!r} is no host, address or network")
            with_port = ":" in entry.rpartition("]")[2]
            names.add(f"{target.host} {target.port}" if with_port else target.host)
        return cls(frozenset(names), tuple(networks))

    def allows(self, target: Target, address: Address) -> bool:
        """True when the target was named, or its address lies in an allowed network. Metadata
        services of clouds must be named by their very address."""
        inner = getattr(address, "ipv4_mapped", None) or address
        if inner in _METADATA:
            alone = any(net.num_addresses == 1 and address in net for net in self.networks)
            return alone or f"{address} {target.port}" in self.names
        for host in (target.host, str(address)):
            if host in self.names or f"{host} {target.port}" in self.names:
                return True
        return any(address in network for network in self.networks)
