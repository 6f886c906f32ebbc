"""Standings: what somebody may do, and who is shown to others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from bson import ObjectId

from domain.errors import Forbidden, NotFound
from domain.standing import ALLOWED, ANSWER, ASK, LEAVE, MODERATE, READ_OTHERS, READ_OWN, RIGHTS, STANDINGS, Standing
from domain.users import BANNED, DELETED, MODERATOR
from handlers.audit import list_audit, note_audit
from handlers.matches import list_matches
from handlers.runtime.deps import Deps
from handlers.standing import require_right
from storage.users import STANDING
from tests.factories import MakeUser


async def set_standing(deps: Deps, user_id: str, standing: Standing) -> None:
    await deps.store.database.collection("users").update_one(
        {"_id": ObjectId(user_id)}, {"$set": {"standing": STANDING.document(standing)}, "$inc": {"profile_version": 1}}
    )
    deps.store.users.cache.drop(user_id)


def test_every_standing_has_a_row_in_the_table_and_only_members_have_all_rights() -> None:
    assert ALLOWED.keys() == set(STANDINGS)
    assert all(rights <= set(RIGHTS) for rights in ALLOWED.values())
    assert [name for name in STANDINGS if ALLOWED[name] == set(RIGHTS)] == ["member"]


async def test_a_right_is_refused_with_the_gravest_standing_that_takes_it_away(deps: Deps, make_user: MakeUser) -> None:
    now, ada = deps.now(), await make_user()
    both = replace(ada, standing=Standing(hidden_at=now, suspended_until=now + timedelta(days=7)))
    await require_right(deps, both, READ_OWN)
    with pytest.raises(Forbidden, match=r"standing\.suspended") as refused:
        await require_right(deps, both, ANSWER)
    assert f"{now + timedelta(days=7):%Y-%m-%d}" in refused.value.params["until"]
    hidden = replace(ada, standing=Standing(hidden_at=now))
    await require_right(deps, hidden, ANSWER)
    with pytest.raises(Forbidden, match=r"standing\.not_now"):
        await require_right(deps, hidden, ASK)
    with pytest.raises(Forbidden, match=r"standing\.applicant"):
        await require_right(deps, replace(ada, standing=Standing(membership="applicant")), READ_OTHERS)
    with pytest.raises(Forbidden, match=r"standing\.warned"):
        await require_right(deps, replace(ada, standing=Standing(warned_at=now)), READ_OWN)
    with pytest.raises(Forbidden, match=r"standing\.banned"):
        await require_right(deps, replace(ada, status=BANNED), READ_OWN)
    await require_right(deps, replace(ada, status=BANNED), LEAVE)
    with pytest.raises(NotFound):
        await require_right(deps, replace(ada, status=DELETED), LEAVE)


async def test_a_suspension_ends_with_its_time(deps: Deps, make_user: MakeUser) -> None:
    over = replace(await make_user(), standing=Standing(suspended_until=deps.now()))
    await require_right(deps, over, MODERATE)


@pytest.mark.parametrize(
    "standing",
    [Standing(membership="applicant"), "hidden", "suspended"],
    ids=["applicant", "hidden", "suspended"],
)
async def test_whoever_is_not_shown_is_in_nobodys_deck(
    deps: Deps, make_user: MakeUser, standing: Standing | str
) -> None:
    if standing == "hidden":
        standing = Standing(hidden_at=deps.now())
    elif standing == "suspended":
        standing = Standing(suspended_until=deps.now() + timedelta(days=7))
    assert isinstance(standing, Standing)
    ada, ben = await make_user(), await make_user()
    assert [match.user.id for match in (await list_matches(deps, ada)).matches] == [ben.id]
    await set_standing(deps, ben.id, standing)
    await deps.store.database.collection("decks").delete_many({})
    assert not (await list_matches(deps, ada)).matches


async def test_moderators_alone_read_the_audit_and_nothing_in_it_changes(deps: Deps, make_user: MakeUser) -> None:
    staff, member = await make_user(role=MODERATOR), await make_user()
    entry = await note_audit(deps, by=staff.id, action="hide", about=member.id, reason="spam", after={"hidden": True})
    await note_audit(deps, by=staff.id, action="ban", about=member.id, entry_id=entry)
    await note_audit(deps, by="", action="lift", about=staff.id)
    (found,) = await list_audit(deps, staff, about=member.id)
    assert (found.by, found.action, found.reason, found.after) == (staff.id, "hide", "spam", {"hidden": True})
    assert [each.action for each in await list_audit(deps, staff)] == ["hide"]  # nobody reads what is about themselves
    assert not await list_audit(deps, staff, about=staff.id)
    assert not await list_audit(deps, staff, before=entry)
    with pytest.raises(Forbidden):
        await list_audit(deps, member)
