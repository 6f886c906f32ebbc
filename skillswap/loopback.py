"""Free ports of this machine, for programs that start a service and must name its port before it listens."""

from __future__ import annotations

import random
import socket

PORTS = range(10_000, 32_000)
"""Below those that systems give to outgoing connections (Linux: from 32768): between this answer and the service that
listens, a client's connection, or any other socket that asks for port 0, would otherwise take the port."""
TRIES = 200


def free_port() -> int:
    """A loopback port that nobody uses at the moment, and that nobody is given who doesn't ask for it by number.

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
