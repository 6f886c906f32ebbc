"""Every route and every event of a socket, tried in every standing; and nobody is shown whom the table hides."""

from __future__ import annotations

import re
from typing import Any

import pytest
import socketio

from api.app import api_routes, page_routes
from api.http.rights import EVENTS, ROUTES
from api.openapi.examples import EXAMPLES
from domain.standing import ALLOWED, ASK, EDIT, READ_OTHERS
from domain.users import MODERATOR
from handlers.runtime.deps import Deps
from tests.api.conftest import Client, Connect, Web
from tests.factories import MakeUser
from tests.standing.conftest import FACTS, put_in

PLACES = re.compile(r"\{(\w+)(?::[^}]*)?\}")
ABSENT = "0" * 24
CANARY = "Canaryname"
CODES = {"hidden": "standing.not_now"}
"""Codes that do not name the standing: whoever is hidden is not told."""
FINER = {"PUT /api/user": EDIT, "PUT /api/circles/{id}": ASK}
"""Routes of which the operation takes more than the door."""


def path_of(route: str) -> tuple[str, str]:
    method, path = route.split(" ", 1)
    return method, PLACES.sub(lambda place: "1" if place[1] == "seq" else ABSENT, path)


def body_of(route: str) -> Any:
    return EXAMPLES.get(route, {}).get("body") or {"PUT /api/user": {"name": "Another"}}.get(route)


async def test_every_route_that_takes_a_session_has_a_right(client: Client) -> None:
    anonymous, without = client(), []
    for route in api_routes():
        method, path = path_of(f"{route.method} {route.path}")
        async with anonymous.request(
            method, path, json=body_of(f"{route.method} {route.path}"), allow_redirects=False
        ) as answer:
            if answer.status == 401 and f"{route.method} {route.path}" not in ROUTES:
                without.append(f"{route.method} {route.path}")
    assert not without, "routes without a row in api/http/rights.py"


async def test_every_page_that_takes_a_session_has_a_right(client: Client) -> None:
    anonymous, tried, without = client(), 0, []
    for route in page_routes():
        method, path = path_of(name := f"{route.method} {route.path}")
        async with anonymous.request(method, path, allow_redirects=False) as answer:
            if answer.headers.get("Location", "").startswith("/api/auth/signin"):
                tried += 1
                without += [name] if name not in ROUTES else []
    assert tried > 20, "the way in which pages ask for a session has changed"
    assert not without, "pages without a row in api/http/rights.py"


@pytest.mark.parametrize("standing", FACTS)
async def test_routes_refuse_what_the_table_takes_away(
    deps: Deps, make_user: MakeUser, client: Client, standing: str
) -> None:
    await make_user(CANARY)
    person = await make_user(role=MODERATOR if standing == "member" else "member")
    tried = 0
    for route, right in ROUTES.items():
        person = await put_in(deps, person.id, standing, deps.now())
        method, path = path_of(route)
        async with client(person).request(method, path, json=body_of(route), allow_redirects=False) as answer:
            text, tried = await answer.text(), tried + 1
        needed = FINER.get(route, right)
        if standing == "banned":
            assert answer.status == 401 or not answer.content_type.endswith("json"), route
        elif needed in ALLOWED[standing]:
            assert f'"standing.{standing}"' not in text, route
        elif path != "/":
            assert answer.status == 403, f"{route}: {answer.status} {text[:200]}"
            if answer.content_type.endswith("json"):
                assert (code := re.search(r'"code":\s*"([^"]+)"', text)) is not None
                assert code[1] == CODES.get(standing, f"standing.{standing}"), route
        if standing == "warned" and path == "/":
            assert "The organisers have written something to you" in text
        if READ_OTHERS not in ALLOWED[standing]:
            assert CANARY not in text, route
    print(f"{standing}: {tried} routes tried")


@pytest.mark.parametrize("standing", [name for name in FACTS if name != "member"])
async def test_nobody_is_shown_whom_the_table_hides(
    deps: Deps, make_user: MakeUser, client: Client, standing: str
) -> None:
    viewer, shown = await make_user(), await make_user(CANARY)
    session = client(viewer)
    reading = [route for route, right in ROUTES.items() if right == READ_OTHERS and route.startswith("GET")]
    paths = [PLACES.sub(shown.id, route.split(" ")[1]) for route in reading]
    paths += [
        "/api/users?skill=Guitar",
        "/api/users?skill=Python",
        f"/api/users?name={CANARY}",
        "/api/matches?kind=swaps",
    ]

    async def seen_in() -> list[str]:
        found = []
        for path in paths:
            async with session.get(path) as answer:
                if CANARY in await answer.text():
                    found.append(path)
        return found

    assert len(await seen_in()) >= 3, "the places where people are shown have changed"
    if standing == "warned":
        return  # whoever has only been warned is still a member
    await put_in(deps, shown.id, standing, deps.now())
    assert not await seen_in()


@pytest.mark.parametrize("standing", FACTS)
async def test_events_of_a_socket_held_open_are_refused(
    deps: Deps, make_user: MakeUser, web: Web, connect: Connect, standing: str
) -> None:
    person = await make_user()
    socket = await connect(person)
    await put_in(deps, person.id, standing, deps.now())
    await web.catch_up()
    tried = 0
    for event, right in EVENTS.items():
        if standing == "banned":
            break
        answer = await socket.call(event, {"swap_id": ABSENT, "message": "Hi", "client_id": "c", "seq": 1}, timeout=10)
        tried += 1
        code = answer.get("error", {}).get("code", "")
        if right in ALLOWED[standing]:
            assert not code.startswith("standing."), event
        else:
            assert code == CODES.get(standing, f"standing.{standing}"), event
    if standing == "banned":
        with pytest.raises((socketio.exceptions.SocketIOError, TimeoutError)):
            await socket.call("chat:sync", {}, timeout=2)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await connect(person)
    print(f"{standing}: {tried} events tried")


def test_every_event_that_the_server_takes_has_a_right() -> None:
    from api import edits, reads

    assert {"chat:new", "chat:sync", *reads.EVENTS, *edits.EVENTS} == EVENTS.keys()
