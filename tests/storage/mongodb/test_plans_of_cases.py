"""The queries about reports, cases, the audit and applications are answered from indexes, whatever the size of data."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from domain.applications import Application
from domain.cases import BAN, DONE, NOTHING, REPORT, Case
from domain.reports import COUNTED_FOR, EVIDENCE_MESSAGES, PROFILE, REASONS, Complaint, Evidence, Report
from domain.users import MODERATOR, User
from handlers.applications import count_waiting, list_applications
from handlers.audit import list_audit
from handlers.cases import act_on_case, get_case, list_cases
from handlers.reports import copy_of, report
from handlers.runtime.deps import Deps
from storage.applications import APPLICATION
from storage.cases import case_document
from storage.mongodb.database import new_id
from storage.reports import REPORT as REPORT_MAPPER
from tests.storage.mongodb.test_indexes import Community, community, complaints, watch

__all__ = ["community"]
REPORTS, FLOOD = 200, 90
"""Reports in all, and of one person among them."""
CLOSED = 300
APPLIED, PAGE = 500, 100


async def fill(deps: Deps, people: list[User]) -> tuple[str, str]:
    """Insert reports, cases that they make, and closed ones; return whom most are about, and the case."""
    now, database = deps.now(), deps.store.database
    target, authors = people[0], people[300:]
    abouts = [target] * FLOOD + people[1 : 1 + REPORTS - FLOOD]
    cases = {person.id: Case(new_id(), person.id, now, now).join(REPORT, "rude", now) for person in abouts}
    cases[target.id] = replace(cases[target.id], reports=FLOOD)
    closed = [
        Case(new_id(), one.id, now, now).join(REPORT, "rude", now).decide(NOTHING, "", by=people[-1].id, at=now)
        for one in people[1 : 1 + CLOSED]
    ]
    await database.collection("cases").insert_many([case_document(case) for case in (*cases.values(), *closed)])
    said = {"from_user_id": target.id, "message": "hello " * 40, "photo_url": None, "created_at": now}
    evidence = Evidence(profile=copy_of(target), messages=(said,) * EVIDENCE_MESSAGES)
    rows = []
    for number, about in enumerate(abouts):
        made = Report(
            new_id(), authors[number].id, about.id, REASONS[number % len(REASONS)], PROFILE, about.id,
            cases[about.id].id, now - timedelta(hours=number), "Shouted.", evidence, is_independent=True,
        )  # fmt: skip
        rows.append(REPORT_MAPPER.document(made) | {"number": 1, "forget_at": now + timedelta(days=365)})
    await database.collection("reports").insert_many(rows)
    return target.id, cases[target.id].id


async def fill_applications(deps: Deps, people: list[User]) -> None:
    """Insert an application of each of these people: most wait, some were decided, and several since the same time."""
    now = deps.now()
    rows = [
        Application(
            person.id,
            now - timedelta(days=20),
            state="not_now" if number % 10 == 0 else "waiting",
            question="What brings you here?",
            answer="I moved here in May. " * 10,
            since=now - timedelta(hours=number // 3),
            decided_by=people[0].id if number % 10 == 0 else "",
        )
        for number, person in enumerate(people)
    ]
    await deps.store.database.collection("applications").insert_many([APPLICATION.document(row) for row in rows])


async def test_the_list_of_applications_uses_an_index_on_each_page(community: Community) -> None:
    deps, others = community.deps, community.others
    await fill_applications(deps, others[:APPLIED])
    eva = replace(community.me, role=MODERATOR)
    await watch(community.database)
    seen: list[str] = []
    after = None
    while page := await list_applications(deps, eva, after=after, limit=PAGE):
        seen += [application.id for _, application in page]
        after = seen[-1]
    waiting = APPLIED - APPLIED // 10
    assert (len(seen), len(set(seen))) == (waiting, waiting)
    assert len(await list_applications(deps, eva, state="not_now", limit=PAGE)) == APPLIED // 10
    assert await count_waiting(deps) == waiting
    assert await complaints(community.database) == []


async def test_lists_of_cases_and_decisions_use_indexes(community: Community) -> None:
    deps, others = community.deps, community.others
    about, case_id = await fill(deps, others)
    eva = replace(community.me, role=MODERATOR)
    await deps.store.users.set_role(eva.id, MODERATOR)
    await watch(community.database)
    first = await list_cases(deps, eva, limit=100)
    assert len(first) == 100
    assert len(await list_cases(deps, eva, before=first[-1].id, limit=100)) == REPORTS - FLOOD - 99
    assert len(await list_cases(deps, eva, states=(DONE,), limit=100)) == 100
    assert len((await get_case(deps, eva, case_id)).reports) == FLOOD
    by = others[-1]
    await report(deps, by, Complaint(about, PROFILE, about, "rude", with_block=False))
    assert await deps.store.reports.count_independent(case_id, since=deps.now() - COUNTED_FOR) == FLOOD
    await act_on_case(deps, eva, case_id, BAN, "rude")
    await act_on_case(deps, eva, case_id, "undo")
    assert await list_audit(deps, eva, case_id=case_id)
    assert await list_audit(deps, eva, about=about)
    await deps.store.reports.erase_by(by.id)
    assert await complaints(community.database) == []
