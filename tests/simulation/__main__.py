"""`make simulation`: 200 made-up people live 60 days in a few minutes; prints the funnel, and what breaks a promise.

python -m tests.simulation [--people 200] [--days 60] [--seed 1]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage.mongodb.database import Database
from storage.mongodb.embedded import EmbeddedMongo
from tests.factories import build_deps
from tests.simulation.community import Community

BEGIN = datetime(2026, 9, 28, 8, tzinfo=UTC)
"""The clocks change on 25 October in Europe, and on 1 November in America."""
BAR = 40


async def simulate(people: int, days: int, seed: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        mongo = await EmbeddedMongo.start(Path(folder))
        try:
            database = await Database.open(mongo.uri)
            community = Community(await build_deps(database), people=people, begin=BEGIN, seed=seed)
            await community.settle()
            await community.live(timedelta(days=days), lambda line: print(line, flush=True))
            return await report(community, people, days)
        finally:
            await mongo.stop()


async def report(community: Community, people: int, days: int) -> int:
    funnel = await community.funnel()
    print(f"\n{people} people, {days} days")
    for name in ("asked", "answered", "accepted", "planned", "held", "completed", "rated"):
        share = funnel[name] / max(1, funnel["asked"])
        print(f"{name:>10} {funnel[name]:5d} {'#' * round(BAR * min(1.0, share))}")
    print("ends:", {name: funnel[name] for name in ("expired", "lapsed", "not_happened", "disputed", "running")})
    refused = {name: n for name, n in community.counts.funnel.items() if name.startswith("refused")}
    print("refused:", refused)
    print("most nudges for one person in one swap:", max(community.counts.nudges.values(), default=0))
    problems = await community.problems()
    for problem in problems[:20]:
        print("BROKEN", problem)
    print("every promise holds" if not problems else f"{len(problems)} promises broken")
    return 1 if problems else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    return asyncio.run(simulate(given.people, given.days, given.seed))


if __name__ == "__main__":
    sys.exit(main())
