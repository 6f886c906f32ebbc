"""Names of processes, by which another process on the same machine can tell whether one is gone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Worker:
    """A process: `machine` names the machine and its process id namespace, `birth` this start of it."""

    machine: str
    pid: int
    birth: str

    def __str__(self) -> str:
        return f"{self.machine}/{self.pid}/{self.birth}"


def parse_worker(name: str) -> Worker | None:
    """Return the worker of this name; None for a malformed name."""
    machine, _, rest = name.partition("/")
    pid, _, birth = rest.partition("/")
    return Worker(machine, int(pid), birth) if machine and birth and pid.isdigit() else None
