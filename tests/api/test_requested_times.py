"""Times in a request: proposed, accepted with a date in one step, and changed by a counter-offer."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from domain.users import User
from handlers.runtime.deps import Deps
from tests.api.conftest import Client
from tests.api.test_swap_sessions import call, in_days, iso, lost_hour
from tests.factories import MakeUser, deliveries_of

Pair = tuple[User, User]


@pytest.fixture
async def pair(make_user: MakeUser) -> Pair:
    ada = await make_user("Ada", skills_offered=("Python", "Chess"), telegram_id=True, timezone="Europe/Madrid")
    return ada, await make_user("Ben", skills_offered=("Guitar",), telegram_id=True)


def request(partner: User, *slots: datetime, **fields: object) -> dict[str, object]:
    skills = {"to_user_id": partner.id, "offered_skill": "Python", "wanted_skill": "Guitar"}
    return {**skills, "slots": [iso(slot) for slot in slots], **fields}


async def test_a_yes_with_a_date_is_one_step(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben = pair
    first, second = in_days(deps, 7), in_days(deps, 8)
    status, asked = await call(client, ada, "POST", "/api/swap", **request(ben, second, first, minutes=45))
    assert (status, asked["slots"], asked["minutes"]) == (201, [iso(first), iso(second)], 45)
    path = f"/api/swap/{asked['_id']}"
    status, running = await call(client, ben, "PUT", path, status="accepted", starts_at=iso(second), version=1)
    assert (status, running["status"], running["version"], running["stage"]) == (200, "accepted", 2, "planned")
    (session,) = running["sessions"]
    assert (session["status"], session["starts_at"], session["minutes"]) == ("agreed", iso(second), 45)
    assert (session["legs"], session["offered_by"], session["can"]) == ([0, 1], ada.id, ["move", "call_off"])
    assert await deliveries_of(deps.store.database, asked["_id"]) == [
        ("swap.proposed", ben.id),
        ("swap.accepted", ada.id),
        ("swap.card", ben.id),
    ]
    again = await call(client, ben, "PUT", path, status="accepted", starts_at=iso(second))
    assert (again[0], again[1]["version"]) == (200, 2)


async def test_a_yes_may_leave_the_time_open(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben = pair
    _, asked = await call(client, ada, "POST", "/api/swap", **request(ben, in_days(deps, 7)))
    status, running = await call(client, ben, "PUT", f"/api/swap/{asked['_id']}", status="accepted")
    assert (status, running["stage"], running["sessions"]) == (200, "talking", [])


async def test_a_time_that_is_not_offered_or_has_passed_accepts_nothing(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben = pair
    slot = in_days(deps, 7)
    _, asked = await call(client, ada, "POST", "/api/swap", **request(ben, slot))
    path = f"/api/swap/{asked['_id']}"
    for body, code in (
        ({"status": "accepted", "starts_at": iso(slot + timedelta(hours=1))}, "session.no_such_slot"),
        ({"status": "rejected", "starts_at": iso(slot)}, "session.no_such_slot"),
        ({"status": "accepted", "starts_at": "soon"}, "session.time"),
        ({"status": "accepted", "starts_at": "2027-01-04T18:00"}, "session.zone_missing"),
    ):
        status, problem = await call(client, ben, "PUT", path, **body)
        assert (status, problem["code"]) == (422, code)
    for fields, code in (
        ({"slots": [iso(in_days(deps, -1))]}, "session.past"),
        ({"slots": [iso(in_days(deps, day)) for day in range(1, 5)]}, "session.slots"),
        ({"minutes": 14, "slots": [iso(slot)]}, "session.minutes"),
    ):
        status, problem = await call(client, ada, "POST", "/api/swap", **{**request(ben), **fields})
        assert (status, problem["code"]) == (422, code)
    assert (await call(client, ben, "GET", path))[1]["status"] == "pending"


async def test_a_counter_offer_may_change_the_times_alone(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben = pair
    slot, other = in_days(deps, 7), in_days(deps, 9)
    _, asked = await call(client, ada, "POST", "/api/swap", **request(ben, slot))
    path = f"/api/swap/{asked['_id']}"
    same = {"offered_skill": "Guitar", "wanted_skill": "Python"}
    status, problem = await call(client, ben, "POST", f"{path}/counter", **same)
    assert (status, problem["code"]) == (422, "swap.same_terms")
    status, countered = await call(client, ben, "POST", f"{path}/counter", **same, slots=[iso(other)])
    assert (status, countered["slots"], countered["turn"]) == (200, [iso(other)], ada.id)
    again = await call(client, ben, "POST", f"{path}/counter", **same, slots=[iso(other)])
    assert again == (200, countered)
    status, problem = await call(client, ada, "PUT", path, status="accepted", starts_at=iso(slot))
    assert (status, problem["code"]) == (422, "session.no_such_slot")  # of an offer that no longer stands
    status, running = await call(client, ada, "PUT", path, status="accepted", starts_at=iso(other))
    assert (status, running["sessions"][0]["offered_by"]) == (200, ben.id)


@pytest.mark.parametrize("is_common", [True, False])
async def test_two_who_ask_each_other_have_a_date_or_an_offer_of_one(
    client: Client, deps: Deps, pair: Pair, is_common: bool
) -> None:
    ada, ben = pair
    slot, other = in_days(deps, 7), in_days(deps, 9)
    await call(client, ada, "POST", "/api/swap", **request(ben, slot))
    body = request(ada, other, *([slot] if is_common else []), offered_skill="Guitar", wanted_skill="Python")
    status, running = await call(client, ben, "POST", "/api/swap", **body)
    assert (status, running["status"]) == (200, "accepted")
    (session,) = running["sessions"]
    if is_common:
        assert (session["status"], session["starts_at"]) == ("agreed", iso(slot))
    else:
        assert (session["status"], session["slots"], session["offered_by"]) == ("offered", [iso(other)], ben.id)


@pytest.mark.parametrize("is_counter", [False, True])
async def test_times_that_cannot_be_are_refused_in_a_request_and_a_counter_offer(
    client: Client, deps: Deps, pair: Pair, is_counter: bool
) -> None:
    ada, ben = pair
    slot = in_days(deps, 7)
    actor, path, known = ada, "/api/swap", request(ben)
    before = None
    if is_counter:
        _, before = await call(client, ada, "POST", "/api/swap", **request(ben, slot))
        same = {"offered_skill": "Guitar", "wanted_skill": "Python"}
        actor, path, known = ben, f"/api/swap/{before['_id']}/counter", same
    for fields, code in (
        ({"slots": [iso(in_days(deps, -1))]}, "session.past"),
        ({"slots": [lost_hour(deps.now())], "timezone": "Europe/Madrid"}, "session.no_such_time"),
        ({"slots": [iso(in_days(deps, 400))]}, "session.too_far_ahead"),
        ({"slots": [iso(slot)], "minutes": 14}, "session.minutes"),
        ({"slots": ["tomorrow"]}, "session.time"),
    ):
        status, problem = await call(client, actor, "POST", path, **{**known, **fields})
        assert (status, problem["code"]) == (422, code), fields
    swaps = await deps.store.database.collection("swaps").find({}).to_list(None)
    assert [doc["version"] for doc in swaps] == ([before["version"]] if before else [])
