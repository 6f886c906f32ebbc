"""Access control: every route, event and button that carries an id, tried by three users.

Ada and Ben have a swap, Eve is a stranger, Hal has a private profile. For Eve, an object of Ada and Ben is answered
with the same bytes as an absent one, and no field of Hal's profile appears anywhere.
"""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from api.app import api_routes
from domain.cases import REPORT
from domain.messages import WEB
from domain.reviews import Review
from domain.swaps import Swap
from domain.users import User
from handlers.alerts import add_alert
from handlers.auth.login_links import issue_login_link
from handlers.auth.sessions import list_sessions, open_session
from handlers.cases import open_case
from handlers.circles import ask_circle
from handlers.messages import Draft, send_message
from handlers.photos import CHAT, upload_photo
from handlers.runtime.deps import Deps
from handlers.screening import list_waiting_words
from storage.mongodb.database import new_id
from tests.api.conftest import COOKIE, Client, Connect
from tests.api.contract.access_routes import SKILL, WITH_ID
from tests.bot.stage import Stage, stage
from tests.factories import MakeUser, SignIn, insert_swap, insert_user, jpeg, list_possible

__all__ = ["stage"]

HIDDEN_FIELDS = {
    "name": "Hal Canaryname",
    "location": "Canaryville",
    "availability": "canary evenings",
    "email": "canary@example.org",
}
HIDDEN_TEXT = re.compile("canary", re.IGNORECASE)
DAY = timedelta(days=1)
PACKAGES = ("api", "bot", "handlers", "storage")

EVENTS_WITH_ID: dict[str, dict[str, Any]] = {
    "chat:new": {"message": "hi"}, "chat:sync": {"after": 0}, "chat:read": {"seq": 1}, "chat:delete": {"seq": 1},
    "chat:edit": {"seq": 1, "message": "canary"}, "chat:open": {}, "chat:typing": {},
}  # fmt: skip
PROTECTED = (
    "users", "swaps", "messages", "web_sessions", "photos", "accounts", "presence",
    "read_marks", "alerts", "seen", "blocks", "reviews", "reports", "cases", "audit", "screened_words"
)  # fmt: skip
"""Collections that no request of a stranger changes."""

FOR_MODERATORS = (" /api/moderation/", " /api/disputes/")
"""Parts of the routes that say nothing but that they are for moderators, whatever the id."""

PUBLIC_BY_URL = {r"GET /photos/{id:[0-9a-f]{24}}.jpg", "GET /api/invites/codes/{code}"}
"""The URL of a photo is unguessable: knowing it grants access to the photo. An invite link's is given to strangers."""


@dataclass(frozen=True, slots=True)
class Scene:
    ada: User
    ben: User
    eve: User
    hal: User
    swap: Swap
    pending: Swap
    session: str
    photo: str
    alert: str
    circle: str
    review: str
    case: str
    words: str

    def id(self, kind: str) -> str:
        ids = {"hidden": self.hal.id, "swap": self.swap.id, "pending": self.pending.id}
        ids |= {"session": self.session, "alert": self.alert, "circle": self.circle}
        ids |= {"review": self.review, "case": self.case, "words": self.words}
        return ids.get(kind, f"google:{self.ada.id}")


@pytest.fixture
async def scene(deps: Deps) -> Scene:
    ada = await insert_user(deps, "Ada", skills_offered=("Guitar", "Chess"), skills_wanted=("Python",))
    ben = await insert_user(deps, "Ben", skills_offered=("Python",), skills_wanted=("Guitar", "Chess"))
    eve = await insert_user(deps, "Eve", skills_offered=("Python",), skills_wanted=(SKILL, "Guitar"))
    hal = await insert_user(
        deps,
        HIDDEN_FIELDS["name"],
        is_public=False,
        skills_offered=(SKILL,),
        skills_wanted=("Python",),
        telegram_id=True,
        location=HIDDEN_FIELDS["location"],
        availability=HIDDEN_FIELDS["availability"],
        email=HIDDEN_FIELDS["email"],
    )
    swap = await insert_swap(deps, ada, ben, status="accepted", offered_skill="Guitar")
    await send_message(deps, ada, Draft(swap.id, "canary words", WEB))
    pending = await insert_swap(deps, ada, ben, offered_skill="Chess")
    await open_session(deps, ada, provider="email")
    photo = await upload_photo(deps, ada, jpeg(), purpose=CHAT)
    (session,) = await list_sessions(deps, ada)
    alert = await add_alert(deps, ada, "Welding")
    circle = await ask_circle(deps, ada, await possible_circle(deps, ada))
    review = Review(new_id(), swap.id, ada.id, ben.id, 0, 2, deps.now() - DAY, deps.now() - 15 * DAY, 5, (), "canary")
    assert await deps.store.reviews.insert(review)
    case = await open_case(deps, about=ben.id, kind=REPORT, reason="rude")
    await send_message(deps, ada, Draft(pending.id, "canary@example.org", WEB))
    (words,) = await list_waiting_words(deps, ada)
    found = alert.id, circle.id, review.id, case.id, words.id
    return Scene(ada, ben, eve, hal, swap, pending, session.id, photo.url, *found)


async def possible_circle(deps: Deps, person: User) -> str:
    """Return the id of a circle candidate of this user, who offers chess and wants Python."""
    await insert_user(deps, "Fay", skills_offered=("Welding",), skills_wanted=("Chess",))
    await insert_user(deps, "Gil", skills_offered=("Python",), skills_wanted=("Welding",))
    return (await list_possible(deps, person))[0].id


async def snapshot(deps: Deps) -> str:
    """Return the contents of the protected collections, for comparison."""
    found: dict[str, Any] = {}
    for name in PROTECTED:
        found[name] = [doc async for doc in deps.store.database.collection(name).find({}, {"seen_at": 0}).sort("_id")]
    return repr(found)


async def fetch(session: aiohttp.ClientSession, method: str, url: str, **options: Any) -> tuple[int, bytes]:
    """Return status and body, without the request id."""
    async with session.request(method, url, **options) as answer:
        body = await answer.read()
    return answer.status, re.sub(rb'"request_id":"\w+"', b"", body)


def test_every_route_with_an_id_is_in_the_matrix() -> None:
    carrying = {f"{route.method} {route.path}" for route in api_routes() if "{" in route.path}
    nextauth = {name for name in carrying if " /api/auth/" in name}  # the name of a provider, not an id
    assert carrying - nextauth - PUBLIC_BY_URL == set(WITH_ID)


@pytest.mark.parametrize("name", sorted(WITH_ID))
async def test_object_of_another_user_is_answered_as_absent(
    deps: Deps, client: Client, scene: Scene, name: str
) -> None:
    kind, body = WITH_ID[name]
    method, path = name.split(" ")
    before, answers = await snapshot(deps), []
    absent = f"google:{new_id()}" if kind == "account" else new_id()
    for object_id in (scene.id(kind), absent):
        url = re.sub(r"{\w+}", object_id, path.replace("{seq}", "1").replace("{sid}", "1"))
        answers.append(await fetch(client(scene.eve), method, url, json=body))
    assert answers[0] == answers[1]
    assert answers[0][0] == (403 if any(part in name for part in FOR_MODERATORS) else 404)
    assert await snapshot(deps) == before
    anonymous = await fetch(
        client(), method, re.sub(r"{\w+}", scene.id(kind), path.replace("{seq}", "1").replace("{sid}", "1")), json=body
    )
    assert anonymous[0] == 401


async def test_ids_in_bodies_grant_no_access(deps: Deps, client: Client, scene: Scene) -> None:
    session, before = client(scene.eve), await snapshot(deps)
    ask = {"offered_skill": "Python", "wanted_skill": SKILL}
    for name, bodies in {
        "/api/swap": [ask | {"to_user_id": scene.hal.id}, ask | {"to_user_id": new_id()}],
        "/api/chat": [{"swap_id": scene.swap.id, "message": "hi"}, {"swap_id": new_id(), "message": "hi"}],
    }.items():
        first, second = [await fetch(session, "POST", name, json=body) for body in bodies]
        assert first == second
        assert first[0] == 404
    absent = scene.photo.replace(scene.photo.rpartition("/")[2], f"{new_id()}.jpg")
    first, second = [await fetch(session, "PUT", "/api/user", json={"photo_url": url}) for url in (scene.photo, absent)]
    assert first == second
    assert first[0] == 422
    assert await snapshot(deps) == before


async def test_participant_is_limited_to_the_actions_of_their_role(deps: Deps, client: Client, scene: Scene) -> None:
    before = await snapshot(deps)
    url = f"/api/swap/{scene.pending.id}"
    assert (await fetch(client(scene.ada), "PUT", url, json={"status": "accepted"}))[0] == 403
    assert (await fetch(client(scene.ben), "PUT", url, json={"status": "cancelled"}))[0] == 403
    for user in (scene.ben, scene.eve):
        assert (await fetch(client(user), "DELETE", f"/api/sessions/{scene.session}"))[0] == 404
    assert await snapshot(deps) == before


async def test_lists_contain_only_objects_of_the_viewer(client: Client, scene: Scene) -> None:
    for path in ("/api/swap", "/api/sessions", "/api/matches"):
        status, body = await fetch(client(scene.eve), "GET", path)
        assert status == 200
        assert scene.swap.id.encode() not in body
        assert scene.session.encode() not in body
    cursor = await fetch(client(scene.eve), "GET", f"/api/swap?before={scene.pending.id}")
    assert cursor == (200, b"[]")


async def test_event_on_a_swap_of_another_user_is_answered_as_absent(
    deps: Deps, connect: Connect, scene: Scene
) -> None:
    eve, ada = await connect(scene.eve), await connect(scene.ada)
    before = await snapshot(deps)
    for event, more in EVENTS_WITH_ID.items():
        answers = [await eve.call(event, {"swap_id": swap_id, **more}) for swap_id in (scene.swap.id, new_id())]
        for answer in answers:
            assert answer["ok"] is False
            answer["error"].pop("request_id")
        assert answers[0] == answers[1]
        assert answers[0]["error"]["status"] == 404
    assert await snapshot(deps) == before
    answer = await ada.call("chat:new", {"swap_id": scene.swap.id, "message": "between us"})
    assert answer["ok"] is True
    await eve.call("chat:sync", {"swap_id": scene.swap.id})  # the acknowledgement follows all events sent before it
    assert eve.received == []


BUTTONS = {
    "s:{swap}:2:{verb}": ("chat", "end", "cancel", "end!", "card"),
    "s:{pending}:1:{verb}": ("accept", "reject", "cancel", "card"),
    "c:{swap}": ("",),
    "m:{hidden}:{verb}": ("ask", "view", "skip", "next"),
    "p:{hidden}:{verb}": ("send", "cancel"),
    "session_end:{session}": ("",),
    "unlink:{account}": ("",),
    "unlink_yes:{account}": ("",),
}


async def test_forged_buttons_grant_no_access(deps: Deps, stage: Stage, scene: Scene) -> None:
    for pattern, verbs in BUTTONS.items():
        for verb in verbs:
            eve = await stage.person("Eva", "Python", "Go")  # a new chat: one chat gets a message a second
            before = await snapshot(deps)
            seen = []
            for real in (True, False):
                ids = {kind: scene.id(kind) if real else new_id() for kind in ("hidden", "swap", "pending", "session")}
                ids["account"] = f"google_{scene.ada.id if real else new_id()}"
                seen.append(await _forged(stage, eve, pattern.format(verb=verb, **ids)))
            assert seen[0] == seen[1], pattern.format(verb=verb, **{k: k for k in ids})
            assert not HIDDEN_TEXT.search(repr(seen))
            assert await snapshot(deps) == before, pattern


async def _forged(stage: Stage, person: User, data: str) -> Any:
    """Press a button with forged data; return the text of the toast and the chat after it."""
    assert person.telegram_id is not None
    sent = await stage.writes(person, "/help")
    card = await stage.sees(person, lambda message: message.from_bot, after=sent)
    world = stage.sandbox._world
    stored = world.chats[person.telegram_id][card.id]
    query = world.add_query(world.person(person.telegram_id), stored, data)
    await world.commit()
    await stage.until(lambda: any(toast.query_id == query for toast in stage.sandbox.toasts(person.telegram_id or 0)))
    toast = next(toast for toast in stage.sandbox.toasts(person.telegram_id) if toast.query_id == query)
    after = [(message.words, stage.buttons(message)) for message in stage.chat(person) if message.id >= card.id]
    return toast.text, re.sub(r"[0-9a-f]{24}", "ID", repr(after))


async def test_private_profile_is_never_shown_to_a_stranger(
    deps: Deps, client: Client, connect: Connect, scene: Scene
) -> None:
    session, responses = client(scene.eve), []
    for path in (
        "/api/user",
        "/api/matches",
        "/api/swap",
        "/api/users?skill=Canary+keeping",
        "/api/users?skill=Python",
        "/api/skills?q=can",
        f"/api/users/{scene.hal.id}",
        "/api/auth/session",
        "/api/sessions",
        "/metrics",
        "/readyz",
        "/docs",
        "/openapi.json",
        "/",
    ):
        responses.append((path, await fetch(session, "GET", path)))
    own_skill = SKILL.encode()  # Eve's own profile names the skill that she wants
    shown = {path for path, (_, body) in responses if HIDDEN_TEXT.search(body.replace(own_skill, b"").decode())}
    assert shown == set()
    assert (await fetch(session, "GET", "/api/skills?q=canary"))[1].count(b'is_taught":true') == 0
    status, public = await fetch(session, "GET", f"/api/users/{scene.ada.id}")
    assert status == 200
    assert set(json.loads(public)) == {
        "_id", "name", "photo_url", "location", "skills_offered", "skills_wanted", "offered_levels", "wanted_levels",
        "availability", "facts",
    }  # fmt: skip


async def test_secrets_appear_in_no_log_and_no_response(
    deps: Deps, client: Client, scene: Scene, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    for name in PACKAGES:
        caplog.set_level(logging.DEBUG, logger=name)
    link = (await issue_login_link(deps, scene.ada)).partition("token=")[2]
    token = sign_in(scene.ada)
    session, bodies = client(scene.ada), []
    for method, path, body in (
        ("GET", f"/api/auth/callback/telegram-link?token={link}x", None),
        ("PUT", "/api/user", {"email": "canary-sent@example.org"}),
        ("PUT", "/api/user", {"name": ["canary-sent"]}),
        ("POST", "/api/chat", {"swap_id": scene.swap.id, "message": "canary-sent" * 500}),
        ("POST", "/api/chat", {"swap_id": scene.swap.id, "message": "canary-sent"}),
        ("POST", "/api/swap", {"to_user_id": "canary-sent", "offered_skill": "x", "wanted_skill": "y"}),
        ("GET", "/api/users?skill=canary-sent&cursor=canary-sent", None),
        ("GET", "/canary-sent", None),
    ):
        status, answer = await fetch(session, method, path, json=body)
        if status >= 400:
            bodies.append(answer.decode())
    forged = {"Cookie": f"{COOKIE}={token[:-4]}AAAA"}
    bodies.append((await fetch(client(), "GET", "/api/user", headers=forged))[1].decode())
    records = [record for record in caplog.records if record.name.split(".")[0] in PACKAGES]
    logged = "\n".join(record.getMessage() + (record.exc_text or "") for record in records)
    for secret in (link, token, "canary-sent", HIDDEN_FIELDS["email"], scene.ada.name):
        assert secret not in logged
        assert not any(secret in body for body in bodies)


async def test_request_id_of_the_response_is_set_while_logging(
    client: Client, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    from skillswap.logs import request_id

    seen: list[str | None] = []
    monkeypatch.setattr("handlers.auth.authentication.authenticate", _remembering(seen, request_id))
    async with client(await make_user()).get("/api/user") as answer:
        pass
    assert seen == [answer.headers["X-Request-Id"]]


def _remembering(seen: list[str | None], current: Any) -> Any:
    from handlers.auth.authentication import authenticate

    async def watched(deps: Deps, token: str | None) -> User:
        seen.append(current.get())
        return await authenticate(deps, token)

    return watched
