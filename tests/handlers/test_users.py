"""Users: concurrent changes of two channels are both kept, and erasure removes all content."""

from __future__ import annotations

import asyncio
import io
import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from domain.errors import Invalid, NotFound, TooMany, Unauthenticated
from domain.skills import trades_of
from domain.swaps import ACCEPTED, ANSWER_WITHIN, OPEN
from domain.users import BANNED, DELETED, ProfileChanges, User
from handlers.auth.authentication import authenticate
from handlers.auth.login_links import LINK_LIVES, check_login_link, issue_login_link, redeem_login_link
from handlers.auth.sessions import issue_session
from handlers.dialogs import get_dialog, save_dialog
from handlers.matches import skip_match
from handlers.messages import Draft, list_messages, send_message
from handlers.notifications import remember_card, remember_copy
from handlers.photos import find_photo, reap_photos, remove_profile_photo, upload_photo
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import PROFILES
from handlers.swaps import get_swap, list_swaps
from handlers.telegram_updates import dead_letter_update, store_update, waiting_updates
from handlers.users import (
    delete_account,
    get_user,
    register_email_user,
    register_telegram_user,
    update_profile,
    view_user,
)
from storage.mongodb.database import Database
from tests.factories import MakeSwap, MakeUser, deliveries_of

CANARY = "quetzal"


def picture(color: str = "red") -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (64, 64), color).save(data, "JPEG")
    return data.getvalue()


async def derived(database: Database, user: User) -> dict[str, Any]:
    doc = await database.collection("users").find_one({"name": user.name})
    assert doc is not None
    return dict(doc)


async def everything(database: Database) -> str:
    """Return all content of the database, as text."""
    names = [info["name"] for info in (await database.command("listCollections"))["cursor"]["firstBatch"]]
    docs = [doc for name in names async for doc in database.collection(name).find()]
    return repr(docs)


async def test_concurrent_changes_of_two_channels_are_both_kept(deps: Deps, make_user: MakeUser) -> None:
    ada = await make_user("Ada")
    given = [
        ProfileChanges(name="Augusta"),
        ProfileChanges(location="Lima"),
        ProfileChanges(skills_offered=("Chess", "Go")),
        ProfileChanges(skills_wanted=("Piano",)),
        ProfileChanges(availability="weekend mornings"),
        ProfileChanges(locale="es"),
        ProfileChanges(timezone="America/Lima"),
        ProfileChanges(notifications=False),
    ]
    await asyncio.gather(*(update_profile(deps, ada, changes) for changes in given))  # all from one stale copy
    stored = await get_user(deps, ada.id)
    for changes in given:
        for name, value in changes.given().items():
            assert getattr(stored, name) == value
    assert stored.profile_version == ada.profile_version + len(given)


SKILLS = st.lists(st.sampled_from(["Chess", "Go", "Piano", "Café", "C", "C++"]), max_size=4, unique=True).map(tuple)
CHANGES = st.builds(
    ProfileChanges,
    skills_offered=st.none() | SKILLS,
    skills_wanted=st.none() | SKILLS,
    is_public=st.none() | st.booleans(),
    location=st.none() | st.sampled_from(["", "Lima"]),
)


async def test_derived_fields_always_agree_with_the_profile(
    deps: Deps, database: Database, make_user: MakeUser
) -> None:
    ada = await make_user("Ada")
    loop = asyncio.get_running_loop()

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(CHANGES, min_size=1, max_size=2))
    def check(batch: list[ProfileChanges]) -> None:
        asyncio.run_coroutine_threadsafe(changed(batch), loop).result(20)

    async def changed(batch: list[ProfileChanges]) -> None:
        await asyncio.gather(*(update_profile(deps, ada, changes) for changes in batch))
        doc = await derived(database, ada)
        offered, wanted = doc["skills_offered"], doc["skills_wanted"]
        assert doc["offered_keys"] == [deps.vocabulary.key_of(skill) for skill in offered]
        assert doc["wanted_keys"] == [deps.vocabulary.key_of(skill) for skill in wanted]
        assert doc["trades"] == list(trades_of(doc["offered_keys"], doc["wanted_keys"]))
        assert doc["is_listed"] == bool(doc["is_public"] and offered and wanted)
        assert doc["rank"] == (await get_user(deps, ada.id)).rank

    await asyncio.to_thread(check)


async def test_repeated_registration_keeps_one_user_for_each_account(deps: Deps) -> None:
    telegram = await asyncio.gather(*(register_telegram_user(deps, 4242, "\u202e\uf8ff", "es-PE") for _ in range(8)))
    assert len({user.id for user in telegram}) == 1
    assert (telegram[0].name, telegram[0].locale, telegram[0].is_public) == ("New member", "es", False)
    mail = await asyncio.gather(*(register_email_user(deps, "ada@example.org", "Ada") for _ in range(8)))
    assert len({user.id for user in mail}) == 1


async def test_replaced_photo_is_deleted_and_foreign_one_refused(deps: Deps, make_user: MakeUser) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    first = await upload_photo(deps, ada, picture(), purpose="profile")
    second = await upload_photo(deps, await get_user(deps, ada.id), picture("blue"), purpose="profile")
    assert (await get_user(deps, ada.id)).photo_url == second.url
    assert await find_photo(deps, first.url) is None
    for url in (first.url, second.url, "http://elsewhere.example.org/a.jpg"):
        with pytest.raises(Invalid, match=r"photo\.not_yours"):
            await update_profile(deps, ben, ProfileChanges(photo_url=url))
    await remove_profile_photo(deps, await get_user(deps, ada.id))
    assert (await get_user(deps, ada.id)).photo_url is None
    assert await reap_photos(deps) == 2


async def test_photo_is_deleted_with_its_profile_through_every_channel(deps: Deps, make_user: MakeUser) -> None:
    ada = await make_user("Ada")
    one, other = [await upload_photo(deps, ada, picture(color), purpose="chat") for color in ("red", "blue")]
    for url, gone in ((one.url, []), (other.url, [one]), ("", [one, other])):
        ada = await update_profile(deps, ada, ProfileChanges(photo_url=url))
        assert [photo for photo in (one, other) if await find_photo(deps, photo.url) is None] == gone


async def written_all_over(deps: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap) -> User:
    """Somebody with a word of theirs wherever a person can leave one."""
    leaver = await make_user(
        f"{CANARY} name",
        telegram_id=True,
        email=f"{CANARY}@example.org",
        location=f"{CANARY} town",
        availability=CANARY,
        skills_offered=("Chess",),
        skills_wanted=("Go",),
    )
    people = [await make_user(skills_offered=("Go",), skills_wanted=("Chess",), telegram_id=True) for _ in range(6)]
    talk = await make_swap(leaver, people[0], status=ACCEPTED, message=f"{CANARY} note")
    await make_swap(leaver, people[1], message=f"{CANARY} note")
    await make_swap(people[2], leaver)
    await make_swap(leaver, people[3], status="rejected", message=f"{CANARY} note")
    photo = await upload_photo(deps, leaver, picture(), purpose="chat")
    await upload_photo(deps, leaver, picture("blue"), purpose="profile")
    said = await send_message(deps, leaver, Draft(talk.id, f"{CANARY} hello", "telegram", photo_url=photo.url))
    back = await send_message(deps, people[0], Draft(talk.id, "hello yourself", "web"))
    assert leaver.telegram_id is not None
    for message in (said, back):
        await remember_copy(deps, message.id, leaver.id, leaver.telegram_id, message.seq)
    await remember_card(deps, talk.id, leaver.id, leaver.telegram_id, 7)
    await skip_match(deps, leaver, people[4].id)
    await skip_match(deps, people[5], leaver.id)
    dialog = await get_dialog(deps, leaver.telegram_id)
    await save_dialog(deps, replace(dialog, flow="profile", data={"name": CANARY}))
    await issue_login_link(deps, leaver)
    body = {"update_id": 1, "message": {"text": CANARY, "chat": {"id": leaver.telegram_id}}}
    await store_update(deps, 99, body)
    await dead_letter_update(deps, (await waiting_updates(deps, 99))[0])
    return await get_user(deps, leaver.id)


async def test_erasure_removes_all_content_of_a_user(
    deps: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    leaver = await written_all_over(deps, database, make_user, make_swap)
    session = issue_session(deps, leaver)
    assert (await authenticate(deps, session)).id == leaver.id
    swaps = await list_swaps(deps, leaver)
    assert CANARY in await everything(database)

    await delete_account(deps, leaver)
    await delete_account(deps, leaver)  # as after a crash in the middle
    await reap_photos(deps)

    left = await everything(database)
    assert CANARY not in left
    assert str(leaver.telegram_id) not in left
    assert await database.collection("photos").count_documents({}) == 0
    with pytest.raises(Unauthenticated):
        await authenticate(deps, session)
    with pytest.raises(NotFound):
        await get_user(deps, leaver.id)
    for swap in swaps:
        (partner,) = await deps.store.users.find_many(swap.others(leaver.id))
        now = await deps.store.swaps.find(swap.id)
        assert now is not None
        assert now.status not in OPEN
        assert now.history[-1].status == now.status
        if swap.status in OPEN:
            assert (f"swap.{now.status}", partner) in await deliveries_of(database, now.id)
    talk = next(swap for swap in swaps if swap.status == ACCEPTED)
    (reader_id,) = talk.others(leaver.id)
    reader = await get_user(deps, reader_id)
    assert [(m.seq, m.message) for m in await list_messages(deps, reader, talk.id)] == [(1, ""), (2, "hello yourself")]


async def test_erasure_resumes_after_a_crash_at_any_step(
    deps: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaver = await written_all_over(deps, database, make_user, make_swap)
    steps = itertools.count()

    class Crash(Exception):
        pass

    def crash_at(step: int, original: Any) -> Any:
        def call(*args: Any, **options: Any) -> Any:
            if next(steps) == step:
                raise Crash
            return original(*args, **options)

        return call

    kind = type(database.collection("swaps")._collection)
    originals = {
        name: getattr(kind, name) for name in ("update_many", "delete_many", "delete_one", "find_one_and_update")
    }
    for step in range(80):
        steps = itertools.count()
        for name, original in originals.items():
            monkeypatch.setattr(kind, name, crash_at(step, original))
        try:
            await delete_account(deps, leaver)
        except Crash:
            continue
        break
    else:
        pytest.fail("it never came to an end")
    monkeypatch.undo()
    assert step > 10
    await reap_photos(deps)
    assert CANARY not in await everything(database)


async def test_erasure_ends_more_open_swaps_than_one_page(
    deps: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    leaver, partner = await make_user(), await make_user()
    swap = await make_swap(partner, leaver)
    row = await database.collection("swaps").find_one({})
    del row["_id"]
    await database.collection("swaps").insert_many(
        [{**row, "open_key": str(n), "request_number": n} for n in range(2, 130)]
    )
    await delete_account(deps, leaver)
    assert await database.collection("swaps").count_documents({"status": {"$in": list(OPEN)}}) == 0
    assert (await get_swap(deps, partner, swap.id)).status == "rejected"


async def test_request_concurrent_with_erasure_ends(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaver, partner = await make_user(), await make_user()
    erase = deps.store.users.erase

    async def slow_erase(user_id: str, **options: Any) -> bool:
        await make_swap(partner, leaver)
        return await erase(user_id, **options)

    monkeypatch.setattr(deps.store.users, "erase", slow_erase)
    await delete_account(deps, leaver)
    assert [swap.status for swap in await list_swaps(deps, partner)] == ["rejected"]


async def test_erasure_ends_overdue_requests(deps: Deps, make_user: MakeUser, make_swap: MakeSwap) -> None:
    leaver, partner = await make_user(), await make_user()
    swap = await make_swap(partner, leaver)
    await delete_account(replace(deps, now=lambda: deps.now() + ANSWER_WITHIN), leaver)
    assert (await get_swap(deps, partner, swap.id)).status == "expired"


async def test_erased_user_can_register_again(deps: Deps) -> None:
    old = await register_telegram_user(deps, 4242, "Ada", "en")
    await delete_account(deps, old)
    new = await register_telegram_user(deps, 4242, "Ada", "en")
    assert new.id != old.id
    with pytest.raises(NotFound):
        await update_profile(deps, old, ProfileChanges(name="Ghost"))


async def test_private_unknown_and_erased_users_are_indistinguishable(deps: Deps, make_user: MakeUser) -> None:
    viewer = await make_user()
    hidden = [await make_user(is_public=False), await make_user(status=BANNED), await make_user(status=DELETED)]
    for user_id in (*(user.id for user in hidden), "f" * 24, "", "x"):
        with pytest.raises(NotFound, match=r"user\.not_found"):
            await view_user(deps, viewer, user_id)
    assert await view_user(deps, hidden[0], hidden[0].id) == hidden[0]


def token_of(link: str) -> str:
    return link.partition("token=")[2]


async def test_a_login_link_signs_in_once(deps: Deps, make_user: MakeUser) -> None:
    ada = await make_user("Ada")
    token = token_of(await issue_login_link(deps, ada))
    assert await check_login_link(deps, token)
    assert await check_login_link(deps, token)  # looking does not use it up
    done = await asyncio.gather(*(redeem_login_link(deps, token) for _ in range(20)), return_exceptions=True)
    (winner,) = [result for result in done if not isinstance(result, BaseException)]
    assert (await authenticate(deps, winner[1])).id == ada.id
    assert {str(result) for result in done if isinstance(result, BaseException)} == {"auth.link_expired"}
    assert not await check_login_link(deps, token)


async def test_login_link_expires_after_five_minutes(deps: Deps, make_user: MakeUser) -> None:
    token = token_of(await issue_login_link(deps, await make_user()))
    late = replace(deps, now=lambda: deps.now() + LINK_LIVES)
    assert await check_login_link(deps, token)
    assert not await check_login_link(late, token)
    for asked in (token, "", "x" * 10_000, "\ud800", "$gt"):
        with pytest.raises(Invalid, match=r"auth\.link_expired"):
            await redeem_login_link(late, asked)
    assert timedelta(minutes=5) == LINK_LIVES


async def test_login_links_are_rate_limited_and_refused_to_banned_users(
    deps: Deps, database: Database, make_user: MakeUser
) -> None:
    ada = await make_user("Ada")
    at = deps.now()
    then = replace(deps, now=lambda: at)
    token, *_ = [token_of(await issue_login_link(then, ada)) for _ in range(5)]
    with pytest.raises(TooMany):
        await issue_login_link(then, ada)
    assert token not in await everything(database)  # only its digest is kept
    await database.collection("users").update_one({"name": "Ada"}, {"$set": {"status": BANNED}})
    with pytest.raises(Invalid):
        await redeem_login_link(deps, token)


async def test_profile_reads_are_rate_limited(deps: Deps, make_user: MakeUser) -> None:
    reader, other = await make_user(), await make_user()
    for _ in range(PROFILES.burst):
        await view_user(deps, reader, other.id)
    with pytest.raises(TooMany, match=r"profile\.too_fast"):
        await view_user(deps, reader, other.id)
    assert await view_user(deps, other, reader.id)
