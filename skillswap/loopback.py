"""Free loopback ports, for programs that must name a service's port before it listens."""

from __future__ import annotations

import random
import socket

PORTS = range(10_000, 32_000)
"""Ports below those that systems give to outgoing connections (Linux: from 32768). A higher port could be taken by a
client's connection between this answer and the moment when the service listens."""
TRIES = 200


def free_port() -> int:
    """Return a loopback port that is unused and is only given to a program that asks for it by number.

    Raises OSError when none is found among TRIES of PORTS.
    """
    for port in random.sample(PORTS, TRIES):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port found among {TRIES} between {PORTS.start} and {PORTS.stop - 1}")
