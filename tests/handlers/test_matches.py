"""The deck: mutual matches only, no repeats, no hidden users, and one order."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from domain.decks import DeckAdvice, PeopleCount, SkillCount
from domain.errors import Invalid, NotFound, TooMany
from domain.skills import MAX_SKILLS
from domain.swaps import ACCEPTED
from domain.users import BANNED, MODERATOR, PAUSED, ProfileChanges, User
from handlers.blocks import block_user
from handlers.decks import deck_of
from handlers.matches import (
    advise_on_deck,
    find_teachers,
    list_matches,
    next_match,
    pass_match,
    reconsider_skipped,
    skip_match,
    view_match,
)
from handlers.moderation import reject_skill
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import SEARCHES
from handlers.swaps import Proposal, propose_swap, reject_swap
from handlers.users import get_user, update_profile
from storage.derived_fields import derived_fields
from storage.mongodb.database import Database, new_id
from tests.factories import MakeSwap, MakeUser

CHESS: dict[str, Any] = {"skills_offered": ("Chess",), "skills_wanted": ("Go",)}
GO: dict[str, Any] = {"skills_offered": ("Go",), "skills_wanted": ("chess",)}


async def names(deps: Deps, actor: User, **options: int) -> list[str]:
    return [match.user.name for match in (await list_matches(deps, actor, **options)).matches]


async def test_deck_has_mutual_matches_only(deps: Deps, make_user: MakeUser) -> None:
    me = await make_user("Me", **CHESS)
    await make_user("Suits", **GO)
    await make_user("Wants only", skills_offered=("Piano",), skills_wanted=("Chess",))
    await make_user("Teaches only", skills_offered=("Go",), skills_wanted=("Piano",))
    await make_user("Like me", **CHESS)
    await make_user("Private", is_public=False, **GO)
    await make_user("Paused", status=PAUSED, **GO)
    await make_user("Banned", status=BANNED, **GO)
    (match,) = (await list_matches(deps, me)).matches
    assert (match.user.name, match.teaches_you, match.you_teach) == ("Suits", ("Go",), ("Chess",))
    nothing = await make_user("Has nothing", skills_offered=(), skills_wanted=())
    assert (await list_matches(deps, nothing)).matches == []


async def test_deck_says_of_each_what_their_own_page_says(deps: Deps, make_user: MakeUser) -> None:
    """Score, reasons and caveats, on the page that draws the order of the day and on those that follow it."""
    rng = random.Random(1)
    skills = ("Chess", "Go", "Piano", "Sewing")
    me = await make_user("Me", skills_offered=skills[:2], skills_wanted=skills[2:], availability="weekday evenings")
    for number in range(25):
        await make_user(
            f"P{number}",
            skills_offered=tuple(rng.sample(skills, 3)),
            skills_wanted=tuple(rng.sample(skills, 2)),
            location=rng.choice(("", "Lima", "online")),
            availability=rng.choice(("", "weekday evenings", "weekend mornings")),
            locale=rng.choice(("en", "es")),
            answered=rng.randrange(6),
        )
    first = await list_matches(deps, me, limit=10)
    again = await list_matches(deps, me, limit=10)
    rest = await list_matches(deps, me, limit=10, after=first.following)
    assert again == first
    assert rest.matches
    for match in (*first.matches, *rest.matches):
        assert match == await view_match(deps, me, match.user.id)


async def test_user_is_never_their_own_match(deps: Deps, make_user: MakeUser) -> None:
    both = ("Chess", "Go")
    me = await make_user("Me", skills_offered=both, skills_wanted=both)
    assert await names(deps, me) == []
    await make_user("Other", skills_offered=both, skills_wanted=both)
    assert await names(deps, me) == ["Other"]


async def test_decided_candidate_does_not_return(deps: Deps, make_user: MakeUser, make_swap: MakeSwap) -> None:
    me = await make_user("Me", **CHESS)
    people = {name: await make_user(name, **GO) for name in ("Skipped", "Asked", "Rejected", "Talks", "Asks", "Left")}
    await skip_match(deps, me, people["Skipped"].id)
    await make_swap(me, people["Asked"])
    await reject_swap(deps, people["Rejected"], (await make_swap(me, people["Rejected"])).id)
    await make_swap(people["Talks"], me, status=ACCEPTED)
    await make_swap(people["Asks"], me)
    for _ in range(3):
        assert await names(deps, me) == ["Left"]
        match = await next_match(deps, me)
        assert match is not None
        assert match.user.name == "Left"
    for person in people.values():
        await skip_match(deps, me, person.id)
    assert await names(deps, me) == []
    assert await reconsider_skipped(deps, me) == 2  # not those who talk to the viewer or have asked
    assert sorted(await names(deps, me)) == ["Left", "Skipped"]  # a requested user stays requested


async def test_declined_partner_is_not_the_next_card(deps: Deps, make_user: MakeUser, make_swap: MakeSwap) -> None:
    me, asker = await make_user("Me", **CHESS), await make_user("Asker", **GO)
    await make_swap(asker, me, status="rejected")
    assert await names(deps, me) == []
    assert await reconsider_skipped(deps, me) == 1
    assert await names(deps, me) == ["Asker"]


@pytest.mark.parametrize("decide", [skip_match, pass_match])
async def test_decision_does_not_reveal_a_block(deps: Deps, make_user: MakeUser, decide: Any) -> None:
    me, other = await make_user("Me", **CHESS), await make_user("Other", **GO)
    await block_user(deps, other, me.id)
    with pytest.raises(NotFound) as refusal:
        await decide(deps, me, other.id)
    with pytest.raises(NotFound) as nobody:
        await decide(deps, me, new_id())
    assert (refusal.value.code, refusal.value.params) == (nobody.value.code, nobody.value.params)


async def test_skip_of_an_unknown_user_is_not_stored(deps: Deps, database: Database, make_user: MakeUser) -> None:
    me = await make_user(**CHESS)
    for user_id in (new_id(), "", "no id", me.id):
        with pytest.raises(NotFound):
            await skip_match(deps, me, user_id)
    assert await database.collection("seen").count_documents({}) == 0


async def test_cards_have_one_order_without_repeats(deps: Deps, make_user: MakeUser) -> None:
    me = await make_user("Me", **CHESS)
    await make_user("Bare", **GO)
    await make_user("Fuller", location="Lima", **GO)
    await make_user("Full", location="Lima", availability="weekend mornings", photo_url="http://x.example/a", **GO)
    order = ["Full", "Fuller", "Bare"]
    assert await names(deps, me) == order
    assert await names(deps, me, limit=2) == order[:2]
    drawn = []
    while (match := await next_match(deps, me)) is not None:
        again = await next_match(deps, me)
        assert again is not None
        assert again.user == match.user
        drawn.append(match.user.name)
        await (pass_match if len(drawn) % 2 else skip_match)(deps, me, match.user.id)
    assert drawn == order
    assert await reconsider_skipped(deps, me) == 3
    assert await names(deps, me) == order


async def test_the_deck_reaches_beyond_hundreds_of_decisions(
    deps: Deps, database: Database, make_user: MakeUser
) -> None:
    me, last = await make_user("Me", **CHESS), await make_user("Last", **GO)
    rows = [
        {
            "name": f"Person {n}",
            "location": "Lima",
            **GO,
            **derived_fields(last),
            "rank": last.rank + 1,
            "status": "active",
        }
        for n in range(450)
    ]
    made = (await database.collection("users").insert_many(rows)).inserted_ids
    viewer = (await database.collection("users").find_one({"name": "Me"}))["_id"]
    await database.collection("seen").insert_many(
        [{"viewer_id": viewer, "subject_id": subject, "kind": "skipped", "at": deps.now()} for subject in made]
    )
    assert await names(deps, me) == ["Last"]


async def test_an_order_whose_people_are_gone_is_read_in_few_steps(
    deps: Deps, database: Database, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await make_user("Ada", skills_offered=("Python",), skills_wanted=("Guitar",))
    for number in range(30):
        await make_user(f"Ben {number}", skills_offered=("Guitar",), skills_wanted=("Python",))
    assert len(await deck_of(deps, ada, size=30)) == 30
    gone = {"$set": {"is_listed": False, "status": PAUSED}}
    await database.collection("users").update_many({"name": {"$ne": "Ada"}}, gone)
    asked: list[int] = []
    people = deps.store.matches.people

    async def counted(user_ids: list[str], *, day: str) -> Any:
        asked.append(len(user_ids))
        return await people(user_ids, day=day)

    monkeypatch.setattr(deps.store.matches, "people", counted)
    assert await deck_of(deps, await get_user(deps, ada.id)) == []
    assert sum(asked) == 30
    assert len(asked) <= 3


async def test_many_skills_make_one_ordered_deck(deps: Deps, make_user: MakeUser) -> None:
    """Twenty offered and twenty wanted are four hundred trades."""
    mine, theirs = [f"Mine {n}" for n in range(MAX_SKILLS)], [f"Theirs {n}" for n in range(MAX_SKILLS)]
    me = await make_user("Me", skills_offered=tuple(mine), skills_wanted=tuple(theirs))
    expected = []
    for number in range(12):
        fields: dict[str, Any] = {"location": "Lima"} if number % 3 == 0 else {}
        at = number * 5 % MAX_SKILLS
        user = await make_user(
            f"Person {number}",
            skills_offered=tuple(theirs[at:] if number % 2 else theirs),
            skills_wanted=tuple(mine[: at + 1]),
            **fields,
        )
        expected.append(user.name)
    assert sorted(await names(deps, me)) == sorted(expected)


async def test_teacher_search_requires_no_mutual_match(deps: Deps, make_user: MakeUser) -> None:
    me = await make_user("Me", skills_offered=("Chess",), skills_wanted=("C++",))
    await make_user("C++", skills_offered=("c++",), skills_wanted=("Piano",))
    await make_user("C", skills_offered=("C",), skills_wanted=("Piano",))
    await make_user("Hidden", skills_offered=("C++",), skills_wanted=("Piano",), is_public=False)
    found = await find_teachers(deps, me, " C++ ")
    assert [(match.user.name, match.is_two_sided) for match in found] == [("C++", False)]
    assert await find_teachers(deps, me, "chess") == []  # one's own
    for skill in ("", " ", "\u200d", "x" * 41):
        with pytest.raises(Invalid):
            await find_teachers(deps, me, skill)


async def test_an_empty_deck_is_explained_in_numbers(deps: Deps, make_user: MakeUser) -> None:
    me = await make_user("Me", **CHESS)
    await make_user(skills_offered=("Piano",), skills_wanted=("CHESS",))
    await make_user(skills_offered=("Piano",), skills_wanted=("Chess",), is_public=False)
    for _ in range(2):
        await make_user(skills_offered=("Go",), skills_wanted=("Piano",))
    await skip_match(deps, me, (await make_user(**GO)).id)
    assert await advise_on_deck(deps, me) == DeckAdvice(
        wanting=(PeopleCount("Chess", 2, can_ask=1, passed=1),),
        teaching=(PeopleCount("Go", 3, can_ask=2, passed=1),),
        want_too=(SkillCount("Piano", 1),),
        teach_too=(SkillCount("Piano", 2),),
        skipped=1,
    )
    nobody = await make_user(skills_offered=(), skills_wanted=())
    assert await advise_on_deck(deps, nobody) == DeckAdvice()


async def test_advice_excludes_barred_and_busy_users_and_rejected_skills(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    me = await make_user("Me", **CHESS)
    await make_user(skills_offered=("Spam", "Piano"), skills_wanted=("Chess",))
    barred = await make_user(skills_offered=("Go", "Judo"), skills_wanted=("Chess",))
    await block_user(deps, barred, me.id)
    await make_swap(me, await make_user(**GO), status=ACCEPTED)
    await reject_skill(deps, await make_user(role=MODERATOR, skills_offered=("Origami",)), "spam")
    assert await advise_on_deck(deps, me) == DeckAdvice(
        wanting=(PeopleCount("Chess", 2, can_ask=1, partners=1),),
        teaching=(PeopleCount("Go", 1, partners=1),),
        want_too=(SkillCount("Piano", 1),),
    )
    for _ in range(SEARCHES.burst - 1):
        deps.rates.take("search", me.id, SEARCHES, at=deps.now())
    with pytest.raises(TooMany):
        await asyncio.gather(*(advise_on_deck(deps, me) for _ in range(2)))


async def test_a_changed_profile_changes_the_deck_at_once(deps: Deps, make_user: MakeUser) -> None:
    me, other = await make_user("Me", **CHESS), await make_user("Other", **GO)
    assert (await view_match(deps, me, other.id)).is_two_sided
    for changes, deck in (
        (ProfileChanges(is_public=False), []),
        (ProfileChanges(is_public=True), ["Other"]),
        (ProfileChanges(skills_offered=("Piano",)), []),
        (ProfileChanges(skills_offered=("Piano", "GO")), ["Other"]),
        (ProfileChanges(skills_wanted=()), []),
    ):
        await update_profile(deps, other, changes)
        assert await names(deps, me) == deck
    with pytest.raises(NotFound):
        await view_match(deps, me, new_id())


async def test_spellings_of_one_skill_match(deps: Deps, make_user: MakeUser) -> None:
    ada = await make_user(skills_offered=("js",), skills_wanted=("guitarra",))
    ben = await make_user(skills_offered=("Guitar",), skills_wanted=("JavaScript",))
    await make_user(skills_offered=("Guitar",), skills_wanted=("Java",))
    [match] = (await list_matches(deps, ada)).matches
    assert (match.user.id, match.teaches_you, match.you_teach) == (ben.id, ("Guitar",), ("js",))
    assert [found.user.id for found in await find_teachers(deps, ben, "Java Script")] == [ada.id]
    swap = await propose_swap(deps, ada, Proposal(ben.id, "JavaScript", "GUITARRA"))
    assert (swap.offered_skill, swap.wanted_skill) == ("js", "Guitar")
    crossing = await propose_swap(deps, ben, Proposal(ada.id, "guitar", "JAVASCRIPT"))
    assert (crossing.id, crossing.status) == (swap.id, ACCEPTED)
    with pytest.raises(Invalid, match="same_skill"):
        await propose_swap(deps, await make_user(skills_offered=("gitarre",)), Proposal(ben.id, "Gitarre", "Guitar"))
    with pytest.raises(Invalid, match="twice"):
        await update_profile(deps, ada, ProfileChanges(skills_offered=("js", "JavaScript")))
