"""IP addresses of browsers: their normal form, and which of them count as one."""

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

ADDRESS_MAX: Final = 45  # characters of the longest IPv6 address
HOST_PREFIX: Final = 64  # bits of an IPv6 address that one subscriber line shares (RFC 6177)


def normalise_address(text: str) -> str:
    """Return an IP address in its normal form, IPv4-mapped IPv6 as IPv4; any other text is truncated."""
    try:
        found = ip_address(text.strip())
    except ValueError:
        return text.strip()[:ADDRESS_MAX]
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Address(int(found)))  # without a scope
    return str(found)


def network_of(address: str) -> str:
    """Return what counts as one address: an IPv4 address, or the /64 from which a host chooses IPv6 addresses."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(ip_network((int(found), HOST_PREFIX), strict=False))
    return address
