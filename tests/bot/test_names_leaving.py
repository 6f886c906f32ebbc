"""After a user has deleted their account, nothing that can be edited in the others' chats contains their name."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from domain.languages import LOCALES
from domain.messages import WEB
from domain.swaps import ACCEPTED
from domain.users import User
from handlers.auth.accounts import accept_merge, offer_merge
from handlers.circles import ask_circle, join_circle, leave_circle, list_circles
from handlers.messages import Draft, send_message
from handlers.photos import CHAT, PROFILE, upload_photo
from handlers.swaps import Proposal, accept_swap, cancel_swap, propose_swap
from handlers.users import delete_account, get_user
from tests.factories import insert_user, list_possible
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]

NAME = "Zebulon"
WORDS = "I bring my guitar"


def picture() -> bytes:
    content = BytesIO()
    Image.new("RGB", (320, 200), "teal").save(content, "JPEG")
    return content.getvalue()


async def leave(stage: Stage, user: User) -> None:
    await delete_account(stage.deps, await get_user(stage.deps, user.id))
    await stage.until_all_delivered()


def naming(stage: Stage, user: User, name: str = NAME) -> list[str]:
    """Return all texts and buttons of the bot in this user's chat that contain the name."""
    seen = [" ".join([each.words, *stage.buttons(each)]) for each in stage.chat(user) if each.from_bot]
    return [text for text in seen if name in text]


async def pair(stage: Stage, **fields: object) -> tuple[User, User]:
    zeb = await stage.person(f"{NAME} Ray", "Guitar", "Python")
    return zeb, await stage.person("Li", "Python", "Guitar", **fields)


async def test_a_conversation_of_two_forgets_name_words_and_headers(stage: Stage) -> None:
    zeb, li = await pair(stage)
    request = await propose_swap(stage.deps, zeb, Proposal(li.id, "Guitar", "Python", "Hello"))
    card = await stage.sees(li, f"{NAME} Ray would like to swap")
    await stage.presses(li, card, "✅ Accept", f"You are now talking to {NAME} Ray")
    await send_message(stage.deps, zeb, Draft(request.id, WORDS, WEB))
    heard = await stage.sees(li, WORDS)
    await stage.says(li, "/swaps", NAME)
    await stage.says(li, "/chat", NAME)
    await stage.until_all_delivered()
    assert len(naming(stage, li)) >= 5

    await leave(stage, zeb)
    assert naming(stage, li) == []
    assert stage.received(li, WORDS) == []
    assert heard.id not in [message.id for message in stage.chat(li)]
    assert "Somebody who left" in stage.message(li, card.id).words


async def test_the_asker_who_went_through_the_bot_sees_the_name_nowhere(stage: Stage) -> None:
    zeb, li = await pair(stage)
    found = await stage.says(li, "/match", NAME)
    asked = await stage.presses(li, found, "🤝 Propose a swap", "note")
    assert NAME in asked.words
    await stage.presses(li, asked, "📨 Send without a note", NAME)
    await stage.until_all_delivered()
    assert len(naming(stage, li)) >= 3
    await leave(stage, zeb)
    assert naming(stage, li) == []
    stored = await stage.deps.store.dialogs.get(li.telegram_id or 0)
    assert NAME not in str(stored)


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_swap_that_ended_long_ago_forgets_the_name_in_every_language(stage: Stage, locale: str) -> None:
    zeb, li = await pair(stage, locale=locale)
    swap = await propose_swap(stage.deps, zeb, Proposal(li.id, "Guitar", "Python"))
    await stage.until_all_delivered()
    await accept_swap(stage.deps, li, swap.id)
    await cancel_swap(stage.deps, li, swap.id)
    await stage.until_all_delivered()
    assert naming(stage, li)
    await leave(stage, zeb)
    assert naming(stage, li) == []
    (card,) = stage.received(li, stage.deps.texts[locale].plain("swap.somebody"))
    assert card


async def test_the_face_on_a_request_goes_with_the_name(stage: Stage) -> None:
    zeb, li = await pair(stage)
    await upload_photo(stage.deps, zeb, picture(), purpose=PROFILE)
    await propose_swap(stage.deps, await get_user(stage.deps, zeb.id), Proposal(li.id, "Guitar", "Python"))
    card = await stage.sees(li, f"{NAME} Ray would like to swap")
    face = card.photo
    assert face is not None
    await leave(stage, zeb)
    shown = stage.message(li, card.id)
    assert shown.photo is not None
    assert shown.photo != face
    assert naming(stage, li) == []


async def trio(stage: Stage) -> tuple[User, User, User]:
    return (
        await stage.person(f"{NAME} Ray", "Guitar", "Chinese"),
        await stage.person("Li Wei", "Python", "Guitar"),
        await stage.person("Noor", "Chinese", "Python"),
    )


async def closed_circle(stage: Stage, zeb: User, li: User, noor: User) -> str:
    (possible,) = await list_possible(stage.deps, zeb)
    circle = await ask_circle(stage.deps, zeb, possible.id)
    await stage.until_all_delivered()
    await join_circle(stage.deps, li, circle.id, version=circle.version)
    (view,) = await list_circles(stage.deps, noor)
    view = await join_circle(stage.deps, noor, circle.id, version=view.version)
    assert view.status == ACCEPTED
    await stage.until_all_delivered()
    return circle.id


async def test_a_closed_circle_forgets_the_name_in_cards_news_and_headers(stage: Stage) -> None:
    zeb, li, noor = await trio(stage)
    circle_id = await closed_circle(stage, zeb, li, noor)
    await send_message(stage.deps, zeb, Draft(circle_id, WORDS, WEB))
    await send_message(stage.deps, noor, Draft(circle_id, "Words of Noor", WEB))
    await stage.says(li, "/circles", NAME)
    await stage.until_all_delivered()
    assert naming(stage, li)
    assert naming(stage, noor)

    await leave(stage, zeb)
    for other in (li, noor):
        await eventually(lambda other=other: naming(stage, other) == [])
        assert stage.received(other, WORDS) == []
        (card,) = stage.received(other, "This circle has ended.")
        assert "Somebody who left" in card.words
        assert "somebody new" not in card.words
    (copy,) = stage.received(li, "Words of Noor")
    assert copy.words.startswith("🔄 Noor · circle with you and Somebody who left")


async def test_an_ended_circle_forgets_the_name(stage: Stage) -> None:
    zeb, li, noor = await trio(stage)
    circle_id = await closed_circle(stage, zeb, li, noor)
    await leave_circle(stage.deps, noor, circle_id)
    await stage.until_all_delivered()
    assert naming(stage, li)
    assert naming(stage, noor)
    await leave(stage, zeb)
    assert naming(stage, li) == []
    assert naming(stage, noor) == []
    (view,) = await list_circles(stage.deps, li)
    assert "" in (view.you_learn.name, view.you_teach.name)


async def test_an_invitation_to_a_circle_forgets_the_name(stage: Stage) -> None:
    zeb, li, noor = await trio(stage)
    (possible,) = await list_possible(stage.deps, zeb)
    await ask_circle(stage.deps, zeb, possible.id)
    await stage.until_all_delivered()
    assert naming(stage, li)
    assert naming(stage, noor)
    await leave(stage, zeb)
    assert naming(stage, li) == []
    assert naming(stage, noor) == []


async def test_a_crash_after_the_erasure_leaves_no_name(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    zeb, li = await pair(stage)
    await propose_swap(stage.deps, zeb, Proposal(li.id, "Guitar", "Python"))
    await stage.until_all_delivered()
    monkeypatch.setattr("handlers.users.ANNOUNCED_WITHIN", stage.deps.now() - stage.deps.now())
    erase = stage.deps.store.users.erase

    async def erase_and_die(user_id: str, **options: object) -> bool:
        await erase(user_id, **options)  # type: ignore[arg-type]
        raise ConnectionError

    monkeypatch.setattr(stage.deps.store.users, "erase", erase_and_die)
    await stage.runners.pop().stop()
    with pytest.raises(ConnectionError):
        await delete_account(stage.deps, zeb)
    await stage.start_runner("another")
    await stage.until_all_delivered()
    assert naming(stage, li) == []


async def test_a_photo_that_telegram_no_longer_deletes_is_blanked(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sandbox.methods.editing.DELETABLE_SECONDS", -1)
    zeb, li = await pair(stage)
    swap = await propose_swap(stage.deps, zeb, Proposal(li.id, "Guitar", "Python"))
    await accept_swap(stage.deps, li, swap.id)
    photo = await upload_photo(stage.deps, zeb, picture(), purpose=CHAT)
    await send_message(stage.deps, zeb, Draft(swap.id, "Look", WEB, photo_url=photo.url))
    copy = await stage.sees(li, "Look")
    await leave(stage, zeb)
    shown = stage.message(li, copy.id)
    assert shown.photo != copy.photo
    assert NAME not in shown.words


async def test_a_header_that_telegram_refuses_to_edit_is_not_sent_again(stage: Stage) -> None:
    zeb, li, noor = await trio(stage)
    circle_id = await closed_circle(stage, zeb, li, noor)
    await send_message(stage.deps, noor, Draft(circle_id, "Words of Noor", WEB))
    copy = await stage.sees(li, "Words of Noor")
    await stage.until_all_delivered()
    await stage.sandbox.delete_message(li.telegram_id or 0, copy.id)
    await leave(stage, zeb)
    assert stage.received(li, "Words of Noor") == []


async def test_more_messages_than_one_attempt_edits_forget_the_name_and_a_deleted_one_stops_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.departures.LINES_AT_ONCE", 2)
    zeb, li = await pair(stage)
    await stage.running_swap(zeb, li)
    for _ in range(3):
        await stage.says(li, "/swaps", NAME)
    card = await stage.says(li, "/chat", NAME)
    await stage.until_all_delivered()
    named = [message for message in stage.chat(li) if message.from_bot and NAME in message.words]
    assert len(named) >= 4, "too few for two attempts"
    await stage.sandbox.delete_message(li.telegram_id or 0, named[-2].id)
    await leave(stage, zeb)
    assert naming(stage, li) == []
    assert "Somebody named here" in stage.message(li, card.id).words
    assert await stage.deps.store.outbox.counts() == {**await stage.deps.store.outbox.counts(), "dead": 0}


async def test_a_bot_that_dies_between_two_edits_goes_on_where_it_was(stage: Stage) -> None:
    zeb, li = await pair(stage)
    await stage.running_swap(zeb, li)
    for _ in range(4):
        await stage.says(li, "/swaps", NAME)
    await stage.until_all_delivered()
    before = len(naming(stage, li))
    stage.sandbox.delay("editMessageText", 0.2, 100)
    await delete_account(stage.deps, await get_user(stage.deps, zeb.id))
    await eventually(lambda: 0 < len(naming(stage, li)) < before)
    await stage.runners.pop().stop()
    stage.sandbox.behave()
    await stage.start_runner("another")
    await stage.until_all_delivered()
    assert naming(stage, li) == []


async def test_the_questions_and_the_list_of_blocked_people_forget_the_name(stage: Stage) -> None:
    zeb, li = await pair(stage)
    await stage.running_swap(zeb, li)
    swaps = await stage.says(li, "/swaps", NAME)
    (opened,) = [label for label in stage.buttons(swaps) if NAME in label]
    card = await stage.presses(li, swaps, opened, NAME)
    ending = await stage.presses(li, card, "🏁 End this swap", NAME)
    (block,) = [label for label in stage.buttons(ending) if label.startswith("🚫 Block")]
    ask = await stage.presses(li, ending, block, f"Block {NAME} Ray?")
    await stage.presses(li, ask, "🚫 Yes, block", f"{NAME} Ray is blocked")
    settings = await stage.says(li, "/settings", "Settings")
    blocked = await stage.presses(li, settings, "🚫 Blocked people", "People you have blocked")
    assert NAME in str(stage.buttons(blocked))
    await leave(stage, zeb)
    assert naming(stage, li) == []


async def test_a_merged_profile_is_named_as_the_survivor_in_old_cards(stage: Stage) -> None:
    zeb, li = await pair(stage)
    swap = await propose_swap(stage.deps, zeb, Proposal(li.id, "Guitar", "Python"))
    await stage.until_all_delivered()
    await accept_swap(stage.deps, li, swap.id)
    await stage.until_all_delivered()
    survivor = await insert_user(stage.deps, "Robin")
    code, _ = await offer_merge(stage.deps, survivor)
    await accept_merge(stage.deps, await get_user(stage.deps, zeb.id), code)
    await stage.until_all_delivered()
    (card,) = stage.received(li, "Robin")
    assert NAME not in card.words
    assert "💬 Chat" in stage.buttons(card)
