"""Sessions of a swap at the REST interface and on sockets."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from domain.planning import Meeting
from domain.swaps import Swap
from domain.timetable import MAX_SESSIONS
from domain.users import User
from handlers import sessions
from handlers.runtime.deps import Deps
from tests.api.conftest import Client, Connect
from tests.factories import MakeSwap, MakeUser, at_time, recipients_of
from tests.waiting import eventually

Pair = tuple[User, User, Swap]
DAY = timedelta(days=1)


@pytest.fixture
async def pair(make_user: MakeUser, make_swap: MakeSwap) -> Pair:
    ada, ben = await make_user("Ada", timezone="Europe/Madrid"), await make_user("Ben", telegram_id=True)
    return ada, ben, await make_swap(ada, ben, status="accepted")


async def call(client: Client, actor: User, method: str, path: str, **options: Any) -> tuple[int, Any]:
    headers = options.pop("headers", {})
    body = {"json": options} if method in ("POST", "PUT") and (options or "sessions" in path) else {}
    async with client(actor).request(method, path, headers=headers, **body) as answer:
        return answer.status, await answer.json()


def in_days(deps: Deps, days: float) -> datetime:
    return (deps.now() + days * DAY).replace(second=0, microsecond=0)


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def test_two_plan_move_and_answer_a_session(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben, swap = pair
    start, other = in_days(deps, 3), in_days(deps, 4)
    path = f"/api/swap/{swap.id}/sessions"
    status, offered = await call(client, ada, "POST", path, slots=[iso(start), iso(other)], minutes=90)
    assert (status, offered["stage"], offered["next_action"]["verb"]) == (201, "talking", "agree")
    (session,) = offered["sessions"]
    assert (session["slots"], session["minutes"], session["can"]) == (
        [iso(start), iso(other)],
        90,
        ["move", "call_off"],
    )
    status, agreed = await call(client, ben, "PUT", f"{path}/1", action="agree", starts_at=iso(other), version=3)
    assert (status, agreed["stage"]) == (200, "planned")
    assert agreed["next_action"] == {"verb": "meet", "by": [ada.id, ben.id], "until": iso(other), "session": "1"}
    again = await call(client, ben, "PUT", f"{path}/1", action="agree", starts_at=iso(other))
    assert (again[0], again[1]["version"]) == (200, agreed["version"])
    status, moved = await call(client, ada, "PUT", f"{path}/1", action="move", slots=[iso(start)])
    assert (status, moved["sessions"][0]["status"], moved["sessions"][0]["minutes"]) == (200, "offered", 90)
    await call(client, ben, "PUT", f"{path}/1", action="agree", starts_at=iso(start))
    status, off = await call(client, ben, "PUT", f"{path}/1", action="call_off")
    assert (status, off["sessions"][0]["status"], off["sessions"][0]["called_off_by"]) == (200, "called_off", ben.id)
    assert (off["sessions"][0]["is_late"], off["sessions"][0]["can"]) == (False, [])
    changes = await recipients_of(deps.store.database, swap.id, "session.changed")
    assert changes == [ben.id, ben.id]  # Ada has neither Telegram nor mail


async def test_either_says_where_a_session_is_and_its_times_stay(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben, swap = pair
    start, path = in_days(deps, 3), f"/api/swap/{swap.id}/sessions"
    _, offered = await call(client, ada, "POST", path, slots=[iso(start)], minutes=90)
    link = "https://meet.example.org/ada"
    status, online = await call(client, ben, "PUT", f"{path}/1", action="place", link=link)
    assert (status, online["sessions"][0]["link"]) == (200, link)
    status, placed = await call(client, ada, "PUT", f"{path}/1", action="place", mode="in_person", place="The library")
    (session,) = placed["sessions"]
    assert (status, session["mode"], session["place"], session["link"]) == (200, "in_person", "The library", "")
    assert (session["slots"], session["minutes"], session["status"]) == ([iso(start)], 90, "offered")
    status, late = await call(client, ben, "PUT", f"{path}/1", action="place", place="", version=offered["version"])
    assert (status, late["code"], late["current"]["sessions"][0]["place"]) == (409, "swap.changed", "The library")


async def test_both_sockets_get_the_session_with_what_each_can_do(
    client: Client, connect: Connect, deps: Deps, pair: Pair
) -> None:
    ada, ben, swap = pair
    sockets = [await connect(ada), await connect(ben)]
    await call(client, ada, "POST", f"/api/swap/{swap.id}/sessions", slots=[iso(in_days(deps, 2))])
    for socket, can in zip(sockets, (["move", "call_off"], ["agree", "move", "call_off"]), strict=True):
        await eventually(
            lambda socket=socket: [event for event, _ in socket.received] == ["swap:updated", "session:updated"]
        )
        _, said = socket.received[1]
        assert (said["swap_id"], said["session"]["id"], said["session"]["can"]) == (swap.id, "1", can)
        socket.received.clear()
    await call(client, ben, "POST", f"/api/swap/{swap.id}/sessions", slots=[iso(in_days(deps, 5))])
    await eventually(lambda: len(sockets[0].received) == 2)
    assert sockets[0].received[1][1]["session"]["id"] == "2"  # the first has not changed


async def test_a_session_that_took_place_is_noted_and_confirmed(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben, swap = pair
    path = f"/api/swap/{swap.id}/sessions"
    status, noted = await call(client, ada, "POST", path, met=True, at=iso(in_days(deps, -2)))
    assert (status, noted["stage"], noted["sessions"][0]["noted_by"]) == (201, "asking", ada.id)
    assert noted["next_action"]["by"] == [ben.id]
    status, _ = await call(client, ada, "PUT", f"{path}/1", action="answer", answer="yes")
    assert status == 200  # repeated
    status, held = await call(client, ben, "PUT", f"{path}/1", action="answer", answer="yes")
    assert (status, held["sessions"][0]["status"], held["sessions"][0]["held_legs"]) == (200, "held", [0, 1])
    assert "done" in held["can"]
    assert (await call(client, ada, "POST", f"/api/swap/{swap.id}/done"))[1]["done"] == [ada.id]
    status, done = await call(client, ben, "POST", f"/api/swap/{swap.id}/done")
    assert (status, done["status"], done["one_way"], done["next_action"]["verb"]) == (200, "completed", False, "rate")
    assert done["completed_at"] == done["updated_at"]


async def test_a_reason_and_a_statement_are_shown_to_their_author_alone(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben, swap = pair
    path = f"/api/swap/{swap.id}/sessions"
    await call(client, ada, "POST", path, met=True, at=iso(in_days(deps, -2)))
    start = in_days(deps, -1)
    planned = await sessions.offer_session(at_time(deps, start - DAY), ada, swap.id, Meeting((start,)))
    await sessions.agree_session(at_time(deps, start - DAY), ben, swap.id, planned.plan.sessions[-1].id, start)
    no = {"action": "answer", "answer": "no", "reason": "they_did_not_come"}
    status, mine = await call(client, ada, "PUT", f"{path}/2", **no)
    assert (status, mine["sessions"][1]["reason"]) == (200, "they_did_not_come")
    _, theirs = await call(client, ben, "GET", f"/api/swap/{swap.id}")
    assert (theirs["sessions"][1]["reason"], theirs["sessions"][1]["answers"]) == (None, {ada.id: "no"})
    await call(client, ben, "PUT", f"{path}/2", action="answer", answer="yes")
    status, disputed = await call(client, ada, "PUT", f"{path}/2", **no)
    assert (status, disputed["status"], disputed["can"], disputed["next_action"]["verb"]) == (
        200,
        "disputed",
        ["state"],
        "state",
    )
    status, stated = await call(client, ada, "PUT", f"/api/swap/{swap.id}/statement", statement="I waited for an hour.")
    assert (status, stated["statement"]) == (200, "I waited for an hour.")
    async with client(ben).get(f"/api/swap/{swap.id}") as answer:
        text = await answer.text()
    assert "I waited" not in text
    assert "they_did_not_come" not in text


async def test_bad_input_is_a_clear_error_and_changes_nothing(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben, swap = pair
    path = f"/api/swap/{swap.id}/sessions"
    start = in_days(deps, 3)
    await call(client, ada, "POST", path, slots=[iso(start)])
    _, before = await call(client, ben, "PUT", f"{path}/1", action="agree", starts_at=iso(start))
    gap = lost_hour(deps.now())
    good = {"slots": [iso(in_days(deps, 5))]}
    tries: list[tuple[User, str, str, dict[str, Any], int, str]] = [
        (ada, "POST", path, {"slots": [iso(in_days(deps, -1))]}, 422, "session.past"),
        (ada, "POST", path, {"slots": [iso(in_days(deps, 400))]}, 422, "session.too_far_ahead"),
        (ada, "POST", path, {"slots": []}, 422, "session.slots"),
        (ada, "POST", path, {"slots": [iso(in_days(deps, day)) for day in (3, 4, 5, 6)]}, 422, "session.slots"),
        (ada, "POST", path, {"slots": [gap]}, 422, "session.no_such_time"),
        (ben, "POST", path, {"slots": ["2027-01-04T18:00"]}, 422, "session.zone_missing"),
        (ada, "POST", path, {"slots": ["2027-01-04T18:00"], "timezone": "Moon/Base"}, 422, "timezone.unknown"),
        (ada, "POST", path, {"slots": ["tomorrow"]}, 422, "session.time"),
        (ada, "POST", path, good | {"minutes": 14}, 422, "session.minutes"),
        (ada, "POST", path, good | {"minutes": 241}, 422, "session.minutes"),
        (ada, "POST", path, good | {"minutes": "60"}, 422, "invalid_field"),
        (ada, "POST", path, good | {"mode": "by phone"}, 422, "invalid_field"),
        (ada, "POST", path, good | {"legs": [2]}, 422, "session.legs"),
        (ada, "POST", path, good | {"link": "http://meet.example.org"}, 422, "session.link"),
        (ada, "POST", path, good | {"link": "javascript:alert(1)"}, 422, "session.link"),
        (ada, "POST", path, good | {"link": "https://" + "x" * 300}, 422, "text.too_long"),
        (ada, "POST", path, good | {"mode": "in_person", "place": "x" * 121}, 422, "text.too_long"),
        (ada, "POST", path, good | {"price": 1}, 422, "unknown_field"),
        (ada, "POST", path, {"met": True, "at": iso(in_days(deps, 1))}, 422, "session.still_to_come"),
        (ada, "POST", path, {"met": True, "at": iso(in_days(deps, -91))}, 422, "session.too_long_ago"),
        (ada, "PUT", f"{path}/1", {"action": "answer", "answer": "yes"}, 409, "session.still_to_come"),
        (ada, "PUT", f"{path}/1", {"action": "answer", "answer": "yes", "reason": "other"}, 422, "session.reason"),
        (ada, "PUT", f"{path}/1", {"action": "answer"}, 422, "invalid_field"),
        (ada, "PUT", f"{path}/1", {"action": "agree"}, 422, "invalid_field"),
        (ada, "PUT", f"{path}/1", {"action": "agree", "starts_at": iso(in_days(deps, 9))}, 409, "session.not_offered"),
        (ada, "PUT", f"{path}/1", {"action": "cancel"}, 422, "invalid_field"),
        (ada, "PUT", f"{path}/2", {"action": "call_off"}, 404, "session.no_such_session"),
        (ada, "PUT", f"{path}/2", {"action": "answer", "answer": "no"}, 404, "session.no_such_session"),
        (ada, "PUT", f"{path}/1", {"action": "call_off", "version": 1}, 409, "swap.changed"),
        (ada, "POST", f"/api/swap/{swap.id}/done", {}, 409, "swap.nothing_held"),
        (ada, "PUT", f"/api/swap/{swap.id}/statement", {"statement": "x"}, 409, "swap.no_statement"),
    ]
    for actor, method, where, body, status, code in tries:
        got, problem = await call(client, actor, method, where, **body)
        assert (got, problem["code"]) == (status, code), (where, body)
        assert problem["detail"]
        if status == 409:
            assert problem["current"]["version"] == before["version"]
    assert (await call(client, ben, "GET", f"/api/swap/{swap.id}"))[1] == before


async def test_a_21st_session_is_refused(client: Client, deps: Deps, pair: Pair) -> None:
    ada, _, swap = pair
    for _ in range(MAX_SESSIONS):
        offered = await sessions.offer_session(deps, ada, swap.id, Meeting((in_days(deps, 1),)))
        await sessions.call_off_session(deps, ada, swap.id, offered.plan.sessions[-1].id)
    status, problem = await call(client, ada, "POST", f"/api/swap/{swap.id}/sessions", slots=[iso(in_days(deps, 1))])
    assert (status, problem["code"], len(problem["current"]["sessions"])) == (409, "session.too_many", MAX_SESSIONS)


async def test_times_are_by_the_clock_of_the_zone_that_is_named(client: Client, pair: Pair) -> None:
    ada, ben, swap = pair
    path = f"/api/swap/{swap.id}/sessions"
    status, offered = await call(client, ada, "POST", path, slots=["2027-01-04T18:00"])
    assert (status, offered["sessions"][0]["slots"]) == (201, ["2027-01-04T17:00:00.000Z"])
    _, offered = await call(client, ben, "POST", path, slots=["2027-01-04T18:00"], timezone="America/New_York")
    assert offered["sessions"][1]["slots"] == ["2027-01-04T23:00:00.000Z"]
    _, agreed = await call(
        client, ben, "PUT", f"{path}/1", action="agree", starts_at="2027-01-04T12:00:30", timezone="America/New_York"
    )
    assert agreed["sessions"][0]["starts_at"] == "2027-01-04T17:00:00.000Z"


async def test_a_repeated_post_with_its_key_plans_one_session(client: Client, deps: Deps, pair: Pair) -> None:
    ada, _, swap = pair
    headers = {"Idempotency-Key": str(uuid.uuid4()), "If-Match": f'"{swap.version}"'}
    body = {"slots": [iso(in_days(deps, 3))]}
    first, again = [
        await call(client, ada, "POST", f"/api/swap/{swap.id}/sessions", headers=headers, **body) for _ in range(2)
    ]
    assert first == again
    assert len(first[1]["sessions"]) == 1
    headers["Idempotency-Key"] = str(uuid.uuid4())
    status, problem = await call(client, ada, "POST", f"/api/swap/{swap.id}/sessions", headers=headers, **body)
    assert (status, problem["code"], problem["current"]["version"]) == (412, "swap.changed", swap.version + 1)


async def test_of_two_who_agree_and_call_off_at_once_one_wins(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben, swap = pair
    path, start = f"/api/swap/{swap.id}/sessions", iso(in_days(deps, 3))
    _, offered = await call(client, ada, "POST", path, slots=[start])
    version = offered["version"]
    answers = await asyncio.gather(
        call(client, ben, "PUT", f"{path}/1", action="agree", starts_at=start, version=version),
        call(client, ada, "PUT", f"{path}/1", action="call_off", version=version),
    )
    assert sorted(status for status, _ in answers) == [200, 409]
    (current,) = [document["current"] for status, document in answers if status == 409]
    (made,) = [document for status, document in answers if status == 200]
    assert current["sessions"][0]["status"] == made["sessions"][0]["status"]


async def test_a_stranger_sees_and_changes_no_session(
    client: Client, deps: Deps, pair: Pair, make_user: MakeUser
) -> None:
    ada, _, swap = pair
    path = f"/api/swap/{swap.id}/sessions"
    await call(client, ada, "POST", path, slots=[iso(in_days(deps, 3))])
    stranger = await make_user()
    for method, where, body in (
        ("POST", path, {"slots": [iso(in_days(deps, 3))]}),
        ("PUT", f"{path}/1", {"action": "call_off"}),
        ("GET", f"{path}/1", {}),
        ("GET", f"{path}/1.ics", {}),
        ("POST", f"/api/swap/{swap.id}/arrange", {}),
        ("POST", f"/api/swap/{swap.id}/not-yet", {}),
        ("POST", f"/api/swap/{swap.id}/done", {}),
        ("PUT", f"/api/swap/{swap.id}/statement", {"statement": "x"}),
    ):
        assert (await call(client, stranger, method, where, **body))[0] == 404, where
    assert (await call(client, stranger, "GET", "/api/swap/sessions"))[1] == []


async def test_sessions_are_listed_between_two_times(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben, swap = pair
    path = f"/api/swap/{swap.id}/sessions"
    for day in (4, 2):
        await call(client, ada, "POST", path, slots=[iso(in_days(deps, day))])
    _, listed = await call(client, ben, "GET", "/api/swap/sessions")
    assert [(one["swap_id"], one["session"]["id"]) for one in listed] == [(swap.id, "2"), (swap.id, "1")]
    _, some = await call(
        client, ben, "GET", f"/api/swap/sessions?from={iso(in_days(deps, 3))}&to={iso(in_days(deps, 5))}"
    )
    assert [one["session"]["id"] for one in some] == ["1"]
    status, one = await call(client, ben, "GET", f"{path}/1")
    assert (status, one) == (200, some[0]["session"])
    for query in ("from=2026-01-01T00:00Z&to=2025-01-01T00:00Z", "from=2026-01-01T00:00Z&to=2028-01-01T00:00Z"):
        status, problem = await call(client, ben, "GET", f"/api/swap/sessions?{query}")
        assert (status, problem["code"]) == (422, "session.window")
    assert (await call(client, ben, "GET", "/api/swap/sessions?until=x"))[0] == 422


async def test_a_session_is_a_file(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben, swap = pair
    path, start = f"/api/swap/{swap.id}/sessions", in_days(deps, 3)
    await call(client, ada, "POST", path, slots=[iso(start)])
    status, problem = await call(client, ben, "GET", f"{path}/1.ics")
    assert (status, problem["code"]) == (409, "session.not_dated")
    await call(client, ben, "PUT", f"{path}/1", action="agree", starts_at=iso(start))
    async with client(ben).get(f"{path}/1.ics") as answer:
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8; method=PUBLISH"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="session.ics"'
        (event,) = Calendar.from_ical(await answer.read()).walk("VEVENT")
    assert (event.start, event["status"]) == (start, "CONFIRMED")


async def test_arranging_it_oneself_and_not_yet_are_told(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben, swap = pair
    status, arranged = await call(client, ada, "POST", f"/api/swap/{swap.id}/arrange")
    assert (status, arranged["arranged_by"], "arrange" in arranged["can"]) == (200, ada.id, False)
    assert await recipients_of(deps.store.database, swap.id, "swap.arranged") == [ben.id]
    status, later = await call(client, ben, "POST", f"/api/swap/{swap.id}/not-yet")
    assert (status, later["history"][-1]["event"]) == (200, "not_yet")
    assert later["next_action"]["until"] > arranged["next_action"]["until"]


def lost_hour(now: datetime) -> str:
    """Return half past two of the next Sunday on which Madrid's clocks skip it."""
    for year in (now.year, now.year + 1):
        day = datetime(year, 3, 31, tzinfo=UTC)
        day -= timedelta(days=(day.weekday() + 1) % 7)
        if day > now:
            return f"{day:%Y-%m-%d}T02:30"
    raise AssertionError
