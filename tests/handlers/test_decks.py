"""The order of a day: pages without repeats or gaps, and relief for popular users."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import Any

from bson import ObjectId

from domain.decks import DECIDED_FOR, MAX_OPEN_REQUESTS, TEACHERS
from domain.swaps import ACCEPTED, ANSWER_WITHIN, REJECTED
from domain.users import ProfileChanges, User
from handlers.circles import ask_circle, get_circle, join_circle
from handlers.matches import find_teachers, list_matches, next_match, pass_match, skip_match
from handlers.runtime.deps import Deps
from handlers.swaps import answer_swap, expire_due_swaps
from handlers.users import get_user, update_profile
from storage.mongodb.database import UNJOURNALED, Database
from storage.mongodb.migrations import rank_users
from storage.users import user_from
from tests.factories import MakeSwap, MakeUser, later, list_possible

CHESS: dict[str, Any] = {"skills_offered": ("Chess",), "skills_wanted": ("Go",)}
GO: dict[str, Any] = {"skills_offered": ("Go",), "skills_wanted": ("chess",)}


async def paged(deps: Deps, actor: User, *, limit: int, kind: str = "swaps") -> list[str]:
    names: list[str] = []
    after: str | None = None
    while True:
        page = await list_matches(deps, actor, kind=kind, limit=limit, after=after)
        names += [match.user.name for match in page.matches]
        if page.following is None:
            return names
        after = page.following


async def test_pages_of_a_deck_stay_in_order_all_day(deps: Deps, make_user: MakeUser) -> None:
    me = await make_user("Me", **CHESS)
    people = [await make_user(f"P{number}", **GO) for number in range(23)]
    whole = await paged(deps, me, limit=50)
    assert len(set(whole)) == len(whole) == 23
    for size in (1, 4, 7):
        assert await paged(deps, me, limit=size) == whole
    first = await list_matches(deps, me, limit=10)
    await skip_match(deps, me, first.matches[9].user.id)
    gone = next(user for user in people if user.name == whole[15])
    await update_profile(deps, gone, ProfileChanges(is_public=False))
    await make_user("New", location="Lima", availability="weekend mornings", **GO)
    rest = await list_matches(deps, me, limit=50, after=first.following)
    assert [match.user.name for match in rest.matches] == [*whole[10:15], *whole[16:], "New"]


async def test_order_changes_with_the_day_and_the_skills(deps: Deps, make_user: MakeUser) -> None:
    me = await make_user("Me", **CHESS)
    for number in range(15):
        await make_user(f"P{number}", **GO)
    today = await paged(deps, me, limit=50)
    tomorrow = await paged(later(deps, timedelta(days=1)), me, limit=50)
    assert sorted(today) == sorted(tomorrow)
    assert today != tomorrow


async def test_a_decision_holds_for_sixty_days_unless_the_skills_between_change(
    deps: Deps, make_user: MakeUser
) -> None:
    me = await make_user("Me", timezone="Europe/Madrid", availability="weekday evenings", **CHESS)
    other = await make_user("Other", timezone="America/Lima", availability="weekday evenings", **GO)
    assert (await list_matches(deps, me)).matches[0].caveats[0].key == "no_common_time"
    await skip_match(deps, me, other.id)
    assert await paged(deps, me, limit=5) == []
    assert await paged(later(deps, DECIDED_FOR - timedelta(days=1)), me, limit=5) == []
    assert await paged(later(deps, DECIDED_FOR + timedelta(days=1)), me, limit=5) == ["Other"]
    other = await update_profile(deps, other, ProfileChanges(skills_offered=("Go", "Judo"), location="Lima"))
    assert await paged(deps, me, limit=5) == []  # nothing that matters between the two
    me = await update_profile(deps, me, ProfileChanges(skills_wanted=("Go", "Judo")))
    assert await paged(deps, me, limit=5) == ["Other"]


async def test_user_with_many_open_requests_is_left_out(deps: Deps, make_user: MakeUser, make_swap: MakeSwap) -> None:
    me, popular = await make_user("Me", **CHESS), await make_user("Popular", **GO)
    swaps = [await make_swap(await make_user(**CHESS), popular) for _ in range(MAX_OPEN_REQUESTS)]
    assert await paged(deps, me, limit=5) == []
    await answer_swap(deps, popular, swaps[0].id, ACCEPTED)
    assert await paged(deps, me, limit=5) == ["Popular"]


async def test_block_hides_both_users_until_it_is_removed(deps: Deps, make_user: MakeUser) -> None:
    me, other = await make_user("Me", **CHESS), await make_user("Other", **GO)
    assert await paged(deps, me, limit=5) == ["Other"]
    await deps.store.blocks.add(other.id, me.id, at=deps.now())
    assert await paged(deps, me, limit=5) == await paged(deps, other, limit=5) == []
    await deps.store.blocks.remove(other.id, me.id)
    assert (await paged(deps, me, limit=5), await paged(deps, other, limit=5)) == (["Other"], ["Me"])


async def test_foreign_writes_break_no_deck_and_expose_no_paused_user(
    deps: Deps, database: Database, make_user: MakeUser
) -> None:
    me, other, paused = await make_user("Me", **CHESS), await make_user("Other", **GO), await make_user("Paused", **GO)
    users = database.collection("users")
    await users.update_one({"_id": ObjectId(paused.id)}, {"$set": {"status": "paused"}})
    point = {"type": "Point", "coordinates": [-77.0, -12.0]}
    await users.update_one({"_id": ObjectId(other.id)}, {"$set": {"coordinates": point}})
    assert await paged(deps, me, limit=5) == ["Other"]
    assert [match.user.name for match in await find_teachers(deps, me, "Go")] == ["Other"]


async def test_answered_and_ignored_requests_are_counted(deps: Deps, make_user: MakeUser, make_swap: MakeSwap) -> None:
    popular = await make_user("Popular", **GO)
    first, _ = [await make_swap(await make_user(**CHESS), popular) for _ in range(2)]
    await answer_swap(deps, popular, first.id, ACCEPTED)
    await answer_swap(deps, popular, first.id, ACCEPTED)  # repeated, it is one answer
    assert await expire_due_swaps(later(deps, ANSWER_WITHIN + timedelta(minutes=1))) == 1
    popular = await get_user(deps, popular.id)
    assert (popular.answered, popular.ignored) == (1, 1)


async def test_teachers_without_a_mutual_match_are_a_separate_deck(deps: Deps, make_user: MakeUser) -> None:
    me = await make_user("Me", **CHESS)
    await make_user("Suits", **GO)
    await make_user("Teaches", skills_offered=("go",), skills_wanted=("Piano",))
    await make_user("Private", skills_offered=("go",), skills_wanted=("Piano",), is_public=False)
    assert await paged(deps, me, limit=5) == ["Suits"]
    assert await paged(deps, me, limit=5, kind=TEACHERS) == ["Teaches"]
    match = await next_match(deps, me, kind=TEACHERS)
    assert match is not None
    await pass_match(deps, me, match.user.id)
    assert await next_match(deps, me, kind=TEACHERS) is None


async def test_open_circle_hides_no_candidate(deps: Deps, make_user: MakeUser) -> None:
    ann = await make_user("Ann", skills_offered=("Chess",), skills_wanted=("Go",))
    ben = await make_user("Ben", skills_offered=("Go",), skills_wanted=("Piano",))
    cid = await make_user("Cid", skills_offered=("Piano",), skills_wanted=("Chess",))
    circle = await ask_circle(deps, ann, (await list_possible(deps, ann))[0].id)
    assert await paged(deps, ann, limit=5, kind=TEACHERS) == ["Ben"]
    await join_circle(deps, ben, circle.id, version=(await get_circle(deps, ben, circle.id)).version)
    assert await paged(deps, ann, limit=5, kind=TEACHERS) == ["Ben"]
    await join_circle(deps, cid, circle.id, version=(await get_circle(deps, cid, circle.id)).version)
    assert await paged(deps, ann, limit=5, kind=TEACHERS) == []


async def test_searching_user_is_ranked_as_active(deps: Deps, database: Database, make_user: MakeUser) -> None:
    me = await make_user("Me", **CHESS)
    await make_user("Other", **GO)
    soon = later(deps, timedelta(days=43))
    await paged(soon, me, limit=5)
    doc = await database.collection("users").with_options(**UNJOURNALED).find_one({"name": "Me"})
    assert doc["rank"] == user_from(doc).rank > me.rank


async def test_visit_that_a_crash_has_lost_is_noted_by_the_next_request(
    deps: Deps, database: Database, make_user: MakeUser
) -> None:
    me = await make_user("Me", **CHESS)
    await make_user("Other", **GO)
    soon = later(deps, timedelta(days=43))
    await paged(soon, me, limit=5)
    users = database.collection("users").with_options(**UNJOURNALED)
    await users.update_one({"name": "Me"}, {"$set": {"active_at": me.active_at, "rank": me.rank}})
    assert await paged(soon, me, limit=5) == ["Other"]
    assert (await users.find_one({"name": "Me"}))["active_at"].date() == soon.now().date()


async def test_rank_includes_the_share_of_answered_requests(
    deps: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    kind, silent = await make_user("Kind", **GO), await make_user("Silent", **GO)
    for number in range(3):
        asker = await make_user(f"Asker {number}", **CHESS)
        await answer_swap(deps, kind, (await make_swap(asker, kind)).id, REJECTED)
        await make_swap(asker, silent)
    assert await expire_due_swaps(later(deps, ANSWER_WITHIN + timedelta(minutes=1))) == 3
    users = {doc["name"]: doc async for doc in database.collection("users").find()}
    assert (users["Kind"]["answered"], users["Silent"]["ignored"]) == (3, 3)
    assert users["Kind"]["rank"] == (await get_user(deps, kind.id)).rank > kind.rank
    assert users["Silent"]["rank"] == (await get_user(deps, silent.id)).rank < silent.rank


async def test_concurrent_answers_are_all_counted(deps: Deps, database: Database, make_user: MakeUser) -> None:
    me = await make_user("Me", **GO)
    await asyncio.gather(*(deps.store.records.note_request(me.id, is_answered=True) for _ in range(8)))
    assert (await get_user(deps, me.id)).answered == 8


async def test_first_cards_are_counted_once_a_day(deps: Deps, database: Database, make_user: MakeUser) -> None:
    me = await make_user("Me", **CHESS)
    for number in range(15):
        await make_user(f"P{number}", **GO)
    await asyncio.gather(*(paged(deps, me, limit=4) for _ in range(3)))
    await paged(deps, me, limit=4)
    await deps.showings.close()
    exposure = database.collection("exposure").with_options(**UNJOURNALED)
    counts = [doc["n"] async for doc in exposure.find()]
    assert counts == [1] * 10


async def test_thousand_draws_repeat_no_card_and_expose_no_hidden_user(deps: Deps, make_user: MakeUser) -> None:
    chance = random.Random(5)
    skills = ("Go", "Chess", "Piano")
    hidden = {"is_public": False}, {"status": "paused"}, {"status": "banned"}
    for number in range(90):
        teaches, wants = chance.sample(skills, 2)
        kind: dict[str, Any] = hidden[number % 3] if number < 15 else {}
        await make_user(f"P{number}", skills_offered=(teaches,), skills_wanted=(wants,), **kind)
    draws = 0
    while draws < 1000:
        me = await make_user("Me", is_public=False, skills_offered=skills[:2], skills_wanted=skills)
        drawn: set[str] = set()
        while page := (await list_matches(deps, me, limit=10)).matches:
            for match in page:
                assert match.user.id not in drawn
                assert match.user.is_listed
                drawn.add(match.user.id)
            decide = pass_match if chance.random() < 0.5 else skip_match
            await asyncio.gather(*(decide(deps, me, match.user.id) for match in page))
        assert drawn
        draws += len(drawn)


ODD: list[dict[str, Any]] = [
    {"active_at": 1_700_000_000},
    {"active_at": "yesterday"},
    {"answered": "3", "ignored": None},
    {"answered": 2.0, "ignored": -9},
    {"answered": 1e300},
    {"rank": None},
    {"rank": "high"},
    {"offered_levels": [{"level": "expert"}, {"key": ["go"], "level": "expert"}, {"key": "go", "level": ["expert"]}]},
]


async def test_malformed_foreign_profile_breaks_no_deck(
    deps: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    me = await make_user("Me", **CHESS)
    for number, fields in enumerate(ODD):
        odd = await make_user(f"P{number}", **GO)
        await database.collection("users").update_one({"_id": ObjectId(odd.id)}, {"$set": fields})
    assert sorted(await paged(deps, me, limit=3)) == [f"P{number}" for number in range(len(ODD))]
    deps.store.users.cache.clear()
    for match in (await list_matches(deps, me, limit=50)).matches:
        odd = await get_user(deps, match.user.id)
        assert await paged(deps, odd, limit=3) == ["Me"]
        await answer_swap(deps, odd, (await make_swap(me, odd)).id, REJECTED)


async def test_ranking_survives_a_malformed_foreign_profile(
    deps: Deps, database: Database, make_user: MakeUser
) -> None:
    for number, fields in enumerate(ODD):
        odd = await make_user(f"P{number}", **GO)
        await database.collection("users").update_one({"_id": ObjectId(odd.id)}, {"$set": {"rank": 1, **fields}})
    assert sum([count async for count in rank_users(database)]) == len(ODD)
    assert [count async for count in rank_users(database)] == []
