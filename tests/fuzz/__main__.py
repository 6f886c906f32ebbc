"""Send generated requests to every route of the OpenAPI document: `make fuzz`.

The web server runs on a database of its own, without rate limits, so that requests reach the code behind them.
Schemathesis runs as `nobody` (anonymous), `member`, `insider` (the same member with real ids in the requests) and
`leaver` (signs out everywhere). The member is a moderator. A run fails on a server error, on a response that is not in
the document, and on an invalid body that is accepted.
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
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from api.app import openapi_document
from api.openapi import examples
from domain.messages import WEB
from domain.planning import Meeting
from handlers.alerts import add_alert
from handlers.circles import ask_circle
from handlers.messages import Draft, send_message
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import Rate, Rates
from handlers.sessions import agree_session, offer_session
from storage.mongodb.database import Database
from storage.mongodb.embedded import EmbeddedMongo
from tests.api.conftest import open_web
from tests.factories import build_deps, insert_swap, insert_user, issue_session, list_possible

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
REJECTIONS = (400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 422, 429, 503)
"""Statuses that reject an invalid request. Schemathesis's own list has no 413, for a body over the limit."""
DAY = timedelta(days=1)
PEOPLE = ("nobody", "member", "insider", "leaver")
LEAVING = "/api/sessions"
"""Signs the member out everywhere; excluded from all runs but the leaver's."""


class NoLimits(Rates):
    def take(self, action: str, who: str, rate: Rate, *, at: datetime) -> None:
        return

    async def spend(self, action: str, who: str, rate: Rate, *, at: datetime) -> None:
        return


@dataclass(frozen=True, slots=True)
class Target:
    """The URL of the server, a token of the member, and real ids for the insider.

    `ids` replace ids of the examples; `paths` are path parameters by operation, such as `{"GET /api/swap/{id}": {"id":
    ...}}`.
    """

    url: str
    token: str
    ids: dict[str, str]
    paths: dict[str, dict[str, str]]


@asynccontextmanager
async def open_target(folder: Path) -> AsyncIterator[Target]:
    mongo = await EmbeddedMongo.start(folder / "data")
    database = await Database.open(mongo.uri)
    try:
        deps = replace(await build_deps(database), rates=NoLimits())
        async with open_web(deps) as web:
            yield await create_people(deps, web.url)
    finally:
        await database.close()
        await mongo.stop()


async def create_people(deps: Deps, url: str) -> Target:
    """Create Ada, a moderator, with a running swap, a pending request, a circle, a circle candidate and an alert."""
    ada = await insert_user(
        deps, "Ada", skills_offered=("Python",), skills_wanted=("Guitar", "Drums", "Piano"), role="moderator"
    )
    ben, chloe, greta, finn = [
        await insert_user(deps, name, skills_offered=("Guitar",), skills_wanted=("Python",))
        for name in ("Ben", "Chloe", "Greta", "Finn")
    ]
    talk = await insert_swap(deps, ada, ben, status="accepted")
    await send_message(deps, ada, Draft(talk.id, "Tuesday?", WEB))
    asked = await insert_swap(deps, chloe, ada)
    start = (deps.now() + DAY).replace(second=0, microsecond=0)
    await offer_session(deps, ben, talk.id, Meeting((start,)))
    await agree_session(deps, ada, talk.id, "1", start)
    for taught, between in (("Drums", "Chess"), ("Piano", "Gitarrra")):
        await insert_user(deps, skills_offered=(taught,), skills_wanted=(between,))
        await insert_user(deps, skills_offered=(between,), skills_wanted=("Python",))
    first, second = await list_possible(deps, ada)
    circle = await ask_circle(deps, ada, first.id)
    alert = await add_alert(deps, ada, "Chinese")
    elsewhere = await deps.store.sessions.insert(ada.id, provider="email", agent="", at=deps.now(), lives=DAY)
    running, in_session = {"id": talk.id}, {"id": talk.id, "sid": "1"}
    on_swap, message_key = {"id": asked.id}, {"swap_id": talk.id, "seq": "1"}
    return Target(
        url,
        issue_session(deps, ada),
        {examples._ADA: ada.id, examples._BEN: greta.id, examples._SWAP: talk.id, examples._CIRCLE_KEY: second.id},
        {
            "GET /api/swap/{id}": on_swap,
            "PUT /api/swap/{id}": on_swap,
            "POST /api/swap/{id}/sessions": running,
            "GET /api/swap/{id}/sessions/{sid}": in_session,
            "PUT /api/swap/{id}/sessions/{sid}": in_session,
            "GET /api/swap/{id}/sessions/{sid}.ics": in_session,
            "POST /api/swap/{id}/arrange": running,
            "POST /api/swap/{id}/not-yet": running,
            "POST /api/swap/{id}/done": running,
            "PUT /api/swap/{id}/statement": running,
            "GET /api/chat/{swap_id}": {"swap_id": talk.id},
            "PUT /api/chat/{swap_id}/read": {"swap_id": talk.id},
            "PUT /api/chat/{swap_id}/{seq}": message_key,
            "DELETE /api/chat/{swap_id}/{seq}": message_key,
            "GET /api/circles/{id}": {"id": circle.id},
            "PUT /api/circles/{id}": {"id": circle.id},
            "DELETE /api/sessions/{id}": {"id": elsewhere},
            "DELETE /api/alerts/{id}": {"id": alert.id},
            "POST /api/matches/{id}/pass": {"id": greta.id},
            "POST /api/matches/{id}/skip": {"id": greta.id},
            "DELETE /api/matches/{id}/skip": {"id": greta.id},
            "GET /api/users/{id}": {"id": greta.id},
            "POST /api/blocks/{user_id}": {"user_id": finn.id},
            "DELETE /api/blocks/{user_id}": {"user_id": finn.id},
        },
    )


async def fuzz(target: Target, role: str, folder: Path, *, count: int, seed: int) -> int:
    """Run Schemathesis once in this role; print a summary and return its exit code."""
    report, document, config = (folder / role / name for name in (REPORT, "openapi.json", "schemathesis.toml"))
    report.parent.mkdir()
    text = json.dumps(openapi_document(target.url))
    known = target.paths if role == "insider" else {}
    if role == "insider":
        for made_up, real in target.ids.items():
            text = text.replace(made_up, real)
    document.write_text(text)
    rejections = f"[checks.negative_data_rejection]\nexpected-statuses = {[*map(str, REJECTIONS)]}\n"
    config.write_text(rejections + "".join(_known_to_schemathesis(name, values) for name, values in known.items()))
    arguments = ["--config-file", str(config), "run", str(document), "--url", target.url]
    if role != "nobody":
        arguments += ["--include-path" if role == "leaver" else "--exclude-path", LEAVING]
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
    if role != "nobody":
        arguments += ["--header", f"Authorization: Bearer {target.token}"]
    print(f"==> as {role}", flush=True)
    child = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")), *arguments, cwd=folder
    )
    code = await child.wait()
    if report.exists():
        print(f"    {summary(json.loads(report.read_text()))}", flush=True)
    return code


def _known_to_schemathesis(operation: str, values: dict[str, str]) -> str:
    """Return the TOML that sets the path parameters of one operation."""
    lines = (f'"path.{name}" = "{value}"\n' for name, value in values.items())
    return f'[[operations]]\ninclude-name = "{operation}"\n[operations.parameters]\n{"".join(lines)}\n'


def summary(report: dict[str, Any]) -> str:
    """Return the number of requests and findings, and the routes on which no request was accepted."""
    cases = report["test_cases"]
    accepted = {
        name: sum(phase["accepted"] for phase in phases.values()) for name, phases in report["valid_rates"].items()
    }
    never_accepted = sorted(name for name, count in accepted.items() if not count)
    return (
        f"{cases['generated']} requests in {report['running_time']:.0f} s, {cases['unique_failures']} findings, "
        f"{cases['errored']} errors; accepted on {len(accepted) - len(never_accepted)} of {len(accepted)} routes"
        + (f", never on {', '.join(never_accepted)}" if never_accepted else "")
    )


async def main() -> int:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--examples", type=int, default=100, help="generated requests for each route and person")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--who", choices=PEOPLE, action="append", help="only as these")
    options = parser.parse_args()
    results: Counter[int] = Counter()
    with tempfile.TemporaryDirectory(prefix="skillswap-fuzz-") as name:
        folder = Path(name)
        async with open_target(folder) as target:
            for role in options.who or PEOPLE:
                results[await fuzz(target, role, folder, count=options.examples, seed=options.seed)] += 1
    return 1 if set(results) - {0} else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
