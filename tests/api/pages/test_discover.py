"""The page of people, with plain forms: the deck with skip, pass and undo, the search, an empty deck that says why."""

from __future__ import annotations

import re

import pytest

from domain.week import format_slots
from handlers.alerts import list_alerts
from handlers.blocks import block_user
from handlers.matches import list_matches
from handlers.runtime.deps import Deps
from tests.api.pages.conftest import Get, Post
from tests.factories import MakeUser

EVENINGS = format_slots(("weekday evenings",))
CARD = re.compile(r'<h2 id="person"[^>]*><a href="/people/(\w+)">.*?</a></h2>')


def shown_in(page: str) -> str | None:
    """Return the id of the person whose card a page shows."""
    found = CARD.search(page)
    return found[1] if found else None


async def test_the_card_says_why_somebody_fits_and_what_speaks_against_it(read: Get, make_user: MakeUser) -> None:
    ada = await make_user("Ada", availability=EVENINGS, location="Lima")
    ben = await make_user("Ben <i>", availability=EVENINGS, location="Lima", locale="es")
    status, page = await read(ada, "/discover")
    assert (status, shown_in(page)) == (200, ben.id)
    assert "both free: weekday evenings" in page
    assert "in the same place as you" in page
    assert "prefers Spanish" in page
    assert page.index(ben.skills_offered[0]) < page.index(f"/people/{ben.id}/ask")
    for path in (f"/report/{ben.id}", f"/block/{ben.id}", f'value="http://skills.example.org/people/{ben.id}"'):
        assert path in page


@pytest.mark.parametrize("action", ["skip", "pass"])
async def test_somebody_put_aside_comes_back_with_undo(
    read: Get, send: Post, deps: Deps, make_user: MakeUser, action: str
) -> None:
    ada = await make_user("Ada")
    ben = await make_user("Ben")
    await make_user("Cleo", skills_offered=ada.skills_offered)
    dan = await make_user("Dan", skills_offered=ben.skills_offered, skills_wanted=ben.skills_wanted)
    first = shown_in((await read(ada, "/discover"))[1])
    assert first in (ben.id, dan.id)
    status, onward = await send(ada, "/discover", [("action", action), ("user_id", str(first))])
    assert (status, onward) == (303, f"/discover?aside={first}#card")
    _, page = await read(ada, onward)
    assert shown_in(page) == ({ben.id, dan.id} - {first}).pop()
    assert "is put aside." in page
    assert len((await list_matches(deps, ada)).matches) == 1
    status, onward = await send(ada, "/discover", [("action", "undo"), ("user_id", str(first))])
    assert status == 303
    assert shown_in((await read(ada, onward))[1]) == first
    assert len((await list_matches(deps, ada)).matches) == 2
    status, page = await send(ada, "/discover", [("action", "undo"), ("user_id", str(first))])
    assert (status, 'role="alert"' in page) == (404, True)


async def test_somebody_who_became_private_leads_to_the_next(
    read: Get, send: Post, make_user: MakeUser, deps: Deps
) -> None:
    ada, hal = await make_user("Ada"), await make_user("Hal", is_public=False)
    assert await send(ada, "/discover", [("action", "skip"), ("user_id", hal.id)]) == (303, "/discover#card")
    status, page = await read(ada, f"/discover?who={hal.id}")
    assert (status, "not to be found here any more" in page, "Hal" in page) == (200, True, False)


async def test_whoever_has_blocked_the_reader_is_named_by_no_address(
    read: Get, deps: Deps, make_user: MakeUser
) -> None:
    ada, eve = await make_user("Ada"), await make_user("Evelyn")
    await block_user(deps, eve, ada.id)
    for path in (f"who={eve.id}", f"aside={eve.id}", "q=Evelyn", f"q={eve.skills_offered[0]}&who={eve.id}"):
        status, page = await read(ada, f"/discover?{path}")
        assert status == 200
        assert "Evelyn" not in page.replace('value="Evelyn"', "").replace("teaches Evelyn", ""), path


async def test_people_are_found_by_skill_by_name_and_by_what_was_meant(read: Get, make_user: MakeUser) -> None:
    ada = await make_user("Ada", skills_offered=("Python",), skills_wanted=("Chess",))
    ben = await make_user("Benedikta", skills_offered=("Guitar",), skills_wanted=("Python",))
    hal = await make_user("Hal", skills_offered=("Guitar",), is_public=False)
    _, page = await read(ada, "/discover?q=guitar")
    assert "1 person teaches Guitar" in page
    assert f"who={ben.id}" in page
    assert hal.id not in page
    _, page = await read(ada, f"/discover?q=guitar&who={ben.id}")
    assert shown_in(page) == ben.id
    _, page = await read(ada, "/discover?q=Giutar")
    assert "Nobody here teaches Giutar yet" in page
    assert 'href="/discover?q=Guitar"' in page
    _, page = await read(ada, "/discover?q=Benedikta")
    assert "1 person with that name" in page
    _, page = await read(ada, "/discover?q=Guitar+and+Chess")
    assert 'href="/discover?q=Chess"' in page
    status, page = await read(ada, f"/discover?q={'x' * 60}")
    assert (status, 'role="alert"' in page, 'value="xxx' in page) == (422, True, True)


async def test_a_long_search_has_pages_without_gap(read: Get, make_user: MakeUser) -> None:
    ada = await make_user("Ada", skills_offered=("Python",), skills_wanted=("Chess",))
    people = {(await make_user(skills_offered=("Guitar",), skills_wanted=("Yoga",))).id for _ in range(23)}
    _, first = await read(ada, "/discover?q=Guitar")
    _, second = await read(ada, "/discover?q=Guitar&page=1")
    found = [set(re.findall(r"who=(\w{24})", page)) for page in (first, second)]
    assert [len(ids) for ids in found] == [20, 3]
    assert found[0] | found[1] == people
    assert 'href="/discover?q=Guitar&page=1"' in first


async def test_an_empty_deck_says_why_and_what_would_help(
    read: Get, send: Post, deps: Deps, make_user: MakeUser
) -> None:
    ada = await make_user("Ada", skills_offered=("Falconry",), skills_wanted=("Kayaking",))
    _, page = await read(ada, "/discover")
    assert "That's everybody for now" in page
    assert "Nobody here teaches Kayaking yet" in page
    status, onward = await send(ada, "/discover", [("action", "alert"), ("skill", "Kayaking")])
    assert status == 303
    assert [alert.skill for alert in await list_alerts(deps, ada)] == ["Kayaking"]
    _, page = await read(ada, onward)
    assert "You will hear as soon as somebody begins to teach Kayaking" in page
    assert "Tell me when somebody teaches Kayaking" not in page
    assert "/match" not in page


async def test_the_skipped_come_again_on_request(read: Get, send: Post, make_user: MakeUser) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    await send(ada, "/discover", [("action", "skip"), ("user_id", ben.id)])
    _, page = await read(ada, "/discover")
    assert "Show 1 person again" in page
    status, onward = await send(ada, "/discover", [("action", "again")])
    _, page = await read(ada, onward)
    assert (status, shown_in(page), "1 person is here again." in page) == (303, ben.id, True)


async def test_teachers_who_want_nothing_of_mine_are_a_deck_of_their_own(read: Get, make_user: MakeUser) -> None:
    ada = await make_user("Ada", skills_offered=("Python",), skills_wanted=("Chess",))
    ben = await make_user("Ben", skills_offered=("Chess",), skills_wanted=("Yoga",))
    _, page = await read(ada, "/discover")
    assert "/discover?kind=could_teach_you" in page
    _, page = await read(ada, "/discover?kind=could_teach_you")
    assert shown_in(page) == ben.id
    assert "Wants to learn" in page


async def test_whoever_has_no_skills_is_led_to_the_profile(read: Get, make_user: MakeUser) -> None:
    nina = await make_user("Nina", skills_offered=(), skills_wanted=())
    status, page = await read(nina, "/discover")
    assert (status, 'href="/welcome">Add skills' in page) == (200, True)


async def test_an_unknown_action_changes_nothing(send: Post, make_user: MakeUser) -> None:
    ada = await make_user("Ada")
    assert (await send(ada, "/discover", [("action", "fly")]))[0] == 400
