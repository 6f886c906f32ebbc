"""The pages of swaps, with plain forms: from a request with times to a rating, and what is refused on the way."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from html import unescape

import pytest

from domain.planning import Meeting
from domain.swaps import ACCEPTED, Swap
from domain.users import User
from handlers import sessions
from handlers.runtime.deps import Deps
from handlers.swaps import Proposal, get_swap, propose_swap
from storage.mongodb.database import new_id
from tests.api.conftest import Client
from tests.factories import MakeSwap, MakeUser

Get = Callable[[User, str], Awaitable[tuple[int, str]]]
Post = Callable[..., Awaitable[tuple[int, str]]]
Pair = tuple[User, User]
DAY = timedelta(days=1)


@pytest.fixture
async def pair(make_user: MakeUser) -> Pair:
    return await make_user("Ada", timezone="Europe/Madrid"), await make_user("Ben", timezone="America/New_York")


@pytest.fixture
def get(client: Client) -> Get:
    async def get(reader: User, path: str) -> tuple[int, str]:
        async with client(reader).get(path, allow_redirects=False) as answer:
            return answer.status, unescape(await answer.text())

    return get


@pytest.fixture
def post(client: Client) -> Post:
    """Send a form; a redirect gives its address in place of the page."""

    async def post(actor: User, path: str, fields: Sequence[tuple[str, str]]) -> tuple[int, str]:
        async with client(actor).post(path, data=list(fields), allow_redirects=False) as answer:
            return answer.status, answer.headers.get("Location") or unescape(await answer.text())

    return post


def values_of(page: str, field: str) -> list[str]:
    return re.findall(rf'name="{field}" value="([^"]*)"', page)


async def asked(deps: Deps, pair: Pair, *slots: datetime) -> Swap:
    ada, ben = pair
    return await propose_swap(
        deps, ada, Proposal(ben.id, ada.skills_offered[0], ben.skills_offered[0], "Shall we <b>?", slots=slots)
    )


def in_days(deps: Deps, days: float) -> datetime:
    return (deps.now() + days * DAY).replace(second=0, microsecond=0)


async def test_a_request_is_accepted_for_one_of_its_times(get: Get, post: Post, deps: Deps, pair: Pair) -> None:
    ada, ben = pair
    first, second = in_days(deps, 2), in_days(deps, 3)
    swap = await asked(deps, pair, first, second)
    status, page = await get(ben, "/swaps")
    assert (status, "Ada asks you" in page, "Waiting for you (1)" in page) == (200, True, True)
    status, page = await get(ben, f"/swaps/{swap.id}")
    assert status == 200
    assert "Shall we &lt;b&gt;?" in page or "Shall we <b>?" in page
    assert values_of(page, "starts_at") == [first.isoformat(), second.isoformat(), ""]
    fields = [("action", "accept"), ("version", values_of(page, "version")[0]), ("starts_at", second.isoformat())]
    assert await post(ben, f"/swaps/{swap.id}", fields) == (303, f"/swaps/{swap.id}")
    after = await get_swap(deps, ada, swap.id)
    assert (after.status, after.plan.sessions[0].starts_at) == (ACCEPTED, second)
    _, page = await get(ada, "/swaps")
    assert "Coming up" in page
    _, page = await get(ada, f"/swaps/{swap.id}")
    assert "You and Ben meet" in page


async def test_times_are_on_both_clocks_where_they_differ(get: Get, deps: Deps, pair: Pair) -> None:
    _, ben = pair
    swap = await asked(deps, pair, in_days(deps, 3).replace(hour=18, minute=0))
    _, page = await get(ben, f"/swaps/{swap.id}")
    (found,) = re.findall(r'<input type="radio" name="starts_at" value="2[^"]+" checked> (.+)</label>', page)
    mine, theirs = (int(hour) for hour in re.findall(r"(\d+):00", re.sub(r'"[^"]*"', "", found)))
    assert (theirs - mine) % 12 in (5, 6)  # Madrid is ahead of New York, for three weeks of spring by an hour less


async def test_a_no_has_a_reason_that_the_other_one_reads_in_kind_words(
    get: Get, post: Post, deps: Deps, pair: Pair
) -> None:
    ada, ben = pair
    swap = await asked(deps, pair)
    assert (await post(ben, f"/swaps/{swap.id}", [("action", "reject"), ("reason", "no_time")]))[0] == 303
    _, page = await get(ada, f"/swaps/{swap.id}")
    assert "no time for a new swap right now" in page


async def test_a_stale_form_shows_the_swap_as_it_is_now_with_a_word(
    get: Get, post: Post, deps: Deps, pair: Pair
) -> None:
    ada, ben = pair
    swap = await asked(deps, pair)
    _, page = await get(ben, f"/swaps/{swap.id}")
    version = values_of(page, "version")[0]
    assert (await post(ada, f"/swaps/{swap.id}", [("action", "cancel")]))[0] == 303
    status, page = await post(ben, f"/swaps/{swap.id}", [("action", "accept"), ("version", version)])
    assert status == 409
    assert 'role="alert"' in page
    assert "taken back" in page
    assert 'value="accept"' not in page


async def test_a_session_is_planned_agreed_held_and_rated(get: Get, post: Post, deps: Deps, pair: Pair) -> None:
    ada, ben = pair
    swap = await asked(deps, pair)
    await post(ben, f"/swaps/{swap.id}", [("action", "accept")])
    status, page = await get(ada, f"/swaps/{swap.id}/plan")
    assert (status, "on the clock of Madrid" in page) == (200, True)
    fields = [
        ("action", "offer"),
        ("own", "2099-01-05T19:00"),
        ("minutes", "45"),
        ("mode", "in_person"),
        ("place", "Café"),
    ]
    assert (await post(ada, f"/swaps/{swap.id}/plan", fields))[0] == 422  # too far ahead
    offered = in_days(deps, 3)
    fields[1] = ("slot", offered.isoformat())
    assert await post(ada, f"/swaps/{swap.id}/plan", fields) == (303, f"/swaps/{swap.id}")
    _, page = await get(ben, f"/swaps/{swap.id}")
    assert "Ada suggests" in page
    assert "45 min · Café" in page
    agree = [("action", "agree"), ("session", "1"), ("starts_at", offered.isoformat())]
    assert (await post(ben, f"/swaps/{swap.id}", agree))[0] == 303
    session = (await get_swap(deps, ada, swap.id)).plan.sessions[0]
    assert (session.starts_at, session.minutes, session.place) == (offered, 45, "Café")


async def test_a_held_session_is_confirmed_and_the_partner_rated(
    get: Get, post: Post, deps: Deps, make_swap: MakeSwap, pair: Pair
) -> None:
    ada, ben = pair
    swap = await make_swap(ada, ben, status=ACCEPTED)
    await sessions.note_session(deps, ada, swap.id, Meeting(()))
    _, page = await get(ben, f"/swaps/{swap.id}")
    assert "Did you and Ada meet?" in page
    yes = [("action", "say"), ("session", "1"), ("said", "yes"), *(("leg", leg) for leg in values_of(page, "leg"))]
    assert (await post(ben, f"/swaps/{swap.id}", yes))[0] == 303
    for person in (ada, ben):
        assert (await post(person, f"/swaps/{swap.id}", [("action", "done")]))[0] == 303
    _, page = await get(ada, "/swaps")
    assert "How was it with Ben?" in page
    path = f"/swaps/{swap.id}/rate/{ben.id}"
    assert path in page
    status, page = await post(ada, path, [("text", "Patient <i>"), ("stars", "9")])
    assert (status, "Patient <i>" in page) == (422, True)
    assert (await post(ada, path, [("text", "Patient"), ("stars", "5"), ("praise", "clear")]))[0] == 303
    assert (await post(ada, path, [("stars", "5")]))[0] == 409
    assert (await post(ben, f"/swaps/{swap.id}/rate/{ada.id}", [("action", "none")]))[0] == 303
    assert "How was it" not in (await get(ben, "/swaps"))[1]


async def test_what_is_refused_keeps_what_was_filled_in(get: Get, post: Post, make_swap: MakeSwap, pair: Pair) -> None:
    ada, ben = pair
    swap = await make_swap(ada, ben, status=ACCEPTED)
    fields = [("action", "offer"), ("mode", "online"), ("link", "http://example.org"), ("minutes", "90")]
    status, page = await post(ada, f"/swaps/{swap.id}/plan", fields)
    assert status == 422
    assert 'value="http://example.org"' in page
    assert '<option value="90" selected>' in page
    status, page = await post(ada, f"/swaps/{swap.id}", [("action", "fly")])
    assert (status, 'role="alert"' in page) == (422, True)


async def test_moving_a_session_keeps_its_place_and_length(
    get: Get, post: Post, deps: Deps, make_swap: MakeSwap, pair: Pair
) -> None:
    ada, ben = pair
    swap = await make_swap(ada, ben, status=ACCEPTED)
    fields = [("slot", in_days(deps, 3).isoformat()), ("minutes", "75"), ("mode", "online"), ("place", "Library")]
    assert (await post(ada, f"/swaps/{swap.id}/plan", fields))[0] == 303
    session = (await get_swap(deps, ada, swap.id)).plan.sessions[0]
    assert (session.mode, session.place, session.minutes) == ("in_person", "Library", 75)  # the filled field counts
    _, page = await get(ben, f"/swaps/{swap.id}/plan?move=1")
    assert values_of(page, "place") == []
    assert 'value="Library"' in page
    assert '<option value="75" selected>' in page
    later = in_days(deps, 5).isoformat()
    fields = [("move", "1"), ("slot", later), ("minutes", "10"), ("place", "Library")]
    status, page = await post(ben, f"/swaps/{swap.id}/plan", fields)
    assert (status, f'value="{later}" checked' in page, 'value="Library"' in page) == (422, True, True)
    fields[2] = ("minutes", "75")
    assert (await post(ben, f"/swaps/{swap.id}/plan", fields))[0] == 303
    session = (await get_swap(deps, ada, swap.id)).plan.sessions[0]
    assert (session.place, session.minutes, session.offered_by) == ("Library", 75, ben.id)


async def test_what_the_other_one_offers_waits_though_another_session_is_agreed(
    get: Get, post: Post, deps: Deps, make_swap: MakeSwap, pair: Pair
) -> None:
    ada, ben = pair
    swap = await make_swap(ada, ben, status=ACCEPTED)
    soon = in_days(deps, 1)
    await sessions.offer_session(deps, ada, swap.id, Meeting((soon,)))
    await sessions.agree_session(deps, ben, swap.id, "1", soon)
    await sessions.offer_session(deps, ada, swap.id, Meeting((in_days(deps, 7),)))
    assert "Waiting for you (1)" in (await get(ben, "/swaps"))[1]
    assert "Waiting for you" not in (await get(ada, "/swaps"))[1]


async def test_a_session_that_was_noted_is_not_said_to_come(
    get: Get, deps: Deps, make_swap: MakeSwap, pair: Pair
) -> None:
    ada, ben = pair
    swap = await make_swap(ada, ben, status=ACCEPTED)
    await sessions.note_session(deps, ada, swap.id, Meeting(()))
    _, page = await get(ada, f"/swaps/{swap.id}")
    assert "You noted that you and Ben met" in page
    assert ".ics" not in page
    assert f"/report/{swap.id}/{ben.id}" in page


async def test_forms_of_other_sites_and_other_people_change_nothing(
    client: Client, post: Post, deps: Deps, make_user: MakeUser, pair: Pair
) -> None:
    ada, ben = pair
    swap = await asked(deps, pair)
    options = {"data": {"action": "accept"}, "headers": {"Origin": "https://elsewhere.example"}}
    async with client(ben).post(f"/swaps/{swap.id}", allow_redirects=False, **options) as answer:  # type: ignore[arg-type]
        assert answer.status == 403
    eve = await make_user("Eve")
    for path in (
        f"/swaps/{swap.id}",
        f"/swaps/{swap.id}/plan",
        f"/swaps/{swap.id}/rate/{ada.id}",
        f"/swaps/{new_id()}",
    ):
        async with client(eve).get(path) as answer:
            assert answer.status in (404, 409)
    assert (await post(eve, f"/swaps/{swap.id}", [("action", "accept")]))[0] == 404
    assert (await get_swap(deps, ada, swap.id)).status == "pending"


async def test_whoever_is_not_signed_in_signs_in_and_comes_back(client: Client) -> None:
    async with client().get("/swaps", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/api/auth/signin?callbackUrl=%2Fswaps")


async def test_the_list_of_somebody_without_swaps_says_what_to_do(get: Get, pair: Pair) -> None:
    status, page = await get(pair[0], "/swaps")
    assert status == 200
    assert "No swaps yet" in page


async def test_an_over_swap_is_in_a_list_of_its_own(get: Get, make_swap: MakeSwap, pair: Pair) -> None:
    ada, ben = pair
    await make_swap(ada, ben, status="cancelled")
    _, page = await get(ada, "/swaps")
    assert "Over (1)" in page
