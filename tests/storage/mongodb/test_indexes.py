"""Every query of the product is answered from an index, in the index's order, whatever the size of the data.

The server's profiler reports the plan of each command and the documents that it examined.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from domain.decks import TEACHERS
from domain.skills import MAX_SKILLS
from domain.swaps import ACCEPTED, PENDING, REJECTED, propose
from domain.sync import MAX_CURSORS, SyncCursor
from domain.users import MODERATOR, ProfileChanges, User
from handlers.alerts import add_alert, end_due_alerts, list_alerts, look_for_alerts, remove_alert, renew_alert
from handlers.auth.accounts import accept_merge, offer_merge
from handlers.auth.login_links import issue_login_link, redeem_login_link
from handlers.auth.roles import list_staff
from handlers.circle_news import load_circle_notification, look_for_circles
from handlers.circles import fill_places
from handlers.edits import delete_message, edit_message
from handlers.matches import (
    advise_on_deck,
    find_teachers,
    list_matches,
    next_match,
    pass_match,
    reconsider_skipped,
    skip_match,
)
from handlers.messages import Draft, find_conversation, list_conversations, list_messages, send_message
from handlers.moderation import merge_skill, settle_skills, take_over_vocabulary
from handlers.notifications import claim_delivery, fail_delivery, finish_delivery, seconds_until_due
from handlers.photos import find_photo, reap_photos
from handlers.presence import close_views, hold_back, open_view
from handlers.reads import list_unread, mark_read
from handlers.runtime.deps import Deps, utc_now
from handlers.swaps import (
    Proposal,
    accept_swap,
    cancel_swap,
    expire_due_swaps,
    list_swaps,
    propose_swap,
)
from handlers.sync import catch_up
from handlers.telegram_updates import finish_update, store_update, waiting_updates
from handlers.users import (
    delete_account,
    find_telegram_user,
    register_email_user,
    register_telegram_user,
    update_profile,
)
from storage.derived_fields import derived_fields
from storage.mongodb.database import Database, new_id
from storage.mongodb.indexes import INDEXES
from storage.mongodb.validators import ensure_validators
from storage.outbox import delivery_from
from storage.swaps import swap_doc
from tests.conftest import with_database
from tests.factories import build_deps

PEOPLE, SWAPS, TALKS, EACH = 1_500, 2_400, 110, 40
SKILLS = tuple(f"Skill {n}" for n in range(40))
MANY_PEOPLE = 100_000
AT_ONCE = 2_000
EXAMINED = 150
"""Documents that one command may examine beyond those it returns."""


PASSED_OVER = 2_000
"""Users whom the deck of teachers leaves out, for one user who teaches and wants half of what there is."""


class Community:
    """A community, and one busy user in it."""

    def __init__(self, deps: Deps, database: Database, me: User, others: list[User], talk: str) -> None:
        self.deps = deps
        self.database = database
        self.me = me
        self.others = others
        self.talk = talk


@pytest.fixture(scope="module", params=[PEOPLE, pytest.param(MANY_PEOPLE, marks=pytest.mark.faults)])
async def community(mongo_uri: str, request: pytest.FixtureRequest) -> AsyncIterator[Community]:
    database = await Database.open(with_database(mongo_uri, f"test_{secrets.token_hex(6)}"))
    await ensure_validators(database)
    people = _people(request.param)
    await _insert(database, "users", [_user_row(user) for user in people])
    deps = await build_deps(database)  # creating an index over many users is faster than maintaining it
    yield await _settle(deps, database, people)
    await database.command("dropDatabase")
    await database.close()


def _people(count: int) -> list[User]:
    """The first of them teaches and wants half of what there is each."""
    chance, now = random.Random(7), utc_now()
    people = []
    for number in range(count):
        skills = chance.sample(SKILLS, 6)
        kind: dict[str, Any] = {"location": "Lima"} if number % 3 else {}
        user = User(
            new_id(), f"P{number}", now, skills_offered=tuple(skills[:3]), skills_wanted=tuple(skills[3:]), **kind
        )
        people.append(replace(user, telegram_id=number + 1, email=f"p{number}@example.org"))
    me = replace(people[0], skills_offered=SKILLS[:MAX_SKILLS], skills_wanted=SKILLS[MAX_SKILLS:], location="Lima")
    people[0] = me
    return people


def _user_row(user: User) -> dict[str, Any]:
    fields = ("name", "email", "telegram_id", "location", "is_public", "status", "created_at")
    skills = {"skills_offered": list(user.skills_offered), "skills_wanted": list(user.skills_wanted)}
    return {
        "_id": ObjectId(user.id),
        **{name: getattr(user, name) for name in fields},
        **derived_fields(user),
        **skills,
    }


async def _insert(database: Database, name: str, rows: list[dict[str, Any]]) -> None:
    """Some at a time: no request takes long on a busy machine."""
    for start in range(0, len(rows), AT_ONCE):
        await database.collection(name).insert_many(rows[start : start + AT_ONCE], ordered=False)


async def _settle(deps: Deps, database: Database, people: list[User]) -> Community:
    chance, now, me = random.Random(8), utc_now(), people[0]
    swaps = []
    for number in range(SWAPS):
        asker, partner = (me, people[number + 1]) if number < TALKS else chance.sample(people[1:], 2)
        swap = propose(
            swap_id=new_id(), from_id=asker.id, to_id=partner.id, offered_skill=f"A{number}", wanted_skill=f"B{number}",
            message="", at=now - timedelta(days=2),
        )  # fmt: skip
        if number < TALKS or number % 3 == 0:
            swap = swap.accept(by=partner.id, at=now)
        elif number % 3 == 1:
            swap = swap.reject(by=partner.id, at=now)
        swaps.append(swap)
    name = f"x:{int(now.timestamp() * 1000)}"
    line = {"to": ObjectId(me.id), "channel": "telegram", "event": "swap.proposed", "attempts": 1}
    sent = [line | {"id": name, "state": "sent"}]
    await _insert(database, "swaps", [swap_doc(swap) | {"outbox": sent} for swap in swaps])

    said: list[dict[str, Any]] = []
    for swap in swaps[:TALKS]:
        a, b = (ObjectId(person) for person in swap.participants)
        for seq in range(1, EACH + 1):
            sender, reader = (a, b) if seq % 2 else (b, a)
            said.append({
                "swap_id": ObjectId(swap.id), "seq": seq, "from_user_id": sender, "to_user_id": reader,
                "message": "hello", "client_id": f"{swap.id}:{seq}", "via": "web", "created_at": now, "outbox": sent,
            })  # fmt: skip
    for row in said[-2_000:]:  # a long queue of open deliveries
        row["outbox"] = [line | {"id": name, "to": row["to_user_id"], "state": "queued", "attempts": 0, "due_at": now}]
        row["outbox_due_at"] = now
    await _insert(database, "messages", said)
    skipped = {"viewer_id": ObjectId(me.id), "kind": "skipped", "at": now}
    seen = [skipped | {"subject_id": ObjectId(user.id)} for user in people[1:]]
    await database.collection("seen").insert_many(seen[:400], ordered=False)
    photo = {"purpose": "profile", "width": 1, "height": 1, "state": "used", "created_at": now}
    photos = [photo | {"_id": secrets.token_hex(12), "owner_id": ObjectId(user.id), "url": user.id} for user in people]
    await _insert(database, "photos", photos)
    return Community(deps, database, me, people[1:], swaps[0].id)


async def watch(database: Database) -> None:
    """Switch the profiler on, with an empty page."""
    await database.command({"profile": 0})
    await database.collection("system.profile").drop()
    await database.command({"profile": 2})


async def profiled(database: Database) -> list[dict[str, Any]]:
    """Return the commands since the profiler was switched on."""
    await database.command({"profile": 0})
    lines = await database.collection("system.profile").find().to_list(None)
    await database.collection("system.profile").drop()
    ours = tuple(f"{database.name}.{name}" for name in INDEXES)
    return [line for line in lines if line["ns"] in ours]


def complaint(line: dict[str, Any]) -> str | None:
    """Return the fault of this command's plan, or None."""
    plan = line.get("planSummary", "")
    told = f"{line['ns'].partition('.')[2]}: {line.get('command')} took {plan}"
    if "COLLSCAN" in plan:
        return f"{told}: looks at everything"
    if line.get("hasSortStage"):
        return f"{told}: sorts in memory"
    given = line.get("nreturned", 0) + line.get("nModified", 0) + line.get("ndeleted", 0) + line.get("nMatched", 0)
    if line.get("docsExamined", 0) > EXAMINED + 2 * given:
        return f"{told}: looks at {line['docsExamined']} documents for {given}"
    return None


async def complaints(database: Database) -> list[str]:
    lines = await profiled(database)
    assert lines, "the profiler saw nothing"
    return [text for line in lines if (text := complaint(line)) is not None]


async def test_users_and_the_deck_use_indexes(community: Community) -> None:
    deps, me = community.deps, community.me
    await watch(community.database)
    assert len((await list_matches(deps, me)).matches) == 50  # four hundred trades, four hundred skipped
    assert await next_match(deps, community.others[5]) is not None
    assert await find_teachers(deps, me, SKILLS[30])
    await advise_on_deck(deps, me)
    assert await list_matches(deps, me, kind=TEACHERS)
    await pass_match(deps, me, community.others[901].id)
    await skip_match(deps, me, community.others[900].id)
    await find_telegram_user(deps, 17)
    await register_telegram_user(deps, 10**7, "New", "en")
    await register_email_user(deps, "p17@example.org", "Known")
    await update_profile(deps, me, ProfileChanges(location="Quito"))
    lines = await profiled(community.database)
    # counting stops at a thousand, the deck passes over whom it was told to, that of teachers over those who would swap
    allowed = ("count", "aggregate")
    assert [
        text
        for line in lines
        if (text := complaint(line)) is not None
        and not (
            (any(name in line["command"] for name in allowed) or "$nin" in str(line))
            and line["docsExamined"] <= PASSED_OVER
        )
    ] == []


async def test_first_page_of_a_deck_is_read_in_one_request(community: Community) -> None:
    """Besides the reader, whom every request reads first."""
    await watch(community.database)
    assert (await list_matches(community.deps, community.others[6], limit=10)).matches
    commands = [line["command"] for line in await profiled(community.database) if "command" in line]
    asked = [{*command} & {"find", "aggregate", "getMore"} for command in commands if command.get("find") != "users"]
    assert [*filter(None, asked)] == [{"aggregate"}]


async def test_swaps_use_indexes(community: Community) -> None:
    deps, me, other = community.deps, community.me, community.others[400]
    await watch(community.database)
    await list_swaps(deps, me, before=(await list_swaps(deps, me))[-1].id)
    assert await deps.store.circles.count_running(me.id, since=deps.now() - timedelta(days=30), limit=10) == 10
    await list_swaps(deps, me, statuses=[PENDING, ACCEPTED, REJECTED], limit=20)
    await list_conversations(deps, other)
    swap = await propose_swap(deps, me, Proposal(other.id, next(s for s in me.skills_offered), other.skills_offered[0]))
    await accept_swap(deps, other, swap.id)
    await cancel_swap(deps, me, swap.id)
    await expire_due_swaps(deps)
    assert await complaints(community.database) == []


async def test_messages_use_indexes(community: Community) -> None:
    deps, me = community.deps, community.me
    await watch(community.database)
    sent = await send_message(deps, me, Draft(community.talk, "hello", "telegram", client_id="c-1", telegram=(1, 7)))
    again = await send_message(deps, me, Draft(community.talk, "hello", "telegram", client_id="c-1"))
    assert again.id == sent.id
    assert len(await list_messages(deps, me, community.talk, after=10, limit=20)) == 20
    assert len(await list_messages(deps, me, community.talk, limit=20)) == 20
    assert await find_conversation(deps, me, 1, 7) is not None
    await send_message(deps, me, Draft(community.talk, "yes", "web", reply_to=3))
    await edit_message(deps, me, community.talk, sent.seq, "hello again")
    await delete_message(deps, me, community.talk, sent.seq)
    assert await complaints(community.database) == []


async def test_sync_and_read_marks_use_indexes(community: Community) -> None:
    deps, me = community.deps, community.me
    swaps = [swap.id for swap in await list_conversations(deps, me)]
    swaps += [swap.id for swap in await list_swaps(deps, me)][:8]
    await watch(community.database)
    for cursors in (
        [SyncCursor(community.talk, 10, 0)],
        [SyncCursor(swap_id, 38, 0) for swap_id in dict.fromkeys(swaps)][:MAX_CURSORS],
    ):
        news = await catch_up(deps, me, cursors, since=deps.now() - timedelta(days=1))
        assert sum(len(missed.messages) for missed in news.conversations) >= 30
    await mark_read(deps, me, community.talk, 30)
    assert await list_unread(deps, me)
    await open_view(deps, me, community.talk, view_id="v")
    (message,) = await list_messages(deps, me, community.talk, after=30, limit=1)
    assert await hold_back(deps, me, replace(message, created_at=deps.now())) is not None  # the insertion took a while
    await close_views(deps, ["v"])
    assert await complaints(community.database) == []


async def test_outbox_uses_indexes(community: Community) -> None:
    deps = community.deps
    await watch(community.database)
    busy: set[str] = set()
    for number in range(20):
        delivery = await claim_delivery(deps, "w", busy)
        assert delivery is not None
        if number % 2:
            await finish_delivery(deps, delivery, is_sent=True)
        elif number < 6:
            await fail_delivery(deps, delivery)
        else:
            busy.add(delivery.to)
    await seconds_until_due(deps, at_most=5)
    await deps.store.outbox.counts()
    lines = await profiled(community.database)
    texts = [text for line in lines if (text := complaint(line)) is not None]
    # busy recipients are filtered by the server, and deliveries behind another one are postponed in one update
    assert [text for text in texts if "COLLSCAN" in text or "sorts" in text] == []
    assert max(line.get("docsExamined", 0) for line in lines) <= 2_000


async def test_alerts_use_indexes(community: Community) -> None:
    deps, me = community.deps, community.me
    for other in community.others[:60]:
        await add_alert(deps, other, SKILLS[0])
        await add_alert(deps, other, other.skills_wanted[0])
    teacher = await update_profile(deps, community.others[70], ProfileChanges(skills_offered=("Something new",)))
    await update_profile(deps, teacher, ProfileChanges(skills_offered=("Something new", SKILLS[0])))
    await watch(community.database)
    alert = await add_alert(deps, me, SKILLS[1])
    assert await look_for_alerts(deps) >= 50
    await list_alerts(deps, me)
    await renew_alert(deps, me, alert.id)
    await end_due_alerts(deps)
    await remove_alert(deps, me, alert.id)
    assert await complaints(community.database) == []


async def test_circle_news_use_indexes(community: Community) -> None:
    deps = community.deps
    for number in range(90, 93):
        changes = ProfileChanges(skills_offered=(f"New {number}", SKILLS[number % 7]))
        await update_profile(deps, community.others[number], changes)
    await watch(community.database)
    assert await look_for_circles(deps) >= 1
    await fill_places(deps)
    doc = await community.database.collection("circle_news").find_one({"outbox_due_at": {"$exists": True}})
    assert doc is not None
    assert await load_circle_notification(deps, delivery_from(doc["outbox"][0], "circle_news", doc["_id"])) is not None
    assert await complaints(community.database) == []


async def test_skill_merge_uses_indexes(community: Community) -> None:
    deps, moderator = community.deps, replace(community.me, role=MODERATOR)
    await update_profile(deps, community.others[80], ProfileChanges(skills_offered=("Six strings",)))
    await add_alert(deps, community.others[81], "Six strings")
    await watch(community.database)
    await merge_skill(deps, moderator, "six strings", "Guitar")
    assert await settle_skills(deps) >= 2
    assert await take_over_vocabulary(deps, "a file")
    assert not await take_over_vocabulary(deps, "a file")
    await settle_skills(deps)
    assert await complaints(community.database) == []


async def test_background_jobs_use_indexes(community: Community) -> None:
    deps, me = community.deps, community.me
    await watch(community.database)
    token = (await issue_login_link(deps, me)).partition("token=")[2]
    await redeem_login_link(deps, token)
    await find_photo(deps, me.id)
    await reap_photos(deps)
    for number in range(3):
        await store_update(deps, 99, {"update_id": number, "message": {"chat": {"id": 5}}})
    await finish_update(deps, (await waiting_updates(deps, 99))[0])
    assert await complaints(community.database) == []


async def test_account_merge_uses_indexes(community: Community) -> None:
    survivor = await register_email_user(community.deps, "one@example.org", "One")
    loser = community.others[TALKS - 5]
    await watch(community.database)
    code, _ = await offer_merge(community.deps, survivor)
    await accept_merge(community.deps, loser, code)
    await list_staff(community.deps)
    assert await complaints(community.database) == []


async def test_erasure_uses_indexes(community: Community) -> None:
    """Includes the user with the most data; runs last, because it erases users."""
    await watch(community.database)
    await reconsider_skipped(community.deps, community.me)
    await delete_account(community.deps, community.me)
    await delete_account(community.deps, community.others[3])
    # All messages of the user are read a second time, for those written meanwhile.
    own_words = "IXSCAN { from_user_id: 1, client_id: 1 }"
    assert [text for text in await complaints(community.database) if own_words not in text] == []
