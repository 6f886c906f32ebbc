"""Unknown skills wait for a moderator; a decision reaches all users, once, under concurrency."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.users import MODERATOR, ProfileChanges, User
from domain.vocabulary import MERGED, NAMED
from handlers.matches import list_matches, skip_match
from handlers.moderation import (
    RELOAD_EVERY,
    SETTLE_AFTER,
    SkillNames,
    VocabularyFollower,
    list_pending,
    merge_skill,
    name_skill,
    reject_skill,
    settle_skills,
)
from handlers.runtime.deps import Deps
from handlers.swaps import Proposal, propose_swap
from handlers.users import get_user, update_profile
from storage.mongodb import skill_key_backfill
from storage.mongodb.database import Database
from tests.factories import MakeUser, build_deps
from tests.waiting import eventually

LUTHIER = SkillNames({"en": "Lute making", "es": "Fabricación de laúdes"}, "crafts", ("luthery",))


@pytest.fixture
async def mia(make_user: MakeUser) -> User:
    return await make_user("Mia", role=MODERATOR, skills_offered=(), skills_wanted=())


@pytest.fixture
async def elsewhere(database: Database, deps: Deps) -> Deps:
    """Another process on the same database."""
    return await build_deps(database)


async def waiting(deps: Deps, mia: User) -> list[str]:
    return [pending.presence.skill for pending in await list_pending(deps, mia)]


async def test_unknown_skill_is_queued_in_its_spelling(deps: Deps, mia: User, make_user: MakeUser) -> None:
    await make_user(skills_offered=("Çini art", "js"), skills_wanted=("Gitarrra",))
    await make_user(skills_offered=("cini ART",), skills_wanted=("Guitar",), is_public=False)
    assert await waiting(deps, mia) == ["Çini art", "Gitarrra"]
    [art, guitar] = await list_pending(deps, mia)
    assert (art.presence.teachers, art.presence.learners, art.similar) == (1, 0, ())
    assert guitar.similar == ("guitar",)
    assert [each.presence.skill for each in await list_pending(deps, mia, after="cini art")] == ["Gitarrra"]


async def test_decision_of_a_non_moderator_is_refused(deps: Deps, make_user: MakeUser) -> None:
    ada = await make_user(skills_offered=("Gitarrra",))
    for attempt in (
        list_pending(deps, ada),
        merge_skill(deps, ada, "gitarrra", "Guitar"),
        name_skill(deps, ada, "gitarrra", LUTHIER),
        reject_skill(deps, ada, "gitarrra"),
    ):
        with pytest.raises(Forbidden):
            await attempt


async def test_unknown_role_is_not_a_moderator(deps: Deps, make_user: MakeUser) -> None:
    with pytest.raises(Forbidden):
        await reject_skill(deps, await make_user(role="user"), "qwertyzz")


async def test_merged_skill_is_replaced_for_all_users(
    deps: Deps, elsewhere: Deps, mia: User, make_user: MakeUser
) -> None:
    ada = await make_user("Ada", skills_offered=("Python",), skills_wanted=("Gitarrra",))
    ben = await make_user("Ben", skills_offered=("Guitar",), skills_wanted=("Python",))
    eve = await make_user("Eve", skills_offered=("gitarrra",), skills_wanted=("Python",), is_public=False)
    assert (await list_matches(deps, ada)).matches == []
    record = await merge_skill(deps, mia, "gitarrra", "guitarra")
    assert (record.state, record.decision.into, record.decided_by) == (MERGED, "guitar", mia.id)
    assert await settle_skills(elsewhere) == 2
    ada, eve = await get_user(deps, ada.id), await get_user(deps, eve.id)
    assert (ada.skills_wanted, ada.wanted_keys, eve.offered_keys) == (("Guitar",), ("guitar",), ("guitar",))
    assert [match.user.id for match in (await list_matches(elsewhere, ada)).matches] == [ben.id]
    assert await waiting(elsewhere, mia) == []
    ben = await update_profile(elsewhere, ben, ProfileChanges(skills_wanted=("GITARRRA",)))
    assert ben.wanted_keys == ("guitar",)


async def test_decided_skill_is_listed_once_by_its_name_in_each_users_language(
    deps: Deps, mia: User, make_user: MakeUser
) -> None:
    ana = await make_user(locale="es", skills_offered=("chess", "Gitarrra", "guitarra"), skills_wanted=("js",))
    ben = await make_user(skills_offered=("gitarrra",), skills_wanted=("guitarra clásica",))
    cleo = await make_user(skills_offered=("guitarra",))
    await merge_skill(deps, mia, "gitarrra", "Guitar")
    assert await settle_skills(deps) == 2
    ana, ben, cleo = [await get_user(deps, person.id) for person in (ana, ben, cleo)]
    assert (ana.skills_offered, ana.offered_keys) == (("chess", "Guitarra"), ("chess", "guitar"))
    assert ana.skills_wanted == ("js",)
    assert (ben.skills_offered, cleo.skills_offered) == (("Guitar",), ("guitarra",))
    assert await settle_skills(deps) == 0


async def test_skip_survives_a_merge_of_the_skill(deps: Deps, mia: User, make_user: MakeUser) -> None:
    ada = await make_user("Ada", skills_offered=("Python",), skills_wanted=("Gitarrra",))
    ben = await make_user("Ben", skills_offered=("Gitarrra",), skills_wanted=("Python",))
    await skip_match(deps, ada, ben.id)
    assert (await list_matches(deps, ada)).matches == []
    await merge_skill(deps, mia, "gitarrra", "guitarra")
    await settle_skills(deps)
    assert (await list_matches(deps, await get_user(deps, ada.id))).matches == []
    ben = await update_profile(deps, ben, ProfileChanges(skills_wanted=("Python", "Judo")))
    ada = await update_profile(deps, ada, ProfileChanges(skills_offered=("Python", "Judo")))
    assert [match.user.id for match in (await list_matches(deps, ada)).matches] == [ben.id]


async def test_named_skill_includes_its_aliases(deps: Deps, mia: User, make_user: MakeUser) -> None:
    ada = await make_user(skills_offered=("lute building",), skills_wanted=("Chess",))
    ben = await make_user(skills_offered=("Chess",), skills_wanted=("Luthery",))
    record = await name_skill(deps, mia, "lute building", LUTHIER)
    assert record.state == NAMED
    assert await settle_skills(deps) == 2
    ben = await get_user(deps, ben.id)
    assert (ben.skills_wanted, ben.wanted_keys) == (("Lute making",), ("lute building",))
    assert [match.user.id for match in (await list_matches(deps, await get_user(deps, ada.id))).matches] == [ben.id]
    vocabulary = deps.vocabulary
    assert vocabulary.name_of("lute building", "es") == "Fabricación de laúdes"
    assert vocabulary.complete("lute m", "en", 3) == ("lute building",)
    assert await waiting(deps, mia) == []
    renamed = SkillNames({"en": "Lutherie of lutes", "es": "Laúdes"}, "crafts")
    await name_skill(deps, mia, "lute building", renamed)
    assert deps.vocabulary.key_of("Lute making") == deps.vocabulary.key_of("laúdes") == "lute building"
    assert await name_skill(deps, mia, "lute building", renamed) == await deps.store.skills.find("lute building")
    await settle_skills(deps)
    assert (await get_user(deps, ben.id)).skills_wanted == ("Lutherie of lutes",)
    await merge_skill(deps, mia, "lute building", "Instrument repair")
    assert await settle_skills(deps) == 2
    assert (await get_user(deps, ben.id)).wanted_keys == ("instrument repair",)
    for spelling in ("Laúdes", "lute making", "Luthery", "lute building"):
        assert deps.vocabulary.key_of(spelling) == "instrument repair"
    await merge_skill(deps, mia, "guitar", "Piano")  # one of the file, too
    assert deps.vocabulary.key_of("Guitarra") == "piano"
    await settle_skills(deps)


async def test_named_skill_cannot_be_rejected(deps: Deps, mia: User, make_user: MakeUser) -> None:
    await make_user(skills_offered=("lute building",))
    await name_skill(deps, mia, "lute building", LUTHIER)
    with pytest.raises(Conflict, match="has_a_name"):
        await reject_skill(deps, mia, "lute building")


async def test_rejected_skill_stays_in_profiles_and_cannot_be_added(deps: Deps, mia: User, make_user: MakeUser) -> None:
    ada, ben = await make_user(skills_offered=("Buy followers",)), await make_user()
    await reject_skill(deps, mia, "buy followers")
    assert await waiting(deps, mia) == []
    assert await deps.store.skills.unnamed("buy", limit=5) == []
    assert (await update_profile(deps, ada, ProfileChanges(name="Ada"))).skills_offered == ("Buy followers",)
    with pytest.raises(Invalid, match="not_accepted"):
        await update_profile(deps, ben, ProfileChanges(skills_wanted=("BUY followers",)))


@pytest.mark.parametrize(
    ("called", "code"),
    [(replace(LUTHIER, category="nowhere"), "skill.category"),
     (replace(LUTHIER, names={"es": "Laúd"}), "text.empty"),
     (replace(LUTHIER, names={"en": "x" * 41, "es": "x"}), "text.too_long"),
     (replace(LUTHIER, aliases=("guitarra",)), "skill.is_another"),
     (replace(LUTHIER, aliases=("x",) * 21), "skill.aliases")],
)  # fmt: skip
async def test_invalid_name_is_refused(
    deps: Deps, mia: User, make_user: MakeUser, called: SkillNames, code: str
) -> None:
    await make_user(skills_offered=("Lutes",))
    with pytest.raises((Invalid, Conflict), match=code):
        await name_skill(deps, mia, "lutes", called)
    with pytest.raises(NotFound):
        await name_skill(deps, mia, "nobody has this", LUTHIER)
    with pytest.raises(Invalid, match="no_such_target"):
        await merge_skill(deps, mia, "lutes", "nobody has this")
    assert await waiting(deps, mia) == ["Lutes"]


async def test_concurrent_decisions_have_one_winner(
    deps: Deps, elsewhere: Deps, mia: User, make_user: MakeUser
) -> None:
    await make_user(skills_offered=("Lutes",))
    attempts: list[Any] = [
        merge_skill(deps, mia, "lutes", "Guitar"),
        merge_skill(elsewhere, mia, "lutes", "Harp"),
        reject_skill(elsewhere, mia, "lutes"),
        name_skill(deps, mia, "lutes", LUTHIER),
    ]
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    won = [each for each in outcomes if not isinstance(each, BaseException)]
    assert len({str(each.decision) for each in won}) == 1
    assert all(isinstance(each, Conflict) for each in outcomes if isinstance(each, BaseException))
    assert await elsewhere.store.skills.load() in (True, False)
    assert deps.vocabulary.key_of("lutes") == elsewhere.vocabulary.key_of("lutes")
    [same, again] = [await deps.store.skills.find("lutes"), await elsewhere.store.skills.find("lutes")]
    assert same == again


async def test_repeated_decision_is_no_error(deps: Deps, mia: User, make_user: MakeUser) -> None:
    await make_user(skills_offered=("Lutes",))
    once = await merge_skill(deps, mia, "lutes", "Guitar")
    assert await merge_skill(deps, mia, "lutes", "guitarra") == once
    with pytest.raises(Conflict, match="already_decided"):
        await merge_skill(deps, mia, "lutes", "Harp")


async def test_backfill_covers_interrupted_runs_and_late_writes_of_old_keys(
    deps: Deps, elsewhere: Deps, mia: User, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [await make_user(skills_offered=("Lutes",), skills_wanted=("Chess",)) for _ in range(7)]
    asker = await make_user(skills_offered=("Chess",))
    swap = await propose_swap(deps, asker, Proposal(people[0].id, "Chess", "lutes"))
    await merge_skill(deps, mia, "lutes", "Guitar")
    monkeypatch.setattr(skill_key_backfill, "AT_ONCE", 2)
    whole = skill_key_backfill.backfill_users

    async def cut_off(*args: Any, **named: Any) -> AsyncIterator[int]:
        async for count in whole(*args, **named):
            yield count
            raise ConnectionResetError

    monkeypatch.setattr("handlers.moderation.backfill_users", cut_off)
    with pytest.raises(ConnectionResetError):
        await settle_skills(deps)
    monkeypatch.setattr("handlers.moderation.backfill_users", whole)
    assert await settle_skills(elsewhere) == 5 + 1  # the rest, and the open swap
    late = await make_user(skills_offered=("Lutes",), skills_wanted=("Chess",))
    await deps.store.users.insert(replace(late, id="f" * 24, offered_keys=("lutes",)))  # by a process that lags behind
    assert await settle_skills(deps) == 1
    assert {(await get_user(deps, person.id)).offered_keys for person in people} == {("guitar",)}
    again = await deps.store.swaps.find(swap.id)
    assert again is not None
    assert [leg.key for leg in again.legs] == ["chess", "guitar"]
    assert await settle_skills(deps) == 0
    assert len(await deps.store.skills.unsettled()) == 1  # for a while it is looked after
    later = replace(deps, now=lambda: deps.now() + SETTLE_AFTER + timedelta(seconds=1))
    assert await settle_skills(later) == 0
    assert await deps.store.skills.unsettled() == []


async def test_decision_reaches_every_process_within_seconds(
    deps: Deps, elsewhere: Deps, mia: User, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert timedelta(seconds=RELOAD_EVERY) <= SETTLE_AFTER / 3
    monkeypatch.setattr("handlers.moderation.RELOAD_EVERY", 0.02)
    follower = VocabularyFollower(elsewhere)
    follower.start()
    await make_user(skills_offered=("Lutes",))
    await merge_skill(deps, mia, "lutes", "Guitar")
    await eventually(lambda: elsewhere.vocabulary.key_of("Lutes") == "guitar")
    await follower.stop()
