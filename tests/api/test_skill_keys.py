"""Decisions of a moderator and new vocabulary files update users, levels, alerts and circles that have the skill."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from domain.alerts import QUIET
from domain.languages import LOCALES
from domain.swaps import ACCEPTED, PROPOSED
from domain.users import MODERATOR, ProfileChanges, User
from domain.vocabulary import read_vocabulary
from handlers import moderation
from handlers.alerts import load_alert_news, look_for_alerts
from handlers.circles import ask_circle, decline_circle, join_circle, list_circles
from handlers.moderation import SETTLE_AFTER, settle_skills
from handlers.notifications import claim_delivery, finish_delivery
from handlers.people_search import search_teachers
from handlers.runtime.deps import Deps
from handlers.swaps import Proposal, get_swap, propose_swap
from handlers.users import get_user, update_profile
from skillswap.bootstrap import open_deps
from skillswap.settings import Settings
from storage.locales.reader import FOLDER
from storage.mongodb.database import Database
from storage.mongodb.migrations import migrate
from tests.api.conftest import Client
from tests.factories import MakeUser, insert_user, list_possible

Files = dict[str, str]
"""The vocabulary file of each language, by locale."""


@pytest.fixture
async def mia(make_user: MakeUser) -> User:
    return await make_user("Mia", role=MODERATOR, skills_offered=(), skills_wanted=())


async def decide(client: Client, mia: User, key: str, into: str) -> None:
    body = {"key": key, "decision": "merged", "into": into}
    async with client(mia).post("/api/skills/decisions", json=body) as answer:
        assert answer.status == 200


async def alerts_of(client: Client, user: User) -> list[dict[str, Any]]:
    async with client(user).get("/api/alerts") as answer:
        found: list[dict[str, Any]] = await answer.json()
    return found


async def add_alert(client: Client, user: User, skill: str) -> None:
    async with client(user).post("/api/alerts", json={"skill": skill}) as answer:
        assert answer.status == 201


async def teaches(deps: Deps, user: User, *skills: str) -> User:
    return await update_profile(deps, user, ProfileChanges(skills_offered=skills))


async def delivered_alerts(deps: Deps) -> list[tuple[str, set[str]]]:
    """Deliver what is due: (to whom, the names of whom it tells)."""
    news = []
    while (delivery := await claim_delivery(deps, "w", set())) is not None:
        found = await load_alert_news(deps, delivery)
        if found is not None:
            news.append((found.person.name, {teacher.name for teacher in found.teachers}))
        await finish_delivery(deps, delivery, is_sent=found is not None)
    return news


def with_clock(deps: Deps, at: datetime) -> Deps:
    return replace(deps, now=lambda: at)


async def test_merged_alerts_notify_of_each_teacher_once(
    deps: Deps, client: Client, mia: User, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await make_user("Ana", telegram_id=True, skills_offered=("Chess",), skills_wanted=("Guitar",))
    eve = await make_user("Eve", telegram_id=True, skills_offered=("Chess",), skills_wanted=("Guitar",))
    await add_alert(client, ana, "Guitar")
    await add_alert(client, ana, "Six strings")
    await add_alert(client, eve, "six strings")
    li, bo, cy = [await make_user(name, skills_offered=("Chess",)) for name in ("Li", "Bo", "Cy")]
    await teaches(deps, li, "Guitar", "Six strings")
    assert await look_for_alerts(deps) == 3
    assert sorted(map(str, await delivered_alerts(deps))) == sorted(
        map(str, [("Ana", {"Li"}), ("Ana", {"Li"}), ("Eve", {"Li"})])
    )
    await teaches(deps, bo, "Guitar")  # told of tomorrow, as Cy is by the other alert
    await teaches(deps, cy, "Six strings")
    assert await look_for_alerts(deps) == 3
    await decide(client, mia, "six strings", "Guitar")
    whole = moderation.backfill_alerts

    async def cut_off(*args: Any, **named: Any) -> AsyncIterator[int]:
        async for count in whole(*args, **named):
            yield count
            raise ConnectionResetError

    with monkeypatch.context() as patch:
        patch.setattr(moderation, "backfill_alerts", cut_off)
        with pytest.raises(ConnectionResetError):
            await settle_skills(deps)
    assert await settle_skills(deps) == 1
    assert await settle_skills(deps) == 0
    assert [len(await alerts_of(client, user)) for user in (ana, eve)] == [1, 1]
    await look_for_alerts(deps)
    tomorrow = with_clock(deps, deps.now() + QUIET + timedelta(seconds=1))
    assert sorted(map(str, await delivered_alerts(tomorrow))) == sorted(
        map(str, [("Ana", {"Bo", "Cy"}), ("Eve", {"Cy"})])
    )
    assert await delivered_alerts(with_clock(deps, deps.now() + 3 * QUIET)) == []


async def test_alert_with_a_pending_notification_hands_it_over_when_merged(
    deps: Deps, client: Client, mia: User, make_user: MakeUser
) -> None:
    ana = await make_user("Ana", telegram_id=True, skills_offered=("Chess",), skills_wanted=("Guitar",))
    await add_alert(client, ana, "Guitar")
    await add_alert(client, ana, "Six strings")
    await teaches(deps, await make_user("Li", skills_offered=("Chess",)), "Six strings")
    await look_for_alerts(deps)
    await decide(client, mia, "six strings", "Guitar")
    await settle_skills(deps)
    await look_for_alerts(deps)
    assert await delivered_alerts(deps) == [("Ana", {"Li"})]


async def test_newly_offered_skill_is_found_under_its_new_key(
    deps: Deps, client: Client, mia: User, make_user: MakeUser, database: Database
) -> None:
    ana = await make_user("Ana", telegram_id=True, skills_offered=("Chess",), skills_wanted=("Guitar",))
    await add_alert(client, ana, "Guitar")
    await make_user("Ben", skills_offered=("Six strings",))  # offered this skill before it was merged into Guitar
    li = await teaches(deps, await make_user("Li", skills_offered=("Chess",)), "Six strings")
    await decide(client, mia, "six strings", "Guitar")
    await settle_skills(deps)
    doc = await database.collection("users").find_one({"_id": ObjectId(li.id)})
    assert doc is not None
    assert set(doc["begun_keys"]) == {"guitar"}
    assert await look_for_alerts(deps) == 2
    [(_, today)] = await delivered_alerts(deps)
    [(_, tomorrow)] = await delivered_alerts(with_clock(deps, deps.now() + QUIET + timedelta(seconds=1)))
    assert today | tomorrow == {"Ben", "Li"}


async def test_levels_follow_their_skill(deps: Deps, client: Client, mia: User, make_user: MakeUser) -> None:
    ana = await make_user("Ana", skills_offered=("Six strings",))
    async with client(ana).put("/api/user", json={"offered_levels": {"six strings": "expert"}}) as answer:
        assert answer.status == 200
    await decide(client, mia, "six strings", "Guitar")
    await settle_skills(deps)
    async with client(ana).get(f"/api/users/{ana.id}") as answer:
        assert (await answer.json())["offered_levels"] == {"Guitar": "expert"}
    assert (await get_user(deps, ana.id)).offered_levels == {"guitar": "expert"}


async def test_circles_continue_under_the_new_key_and_are_completed_by_it(
    deps: Deps, client: Client, mia: User, make_user: MakeUser, database: Database
) -> None:
    async def person(name: str, teaches: str, wants: str) -> User:
        return await make_user(name, skills_offered=(teaches,), skills_wanted=(wants,), telegram_id=True)

    ana, li, noor = (
        await person("Ana", "Six strings", "Chinese"),
        await person("Li", "Python", "six strings"),
        await person("Noor", "Chinese", "Python"),
    )
    [possible] = await list_possible(deps, ana)
    running = await ask_circle(deps, ana, possible.id)
    for user in (li, noor):
        await join_circle(deps, user, running.id, version=1)
    bea, kim, tom = (
        await person("Bea", "Six strings", "Pottery"),
        await person("Kim", "Rowing", "six strings"),
        await person("Tom", "Pottery", "Rowing"),
    )
    [possible] = await list_possible(deps, kim)
    searching = await ask_circle(deps, kim, possible.id)
    await join_circle(deps, tom, searching.id, version=1)
    await decline_circle(deps, bea, searching.id)
    [view] = await list_circles(deps, kim)
    assert (view.status, view.is_searching) == (PROPOSED, True)
    await decide(client, mia, "six strings", "Guitar")
    await settle_skills(deps)
    swaps = database.collection("swaps")
    doc = await swaps.find_one({"_id": ObjectId(running.id)})
    assert doc is not None
    assert {leg["key"] for leg in doc["legs"]} == {"guitar", "python", "chinese"}
    assert f"{li.id}:guitar" in doc["promises"]
    assert f"{ana.id}:guitar" in doc["open_key"]
    doc = await swaps.find_one({"_id": ObjectId(searching.id)})
    assert doc is not None
    assert doc["vacancy"] == "guitar>pottery"
    assert (await list_circles(deps, ana))[0].status == ACCEPTED


@pytest.fixture
def files() -> tuple[Files, Files]:
    """The vocabulary files as shipped, and with another spelling of Guitar."""
    shipped = {locale: (FOLDER / locale / "skills.txt").read_text(encoding="utf-8") for locale in LOCALES}
    return shipped, shipped | {"en": shipped["en"].replace("\nGuitar | ", "\nGuitar | six strings, ")}


@pytest.fixture
def settings() -> Settings:
    return Settings.load(None, nextauth_secret="x" * 32)


async def start_with(text: Files, settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Deps:
    """Return the operations of a process started with these vocabulary files."""
    await migrate(database, worker="w", progress=lambda line: None)  # one of the migrations reads the vocabulary, too
    with monkeypatch.context() as patch:
        patch.setattr("storage.vocabulary.load_vocabulary", lambda: read_vocabulary(text))
        patch.setattr("storage.vocabulary.vocabulary_digest", lambda: str(hash("".join(text.values()))))
        return await open_deps(settings, database, worker="w", notify=lambda line: None)


async def test_new_spelling_in_the_vocabulary_updates_existing_users(
    files: tuple[Files, Files], settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped, extended = files
    deps = await start_with(shipped, settings, database, monkeypatch)
    ana = await insert_user(deps, "Ana", skills_offered=("Six strings",), skills_wanted=("Chess",))
    assert await settle_skills(deps) == 0
    again = await start_with(shipped, settings, database, monkeypatch)
    assert await again.store.skills.unsettled() == []
    newer = await start_with(extended, settings, database, monkeypatch)
    assert await settle_skills(newer) == 1
    assert (await get_user(newer, ana.id)).offered_keys == ("guitar",)
    later = with_clock(newer, newer.now() + SETTLE_AFTER + timedelta(seconds=1))
    assert await settle_skills(later) == 0
    assert await newer.store.skills.unsettled() == []
    assert await newer.store.skills.find("six strings") is None  # the skill has left the moderation queue
    older = await start_with(shipped, settings, database, monkeypatch)  # a rollback to the older file
    assert await settle_skills(older) == 1
    assert (await get_user(older, ana.id)).offered_keys == ("six strings",)


async def test_database_without_a_vocabulary_digest_is_updated_from_reported_skills(
    files: tuple[Files, Files],
    settings: Settings,
    database: Database,
    make_user: MakeUser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ana = await make_user("Ana", skills_offered=("Six strings",))  # recorded as unknown by an older version
    _, extended = files
    newer = await start_with(extended, settings, database, monkeypatch)
    assert await settle_skills(newer) == 1
    assert (await get_user(newer, ana.id)).offered_keys == ("guitar",)


async def test_skills_stored_by_earlier_rules_for_keys_are_found_by_the_present_ones(
    files: tuple[Files, Files], settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped, extended = files
    deps = await start_with(shipped, settings, database, monkeypatch)
    ana = await insert_user(deps, "Ana", skills_offered=("Łucznictwo",), skills_wanted=("Chess",))
    ben = await insert_user(deps, "Ben", skills_offered=("Chess",), skills_wanted=("Lucznictwo",))
    await insert_user(deps, "Cleo", skills_offered=("Smørrebrød",), skills_wanted=("Chess",))
    swap = await propose_swap(deps, ben, Proposal(ana.id, "Chess", "Łucznictwo"))
    await _store_by_earlier_rules(database, {"lucznictwo": "łucznictwo", "smorrebrod": "smørrebrød"})
    assert (await search_teachers(deps, ben, "lucznictwo")).total == 0

    newer = await start_with(extended, settings, database, monkeypatch)
    assert await settle_skills(newer) > 0
    for written in ("lucznictwo", "Łucznictwo", "ŁUCZNICTWO"):
        assert [match.user.id for match in (await search_teachers(newer, ben, written)).matches] == [ana.id]
    legs = (await get_swap(newer, ben, swap.id)).legs
    assert {leg.key for leg in legs} == {"chess", "lucznictwo"}
    cleo = (await search_teachers(newer, ben, "Smørrebrød")).matches
    assert [match.user.name for match in cleo] == ["Cleo"]
    assert await newer.store.skills.find("łucznictwo") is None
    assert (await newer.store.skills.find("lucznictwo")) is not None  # moderators see it under its new key
    assert await settle_skills(newer) == 0


async def _store_by_earlier_rules(database: Database, keys: dict[str, str]) -> None:
    """Write these keys as the version before stored them."""
    for now, before in keys.items():
        for field in ("offered_keys", "wanted_keys"):
            await database.collection("users").update_many({field: now}, {"$set": {f"{field}.$": before}})
        rekeyed = {"$set": {"legs.$[leg].key": before}}
        await database.collection("swaps").update_many({"legs.key": now}, rekeyed, array_filters=[{"leg.key": now}])
        row = await database.collection("skills").find_one_and_delete({"_id": now})
        if row is not None:
            await database.collection("skills").insert_one({**row, "_id": before})
