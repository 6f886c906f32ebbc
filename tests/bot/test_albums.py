"""An album is one act: all of its photos go to one place, and its sender gets one answer."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from domain.users import User
from handlers.messages import Draft, list_messages, send_message
from handlers.runtime.rate_limits import UPLOADS
from handlers.users import get_user
from tests.bot.stage import Message
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]

ALBUM = "album-1"
TINY = 8


def picture(shade: int = 0, side: int = 320) -> bytes:
    content = BytesIO()
    Image.new("RGB", (side, side), (shade, 90, 200)).save(content, "JPEG")
    return content.getvalue()


@pytest.fixture
async def mia(stage: Stage) -> User:
    return await stage.person("Mia", "guitar", "Python")


@pytest.fixture
async def tom(stage: Stage) -> User:
    return await stage.person("Tom", "Python", "guitar")


async def sends(stage: Stage, user: User, *photos: bytes, group: str = ALBUM, caption: str | None = None) -> list[int]:
    """Send an album, its caption on the first photo."""
    return [
        await stage.sandbox.send_photo(
            user.telegram_id or 0, data, media_group_id=group, caption=None if number else caption
        )
        for number, data in enumerate(photos)
    ]


async def is_read(stage: Stage, user: User, text: str = "/help") -> None:
    """Wait until all that the user has sent so far has been processed."""
    await stage.says(user, text, "/swaps")
    await stage.until_all_delivered()


def photos_in(stage: Stage, user: User) -> list[Message]:
    return [message for message in stage.chat(user) if message.from_bot and message.photo]


def new_in(stage: Stage, user: User, *, after: int) -> list[str]:
    return [message.words for message in stage.chat(user) if message.from_bot and message.id > after]


async def test_of_an_album_sent_as_the_profile_photo_one_is_taken_and_nobody_gets_the_others(
    stage: Stage, mia: User, tom: User
) -> None:
    await stage.running_swap(mia, tom)
    await stage.says(mia, "/chat", "Tom")
    await stage.says(mia, "/photo", "photo of you")
    sent = await sends(stage, mia, *map(picture, range(6)))
    await is_read(stage, mia)
    assert (await get_user(stage.deps, mia.id)).photo_url
    assert photos_in(stage, tom) == []
    told = [words for words in new_in(stage, mia, after=sent[0]) if "The others went to nobody" in words]
    assert len(told) == 1


async def test_an_album_in_the_middle_of_registering_sets_one_photo(stage: Stage) -> None:
    guest = stage.sandbox.add_person("Guest")
    await stage.sandbox.send_text(guest.id, "/start")
    asked = await stage.sandbox.wait_for(guest.id, lambda message: bool(message.buttons))
    for number in range(4):
        await stage.sandbox.send_photo(guest.id, picture(number), media_group_id=ALBUM)
    await stage.sandbox.send_text(guest.id, "/help")
    await stage.sandbox.wait_for(guest.id, "/swaps", after=asked.id)
    words = [message.words for message in stage.sandbox.chat(guest.id) if message.from_bot]
    assert len([text for text in words if "It is on your profile" in text]) == 1
    assert len([text for text in words if "The others went to nobody" in text]) == 1


async def test_the_next_photo_answers_when_the_first_is_refused(stage: Stage, mia: User, tom: User) -> None:
    await stage.running_swap(mia, tom)
    await stage.says(mia, "/photo", "photo of you")
    await sends(stage, mia, picture(1, TINY), picture(2), picture(3))
    await is_read(stage, mia)
    assert (await get_user(stage.deps, mia.id)).photo_url
    assert photos_in(stage, tom) == []
    assert len(stage.received(mia, "One of this album did not get through")) == 1


async def test_an_album_arrives_in_order_with_its_caption_and_one_sign(stage: Stage, mia: User, tom: User) -> None:
    swap = await stage.running_swap(mia, tom)
    sent = await sends(stage, mia, *map(picture, range(10)), caption="Our concert")
    await eventually(lambda: len(photos_in(stage, tom)) == 10)
    copies = photos_in(stage, tom)
    assert [copy.words.endswith("Our concert") for copy in copies] == [True, *[False] * 9]
    page = await list_messages(stage.deps, tom, swap.id)
    assert [message.seq for message in page if message.photo_url] == sorted(m.seq for m in page if m.photo_url)
    signs = [call for call in stage.sandbox.calls if call.method.lower() == "setmessagereaction"]
    assert [int(call.params["message_id"]) for call in signs] == [sent[0]]
    assert new_in(stage, mia, after=sent[0]) == []


async def test_an_album_counts_as_one_upload(stage: Stage, mia: User, tom: User) -> None:
    await stage.running_swap(mia, tom)
    for _ in range(UPLOADS.burst - 1):
        await stage.deps.rates.spend("upload", mia.id, UPLOADS, at=stage.deps.now())
    await sends(stage, mia, *map(picture, range(4)))
    await eventually(lambda: len(photos_in(stage, tom)) == 4)
    await sends(stage, mia, picture(9), group="another")
    await stage.sees(mia, "So many photos")
    assert len(photos_in(stage, tom)) == 4


async def test_no_album_is_larger_than_those_of_telegram(stage: Stage, mia: User, tom: User) -> None:
    await stage.running_swap(mia, tom)
    for _ in range(UPLOADS.burst - 1):
        await stage.deps.rates.spend("upload", mia.id, UPLOADS, at=stage.deps.now())
    await sends(stage, mia, *map(picture, range(11)))
    await stage.sees(mia, "So many photos")
    await eventually(lambda: len(photos_in(stage, tom)) == 10)


async def test_refused_photos_of_an_album_get_one_answer_with_number_and_reasons(
    stage: Stage, mia: User, tom: User
) -> None:
    await stage.running_swap(mia, tom)
    sent = await sends(stage, mia, picture(1, TINY), picture(2), b"not an image", picture(4, TINY), picture(5))
    await eventually(lambda: len(photos_in(stage, tom)) == 2)
    answer = await stage.sees(mia, "3 of this album did not get through")
    assert "too small, or too narrow. Do you have another one? (2 ×)" in answer.words
    assert "JPEG, PNG and WEBP work." in answer.words
    assert len(new_in(stage, mia, after=sent[0])) == 1


async def test_videos_go_with_the_photos_of_their_album(stage: Stage, mia: User, tom: User) -> None:
    bo = await stage.person("Bo", "cooking", "guitar")
    with_tom = await stage.running_swap(mia, tom)
    await stage.running_swap(mia, bo)
    await send_message(stage.deps, tom, Draft(with_tom.id, "From Tom", "web"))
    copy = await stage.sees(mia, "From Tom")
    await stage.until_all_delivered()
    await stage.sandbox.send_photo(mia.telegram_id or 0, picture(1), media_group_id=ALBUM, reply_to=copy.id)
    await stage.sandbox.send_other(mia.telegram_id or 0, "video", media_group_id=ALBUM)
    await stage.sees(tom, lambda message: message.from_bot and message.kind == "video")
    assert [message for message in stage.chat(bo) if message.kind == "video"] == []


async def test_an_album_goes_where_its_first_photo_went(stage: Stage, mia: User, tom: User) -> None:
    bo = await stage.person("Bo", "cooking", "guitar")
    with_tom = await stage.running_swap(mia, tom)
    await send_message(stage.deps, tom, Draft(with_tom.id, "From Tom", "web"))
    copy = await stage.sees(mia, "From Tom")
    await stage.running_swap(mia, bo)
    chosen = await stage.says(mia, "/chat", "Tom")
    await stage.presses(mia, chosen, next(label for label in stage.buttons(chosen) if "Bo" in label), "Bo")
    await stage.until_all_delivered()
    await stage.sandbox.send_photo(mia.telegram_id or 0, picture(1), media_group_id=ALBUM, reply_to=copy.id)
    await sends(stage, mia, picture(2), picture(3))
    await eventually(lambda: len(photos_in(stage, tom)) == 3)
    assert photos_in(stage, bo) == []


async def test_text_between_the_photos_of_an_album_keeps_its_place(stage: Stage, mia: User, tom: User) -> None:
    await stage.running_swap(mia, tom)
    await sends(stage, mia, picture(1), caption="One")
    await stage.writes(mia, "Between")
    await sends(stage, mia, picture(2), picture(3))
    await eventually(lambda: len(photos_in(stage, tom)) == 3)
    await stage.until_all_delivered()
    arrived = [
        message for message in stage.chat(tom) if message.from_bot and (message.photo or "Between" in message.words)
    ]
    assert [bool(message.photo) for message in arrived] == [True, False, True, True]


async def test_the_rest_of_an_answer_reaches_nobody_after_a_restart_and_a_text(
    stage: Stage, mia: User, tom: User
) -> None:
    await stage.running_swap(mia, tom)
    await stage.says(mia, "/photo", "photo of you")
    await sends(stage, mia, picture(1))
    await eventually(lambda: _has_photo(stage, mia))
    await stage.runners.pop().stop()
    await stage.writes(mia, "Between")
    await sends(stage, mia, picture(2), picture(3))
    await stage.start_runner("another")
    await is_read(stage, mia)
    assert [message.words for message in stage.received(tom, "Between")]
    assert photos_in(stage, tom) == []
    assert len(stage.received(mia, "The others went to nobody")) == 1


async def test_an_album_that_is_split_by_a_restart_stays_one(stage: Stage, mia: User, tom: User) -> None:
    await stage.running_swap(mia, tom)
    sent = await sends(stage, mia, picture(1))
    await eventually(lambda: len(photos_in(stage, tom)) == 1)
    await stage.runners.pop().stop()
    await sends(stage, mia, picture(2), picture(3, TINY))
    await stage.start_runner("another")
    await eventually(lambda: len(photos_in(stage, tom)) == 2)
    await stage.sees(mia, "One of this album did not get through")
    signs = [call for call in stage.sandbox.calls if call.method.lower() == "setmessagereaction"]
    assert [int(call.params["message_id"]) for call in signs] == sent


async def test_an_album_whose_receiver_is_not_certain_is_asked_about_once(stage: Stage, mia: User, tom: User) -> None:
    bo = await stage.person("Bo", "cooking", "guitar")
    await stage.running_swap(mia, tom)
    with_bo = await stage.running_swap(mia, bo)
    await send_message(stage.deps, bo, Draft(with_bo.id, "From Bo", "web"))
    await stage.sees(mia, "From Bo")
    await stage.until_all_delivered()
    await sends(stage, mia, *map(picture, range(3)))
    question = await stage.sees(mia, lambda message: message.words.count("📷") == 3)
    assert photos_in(stage, tom) == photos_in(stage, bo) == []
    await stage.presses(mia, question, next(label for label in stage.buttons(question) if "Bo" in label), "Bo")
    await eventually(lambda: len(photos_in(stage, bo)) == 3)
    assert photos_in(stage, tom) == []


async def test_the_next_album_after_an_answer_is_a_message_again(stage: Stage, mia: User, tom: User) -> None:
    await stage.running_swap(mia, tom)
    await stage.says(mia, "/photo", "photo of you")
    await sends(stage, mia, picture(1), picture(2))
    await is_read(stage, mia)
    await sends(stage, mia, picture(3), picture(4), group="another")
    await eventually(lambda: len(photos_in(stage, tom)) == 2)


async def test_an_album_at_a_question_that_takes_no_photo_is_answered_once(stage: Stage, mia: User, tom: User) -> None:
    await stage.running_swap(mia, tom)
    await stage.person("Zoe", "chess", "guitar")
    found = await stage.says(mia, "/find chess", "Zoe")
    card = await stage.presses(mia, found, next(label for label in stage.buttons(found) if "Zoe" in label), "Zoe")
    await stage.presses(mia, card, "🤝 Propose a swap", "note")
    sent = await sends(stage, mia, *map(picture, range(4)))
    await stage.writes(mia, "Hello Zoe")
    await stage.sees(mia, "Sent to Zoe", after=sent[-1])
    assert photos_in(stage, tom) == []
    assert len([words for words in new_in(stage, mia, after=sent[0]) if "this question" in words]) == 1


async def _has_photo(stage: Stage, user: User) -> bool:
    return bool((await get_user(stage.deps, user.id)).photo_url)
