"""The fault suite: `make faults`. Real mongods and processes, a seed; one row for each promise of docs/reliability.md.

--only 1,5 runs the parts that have those promises; --quick a small version of everything.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import logging
import platform
import signal
import sys
import time
from collections import Counter
from collections.abc import Coroutine, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.rows import Row


@dataclass(frozen=True)
class Part:
    """A module of this package with `async run(**options) -> list[Row]`, and the promises that its rows check."""

    name: str
    promises: tuple[str, ...]
    full: Mapping[str, Any] = field(default_factory=dict)
    quick: Mapping[str, Any] = field(default_factory=dict)
    is_seeded: bool = True


PARTS = (
    Part(
        "kills",
        ("1", "2", "3", "4", "5", "6", "7", "8"),
        quick={"rounds": 1, "people": 20, "swaps": 60, "rate": 20.0},
    ),
    Part(
        "elections",
        ("1", "2", "4", "11", "12"),
        quick={"kills": 1, "controls": 1, "people": 20, "swaps": 60, "rate": 20.0},
    ),
    Part("edge_cases", ("1",)),
    Part("outages", ("9", "13"), quick={"messages": 200, "people": 20}),
    Part("races", ("10",), quick={"races": 500}),
    Part("plan_races", ("10",), quick={"races": 500}),
    Part("exits", ("33",), quick={"every": 5}),
    Part("plan_kills", ("34",), quick={"rounds": 1}),
    Part("killed_plays", ("34",), quick={"scripts": 8, "rounds": 5}),
    Part("plays", ("10",), full={"examples": 60, "steps": 50}, quick={"examples": 20, "steps": 30}),
    Part("clocks", ("19", "32"), quick={"seconds": 10.0, "rate": 10.0}),
    Part("disk", ("14",)),
    Part("sockets", ("16", "17", "18"), quick={"sockets": 500, "seconds": 5.0}, is_seeded=False),
    Part("slow_clients", ("18",), quick={"clients": 100, "seconds": 6.0}, is_seeded=False),
    Part("overload", ("35",), quick={"pairs": 1000, "seconds": 2.0}),
    Part("mistakes", ("1",), quick={"with_elections": False}),
)

FEWEST_KILLS = 20
PART_SECONDS = 420.0
"""Time limit of a part; beyond it, its promises count as broken."""


def main() -> None:
    arguments = _arguments()
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # the sandbox logs each aborted connection
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # SIGTERM stops the started processes, too
    wanted = set(filter(None, arguments.only.split(",")))
    rows: list[Row] = []
    began = time.monotonic()
    for part in PARTS:
        if wanted and not wanted & {part.name, *part.promises}:
            continue
        rows += _run(part, arguments.seed, is_quick=arguments.quick)
    rows += _over_all(rows, fewest=0 if arguments.quick else FEWEST_KILLS)
    _print(rows)
    _write(arguments.out, arguments.seed, rows, time.monotonic() - began)
    sys.exit(0 if rows and all(row.holds for row in rows) else 1)


def _run(part: Part, seed: int, *, is_quick: bool) -> list[Row]:
    options = dict(part.quick if is_quick else part.full) | ({"seed": seed} if part.is_seeded else {})
    began = time.monotonic()
    print(f"{part.name} …", flush=True)
    try:
        rows = asyncio.run(_in_time(importlib.import_module(f"tests.faults.{part.name}").run(**options)))
    except Exception as error:  # noqa: BLE001 - one part that cannot run must not hide the others
        import traceback

        traceback.print_exc()
        rows = [Row(number, f"{part.name} failed", repr(error)[:200], False) for number in part.promises]
    _print(rows)
    print(f"{part.name}: {time.monotonic() - began:.0f} s\n", flush=True)
    return rows


async def _in_time(work: Coroutine[Any, Any, list[Row]]) -> list[Row]:
    async with asyncio.timeout(PART_SECONDS):
        return await work


def _over_all(rows: list[Row], *, fewest: int) -> list[Row]:
    """Return one row over all kills of the run."""
    if len(killing := [row for row in rows if row.kills]) < 2:
        return []
    kills: Counter[str] = Counter()
    for row in killing:
        kills.update(row.kills)
    lost = sum(row.lost for row in killing)
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(kills.items()))
    figure = f"{lost} lost over {kills.total()} kills ({kinds})"
    holds = lost == 0 and all(row.holds for row in killing) and kills.total() >= fewest
    return [Row("1", "acknowledged messages are never lost (all kills)", figure, holds)]


def _print(rows: list[Row]) -> None:
    width = max((len(row.promise) for row in rows), default=0)
    for row in sorted(rows, key=lambda row: int(row.number)):
        result = "holds " if row.holds else "BROKEN"
        print(f"{row.number:>3}  {row.promise:<{width}}  {result}  {row.figure}", flush=True)


def _write(out: str, seed: int, rows: list[Row], seconds: float) -> None:
    about = {
        "seed": seed,
        "seconds": round(seconds),
        "python": platform.python_version(),
        "machine": platform.platform(),
    }
    Path(out).write_text(json.dumps({**about, "rows": [asdict(row) for row in rows]}, indent=2) + "\n")
    print(f"\n{sum(row.holds for row in rows)} of {len(rows)} rows hold, {seconds:.0f} s; written to {out}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="promises or parts, with commas: 1,5 or kills")
    parser.add_argument("--quick", action="store_true", help="fewer people, fewer rounds")
    parser.add_argument("--out", default="faults.json", help="file for the results as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
