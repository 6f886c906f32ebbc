"""Where a request comes from: the address of the connection, or what a proxy of ours says."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Final

from aiohttp import web

FORWARDED_FOR: Final = "X-Forwarded-For"
FORWARDED: Final = (FORWARDED_FOR, "Forwarded", "X-Real-IP", "Via")
HOUSEHOLD_BITS: Final = 64
"""Of an IPv6 address: one household has them all."""
KNOWN: Final = 4096


class ClientAddresses:
    """Tells places apart. `proxies` are the networks whose word about others is taken."""

    def __init__(self, proxies: Sequence[str] = ()) -> None:
        self._proxies = tuple(ip_network(proxy) for proxy in proxies)
        self._look_up = lru_cache(maxsize=KNOWN)(self._place)
        self._is_near = lru_cache(maxsize=KNOWN)(_is_loopback)

    def of(self, request: web.Request) -> str:
        """The place a request comes from; an IPv6 network counts as one. "" for this machine itself."""
        forwarded = request.headers.getall(FORWARDED_FOR, ()) if self._proxies else ()
        return self._look_up(request.remote or "", ",".join(forwarded))

    def is_this_machine(self, request: web.Request) -> bool:
        """Straight from this machine: not through a proxy on it."""
        return self._is_near(request.remote or "") and not any(name in request.headers for name in FORWARDED)

    def _place(self, peer: str, forwarded: str) -> str:
        """The nearest address that is no proxy of ours: what stands before it, anybody may have written."""
        hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
        address = peer
        while self._is_proxy(address) and hops:
            address = hops.pop()
        return "" if _is_loopback(address) else _network_of(address)

    def _is_proxy(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._proxies if network.version == parsed.version)


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == ""


def _network_of(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 4:
        return str(parsed)
    mapped = parsed.ipv4_mapped
    return str(mapped) if mapped else str(ip_network((parsed, HOUSEHOLD_BITS), strict=False))
