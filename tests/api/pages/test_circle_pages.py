"""The page of circles of three, with plain forms: ask, join, decline, leave, and what is stale."""

from __future__ import annotations

import pytest

from domain.users import User
from handlers.circles import ask_circle, get_circle, list_circles
from handlers.runtime.deps import Deps
from tests.api.pages.conftest import Get, Post, values_of
from tests.factories import MakeUser, list_possible

Trio = tuple[User, User, User]


@pytest.fixture
async def trio(make_user: MakeUser) -> Trio:
    """Three users, of whom each teaches the next one."""
    return (
        await make_user("Ana Pérez", skills_offered=("Cooking",), skills_wanted=("Chinese",)),
        await make_user("Li Wei", skills_offered=("Yoga",), skills_wanted=("Cooking",)),
        await make_user("Noor Haddad", skills_offered=("Chinese",), skills_wanted=("Yoga",)),
    )


async def test_a_circle_is_asked_for_and_closed_by_the_last_join(read: Get, send: Post, deps: Deps, trio: Trio) -> None:
    ana, li, noor = trio
    _, page = await read(ana, "/circles")
    assert ("1 circle is possible" in page, "Ask Noor and Li" in page) == (True, True)
    assert "Haddad" not in page
    (key,) = values_of(page, "key")
    status, onward = await send(ana, "/circles", [("action", "ask"), ("key", key)])
    (circle,) = await list_circles(deps, ana)
    assert (status, onward) == (303, f"/circles?said=asked&circle={circle.id}#circle-{circle.id}")
    assert "Asked!" in (await read(ana, onward))[1]
    for person, onward in (
        (li, f"/circles?said=joined&circle={circle.id}#circle-{circle.id}"),
        (noor, f"/swaps/{circle.id}"),
    ):
        _, page = await read(person, "/circles")
        assert "waiting for your answer" in page
        assert f"/circles/{circle.id}/block/you_teach" in page
        fields = [("action", "join"), ("circle", circle.id), ("version", values_of(page, "version")[0])]
        assert await send(person, "/circles", fields) == (303, onward)
    _, page = await read(ana, "/circles")
    assert ("running" in page, f'href="/swaps/{circle.id}"' in page) == (True, True)
    status, onward = await send(ana, "/circles", [("action", "leave"), ("circle", circle.id)])
    assert (status, onward) == (303, "/circles?said=left")
    assert (await get_circle(deps, li, circle.id)).status == "cancelled"


async def test_an_invitation_is_declined_kindly(read: Get, send: Post, deps: Deps, trio: Trio) -> None:
    ana, li, _ = trio
    [possible] = await list_possible(deps, ana)
    circle = await ask_circle(deps, ana, possible.id)
    assert await send(li, "/circles", [("action", "decline"), ("circle", circle.id)]) == (
        303,
        "/circles?said=declined",
    )
    assert await list_circles(deps, li) == []
    assert "told kindly" in (await read(li, "/circles?said=declined"))[1]


async def test_a_stale_answer_shows_the_circle_as_it_is_now_with_a_word(
    read: Get, send: Post, deps: Deps, trio: Trio
) -> None:
    ana, li, _ = trio
    [possible] = await list_possible(deps, ana)
    circle = await ask_circle(deps, ana, possible.id)
    await send(li, "/circles", [("action", "decline"), ("circle", circle.id)])  # in another tab
    fields = [("action", "join"), ("circle", circle.id), ("version", str(circle.version))]
    status, page = await send(li, "/circles", fields)
    assert (status, 'role="alert"' in page) == (409, True)
    status, page = await send(ana, "/circles", [("action", "ask"), ("key", "gone")])
    assert (status, 'role="alert"' in page) == (404, True)
    assert (await send(ana, "/circles", [("action", "fly")]))[0] == 400


async def test_a_circle_of_others_is_not_there(
    read: Get, send: Post, make_user: MakeUser, deps: Deps, trio: Trio
) -> None:
    ana, _, _ = trio
    [possible] = await list_possible(deps, ana)
    circle = await ask_circle(deps, ana, possible.id)
    eve = await make_user("Eve", skills_offered=("Chess",), skills_wanted=("Go",))
    for action in ("join", "decline", "leave"):
        assert (await send(eve, "/circles", [("action", action), ("circle", circle.id), ("version", "0")]))[0] == 404
    assert "There is no circle around you right now" in (await read(eve, "/circles"))[1]
