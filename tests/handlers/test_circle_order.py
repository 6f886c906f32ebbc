"""The order of possible circles: wishes that no pair gives come first, and pages reach all of them."""

from __future__ import annotations

from domain.circle_candidates import MAX_SHOWN
from domain.users import User
from handlers.blocks import block_user
from handlers.circles import ask_circle, browse_possible
from handlers.runtime.deps import Deps
from storage.circles import MAX_NEIGHBOURS
from tests.factories import MakeUser, list_possible


async def person(make_user: MakeUser, name: str, teaches: str, wants: str) -> User:
    return await make_user(name, skills_offered=(teaches,), skills_wanted=(wants,))


async def crowd(make_user: MakeUser, number: int) -> User:
    """Return a user whose wish for Chinese only a circle gives, through the worst ranked users; their wish for Python
    is given by a direct partner, and by many circles."""
    ana = await make_user("Ana", skills_offered=("Guitar",), skills_wanted=("Python", "Chinese"))
    await person(make_user, "Noor", "Chinese", "Cooking")
    await person(make_user, "Li", "Cooking", "Guitar")
    for place in range(number):
        await person(make_user, f"P{place}", "Python", "Chess")
        await person(make_user, f"L{place}", "Chess", "Guitar")
    await person(make_user, "Dan", "Python", "Guitar")
    return ana


async def test_the_only_circle_for_a_wish_without_a_partner_comes_first(deps: Deps, make_user: MakeUser) -> None:
    ana = await crowd(make_user, MAX_NEIGHBOURS + 5)
    first, *others = await list_possible(deps, ana)
    assert (first.you_learn.name, first.you_learn.skill) == ("Noor", "Chinese")
    assert {view.you_learn.skill for view in others} == {"Python"}
    assert (await ask_circle(deps, ana, first.id)).you_learn.name == "Noor"


async def test_a_blocked_partner_covers_no_wish(deps: Deps, make_user: MakeUser) -> None:
    ana = await make_user("Ana", skills_offered=("Guitar",), skills_wanted=("Python", "Chinese"))
    dan = await person(make_user, "Dan", "Python", "Guitar")
    for teaches, wants in (("Chinese", "Guitar"), ("Chinese", "Chess"), ("Python", "Chess"), ("Chess", "Guitar")):
        await person(make_user, f"{teaches} {wants}", teaches, wants)
    both = [view.you_learn.skill for view in await list_possible(deps, ana)]
    assert sorted(both) == ["Chinese", "Python"]
    await block_user(deps, ana, dan.id)
    assert [view.you_learn.skill for view in await list_possible(deps, ana)] == ["Python", "Chinese"]


async def test_pages_reach_every_circle_once(deps: Deps, make_user: MakeUser) -> None:
    ana = await crowd(make_user, 4)
    seen: list[str] = []
    page = await browse_possible(deps, ana)
    assert (page.total, len(page.views)) == (17, MAX_SHOWN)
    while True:
        assert page.before == len(seen)
        seen += [view.id for view in page.views]
        if page.following is None:
            break
        deps.rates._full_again.clear()
        page = await browse_possible(deps, ana, after=page.following)
    assert len(seen) == len(set(seen)) == page.total
