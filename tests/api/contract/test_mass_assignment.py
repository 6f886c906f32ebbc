"""No route of the contract, and not `chat:new`, sets a field that is not its own.

They ignore unknown names, so each is sent every name of every stored document: those of the mappers with other values
than the defaults, the names of their dataclasses, and the names of the documents in the database. A field added later
is among them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import aiohttp
import pytest
from bson import ObjectId

from domain.users import User
from handlers.runtime.deps import Deps
from storage.derived_fields import derived_fields
from storage.mongodb.database import Database
from tests.api.conftest import Client, Connect
from tests.factories import MakeSwap, MakeUser, build_deps, jpeg
from tests.fuzz.__main__ import NoLimits
from tests.storage.test_round_trips import MAPPERS, sample

Doc = dict[str, Any]

PROFILE = {
    "name", "location", "skills_offered", "skills_wanted", "offered_levels", "wanted_levels", "availability", "hours",
    "is_public", "locale", "timezone", "notifications", "photo_url", "coordinates",
}  # fmt: skip
WRITABLE = {
    "PUT /api/user": PROFILE,
    "POST /api/swap": {"to_user_id", "offered_skill", "wanted_skill", "message", "slots", "minutes", "timezone"},
    "PUT /api/swap/{id}": {"status", "version", "reason", "starts_at", "timezone"},
    "POST /api/chat": {"swap_id", "message", "client_id", "photo_url", "reply_to"},
    "POST /api/upload": {"file", "purpose"},
}
READ_ONLY = {
    "PUT /api/user": {"_id", "email", "role"},
    "POST /api/swap": {"from_user_id", "status"},
    "PUT /api/swap/{id}": {"_id", "from_user_id", "to_user_id", "offered_skill", "wanted_skill", "message"},
    "POST /api/chat": {"from_user_id", "to_user_id"},
    "POST /api/upload": set[str](),
}
"""Fields that have to say what is stored; anything else is an error."""
CHANGES_BY_ITSELF = {"updated_at", "active_at", "profile_version", "change"}


def as_json(value: Any) -> Any:
    if isinstance(value, ObjectId):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = dataclasses.asdict(value)
    if isinstance(value, dict):
        return {name: as_json(part) for name, part in value.items()}
    return [as_json(part) for part in value] if isinstance(value, list | tuple) else value


async def every_document(deps: Deps) -> list[Doc]:
    """Return a document of names and strange values for each kind of document there is."""
    found: list[Doc] = []
    for mapper in MAPPERS.values():
        value = sample(mapper._kind)
        found.append(as_json(mapper.whole_document(value)))
        found.append({field.name: "canary" for field in dataclasses.fields(mapper._kind)})
        if isinstance(value, User):
            found.append(as_json(derived_fields(value)))
    database = deps.store.database
    for name in await _collections(deps):
        stored = await database.collection(name).find_one({}, sort=[("_id", -1)])
        if stored:
            found.append(dict.fromkeys(stored, 424242))
    return found


async def _collections(deps: Deps) -> list[str]:
    listed = await deps.store.database.command("listCollections", nameOnly=True)
    return [row["name"] for row in listed["cursor"]["firstBatch"] if not row["name"].startswith("system.")]


def foreign(route: str, document: Doc) -> Doc:
    return {n: v for n, v in document.items() if n not in WRITABLE[route] | READ_ONLY[route]}


def read_only(route: str, documents: list[Doc]) -> Iterator[tuple[str, Any]]:
    for document in documents:
        yield from ((name, value) for name, value in document.items() if name in READ_ONLY[route])


async def stored(deps: Deps, collection: str, doc_id: str) -> Doc:
    doc = await deps.store.database.collection(collection).find_one({"_id": ObjectId(doc_id)})
    assert doc is not None
    return {name: value for name, value in doc.items() if name not in CHANGES_BY_ITSELF}


def require_untouched(plain: Doc, doc: Doc, sent: Doc) -> None:
    """`doc` was written by a request with these further names, `plain` by one without."""
    assert doc.keys() == plain.keys()
    for name, value in sent.items():
        assert name not in doc or as_json(doc[name]) != value or doc[name] == plain[name], name


@pytest.fixture
async def deps(database: Database) -> Deps:
    return dataclasses.replace(await build_deps(database), rates=NoLimits())


@pytest.fixture
async def documents(deps: Deps, make_user: MakeUser, make_swap: MakeSwap) -> list[Doc]:
    await make_swap(await make_user(), await make_user(), status="accepted")
    found = await every_document(deps)
    assert sum(map(len, found)) > 200
    return found


async def test_a_profile_takes_its_own_fields_only(
    deps: Deps, client: Client, make_user: MakeUser, documents: list[Doc]
) -> None:
    route = "PUT /api/user"
    ada = await make_user(email="ada@example.org")
    session = client(ada)
    async with session.put("/api/user", json={"location": "Harbour"}) as answer:
        assert answer.status == 200
    plain = await stored(deps, "users", ada.id)
    for document in documents:
        body = {"location": "Harbour", **foreign(route, document)}
        async with session.put("/api/user", json=body) as answer:
            assert answer.status == 200, body
        assert await stored(deps, "users", ada.id) == plain
    for name, value in read_only(route, documents):
        async with session.put("/api/user", json={"location": "Elsewhere", name: value}) as answer:
            assert answer.status == 422, (name, value)
    assert await stored(deps, "users", ada.id) == plain


async def test_a_request_takes_its_own_fields_only(
    deps: Deps, client: Client, make_user: MakeUser, documents: list[Doc]
) -> None:
    route = "POST /api/swap"

    async def ask(more: Doc) -> tuple[int, Doc, User]:
        ada, ben = await make_user(), await make_user()
        body = {"to_user_id": ben.id, "offered_skill": ada.skills_offered[0], "wanted_skill": ben.skills_offered[0]}
        async with client(ada).post("/api/swap", json={**body, **more}) as answer:
            return answer.status, await answer.json(), ada

    status, said, _ = await ask({})
    plain = await stored(deps, "swaps", said["_id"])
    for document in documents:
        more = foreign(route, document)
        status, said, ada = await ask(more)
        assert status == 201, more
        doc = await stored(deps, "swaps", said["_id"])
        require_untouched(plain, doc, more)
        assert (str(doc["from_user_id"]), doc["status"], doc["version"]) == (ada.id, "pending", 1)
    for name, value in read_only(route, documents):
        status, _, _ = await ask({name: value})
        assert status == 422, (name, value)


async def test_an_answer_takes_its_own_fields_only(
    deps: Deps, client: Client, make_user: MakeUser, make_swap: MakeSwap, documents: list[Doc]
) -> None:
    route = "PUT /api/swap/{id}"
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, message="Tuesday?")
    before = await stored(deps, "swaps", swap.id)
    for name, value in read_only(route, documents):
        async with client(ben).put(f"/api/swap/{swap.id}", json={"status": "accepted", name: value}) as answer:
            assert answer.status == 422, (name, value)
    assert await stored(deps, "swaps", swap.id) == before
    plain = await stored(deps, "swaps", (await make_swap(await make_user(), await make_user(), status="accepted")).id)
    for document in documents:
        ada, ben = await make_user(), await make_user()
        swap = await make_swap(ada, ben)
        more = foreign(route, document)
        async with client(ben).put(f"/api/swap/{swap.id}", json={"status": "accepted", **more}) as answer:
            assert answer.status == 200, more
        doc = await stored(deps, "swaps", swap.id)
        require_untouched(plain, doc, more)
        assert (doc["participants"], doc["version"]) == ([ObjectId(ada.id), ObjectId(ben.id)], 2)


@pytest.mark.parametrize("door", ["rest", "socket"])
async def test_a_message_takes_its_own_fields_only(
    deps: Deps,
    client: Client,
    connect: Connect,
    make_user: MakeUser,
    make_swap: MakeSwap,
    documents: list[Doc],
    door: str,
) -> None:
    route = "POST /api/chat"
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    session = client(ada)
    socket: Any = None

    async def send(more: Doc, number: int) -> tuple[bool, Doc]:
        nonlocal socket
        body = {"swap_id": swap.id, "message": f"message {number}", **more}
        if door == "rest":
            async with session.post("/api/chat", json=body) as answer:
                return answer.ok, await answer.json()
        if number % 8 == 0:  # a socket may send ten events at once
            socket = await connect(ada)
        said = await socket.call("chat:new", body)
        return said["ok"], said.get("message") or said["error"]

    is_ok, said = await send({}, 0)
    assert is_ok
    plain = await stored(deps, "messages", said["_id"])
    read_only_names = dict(read_only(route, documents))
    sent = [foreign(route, document) for document in documents]
    for number, more in enumerate(sent, 1):
        is_ok, said = await send(more, number)
        assert is_ok, said
        doc = await stored(deps, "messages", said["_id"])
        require_untouched(plain, doc, more)
        assert (str(doc["from_user_id"]), str(doc["to_user_id"]), doc["via"]) == (ada.id, ben.id, "web")
    for number, (name, value) in enumerate(read_only_names.items(), len(sent) + 1):
        is_ok, said = await send({name: value}, number)
        assert (is_ok, said["status"]) == (False, 422), (name, value)


async def test_an_upload_takes_its_own_fields_only(
    deps: Deps, client: Client, make_user: MakeUser, documents: list[Doc]
) -> None:
    ada = await make_user()
    names = sorted({name for document in documents for name in document} - WRITABLE["POST /api/upload"])
    for start in range(0, len(names), 20):
        form = aiohttp.FormData(dict.fromkeys(names[start : start + 20], "canary"))
        form.add_field("file", jpeg(), filename="a.jpg", content_type="image/jpeg")
        async with client(ada).post("/api/upload?purpose=chat", data=form) as answer:
            assert answer.status == 200, await answer.text()
    async for doc in deps.store.database.collection("photos").find({}):
        assert (str(doc["owner_id"]), doc["purpose"]) == (ada.id, "chat")
        assert "canary" not in map(str, doc.values())


@pytest.mark.parametrize("path", ["/api/user", "/api/swap", "/api/chat/{swap_id}"])
async def test_unknown_parameters_change_neither_the_answer_nor_the_store(
    deps: Deps, client: Client, make_user: MakeUser, make_swap: MakeSwap, documents: list[Doc], path: str
) -> None:
    ada, ben = await make_user(email="ada@example.org"), await make_user(email="ben@example.org")
    swap = await make_swap(ada, ben, status="accepted")
    session, path = client(ada), path.format(swap_id=swap.id)
    own = {"status", "limit", "before", "after"}
    async with session.get(path) as answer:
        plain = await answer.json()
    before = await stored(deps, "users", ada.id)
    for document in documents:
        query = {n: str(v) for n, v in document.items() if n not in own} | {
            "user_id": ben.id,
            "email": "ben@example.org",
        }
        async with session.get(path, params=query) as answer:
            assert (answer.status, await answer.json()) == (200, plain), query
    assert await stored(deps, "users", ada.id) == before
