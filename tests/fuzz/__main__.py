"""Throw generated requests at every route of the OpenAPI document: `make fuzz`.

The whole web door runs here on a database of its own, with its limits lifted: what is looked for is behind them.
Schemathesis plays nobody, a member, an insider (a member who knows the ids of their own swaps), and one who signs out
everywhere. It fails on a server error, an answer that
is not in the document, and an invalid body that is accepted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from api import examples
from api.openapi import openapi_document
from handlers.messages import Draft, send_message
from handlers.rates import Rate, Rates
from skillswap.domain.messages import WEB
from storage.embedded import EmbeddedMongo
from storage.mongo import Database
from tests.api.conftest import open_web
from tests.factories import build_deps, insert_swap, insert_user, issue_session

ROOT = Path(__file__).parents[2]
REPORT = "report.json"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)
PEOPLE = ("nobody", "member", "insider", "leaver")
LEAVING = "/api/sessions"
"""Signs the member out everywhere: their other runs go without it."""


class NoLimits(Rates):
    def take(self, action: str, who: str, rate: Rate, *, at: datetime) -> None:
        return

    async def spend(self, action: str, who: str, rate: Rate, *, at: datetime) -> None:
        return


@dataclass(frozen=True, slots=True)
class Target:
    """Where the door is, a member's token, and the ids that stand for the made-up ones of the examples."""

    url: str
    token: str
    asked: str
    ids: dict[str, str]


@asynccontextmanager
async def open_target(folder: Path) -> AsyncIterator[Target]:
    mongo = await EmbeddedMongo.start(folder / "data")
    database = await Database.open(mongo.uri)
    try:
        deps = replace(await build_deps(database), rates=NoLimits())
        ada = await insert_user(deps, "Ada", skills_offered=("Guitar",), skills_wanted=("Python",))
        ben = await insert_user(deps, "Ben", skills_offered=("Python",), skills_wanted=("Guitar",))
        talk = await insert_swap(deps, ada, ben, status="accepted")
        await send_message(deps, ben, Draft(talk.id, "Tuesday?", WEB))
        chloe = await insert_user(deps, "Chloe", skills_offered=("Python",), skills_wanted=("Guitar",))
        asked = await insert_swap(deps, chloe, ada)
        ids = {examples._ADA: ada.id, examples._BEN: ben.id, examples._SWAP: talk.id}
        async with open_web(deps) as web:
            yield Target(web.url, issue_session(deps, ada), asked.id, ids)
    finally:
        await database.close()
        await mongo.stop()


async def fuzz(target: Target, who: str, folder: Path, *, count: int, seed: int) -> int:
    """One run of Schemathesis; prints what it counted and returns its exit code."""
    report, document, config = (folder / who / name for name in (REPORT, "openapi.json", "schemathesis.toml"))
    report.parent.mkdir()
    text = json.dumps(openapi_document(target.url))
    known = {"path.swap_id": target.ids[examples._SWAP], "path.id": target.asked} if who == "insider" else {}
    if who == "insider":
        for made_up, real in target.ids.items():
            text = text.replace(made_up, real)
    document.write_text(text)
    config.write_text("\n".join(["[parameters]", *(f'"{name}" = "{value}"' for name, value in known.items()), ""]))
    arguments = ["--config-file", str(config), "run", str(document), "--url", target.url]
    if who != "nobody":
        arguments += ["--include-path" if who == "leaver" else "--exclude-path", LEAVING]
    arguments += ["--checks", ",".join(CHECKS), "--max-examples", str(count), "--seed", str(seed)]
    arguments += ["--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--request-timeout", "20"]
    arguments += [
        "--report",
        "json",
        "--report-json-path",
        str(report),
        "--warnings",
        "off",
        "--output-truncate",
        "true",
    ]
    if who != "nobody":
        arguments += ["--header", f"Authorization: Bearer {target.token}"]
    print(f"==> as {who}", flush=True)
    child = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")), *arguments, cwd=folder
    )
    code = await child.wait()
    if report.exists():
        print(f"    {summary(json.loads(report.read_text()))}", flush=True)
    return code


def summary(report: dict[str, Any]) -> str:
    """How many requests, how many findings, and how many of the routes let some of them through."""
    cases = report["test_cases"]
    accepted = {
        name: sum(phase["accepted"] for phase in phases.values()) for name, phases in report["valid_rates"].items()
    }
    shut = sorted(name for name, count in accepted.items() if not count)
    return (
        f"{cases['generated']} requests in {report['running_time']:.0f} s, {cases['unique_failures']} findings, "
        f"{cases['errored']} errors; accepted on {len(accepted) - len(shut)} of {len(accepted)} routes"
        + (f", never on {', '.join(shut)}" if shut else "")
    )


async def main() -> int:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--examples", type=int, default=100, help="generated requests for each route and person")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--who", choices=PEOPLE, action="append", help="only as these")
    given = parser.parse_args()
    results: Counter[int] = Counter()
    with tempfile.TemporaryDirectory(prefix="skillswap-fuzz-") as name:
        folder = Path(name)
        async with open_target(folder) as target:
            for who in given.who or PEOPLE:
                results[await fuzz(target, who, folder, count=given.examples, seed=given.seed)] += 1
    return 1 if set(results) - {0} else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
