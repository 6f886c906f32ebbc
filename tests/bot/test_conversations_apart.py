"""A circle and a pair with the same person never look the same, on any screen and in any language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.views.lengths import MAX_CAPTION, MAX_TEXT, units
from handlers.circles import ask_circle, join_circle
from handlers.messages import Draft, send_message
from handlers.photos import CHAT, upload_photo
from handlers.swaps import Proposal, accept_swap, get_swap, propose_swap
from tests.factories import jpeg, list_possible

if TYPE_CHECKING:
    from domain.swaps import Swap
    from domain.users import User
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]

CIRCLE_WORDS = {
    "en": "circle with you and",
    "es": "círculo contigo y con",
    "de": "Dreierkreis mit dir und",
    "fr": "cercle avec toi et",
}
FAMILY = "👩‍👩‍👧‍👦"


async def closed_circle(stage: Stage, one: User, two: User, three: User) -> Swap:
    (possible, *_) = await list_possible(stage.deps, one)
    circle = await ask_circle(stage.deps, one, possible.id)
    for version, person in enumerate((two, three), 1):
        await join_circle(stage.deps, person, circle.id, version=version)
    await stage.until_all_delivered()
    return await get_swap(stage.deps, one, circle.id)


async def pair_of(stage: Stage, asker: User, partner: User) -> Swap:
    swap = await propose_swap(
        stage.deps, asker, Proposal(partner.id, asker.skills_offered[0], partner.skills_offered[0])
    )
    swap = await accept_swap(stage.deps, partner, swap.id)
    await stage.until_all_delivered()
    return swap


async def trio(stage: Stage, locale: str = "en", *, names: tuple[str, str, str] = ("Ana", "Li", "Noor")) -> list[User]:
    """Three who make a circle, in which Li gives Ana, and Ana gives Li, the same skills as in a pair."""
    ana, li, noor = names
    return [
        await stage.person(ana, "Guitar", "Python", locale=locale),
        await stage.person(li, "Python", "Chinese", locale=locale),
        await stage.person(noor, "Chinese", "Guitar", locale=locale),
    ]


@pytest.mark.parametrize("locale", CIRCLE_WORDS)
async def test_the_same_words_in_a_pair_and_a_circle_come_under_different_headers(stage: Stage, locale: str) -> None:
    ana, li, noor = await trio(stage, locale)
    circle = await closed_circle(stage, ana, li, noor)
    pair = await pair_of(stage, ana, li)
    await send_message(stage.deps, li, Draft(pair.id, "Between us", "web"))
    await send_message(stage.deps, li, Draft(circle.id, "For all", "web"))
    aside, said = await stage.sees(ana, "Between us"), await stage.sees(ana, "For all")
    header, told = aside.words.split("\n")[0], said.words.split("\n")[0]
    assert header.startswith("Li · ")
    assert "Noor" not in header
    assert CIRCLE_WORDS[locale] in told
    assert {name for name in ("Li", "Noor") if name in told} == {"Li", "Noor"}
    heard = (await stage.sees(noor, "For all")).words
    assert CIRCLE_WORDS[locale] in heard
    assert "Ana" in heard
    assert stage.received(noor, "Between us") == []


async def test_a_photo_of_a_circle_says_so_in_its_caption(stage: Stage) -> None:
    ana, li, noor = await trio(stage)
    circle = await closed_circle(stage, ana, li, noor)
    photo = await upload_photo(stage.deps, li, jpeg(), purpose=CHAT)
    await send_message(stage.deps, li, Draft(circle.id, "Look", "web", photo_url=photo.url))
    await stage.sees(ana, "🔄 Li · circle with you and Noor")
    assert stage.chat(ana)[-1].caption is not None


async def test_list_and_line_of_the_receiver_tell_a_circle_from_a_pair(stage: Stage) -> None:
    ana, li, noor = await trio(stage)
    await closed_circle(stage, ana, li, noor)
    await pair_of(stage, ana, li)
    chooser = await stage.says(ana, "/chat", "Whom would you like to write to?")
    labels = stage.buttons(chooser)
    (circle,) = [label for label in labels if "(circle)" in label]
    (pair,) = [label for label in labels if "Li" in label and label != circle]
    assert "Li and Noor" in circle or "Noor and Li" in circle
    talking = await stage.presses(ana, chooser, circle, "You are now talking to")
    assert "(circle: " in talking.words
    chooser = await stage.says(ana, "/chat", "(circle). Whom would you like")
    talking = await stage.presses(ana, chooser, pair.replace("🟢", "💬"), "You are now talking to Li (")
    assert "circle" not in talking.words


async def test_a_reply_to_a_circles_message_says_that_it_went_to_the_circle(stage: Stage) -> None:
    ana, li, noor = await trio(stage)
    pair = await pair_of(stage, ana, li)
    circle = await closed_circle(stage, ana, li, noor)
    await send_message(stage.deps, li, Draft(circle.id, "For all", "web"))
    said = await stage.sees(ana, "For all")
    sent = await stage.writes(ana, "Hello all", reply_to=said.id)
    line = await stage.sees(ana, "You are now talking to", after=sent)
    assert "(circle: " in line.words
    await stage.says(ana, "/find", "What would you like to learn?")
    sent = await stage.writes(ana, "One more", reply_to=said.id)
    await stage.sees(ana, "(circle). My question is still open.", after=sent)
    assert pair.id != circle.id


async def test_the_longest_names_keep_to_telegrams_limits_and_stay_whole(stage: Stage) -> None:
    long = f"{FAMILY * 9} "[:64].rstrip()
    names = (f"A{long}"[:64], f"B{long}"[:64], "C" + "ệ" * 21)
    ana, li, noor = await trio(stage, names=names)
    circle = await closed_circle(stage, ana, li, noor)
    photo = await upload_photo(stage.deps, li, jpeg(), purpose=CHAT)
    await send_message(stage.deps, li, Draft(circle.id, "x" * 800, "web", photo_url=photo.url))
    await send_message(stage.deps, noor, Draft(circle.id, "y" * 4000, "web"))
    await stage.until_all_delivered()
    seen = [message for message in stage.chat(ana) if "circle with you and" in message.words]
    assert len(seen) >= 2
    for message in seen:
        assert units(message.text or message.caption or "") <= (MAX_CAPTION if message.caption else MAX_TEXT)
        header = message.words.split("\n")[0]
        assert "‍…" not in header
