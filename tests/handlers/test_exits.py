"""Bans, suspensions and departures: what ends with them, who is told, and what can be undone."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from bson import ObjectId

from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.events import SWAP_CANCELLED, SWAP_PARTNER_GONE
from domain.exits import SETTLE_AFTER, UNDO_WITHIN
from domain.joining import BY_GROUP
from domain.planning import Meeting
from domain.reviews import Rating
from domain.sessions import CALLED_OFF
from domain.swaps import ACCEPTED, CANCELLED, COMPLETED, PARTNER_GONE, PARTNER_RESTS, PENDING, PROPOSED
from domain.users import ADMIN, BANNED, MODERATOR, PAUSED, User
from handlers import sessions, standing
from handlers.alerts import add_alert, list_alerts
from handlers.audit import list_audit
from handlers.circles import ask_circle, get_circle, join_circle
from handlers.exits import (
    go_on_with_exits,
    leave_at_once,
    lift_over_suspensions,
    next_exit_step,
    next_suspension_over,
)
from handlers.joining import make_member
from handlers.records import count_records
from handlers.reviews import write_review
from handlers.runtime.deps import Deps
from handlers.swaps import get_swap
from handlers.users import get_user
from tests.factories import MakeSwap, MakeUser, later, list_possible, recipients_of

AFTER_UNDO = UNDO_WITHIN + timedelta(seconds=1)
AFTER_ALL = AFTER_UNDO + SETTLE_AFTER + timedelta(seconds=1)


@pytest.fixture
async def moderator(make_user: MakeUser) -> User:
    return await make_user("Mona", role=MODERATOR, telegram_id=True)


async def letters_to(deps: Deps, user: User) -> list[str]:
    cursor = deps.store.database.collection("letters").find({"to": ObjectId(user.id)}).sort([("_id", 1)])
    return [doc["kind"] async for doc in cursor]


async def test_a_ban_bars_at_once_and_ends_what_runs_when_it_can_no_longer_be_undone(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap, moderator: User
) -> None:
    bad, ben = await make_user("Bad", telegram_id=True), await make_user("Ben", telegram_id=True)
    asked = await make_swap(bad, ben)
    decision = await standing.ban(deps, moderator, bad.id, reason="selling")
    assert decision.person.status == BANNED
    assert decision.person.session_version == bad.session_version + 1
    await go_on_with_exits(deps)
    assert (await get_swap(deps, ben, asked.id)).status == PENDING
    assert await next_exit_step(deps) is not None
    await go_on_with_exits(later(deps, AFTER_UNDO))
    ended = await get_swap(deps, ben, asked.id)
    assert (ended.status, ended.end_reason, ended.last_actor) == (CANCELLED, PARTNER_GONE, "")
    assert await recipients_of(deps.store.database, asked.id, SWAP_PARTNER_GONE) == [ben.id]
    assert not await recipients_of(deps.store.database, asked.id, SWAP_CANCELLED)
    await go_on_with_exits(later(deps, AFTER_ALL))
    assert await next_exit_step(deps) is None
    assert await recipients_of(deps.store.database, asked.id, SWAP_PARTNER_GONE) == [ben.id]
    assert await letters_to(deps, bad) == ["banned"]
    assert [entry.action for entry in await list_audit(deps, moderator, about=bad.id)] == ["ban"]


async def test_running_swaps_sessions_circles_alerts_and_ratings_of_a_banned_person_end(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap, moderator: User
) -> None:
    bad, ben = await make_user("Bad", telegram_id=True), await make_user("Ben", telegram_id=True)
    running = await make_swap(ben, bad, status=ACCEPTED)
    start = (deps.now() + timedelta(days=1)).replace(second=0, microsecond=0)
    offered = await sessions.offer_session(deps, ben, running.id, Meeting((start,)))
    await sessions.agree_session(deps, bad, running.id, offered.plan.sessions[-1].id, start)
    await add_alert(deps, bad, "Juggling")
    people = [
        await make_user(f"C{n}", skills_offered=(teaches,), skills_wanted=(wants,))
        for n, (teaches, wants) in enumerate((("Chess", "Piano"), ("Opera", "Chess")))
    ]
    player = await make_user("Player", skills_offered=("Piano",), skills_wanted=("Opera",), telegram_id=True)
    circle = await ask_circle(deps, people[0], (await list_possible(deps, people[0]))[0].id)
    await join_circle(deps, player, circle.id, version=circle.version)
    for person in (bad, player):
        await standing.ban(deps, moderator, person.id, reason="rude", is_final=True)
        await leave_at_once(deps, person.id)
    ended = await get_swap(deps, ben, running.id)
    assert (ended.status, ended.end_reason) == (CANCELLED, PARTNER_GONE)
    assert [session.status for session in ended.plan.sessions] == [CALLED_OFF]
    assert not await list_alerts(deps, bad)
    left = await get_circle(deps, people[0], circle.id)
    assert left.status == PROPOSED
    assert left.is_searching


async def test_what_was_held_counts_and_a_banned_persons_ratings_do_not(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap, moderator: User
) -> None:
    bad, ben = await make_user("Bad"), await make_user("Ben")
    swap = await make_swap(ben, bad, status=ACCEPTED)
    noted = await sessions.note_session(deps, ben, swap.id, Meeting(()))
    await sessions.answer_session(deps, bad, swap.id, noted.plan.sessions[-1].id, "yes")
    await sessions.finish_swap(deps, ben, swap.id)
    await sessions.finish_swap(deps, bad, swap.id)
    for author, stars in ((ben, 5), (bad, 1)):
        await write_review(deps, author, swap.id, None, Rating(stars))
    again = await make_swap(ben, bad, status=ACCEPTED)
    noted = await sessions.note_session(deps, ben, again.id, Meeting(()))
    await sessions.answer_session(deps, bad, again.id, noted.plan.sessions[-1].id, "yes")
    in_a_week = later(deps, timedelta(days=8))
    await deps.store.database.collection("users").update_one(
        {"_id": ObjectId(bad.id)}, {"$set": {"created_at": deps.now() - timedelta(days=60)}}
    )
    await count_records(in_a_week, [ben.id])
    assert (await get_user(deps, ben.id)).record.ratings == 1
    await standing.ban(deps, moderator, bad.id, reason="rude", is_final=True)
    await leave_at_once(deps, bad.id)
    assert (await get_user(deps, ben.id)).record.ratings == 0
    assert (await get_user(deps, ben.id)).record.swaps_held == 2
    assert (await get_swap(deps, ben, again.id)).status == COMPLETED


async def test_an_undone_ban_leaves_everything_as_it_was(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap, moderator: User
) -> None:
    bad, ben = await make_user("Bad", telegram_id=True, status=PAUSED), await make_user("Ben")
    swap = await make_swap(bad, ben, status=ACCEPTED)
    decision = await standing.ban(deps, moderator, bad.id, reason="selling")
    await go_on_with_exits(deps)
    undone = await standing.undo(later(deps, timedelta(minutes=9)), moderator, decision.entry_id)
    assert undone.person.status == PAUSED
    await go_on_with_exits(later(deps, AFTER_ALL))
    assert (await get_swap(deps, ben, swap.id)).status == ACCEPTED
    assert not await deps.store.database.collection("bars").count_documents({})
    assert await letters_to(deps, bad) == ["banned", "unbanned"]


async def test_a_decision_is_undone_within_ten_minutes_and_not_over_a_later_one(
    deps: Deps, make_user: MakeUser, moderator: User
) -> None:
    person = await make_user()
    hidden = await standing.hide(deps, moderator, person.id)
    with pytest.raises(Conflict, match="too_late"):
        await standing.undo(later(deps, AFTER_UNDO), moderator, hidden.entry_id)
    await standing.warn(deps, moderator, person.id, reason="rude")
    with pytest.raises(Conflict, match="decided_anew"):
        await standing.undo(deps, moderator, hidden.entry_id)
    with pytest.raises(NotFound):
        await standing.undo(deps, moderator, "0" * 24)


async def test_a_suspension_ends_what_runs_keeps_alerts_and_lifts_itself(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap, moderator: User
) -> None:
    bad, ben = await make_user("Bad", telegram_id=True), await make_user("Ben", telegram_id=True)
    swap = await make_swap(ben, bad, status=ACCEPTED)
    await add_alert(deps, bad, "Juggling")
    await standing.suspend(deps, moderator, bad.id, reason="rude", is_final=True)
    await leave_at_once(deps, bad.id)
    assert (await get_swap(deps, ben, swap.id)).end_reason == PARTNER_RESTS
    suspended = await get_user(deps, bad.id)
    assert not suspended.is_listed
    assert len(await list_alerts(deps, bad)) == 1
    assert await lift_over_suspensions(later(deps, timedelta(days=6))) == 0
    after = later(deps, timedelta(days=7, seconds=1))
    assert await lift_over_suspensions(after) == 1
    assert await lift_over_suspensions(after) == 0
    back = await get_user(deps, bad.id)
    assert back.is_listed
    assert back.standings(after.now()) == ("member",)
    assert await letters_to(deps, bad) == ["suspended", "lifted"]
    with pytest.raises(Invalid):
        await standing.suspend(deps, moderator, bad.id, reason="", days=0)


async def test_nobody_decides_about_themselves_and_admins_alone_about_staff(
    deps: Deps, make_user: MakeUser, moderator: User
) -> None:
    other, admin = await make_user("Otto", role=MODERATOR), await make_user("Ada", role=ADMIN)
    member = await make_user()
    with pytest.raises(Forbidden, match=r"standing\.yourself"):
        await standing.hide(deps, moderator, moderator.id)
    with pytest.raises(Forbidden, match=r"standing\.staff"):
        await standing.ban(deps, moderator, other.id, reason="rude")
    with pytest.raises(Forbidden, match=r"role\.moderator_needed"):
        await standing.hide(deps, member, other.id)
    await standing.warn(deps, moderator, other.id, reason="rude")
    with pytest.raises(Forbidden, match=r"standing\.warned"):
        await standing.hide(deps, other, member.id)
    await standing.ban(deps, admin, moderator.id, reason="rude")
    with pytest.raises(Forbidden):  # as they were read before
        await standing.hide(deps, moderator, member.id)


async def test_of_two_moderators_at_once_each_decision_is_in_the_audit(
    deps: Deps, make_user: MakeUser, moderator: User
) -> None:
    other, person = await make_user("Otto", role=MODERATOR), await make_user()
    made = await asyncio.gather(
        standing.ban(deps, moderator, person.id, reason="rude"), standing.ban(deps, other, person.id, reason="rude")
    )
    assert sorted(bool(each.entry_id) for each in made) == [False, True]
    assert len(await list_audit(deps, moderator, about=person.id)) == 1
    with pytest.raises(Conflict, match="banned_already"):
        await standing.suspend(deps, other, person.id, reason="rude")


async def test_a_warning_is_acknowledged_once(deps: Deps, make_user: MakeUser, moderator: User) -> None:
    person = await make_user(telegram_id=True)
    await standing.warn(deps, moderator, person.id, reason="dating")
    warned = await get_user(deps, person.id)
    assert warned.standings(deps.now()) == ("warned",)
    for _ in range(2):
        assert (await standing.acknowledge_warning(deps, warned)).standings(deps.now()) == ("member",)
    assert [entry.action for entry in await list_audit(deps, moderator, about=person.id)] == ["acknowledge", "warn"]


async def test_whoever_leaves_the_group_is_an_applicant_again(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    gone, ben = await make_user("Gone", telegram_id=True), await make_user("Ben", telegram_id=True)
    swap = await make_swap(gone, ben, status=ACCEPTED)
    await standing.end_membership(deps, standing.SERVICE, gone.id, reason="left the group")
    await leave_at_once(deps, gone.id)
    assert (await get_swap(deps, ben, swap.id)).end_reason == PARTNER_GONE
    assert not (await get_user(deps, gone.id)).is_listed
    back = await make_member(deps, await get_user(deps, gone.id), BY_GROUP)
    assert back.standing.is_plain
    assert back.is_listed


async def test_a_ban_that_follows_a_suspension_keeps_no_other_one_from_ending(
    deps: Deps, make_user: MakeUser, moderator: User
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    for person in (ada, ben):
        await standing.suspend(deps, moderator, person.id, reason="rude", days=5)
    await standing.ban(deps, moderator, ada.id, reason="rude")
    after = later(deps, timedelta(days=6))
    assert await lift_over_suspensions(after) == 1
    assert (await get_user(after, ben.id)).standing.is_shown
    assert await next_suspension_over(after) is None


async def test_an_exit_that_fails_keeps_no_other_one_from_ending_and_is_tried_again(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap, moderator: User
) -> None:
    bad, ben, worse = await make_user("Bad"), await make_user("Ben"), await make_user("Worse")
    broken, other = await make_swap(bad, ben), await make_swap(worse, ben)
    swaps = deps.store.database.collection("swaps")
    stored = await swaps.find_one_and_update({"_id": ObjectId(broken.id)}, {"$set": {"created_at": "none"}})
    for person in (bad, worse):
        await standing.ban(deps, moderator, person.id, reason="rude", is_final=True)
    await go_on_with_exits(deps)
    assert (await get_swap(deps, ben, other.id)).end_reason == PARTNER_GONE
    due_at = await next_exit_step(deps)
    assert due_at is not None
    assert timedelta(seconds=50) < due_at - deps.now() <= timedelta(hours=1)
    assert stored is not None
    await swaps.update_one({"_id": ObjectId(broken.id)}, {"$set": {"created_at": stored["created_at"]}})
    deps.store.swaps.cache.clear()
    for minutes in (3, 6):
        await go_on_with_exits(later(deps, timedelta(minutes=minutes)))
    assert (await get_swap(deps, ben, broken.id)).end_reason == PARTNER_GONE
    assert await next_exit_step(deps) is None


@pytest.mark.parametrize("way", ["undo", "unban"])
async def test_a_suspension_ends_what_runs_also_when_a_ban_came_over_it_and_went(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap, moderator: User, way: str
) -> None:
    bad, ben = await make_user("Bad"), await make_user("Ben")
    swap = await make_swap(bad, ben, status=ACCEPTED)
    await standing.suspend(deps, moderator, bad.id, reason="rude")
    banned = await standing.ban(deps, moderator, bad.id, reason="rude")
    if way == "undo":
        await standing.undo(deps, moderator, banned.entry_id)
    else:
        await standing.unban(deps, moderator, bad.id)
    assert (await get_user(deps, bad.id)).standings(deps.now()) == ("suspended",)
    await go_on_with_exits(later(deps, AFTER_ALL))
    assert (await get_swap(deps, ben, swap.id)).end_reason == PARTNER_RESTS


async def test_what_takes_a_decision_back_cannot_be_undone(deps: Deps, make_user: MakeUser, moderator: User) -> None:
    person = await make_user()
    banned = await standing.ban(deps, moderator, person.id, reason="rude")
    undone = await standing.undo(deps, moderator, banned.entry_id)
    await standing.ban(deps, moderator, person.id, reason="rude")
    unbanned = await standing.unban(deps, moderator, person.id)
    for decision in (undone, unbanned):
        with pytest.raises(NotFound, match="nothing_to_undo"):
            await standing.undo(deps, moderator, decision.entry_id)
    assert (await get_user(deps, person.id)).standings(deps.now()) == ("member",)
