"""Growth of a message's cost: with open sockets in its process, and with processes that read all changes.

`make bench-growth`: each is measured at the same rate of messages, between the same 200 pairs of sockets. CPU is that
of the process that takes the messages, of the others together, and of the database. Run it on a quiet machine; on a
shared one only ratios of rows count. It ends by itself, after some minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

import psutil

from domain.users import User
from skillswap.loopback import free_port
from tests.faults.cluster import Cluster, open_cluster
from tests.faults.load import Load as Holder
from tests.faults.overload import Load
from tests.faults.servers import ReplicaSet, replica_set
from tests.service import Service

PAIRS, RATE, SECONDS = 200, 400.0, 5.0
SOCKETS = (0, 1_000, 5_000)
PROCESSES = (1, 2, 4)
SETTLE_SECONDS = 6.0
"""Until each process has noted that it reads the changes."""
JOIN_RATE = 300.0


def database_seconds(server: ReplicaSet) -> float:
    """Return user and system time of the database's processes."""
    total = 0.0
    for node in server.nodes:
        assert node.process is not None
        for process in (found := psutil.Process(node.process.pid), *found.children(recursive=True)):
            times = process.cpu_times()
            total += times.user + times.system
    return float(total)


async def play(name: str, cluster: Cluster, server: ReplicaSet, services: Sequence[Service], idle: int) -> None:
    """Offer messages to the first of the services, beside `idle` other sockets, and print what each costs."""
    load, holder = Load(cluster), None
    await load.prepare(PAIRS)
    await load.join(services[0])
    if idle:
        holder = await _hold(cluster, cluster.web[2 * PAIRS :], idle)
    await asyncio.sleep(SETTLE_SECONDS)
    before = [service.cpu_seconds() for service in services], database_seconds(server)
    phase = await load.play(name, RATE, SECONDS)
    used = [service.cpu_seconds() - earlier for service, earlier in zip(services, before[0], strict=True)]
    each = 1000 / max(phase.delivered, 1)
    print(
        f"{name:<32} {used[0] * each:6.3f} ms in its process, {sum(used[1:]) * each:6.3f} ms in all others, "
        f"{(database_seconds(server) - before[1]) * each:6.3f} ms in the database, "
        f"{services[0].memory_mb():5.0f} MB, {phase.refused.total()} refused",
        flush=True,
    )
    load.close()
    if holder is not None:
        await holder.stop()


async def _hold(cluster: Cluster, people: Sequence[User], count: int) -> Holder:
    tokens = [cluster.token(user) for user in people]
    holder = await Holder.start(cluster.port, tokens, count=count, rate=JOIN_RATE, number=1)
    while (await holder.ask()).inside < count:
        await asyncio.sleep(0.5)
    return holder


async def measure(sockets: Sequence[int], processes: Sequence[int]) -> None:
    with tempfile.TemporaryDirectory(prefix="skillswap-growth-") as folder:
        async with replica_set(Path(folder) / "db", 1) as server:
            rows = [(idle, 1) for idle in sockets] + [(0, count) for count in processes if count > 1]
            for number, (idle, count) in enumerate(rows):
                place, uri = Path(folder) / f"{number}", server.uri(f"growth{number}")
                # one user may have ten sockets
                async with open_cluster(place, uri, people=2 * PAIRS + (idle + 4) // 5, swaps=0) as cluster:
                    services = [await cluster.start("api")]
                    services += [await cluster.start("api", port=free_port()) for _ in range(count - 1)]
                    name = f"{2 * PAIRS + idle} sockets, {count} process{'es' if count > 1 else ''}"
                    await play(name, cluster, server, services, idle)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, nargs="*", default=SOCKETS, help="idle sockets beside those that talk")
    parser.add_argument("--processes", type=int, nargs="*", default=PROCESSES)
    arguments = parser.parse_args()
    asyncio.run(measure(arguments.sockets, arguments.processes))


if __name__ == "__main__":
    main()
