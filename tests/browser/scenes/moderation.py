"""The moderators' pages: a case with evidence, one that is done, a dispute, a skill without a name."""

from __future__ import annotations

from datetime import timedelta

from domain.reports import SWAP, Complaint
from domain.reviews import Rating
from domain.swaps import ACCEPTED
from domain.users import MODERATOR
from handlers.cases import act_on_case
from handlers.messages import Draft, send_message
from handlers.reports import report
from handlers.reviews import write_review
from tests.api.test_reviews import complete
from tests.api.test_session_edges import disputed
from tests.browser.scenes import GUITAR, PYTHON, Pages, Stage
from tests.factories import insert_swap, insert_user, later

DAY = timedelta(days=1)


async def pages(stage: Stage) -> Pages:
    deps = stage.deps
    eva = await insert_user(deps, "Eva", role=MODERATOR, **PYTHON)
    ian, joe = await insert_user(deps, "Ian", **PYTHON), await insert_user(deps, "Joe", **GUITAR)
    running = await insert_swap(deps, ian, joe, status=ACCEPTED)
    await send_message(deps, joe, Draft(running.id, "Get lost", "web"))
    await report(
        deps, ian, Complaint(joe.id, SWAP, running.id, "rude", "Shouted.", with_messages=True, with_block=False)
    )
    eli = await insert_user(deps, "Eli", skills_offered=("Azulejo firing", "gitarrra"), skills_wanted=("Chess",))
    await report(deps, ian, Complaint(eli.id, "profile", eli.id, "selling", with_block=False))
    case, done = await deps.store.cases.find_open(joe.id), await deps.store.cases.find_open(eli.id)
    assert case is not None
    assert done is not None
    await act_on_case(deps, eva, done.id, "hide", "selling")
    fay, gil = await insert_user(deps, "Fay", **PYTHON), await insert_user(deps, "Gil", **GUITAR)
    dispute = await insert_swap(deps, fay, gil, status=ACCEPTED)
    await disputed(later(deps, -4 * DAY), fay, gil, dispute)
    fin, gus = await insert_user(deps, "Fin", **PYTHON), await insert_user(deps, "Gus", **GUITAR)
    over = await complete(deps, fin, gus, await insert_swap(deps, fin, gus, status=ACCEPTED))
    await write_review(deps, fin, over.id, gus.id, Rating(4, note="The room was locked."))
    lists = ("", "?show=mine", "?show=done", "/applications", "/disputes", "/skills", "/notes", "/audit")
    single = (f"/people/{eli.id}", f"/cases/{case.id}", f"/cases/{done.id}", f"/disputes/{dispute.id}")
    return [(f"/moderation{path}", eva) for path in (*lists, *single)]
