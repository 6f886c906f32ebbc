"""`make bench-moderation`: the time that each list of a moderator takes over REST, in a community of 1,000 members and
500 applicants with 200 reports, and 300 closed cases.

python -m tests.bench.moderation [--rounds 20]
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import aiohttp

from domain.standing import APPLICANT, Standing
from domain.users import MODERATOR, User
from handlers.auth.sessions import issue_session
from handlers.runtime.deps import Deps
from storage.mongodb.database import Database
from storage.mongodb.embedded import EmbeddedMongo
from tests.api.conftest import COOKIE, open_web
from tests.factories import build_deps, insert_user
from tests.storage.mongodb.test_plans_of_cases import fill, fill_applications

MEMBERS, APPLICANTS = 1000, 500
MOST_SECONDS = 0.05
"""Upper bound of the median of each list; one case with all its evidence may take longer."""


async def measure(rounds: int) -> int:
    with tempfile.TemporaryDirectory(prefix="skillswap-moderation-") as folder:
        mongo = await EmbeddedMongo.start(Path(folder))
        try:
            database = await Database.open(mongo.uri)
            deps = await build_deps(database)
            people = [await insert_user(deps, f"Person {number}", telegram_id=True) for number in range(MEMBERS)]
            applicants = [
                await insert_user(deps, f"Applicant {number}", standing=Standing(membership=APPLICANT))
                for number in range(APPLICANTS)
            ]
            await fill_applications(deps, applicants)
            _, case_id = await fill(deps, people)
            eva = people[-1]
            await deps.store.users.set_role(eva.id, MODERATOR)
            # the deepest page: what is left of the list after four hundred
            last = await deps.store.applications.list_in("waiting", after=None, limit=400)
            slow = await _lists(deps, replace(eva, role=MODERATOR), last[-1].id, case_id, rounds)
            await database.close()
            return 1 if slow else 0
        finally:
            await mongo.stop()


async def _lists(deps: Deps, eva: User, after: str, case_id: str, rounds: int) -> list[str]:
    """Print the median and the longest time of each list, and return the slow ones."""
    paths = (
        "/api/moderation/cases",
        "/api/moderation/cases?state=done",
        f"/api/moderation/cases/{case_id}",
        "/api/moderation/notes",
        "/api/moderation/applications",
        "/api/moderation/applications?state=not_now",
        f"/api/moderation/applications?after={after}",
        "/moderation/applications",
    )
    slow = []
    async with open_web(deps) as web:
        token = issue_session(deps, eva)
        headers = {"Authorization": f"Bearer {token}", "Cookie": f"{COOKIE}={token}"}
        async with aiohttp.ClientSession(web.url, headers=headers) as http:
            for path in paths:
                times = []
                for _ in range(rounds):
                    began = time.perf_counter()
                    async with http.get(path) as answer:
                        body = await answer.read()
                        assert answer.status == 200, body
                    times.append(time.perf_counter() - began)
                median = statistics.median(times)
                name = path.replace(case_id, "{id}").replace(after, "{id}")
                print(f"{name:44} median {median * 1000:5.1f} ms, longest {max(times) * 1000:5.1f} ms")
                slow += [path] if median > MOST_SECONDS and case_id not in path else []
    return slow


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    return asyncio.run(measure(parser.parse_args().rounds))


if __name__ == "__main__":
    sys.exit(main())
