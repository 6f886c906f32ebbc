"""Client addresses: the peer of the connection, or the address that a trusted proxy forwards."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Final

from aiohttp import web

FORWARDED_FOR: Final = "X-Forwarded-For"
FORWARDED: Final = (FORWARDED_FOR, "Forwarded", "X-Real-IP", "Via")
IPV6_PREFIX_BITS: Final = 64
"""Prefix length by which IPv6 addresses are grouped: one household usually has a whole /64."""
CACHE_SIZE: Final = 4096


class ClientAddresses:
    """Resolve client addresses. `proxies` are the networks whose `X-Forwarded-For` is trusted."""

    def __init__(self, proxies: Sequence[str] = ()) -> None:
        self._proxies = tuple(ip_network(proxy) for proxy in proxies)
        self._cached_address = lru_cache(maxsize=CACHE_SIZE)(self._resolve)
        self._cached_is_loopback = lru_cache(maxsize=CACHE_SIZE)(_is_loopback)

    def of(self, request: web.Request) -> str:
        """Return the client's address, or its /64 network for IPv6; "" for this machine itself."""
        forwarded = request.headers.getall(FORWARDED_FOR, ()) if self._proxies else ()
        return self._cached_address(request.remote or "", ",".join(forwarded))

    def is_this_machine(self, request: web.Request) -> bool:
        """Return True if the request comes directly from this machine, not through a proxy on it."""
        return self._cached_is_loopback(request.remote or "") and not any(name in request.headers for name in FORWARDED)

    def _resolve(self, peer: str, forwarded: str) -> str:
        """Return the last address in the chain that is not a trusted proxy.

        The client can forge every entry before that one.
        """
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
    return str(mapped) if mapped else str(ip_network((parsed, IPV6_PREFIX_BITS), strict=False))
