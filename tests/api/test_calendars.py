"""The private calendar feed: sessions alone, for whoever knows its address, until it is changed or ended."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId
from icalendar import Calendar

from domain.planning import Meeting
from domain.swaps import Swap
from domain.users import User
from handlers import sessions
from handlers.calendar_feeds import SHOWN_SINCE, read_feed
from handlers.runtime.deps import Deps
from handlers.users import delete_account
from tests.api.conftest import Client
from tests.api.test_swap_sessions import in_days
from tests.factories import PUBLIC_URL, MakeSwap, MakeUser, later
from tests.handlers.auth.test_merges import merge

Pair = tuple[User, User, Swap]


@pytest.fixture
async def pair(make_user: MakeUser, make_swap: MakeSwap) -> Pair:
    ada, ben = await make_user("Ada", email="ada@example.org"), await make_user("Ben", locale="es")
    return ada, ben, await make_swap(ada, ben, status="accepted", message="a secret note")


async def path_of(client: Client, actor: User) -> str:
    async with client(actor).post("/api/calendar") as answer:
        assert answer.status == 201
        url = str((await answer.json())["url"])
    assert url.startswith(f"{PUBLIC_URL}/calendar/")
    return url.removeprefix(PUBLIC_URL)


async def fetch(client: Client, path: str, **headers: str) -> tuple[int, bytes, Any]:
    async with client().get(path, headers=headers) as answer:
        return answer.status, await answer.read(), answer.headers


async def plan(deps: Deps, pair: Pair, days: int) -> str:
    ada, ben, swap = pair
    offered = await sessions.offer_session(deps, ada, swap.id, Meeting((in_days(deps, days),), place="", link=""))
    session_id = offered.plan.sessions[-1].id
    await sessions.agree_session(deps, ben, swap.id, session_id, in_days(deps, days))
    return session_id


async def test_a_feed_has_the_sessions_as_they_stand(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben, swap = pair
    first, second = await plan(deps, pair, 2), await plan(deps, pair, 4)
    await sessions.offer_session(deps, ada, swap.id, Meeting((in_days(deps, 9),)))  # has no time yet
    await sessions.call_off_session(deps, ada, swap.id, second)
    path = await path_of(client, ben)
    status, raw, headers = await fetch(client, path)
    assert (status, headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert headers["Cache-Control"].startswith("private")
    calendar = Calendar.from_ical(raw)
    events = {str(event["uid"]): event for event in calendar.walk("VEVENT")}
    assert {uid: str(event["status"]) for uid, event in events.items()} == {
        f"{swap.id}-{first}@skillswap": "CONFIRMED",
        f"{swap.id}-{second}@skillswap": "CANCELLED",
    }
    assert " con Ada" in events[f"{swap.id}-{first}@skillswap"]["summary"]
    for line in (b"X-WR-CALNAME:Skill Swap", b"REFRESH-INTERVAL;VALUE=DURATION:PT1H", b"X-PUBLISHED-TTL:PT1H"):
        assert line in raw.split(b"\r\n")
    for hidden in (b"secret", b"example.org/a", b"ada@", ada.id.encode(), ben.id.encode()):
        assert hidden not in raw


async def test_an_unchanged_feed_is_not_sent_again(client: Client, deps: Deps, pair: Pair) -> None:
    await plan(deps, pair, 2)
    path = await path_of(client, pair[0])
    _, _, headers = await fetch(client, path)
    status, raw, _ = await fetch(client, path, **{"If-None-Match": headers["ETag"]})
    assert (status, raw) == (304, b"")
    await plan(deps, pair, 3)
    status, _, again = await fetch(client, path, **{"If-None-Match": headers["ETag"]})
    assert status == 200
    assert again["ETag"] != headers["ETag"]


async def test_an_address_ends_when_it_is_changed_or_the_feed_is_ended(client: Client, pair: Pair) -> None:
    ada, ben, _ = pair
    old, theirs = await path_of(client, ada), await path_of(client, ben)
    new = await path_of(client, ada)
    assert [(await fetch(client, path))[0] for path in (old, new, theirs)] == [404, 200, 200]
    async with client(ada).get("/api/calendar") as answer:
        document = await answer.json()
    assert (document["is_on"], document["url"]) == (True, None)
    for _ in range(2):
        async with client(ada).delete("/api/calendar") as answer:
            assert (answer.status, (await answer.json())["is_on"]) == (200, False)
    assert [(await fetch(client, path))[0] for path in (new, theirs)] == [404, 200]
    assert (await fetch(client, f"/calendar/{'x' * 500}.ics"))[0] == 404


async def test_only_the_digest_of_an_address_is_stored(client: Client, deps: Deps, pair: Pair) -> None:
    path = await path_of(client, pair[0])
    docs = await deps.store.database.collection("calendar_feeds").find({}).to_list(10)
    assert [doc["_id"] for doc in docs] == [ObjectId(pair[0].id)]
    assert path.removeprefix("/calendar/").removesuffix(".ics") not in str(docs)


async def test_leaving_and_a_ban_end_the_feed(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben, _ = pair
    adas, bens = await path_of(client, ada), await path_of(client, ben)
    await deps.store.database.collection("users").update_one({"_id": ObjectId(ada.id)}, {"$set": {"status": "banned"}})
    assert (await fetch(client, adas))[0] == 404
    await delete_account(deps, ben)
    assert (await fetch(client, bens))[0] == 404
    assert await deps.store.calendar_feeds.created_at(ben.id) is None


async def test_a_feed_read_too_often_is_told_when_to_come_back(client: Client, pair: Pair) -> None:
    path = await path_of(client, pair[0])
    answers = [await fetch(client, path) for _ in range(40)]
    assert answers[-1][0] == 429
    assert int(answers[-1][2]["Retry-After"]) > 0


async def test_a_called_off_session_leaves_the_feed_after_weeks(client: Client, deps: Deps, pair: Pair) -> None:
    session_id = await plan(deps, pair, 2)
    await sessions.call_off_session(deps, pair[0], pair[2].id, session_id)
    token = (await path_of(client, pair[0])).removeprefix("/calendar/").removesuffix(".ics")
    assert b"CANCELLED" in await read_feed(later(deps, SHOWN_SINCE), token, address="")
    assert b"VEVENT" not in await read_feed(later(deps, SHOWN_SINCE + in_days(deps, 3) - deps.now()), token, address="")


async def test_a_merge_keeps_the_survivors_feed_alone(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben, _ = pair
    adas, bens = await path_of(client, ada), await path_of(client, ben)
    await merge(deps, survivor=ada, loser=ben)
    assert [(await fetch(client, path))[0] for path in (adas, bens)] == [200, 404]
