"""A link behind a word keeps its address at both doors."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from telegram import Chat, Message, MessageEntity
from telegram.constants import MessageEntityType

from bot.words import words_of
from domain.messages import MAX_STORED_LENGTH
from domain.screening import RELEASED
from handlers.screened_words import decide_waiting
from tests.bot.test_messages import messages_in, picture

if TYPE_CHECKING:
    from domain.users import User
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]

HTML = (
    '🎸👩‍🎤 Look <a href="https://a.example/x?b=1">here</a>, <b><a href="https://c.example/">there</a></b>'
    ' and <a href="tg://resolve?domain=nora">ask</a>'
)
SHOWN = "🎸👩‍🎤 Look here (https://a.example/x?b=1), there (https://c.example/) and ask (tg://resolve?domain=nora)"


async def test_hidden_links_arrive_with_their_addresses(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    sent = await stage.sandbox.send_text(ana.telegram_id or 0, HTML, is_html=True)
    assert (await stage.sees(li, "Look")).words == f"Ana · guitar ⇄ Python\n{SHOWN}"
    assert await messages_in(stage, li, swap) == [SHOWN]
    changed = HTML.replace("a.example", "b.example")  # the words stay the same
    await stage.sandbox.edit_text(ana.telegram_id or 0, sent, changed, is_html=True)
    await stage.sees(li, "https://b.example")
    assert await messages_in(stage, li, swap) == [SHOWN.replace("a.example", "b.example")]


async def test_hidden_links_of_a_caption_arrive(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    await stage.sandbox.send_photo(ana.telegram_id or 0, picture(), caption=HTML, is_html=True)
    assert (await stage.sees(li, "Look")).photo
    assert await messages_in(stage, li, swap) == [SHOWN]


async def test_hidden_links_of_a_note_arrive(stage: Stage, ana: User, li: User) -> None:
    card = await stage.says(ana, "/match", "Li")
    await stage.presses(ana, card, "🤝 Propose a swap", "short note")
    await stage.sandbox.send_text(ana.telegram_id or 0, HTML, is_html=True)
    await stage.sees(ana, "a moderator looks at it first")  # a newcomer's: hidden links are links
    assert not stage.received(li, SHOWN)
    await decide_waiting(stage.deps, ana.id, RELEASED, by="", until=None)
    await stage.sees(li, SHOWN)


async def test_links_that_are_too_long_are_refused_and_sent_after_an_edit(stage: Stage, ana: User, li: User) -> None:
    swap = await stage.running_swap(ana, li)
    links = " ".join(f'<a href="https://a.example/{"x" * 2000}">{number}</a>' for number in range(5))
    sent = await stage.sandbox.send_text(ana.telegram_id or 0, links, is_html=True)
    await stage.sees(ana, f"{MAX_STORED_LENGTH:,} fit", after=sent)
    await stage.sandbox.edit_text(ana.telegram_id or 0, sent, HTML, is_html=True)
    await stage.sees(li, SHOWN)
    assert await messages_in(stage, li, swap) == [SHOWN]


WRITTEN_AT = datetime(2026, 3, 1, tzinfo=UTC)
LINK, BOLD = MessageEntityType.TEXT_LINK, MessageEntityType.BOLD


@pytest.mark.parametrize(
    ("text", "entities", "expected"),
    [
        ("here", [(LINK, 0, 4, "https://a.example")], "here (https://a.example)"),
        ("🎸 here!", [(LINK, 3, 4, "http://a.example")], "🎸 here (http://a.example)!"),
        ("one two", [(LINK, 0, 3, "https://a.example"), (LINK, 4, 3, "https://b.example")],
         "one (https://a.example) two (https://b.example)"),
        ("onetwo", [(LINK, 3, 3, "https://a.example"), (LINK, 0, 3, "https://a.example")], "onetwo (https://a.example)"),
        ("onetwo", [(LINK, 0, 3, "https://a.example"), (LINK, 3, 3, "https://b.example")],
         "one (https://a.example)two (https://b.example)"),
        ("here \nnext", [(LINK, 0, 6, "https://a.example")], "here (https://a.example) \nnext"),
        ("https://a.example", [(LINK, 0, 17, "https://a.example")], "https://a.example"),
        ("write", [(LINK, 0, 5, "mailto:nora@a.example")], "write (mailto:nora@a.example)"),
        ("press", [(LINK, 0, 5, "javascript:alert(1)"), (BOLD, 0, 5, None)], "press"),
        ("press", [(LINK, 0, 5, "file:///etc/passwd")], "press"),
        ("broken", [(LINK, 4, 50, "https://a.example")], "broken (https://a.example)"),
    ],
)  # fmt: skip
def test_addresses_stand_behind_the_words_of_their_links(
    text: str, entities: list[tuple[str, int, int, str | None]], expected: str
) -> None:
    given = [MessageEntity(kind, offset, length, url) for kind, offset, length, url in entities]
    chat = Chat(1, "private")
    assert words_of(Message(1, WRITTEN_AT, chat, text=text, entities=given)) == expected
    assert words_of(Message(1, WRITTEN_AT, chat, caption=text, caption_entities=given)) == expected
