"""Pages of a conversation: made of the stored documents, and byte for byte what each message is made into elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from bson import ObjectId, decode, encode
from bson.codec_options import CodecOptions
from hypothesis import given
from hypothesis import strategies as st

from api.schemas.messages import message_document, stored_message_document
from api.schemas.values import iso
from domain.attachments import Attachment
from domain.messages import MAX_PAGE
from domain.users import User
from handlers.edits import delete_message, edit_message
from handlers.messages import Draft, list_messages, send_message
from handlers.photos import CHAT, upload_photo
from handlers.runtime.deps import Deps
from handlers.users import delete_account
from storage.messages import message_from
from storage.mongodb.database import Database
from tests.api.conftest import Client
from tests.factories import MakeSwap, MakeUser, jpeg

SENT = datetime(2026, 11, 22, 10, 0, 59, 987000, tzinfo=UTC)

ids = st.binary(min_size=12, max_size=12).map(ObjectId)
numbers = st.integers(0, 2**53 - 1)
texts = st.text(st.characters(codec="utf-8"), max_size=20)
times = st.datetimes(timezones=st.just(UTC))
sizes = st.lists(st.integers(1, 20_000), min_size=2, max_size=2)
attachments = st.fixed_dictionaries(
    {"kind": texts},
    optional={
        "name": st.none() | texts, "mime": st.none() | texts, "size": st.none() | numbers, "seconds": numbers,
        "lat": st.none() | st.floats(-90, 90), "lon": st.none() | st.floats(-180, 180), "phone": texts,
        "unique_id": texts, "is_live": st.booleans(), "of_a_later_version": texts,
    },
)  # fmt: skip
documents = st.fixed_dictionaries(
    {"_id": ids, "swap_id": ids, "seq": numbers, "created_at": times},
    optional={
        "from_user_id": st.none() | ids | texts, "to_user_id": st.none() | ids | texts,
        "message": st.none() | texts, "client_id": texts, "via": st.sampled_from(["web", "telegram", "pigeon"]),
        "photo_url": st.none() | texts, "photo_size": st.none() | st.just([]) | sizes, "also_to": st.lists(ids),
        "reply_to": st.none() | numbers, "edited_at": st.none() | times, "deleted_at": st.none() | times,
        "changed": st.none() | numbers, "attachment": st.none() | attachments, "is_screened": st.none() | st.booleans(),
        "is_erased": st.booleans(), "is_counted": st.booleans(), "__v": numbers,
    },
)  # fmt: skip
"""Documents as this service writes them, as earlier programs wrote them, and with whatever may be missing or null."""


@given(documents)
def test_a_document_is_shown_as_its_message_is(doc: dict[str, Any]) -> None:
    stored = encode(doc)
    message = message_from(decode(stored, CodecOptions(tz_aware=True)))
    assert orjson.dumps(stored_message_document(decode(stored))) == orjson.dumps(message_document(message))


@given(times)
def test_a_time_has_milliseconds_and_a_z(moment: datetime) -> None:
    assert iso(moment) == moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


async def as_before(deps: Deps, reader: User, swap_id: str, **position: int) -> bytes:
    page = await list_messages(deps, reader, swap_id, **position)
    return orjson.dumps([message_document(message) for message in page])


async def test_all_kinds_of_messages_are_shown_as_events_show_them(
    client: Client, deps: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    photo = await upload_photo(deps, ada, jpeg(), purpose=CHAT)
    place = Attachment("venue", name="Library", lat=41.4, lon=2.2)
    await send_message(deps, ada, Draft(swap.id, '<b> \u2028 " 🎸', "web", client_id="mine:1"))
    await send_message(deps, ada, Draft(swap.id, "My guitar", "web", photo_url=photo.url))
    await send_message(deps, ben, Draft(swap.id, "See?", "telegram", reply_to=2, telegram=(7, 8), client_id="tg:7:8"))
    await send_message(deps, ada, Draft(swap.id, place.line, "telegram", attachment=place, telegram=(9, 8)))
    await send_message(deps, ben, Draft(swap.id, "Gone", "web"))
    await edit_message(deps, ada, swap.id, 1, "Changed")
    await delete_message(deps, ben, swap.id, 5)
    places = {"swap_id": ObjectId(swap.id), "from_user_id": ObjectId(ada.id), "created_at": SENT}
    migrated = [  # as they are after the take-over of what Mongoose wrote
        {
            **places,
            "to_user_id": ObjectId(ben.id),
            "message": "Old",
            "seq": 6,
            "client_id": "a",
            "via": "web",
            "__v": 0,
        },
        {**places, "message": None, "seq": 7, "client_id": "b", "created_at": SENT.replace(microsecond=0)},
        {**places, "to_user_id": None, "message": "Older", "photo_url": None, "seq": 8, "client_id": "c"},
    ]
    await database.collection("messages").insert_many(migrated, bypass_document_validation=True)
    async with client(ben).get(f"/api/chat/{swap.id}") as answer:
        assert await answer.read() == await as_before(deps, ben, swap.id)
        assert len(await answer.json()) == 8
        assert "Link" not in answer.headers
    for way, seq, following in (("after", 2, 5), ("before", 7, 4)):
        async with client(ada).get(f"/api/chat/{swap.id}?{way}={seq}&limit=3") as answer:
            assert await answer.read() == await as_before(deps, ada, swap.id, **{way: seq, "limit": 3})
            assert f"{way}={following}&" in answer.headers["Link"]
    await delete_account(deps, ada)
    async with client(ben).get(f"/api/chat/{swap.id}") as answer:
        page = await answer.json()
        assert await answer.read() == await as_before(deps, ben, swap.id)
    mine = [message for message in page if message["from_user_id"] == ada.id]
    assert all(message["message"] == "" and message["deleted_at"] for message in mine)
    assert not any(message["photo_url"] or message["attachment"] for message in mine)


async def test_a_full_page_is_one_command(
    client: Client, database: Database, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    said = [
        {
            "swap_id": ObjectId(swap.id), "from_user_id": ObjectId(ada.id), "to_user_id": ObjectId(ben.id),
            "message": f"{seq}", "client_id": f"{seq}", "seq": seq, "via": "web",
            "created_at": SENT + timedelta(seconds=seq),
        }
        for seq in range(1, MAX_PAGE + 2)
    ]  # fmt: skip
    await database.collection("messages").insert_many(said)
    await database.command({"profile": 2})
    for path in (f"/api/chat/{swap.id}", f"/api/chat/{swap.id}?after=0"):
        async with client(ben).get(path) as answer:
            assert len(await answer.json()) == MAX_PAGE
    await database.command({"profile": 0})
    profile = database.collection("system.profile")
    seen = [entry["op"] async for entry in profile.find({"ns": f"{database.name}.messages"})]
    await profile.drop()
    assert seen == ["query", "query"]
