"""What may be asked for: addresses are hostile until they have passed here."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from mmecinstruct.images.outcome import Failure, FetchRules

_MAX_LENGTH = 2048  # longer ones are no picture's address, and servers refuse them
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
# urlsplit drops tabs and newlines silently, browsers read a backslash as a slash: none of it is let in.
_PLAIN = re.compile(r"[!-\[\]-~]+")
_DEFAULT_PORTS = {"http": 80, "https": 443}
# Both are reported as global although they lead into IPv4, private addresses included.
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address, and the `url` to ask: the same, or one at the origin that takes the host's place."""

    host: str
    address: str
    url: str


def admit(address: str, rules: FetchRules, base: str = "") -> Target | Failure:
    """Let an address pass, or say why not. `base` is the address that redirected here."""
    found = _SCHEME.match(address)
    if found and found[1].lower() not in _DEFAULT_PORTS:
        return Failure("scheme_not_allowed")
    if len(address) > _MAX_LENGTH or not _PLAIN.fullmatch(address):
        return Failure("bad_address")
    try:
        parts = urlsplit(urljoin(base, address))
        return _admit_parts(parts, parts.port, rules)
    except ValueError:  # a port that is no number, a bracket that does not close
        return Failure("bad_address")


def _admit_parts(parts: SplitResult, port: int | None, rules: FetchRules) -> Target | Failure:
    host = parts.hostname
    if parts.scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc:
        return Failure("bad_address")
    known = host in rules.hosts or host in rules.origins
    if not known or port not in (None, _DEFAULT_PORTS[parts.scheme]):
        return Failure("host_not_allowed")
    if host not in rules.origins and _is_private_literal(host):
        return Failure("private_address")
    # http:// addresses of 2014 are asked over https, and the fragment stays here.
    origin = f"https://{host}"
    rest = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(host, origin + rest, rules.origins.get(host, origin).rstrip("/") + rest)


def is_public(address: str) -> bool:
    """Tell whether an IP address is a plain public one: no loopback, private net, multicast or way into IPv4."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        indirect = ip.ipv4_mapped or ip.sixtofour or ip.teredo or any(ip in net for net in _NAT64)
        if indirect:
            return False
    return ip.is_global and not ip.is_multicast


def _is_private_literal(host: str) -> bool:
    # A client does not ask its resolver about a host that is already an IP address.
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return not is_public(host)
