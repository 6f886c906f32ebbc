"""Names of processes: leases of a killed process are released at once by another one on the same machine."""

from __future__ import annotations

import os
import secrets
import socket
from functools import lru_cache

from domain.workers import Worker, parse_worker


def new_worker() -> str:
    """Return a name for this process, to be called once at start."""
    return str(Worker(_machine(), os.getpid(), secrets.token_hex(3)))


def is_gone(name: str) -> bool:
    """Return True only when it is certain: the worker was a process of this machine, and its process id is gone."""
    worker = parse_worker(name)
    if worker is None or worker.machine != _machine():
        return False
    try:
        os.kill(worker.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


@lru_cache(maxsize=1)
def _machine() -> str:
    """Return host, boot and process-id namespace: containers may share the first, never all three."""
    try:
        space = os.readlink("/proc/self/ns/pid")
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            boot = file.read().strip()
    except OSError:  # not Linux: no process is ever certain to be gone
        return f"{socket.gethostname()}:{secrets.token_hex(8)}"
    return f"{socket.gethostname()}:{boot[:8]}:{space.strip('pid:[]')}"
