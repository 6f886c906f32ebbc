"""Names of our processes, such that a neighbour on the same machine can tell whether one of them is gone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Worker:
    """`place` names a machine (and on it the space within which process ids count), `birth` this one start."""

    place: str
    pid: int
    birth: str

    def __str__(self) -> str:
        return f"{self.place}/{self.pid}/{self.birth}"


def parse_worker(name: str) -> Worker | None:
    """The worker of this name, or None for a name that is not one."""
    place, _, rest = name.partition("/")
    pid, _, birth = rest.partition("/")
    return Worker(place, int(pid), birth) if place and birth and pid.isdigit() else None
