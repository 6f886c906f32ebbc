"""Actions in a case that are cut off after each of their writes: repeated, each is done once and noted once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from domain.cases import REPORT
from domain.reports import PROFILE, Complaint
from domain.users import MODERATOR
from handlers.audit import list_audit
from handlers.cases import act_on_case, open_case
from handlers.reports import report
from handlers.runtime.deps import Deps
from handlers.users import get_user
from storage.mongodb.guarded_collection import GuardedCollection
from tests.factories import MakeUser

WRITES = ("insert_one", "update_one", "replace_one", "delete_one", "delete_many", "find_one_and_update", "bulk_write")
MOST = 30
"""More writes than an action has."""


@contextmanager
def cut_off_after(number: int) -> Iterator[None]:
    """Have the work end after so many writes, as when the process is killed."""
    written = 0

    def counted(name: str) -> Any:
        guarded = vars(GuardedCollection).get(name)  # the others are the driver's own

        async def counting(self: GuardedCollection, *args: Any, **options: Any) -> Any:
            nonlocal written
            write = GuardedCollection.__getattr__(self, name) if guarded is None else partial(guarded, self)
            result = await write(*args, **options)
            written += 1
            if written == number:
                raise asyncio.CancelledError
            return result

        return counting

    with pytest.MonkeyPatch.context() as patch:
        for name in WRITES:
            patch.setattr(GuardedCollection, name, counted(name), raising=False)
        yield


@pytest.mark.parametrize(("action", "standings"), [("ban", ("banned",)), ("undo", ("member",))])
async def test_an_action_that_was_cut_off_is_completed_by_repeating_it(
    deps: Deps, make_user: MakeUser, action: str, standings: tuple[str, ...]
) -> None:
    eva, ada = await make_user("Eva", role=MODERATOR), await make_user("Ada", telegram_id=True)
    for number in range(1, MOST):
        ben = await make_user("Ben", telegram_id=True)
        case = await open_case(deps, about=ben.id, kind=REPORT, reason="rude")
        if number == 1:
            await report(deps, ada, Complaint(ben.id, PROFILE, ben.id, "rude", with_block=False))
        if action == "undo":
            await act_on_case(deps, eva, case.id, "ban", "rude")
        is_cut_off = False
        with cut_off_after(number):
            try:
                await act_on_case(deps, eva, case.id, action, "rude")
            except asyncio.CancelledError:
                is_cut_off = True
        done = await act_on_case(deps, eva, case.id, action, "rude")
        assert done.state == ("done" if action == "ban" else "taken"), number
        assert (await get_user(deps, ben.id)).standings(deps.now()) == standings, number
        noted = [entry.action for entry in await list_audit(deps, eva, case_id=case.id)]
        assert noted.count(f"case.{action}") == 1, number
        assert noted.count(action) == 1, number
        if not is_cut_off:
            assert number > 5
            return
    raise AssertionError(f"more than {MOST} writes")


async def test_a_report_on_its_way_when_a_case_is_decided_is_in_a_new_one(deps: Deps, make_user: MakeUser) -> None:
    eva, ada, ben = await make_user("Eva", role=MODERATOR), await make_user("Ada"), await make_user("Ben")
    known = await open_case(deps, about=ben.id, kind=REPORT, reason="selling")
    waits, may_go_on = asyncio.Event(), asyncio.Event()
    insert = GuardedCollection.insert_one

    async def held(self: GuardedCollection, *args: Any, **options: Any) -> Any:
        if self.name == "reports":
            waits.set()
            await may_go_on.wait()
        return await insert(self, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(GuardedCollection, "insert_one", held)
        reporting = asyncio.create_task(report(deps, ada, Complaint(ben.id, PROFILE, ben.id, "rude", with_block=False)))
        await waits.wait()
        await act_on_case(deps, eva, known.id, "nothing")
        may_go_on.set()
        made = await reporting
    again = await deps.store.cases.find_open(ben.id)
    assert again is not None
    assert (again.id, again.reasons) == (made.case_id, ("rude",))
    assert [one.id for one in await deps.store.reports.list_of_case(again.id)] == [made.id]
