"""Merge of two users: confirmed from both sides, once, without loss."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import Any

import pytest

from domain.circle_views import DECLINED
from domain.errors import Conflict, Invalid, NotFound, TooMany, Unauthenticated
from domain.swaps import ACCEPTED, CANCELLED, PENDING
from domain.users import User
from handlers.auth.accounts import accept_merge, list_linked_accounts, offer_merge, preview_merge
from handlers.auth.authentication import authenticate
from handlers.auth.identities import EMAIL, Identity, sign_in
from handlers.auth.sessions import open_session
from handlers.circles import (
    ask_circle,
    decline_circle,
    fill_places,
    get_circle,
    join_circle,
    leave_circle,
    list_circles,
)
from handlers.matches import skip_match
from handlers.messages import Draft, list_messages, send_message
from handlers.photos import upload_photo
from handlers.reads import list_reads, mark_read
from handlers.runtime.deps import Deps
from handlers.swaps import Proposal, answer_swap, get_swap, list_swaps, propose_swap
from handlers.users import get_user
from storage.mongodb.database import Database
from tests.factories import MakeSwap, MakeUser, jpeg, list_possible


async def merge(deps: Deps, *, survivor: User, loser: User) -> User:
    code, _ = await offer_merge(deps, survivor)
    return await accept_merge(deps, loser, code)


def ids_in(value: Any) -> set[str]:
    """Return every id anywhere in a document."""
    if isinstance(value, dict):
        return set().union(*({str(name)} | ids_in(part) for name, part in value.items()), set())
    return set().union(*map(ids_in, value), set()) if isinstance(value, list) else {str(value)}


async def test_merge_moves_all_data_unchanged(
    deps: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    survivor = await make_user("Web Ada", email="ada@example.org", skills_offered=("Chess",))
    loser = await make_user("Bot Ada", telegram_id=81, skills_offered=("Python", "Piano"))
    ben = await make_user("Ben", telegram_id=82, skills_offered=("Guitar",))
    cleo = await make_user("Cleo", skills_offered=("Cooking",))
    mine = await make_swap(survivor, ben, status="accepted", offered_skill="Chess", wanted_skill="Guitar")
    theirs = await make_swap(ben, loser, status="accepted", offered_skill="Guitar", wanted_skill="Python")
    asked = await make_swap(loser, cleo, offered_skill="Piano", wanted_skill="Cooking")
    for number, sender in enumerate((loser, ben, loser)):
        draft = Draft(theirs.id, f"word {number}", "web", client_id=f"c{number}")
        await send_message(deps, sender, draft)
    await send_message(deps, survivor, Draft(mine.id, "another word", "web", client_id="c0"))
    await mark_read(deps, loser, theirs.id, 2)
    photo = await upload_photo(deps, loser, jpeg(), purpose="profile")
    await skip_match(deps, loser, cleo.id)
    await sign_in(deps, Identity("github", "7"), linking=loser)
    before = [(m.seq, m.message, m.created_at) for m in await list_messages(deps, ben, theirs.id)]

    one = await merge(deps, survivor=survivor, loser=loser)

    assert (one.id, one.name, one.telegram_id, one.email) == (survivor.id, "Web Ada", 81, "ada@example.org")
    assert {swap.id for swap in await list_swaps(deps, one)} == {mine.id, theirs.id, asked.id}
    assert [(m.seq, m.message, m.created_at) for m in await list_messages(deps, one, theirs.id)] == before
    assert {m.from_user_id for m in await list_messages(deps, one, theirs.id)} == {one.id, ben.id}
    moved = await get_swap(deps, one, theirs.id)
    assert (moved.status, moved.taught_by(one.id), set(moved.consents)) == (ACCEPTED, "Python", {ben.id, one.id})
    assert (await deps.photos.find_by_url(photo.url)).owner_id == one.id  # type: ignore[union-attr]
    assert {door.provider for door in await list_linked_accounts(deps, one)} == {"telegram", "email", "github"}
    assert (await sign_in(deps, Identity("github", "7"))).id == one.id
    sent = await send_message(deps, one, Draft(theirs.id, "still me", "web"))
    assert sent.seq == 4
    assert await list_reads(deps, [theirs.id]) == {theirs.id: {one.id: 2}}
    for name in ("swaps", "messages", "seen", "photos", "accounts", "read_marks"):
        async for doc in database.collection(name).find({}, {"outbox.id": 0}):
            assert loser.id not in ids_in(doc), name
    tombstone = await database.collection("users").find_one({"merged_into": {"$exists": True}})
    assert tombstone is not None
    assert (str(tombstone["_id"]), str(tombstone["merged_into"])) == (loser.id, one.id)
    assert not {"name", "email", "telegram_id"} & set(tombstone)


async def test_open_deliveries_of_the_loser_reach_the_survivor(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    survivor, loser, ben = await make_user(email="ada@example.org"), await make_user(telegram_id=83), await make_user()
    swap = await make_swap(ben, loser, status="accepted")
    await send_message(deps, ben, Draft(swap.id, "are you there?", "web"))
    one = await merge(deps, survivor=survivor, loser=loser)
    told = set()
    while delivery := await deps.store.outbox.claim("w", now=deps.now(), busy=set()):
        told.add((delivery.event, delivery.to))
        await deps.store.outbox.finish(delivery, "sent")
    assert ("message.sent", one.id) in told
    assert all(to != loser.id for _, to in told)


async def test_later_stage_of_two_equal_open_swaps_stays_open(deps: Deps, make_user: MakeUser) -> None:
    survivor = await make_user(email="ada@example.org", skills_offered=("Chess",))
    loser = await make_user(telegram_id=84, skills_offered=("Chess",))
    ben = await make_user(skills_offered=("Juggling",))
    first = await propose_swap(deps, survivor, Proposal(ben.id, "Chess", "Juggling", ""))
    second = await propose_swap(deps, loser, Proposal(ben.id, "Chess", "Juggling", ""))
    await answer_swap(deps, ben, second.id, ACCEPTED)
    one = await merge(deps, survivor=survivor, loser=loser)
    states = {swap.id: swap.status for swap in await list_swaps(deps, one)}
    assert states == {first.id: CANCELLED, second.id: ACCEPTED}


async def test_swap_between_merged_users_ends_and_stays_readable(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    survivor, loser = await make_user(email="ada@example.org"), await make_user(telegram_id=85)
    swap = await make_swap(survivor, loser, status="accepted")
    await send_message(deps, loser, Draft(swap.id, "talking to myself", "web"))
    one = await merge(deps, survivor=survivor, loser=loser)
    assert (await get_swap(deps, one, swap.id)).status == CANCELLED
    assert [m.message for m in await list_messages(deps, one, swap.id)] == ["talking to myself"]


async def test_sessions_of_the_loser_end(deps: Deps, make_user: MakeUser) -> None:
    survivor, loser = await make_user(email="ada@example.org"), await make_user(telegram_id=86)
    theirs = await open_session(deps, loser, provider="telegram-link")
    mine = await open_session(deps, survivor, provider="email")
    await merge(deps, survivor=survivor, loser=loser)
    with pytest.raises(Unauthenticated):
        await authenticate(deps, theirs)
    assert (await authenticate(deps, mine)).telegram_id == 86


async def test_newest_code_is_valid_once_for_ten_minutes(deps: Deps, make_user: MakeUser) -> None:
    ada, ben, cleo = await make_user(), await make_user(), await make_user()
    old, _ = await offer_merge(deps, ada)
    code, expires_at = await offer_merge(deps, ada)
    assert expires_at - deps.now() <= timedelta(minutes=10)
    for wrong in (old, "", "AAAA-AAAA", "x" * 5000, "\ud800"):
        deps.rates._full_again.clear()
        with pytest.raises(Invalid, match=r"merge\.code"):
            await accept_merge(deps, ben, wrong)
    with pytest.raises(Conflict, match=r"merge\.with_yourself"):
        await accept_merge(deps, ada, code)
    assert (await preview_merge(deps, ben, code.lower().replace("-", " "))).id == ada.id
    ended = await asyncio.gather(accept_merge(deps, ben, code), accept_merge(deps, cleo, code), return_exceptions=True)
    assert sum(isinstance(end, User) for end in ended) == 1
    assert sum(isinstance(end, Invalid) for end in ended) == 1


async def test_codes_expire_and_guesses_are_limited(deps: Deps, database: Database, make_user: MakeUser) -> None:
    ada, ben = await make_user(), await make_user()
    code, _ = await offer_merge(deps, ada)
    row = await database.collection("merge_codes").find_one({})
    assert row is not None
    assert code.replace("-", "") not in str(row)
    await database.collection("merge_codes").update_one({}, {"$set": {"expires_at": deps.now()}})
    with pytest.raises(Invalid, match=r"merge\.code"):
        await accept_merge(deps, ben, code)
    guesses = [preview_merge(deps, ben, f"AAAA-AA{number}") for number in range(10, 30)]
    answers = await asyncio.gather(*guesses, return_exceptions=True)
    assert {type(answer) for answer in answers} == {Invalid, TooMany}
    assert sum(isinstance(answer, Invalid) for answer in answers) <= 5


async def test_two_telegram_users_are_not_merged(deps: Deps, make_user: MakeUser) -> None:
    ada, ben = await make_user(telegram_id=87), await make_user(telegram_id=88)
    code, _ = await offer_merge(deps, ada)
    with pytest.raises(Conflict, match=r"merge\.two_telegrams"):
        await accept_merge(deps, ben, code)
    assert (await get_user(deps, ben.id)).telegram_id == 88


async def test_both_addresses_sign_in_after_a_merge(deps: Deps, make_user: MakeUser) -> None:
    ada, ben = await make_user(email="one@example.org"), await make_user(email="two@example.org")
    one = await merge(deps, survivor=ada, loser=ben)
    for address in ("one@example.org", "two@example.org"):
        assert (await sign_in(deps, Identity(EMAIL, address))).id == one.id
    with pytest.raises(Conflict, match=r"auth\.account_not_linked"):
        await sign_in(deps, Identity("google", "9", email="two@example.org", is_email_verified=True))
    with pytest.raises(NotFound):
        await get_user(deps, ben.id)


async def test_request_numbers_continue_after_the_survivors(
    deps: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    survivor = await make_user(email="ada@example.org", skills_offered=("Chess",))
    loser = await make_user(telegram_id=89, skills_offered=("Chess",))
    partners = [await make_user() for _ in range(4)]
    for asker, partner in zip((survivor, survivor, loser, loser), partners, strict=True):
        await make_swap(asker, partner, status=PENDING, offered_skill="Chess", wanted_skill=partner.skills_offered[0])
    one = await merge(deps, survivor=survivor, loser=loser)
    rows = database.collection("swaps").find({}, {"request_number": 1, "from_user_id": 1})
    assert sorted([row["request_number"] async for row in rows]) == [1, 2, 3, 4]
    assert await deps.store.swaps.last_request_number(one.id) == 4


async def test_request_numbers_of_other_users_stay(deps: Deps, make_user: MakeUser, make_swap: MakeSwap) -> None:
    survivor, loser = await make_user("Ada", skills_offered=("Chess",)), await make_user("Ada, too")
    ben = await make_user("Ben", skills_offered=("Go",), skills_wanted=("Piano",))
    cleo = await make_user("Cleo", skills_offered=("Cooking", "Draughts"))
    await make_swap(ben, cleo, offered_skill="Go", wanted_skill="Cooking")
    theirs = await make_swap(ben, loser, offered_skill="Go", wanted_skill=loser.skills_offered[0])
    await make_swap(ben, cleo, offered_skill="Go", wanted_skill="Draughts")
    for skill in ("Cooking", "Draughts"):  # two of the survivor's own: the next number is one that Ben has given
        await make_swap(survivor, cleo, offered_skill="Chess", wanted_skill=skill)
    one = await merge(deps, survivor=survivor, loser=loser)
    assert theirs.id in {swap.id for swap in await list_swaps(deps, one)}


async def test_circles_of_both_users_continue(deps: Deps, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "choice", min)  # all take the same slot
    both, circles = [], []
    for number in range(2):
        ana = await make_user(f"Ana {number}", skills_offered=(f"A{number}",), skills_wanted=(f"C{number}",))
        li = await make_user(skills_offered=(f"B{number}",), skills_wanted=(f"A{number}",))
        noor = await make_user(skills_offered=(f"C{number}",), skills_wanted=(f"B{number}",))
        (possible,) = await list_possible(deps, ana)
        circle = await ask_circle(deps, ana, possible.id)
        for other in (li, noor):
            circle = await join_circle(deps, other, circle.id, version=1)
        both.append(ana)
        circles.append(circle.id)
    one = await merge(deps, survivor=both[0], loser=both[1])
    assert {view.id: view.status for view in await list_circles(deps, one)} == dict.fromkeys(circles, ACCEPTED)


async def test_merged_member_of_a_circle_can_leave_it(deps: Deps, make_user: MakeUser) -> None:
    ana = await make_user("Ana", skills_offered=("Guitar",), skills_wanted=("Chinese",))
    li = await make_user("Li", skills_offered=("Python",), skills_wanted=("Guitar",), email="li@example.org")
    await make_user("Noor", skills_offered=("Chinese",), skills_wanted=("Python",))
    (possible,) = await list_possible(deps, ana)
    circle = await ask_circle(deps, ana, possible.id)
    too = await make_user("Li, too", skills_offered=("Python",), skills_wanted=("Guitar",), telegram_id=89)
    await decline_circle(deps, li, circle.id)
    assert (await get_circle(deps, too, circle.id)).can == ("join", "leave")
    one = await merge(deps, survivor=li, loser=too)
    assert (await get_circle(deps, one, circle.id)).can == ("join", "leave")
    assert (await leave_circle(deps, one, circle.id)).status == DECLINED


async def test_declined_circle_is_not_offered_to_the_merged_user(deps: Deps, make_user: MakeUser) -> None:
    ana = await make_user("Ana", skills_offered=("Guitar",), skills_wanted=("Chinese",))
    li = await make_user("Li", skills_offered=("Python",), skills_wanted=("Guitar",), telegram_id=90)
    await make_user("Noor", skills_offered=("Chinese",), skills_wanted=("Python",))
    (possible,) = await list_possible(deps, ana)
    circle = await ask_circle(deps, ana, possible.id)
    await decline_circle(deps, li, circle.id)
    one = await merge(deps, survivor=await make_user("Web Li", email="li@example.org"), loser=li)
    assert await fill_places(deps) == 0
    assert (await get_circle(deps, one, circle.id)).status == DECLINED
