"""Network addresses of browsers: how they are written, and which ones are one person's."""

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

ADDRESS_MAX: Final = 45  # characters of the longest IPv6 address
HOST_PREFIX: Final = 64  # bits of an IPv6 address that one line of a provider shares (RFC 6177)


def normalise_address(text: str) -> str:
    """Return an IP address in its usual form, an IPv4 one without its IPv6 wrapping; other text cut short."""
    try:
        found = ip_address(text.strip())
    except ValueError:
        return text.strip()[:ADDRESS_MAX]
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Address(int(found)))  # without a scope
    return str(found)


def network_of(address: str) -> str:
    """Return what counts as one address: an IPv4 one, or the /64 that a machine may choose its IPv6 ones from."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(ip_network((int(found), HOST_PREFIX), strict=False))
    return address
