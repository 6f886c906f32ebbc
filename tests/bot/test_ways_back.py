"""The menu is short, and every screen that is reached by buttons has a way back."""

from __future__ import annotations

import re

import pytest

from bot.application import COMMANDS
from bot.sandbox import Message
from domain.languages import LOCALES
from domain.users import User
from handlers.runtime.texts import load_texts
from handlers.swaps import Proposal, propose_swap
from tests.bot.conftest import Bot

ROOT = "home"
BACK = re.compile(
    r"home|settings|profile|swaps|accounts|cancel|stay|level:\w+|block:\w+:no|p:\w+:cancel|(?:s|ci):\w+:\d+:show(?::l)?"
)
"""The buttons that lead to the screen which another belongs to, or out of a question."""

ENDS = re.compile(
    r"delete:\d|unlink_yes|merge_yes|sessions?_end|block:\w+:yes|s:\w+:\d+:(?:cancel|end!)|p:\w+:send|cp:|m:\w+:t?skip"
)
"""What ends something, or asks other people: the walk does not press it."""

FROM = {
    "/settings": "Settings",
    "/profile": "You teach",
    "/help": "You teach, you learn",
    "/swaps": "Your swaps",
    "/circles": "Circles of three",
}
"""The commands from which the walk begins, and words of their screens."""

REACHED = {
    *("zone", "alerts", "blocks", "web", "accounts", "sessions", "merge", "merge_code", "merge_enter", "privacy"),
    *("delete", "stay", "profile", "edit:photo", "edit:visibility", "edit:teach", "level:teach", "settings", "home"),
    *("match", "chat", "swaps"),
}
"""Some of the screens that the walk must come to."""


async def press(bot: Bot, person: int, message: Message, data: str) -> Message | None:
    """The newest screen after a press, whatever message it is on; None when only a note was shown above the chat."""
    world = bot.sandbox._world
    before = {seen.id: seen for seen in bot.sandbox.chat(person)}
    stored = world.find_message(person, message.id)
    assert stored is not None
    world.add_query(world.person(person), stored, data)
    await world.commit()
    await bot.until_idle()
    changed = [
        seen
        for seen in bot.sandbox.chat(person)
        if seen.from_bot and before.get(seen.id) != seen and not is_card_of_its_own(seen)
    ]
    return changed[-1] if changed else None


def data_of(screen: Message) -> list[str]:
    return [button.data for button in screen.buttons if button.data]


def is_card_of_its_own(screen: Message) -> bool:
    """A swap's card outside the list is a message in the chat, brought up to date where it stands."""
    return bool(data_of(screen)) and all(re.fullmatch(r"s:\w+:\d+:\S+(?<!:l)", data) for data in data_of(screen))


async def a_busy_person(bot: Bot) -> User:
    """Ana, who has sent a request and has got one."""
    ana = await bot.member("Ana", offers="Guitar", wants="Python, Lutes")
    li = await bot.member("Li", offers="Python", wants="Guitar")
    bo = await bot.member("Bo", offers="Python, Chess", wants="Guitar")
    await bot.member("Cy", offers="Python", wants="Guitar")
    await propose_swap(bot.deps, ana, Proposal(li.id, "Guitar", "Python"))
    await propose_swap(bot.deps, bo, Proposal(ana.id, "Python", "Guitar"))
    await bot.sandbox.wait_for(ana.telegram_id or 0, "Bo would like to swap")
    return ana


async def test_every_screen_has_a_way_back(bot: Bot) -> None:
    ana = await a_busy_person(bot)
    person = ana.telegram_id or 0
    waiting = [("", await bot.say(person, command, words)) for command, words in FROM.items()]
    seen, without = set[str](), []
    while waiting:
        came_by, screen = waiting.pop()
        offered = data_of(screen)
        if came_by != ROOT and not any(BACK.fullmatch(data) and data != came_by for data in offered):
            without.append((came_by, screen.words))
        for data in offered:
            if data in seen or ENDS.match(data):
                continue
            seen.add(data)
            following = await press(bot, person, screen, data)
            if following is not None:
                waiting.append((data, following))
    assert not without
    assert not REACHED - seen


def test_the_menu_has_at_most_nine_commands_and_help_lists_them() -> None:
    assert len(COMMANDS) <= 9
    for locale in LOCALES:
        listed = re.findall(r"(?m)^/(\w+)", load_texts()[locale]("help.text"))
        assert tuple(listed) == COMMANDS, locale


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("/photo", "A photo of you?"),
        ("/visibility", "Who may find you?"),
        ("/web", "works once, for 5 minutes"),
        ("/accounts", "Your ways in"),
        ("/alerts", "No alerts yet"),
        ("/privacy", "What I keep about you"),
        ("/delete", "Delete your account?"),
        ("/start", "What shall we do?"),
    ],
)
async def test_a_command_that_left_the_menu_still_answers(bot: Bot, command: str, expected: str) -> None:
    ana = await bot.member("Ana", offers="Guitar", wants="Python")
    assert command.removeprefix("/") not in COMMANDS
    await bot.say(ana.telegram_id or 0, command, expected)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("alerts", "No alerts yet"),
        ("blocks", "not blocked anybody"),
        ("web", "works once"),
        ("accounts", "Your ways in"),
        ("privacy", "What I keep about you"),
        ("delete", "Delete your account?"),
        ("zone", "Which time zone"),
    ],
)
async def test_what_lies_under_the_settings_opens_in_their_place_and_leads_back(
    bot: Bot, data: str, expected: str
) -> None:
    ana = (await bot.member("Ana", offers="Guitar", wants="Python")).telegram_id or 0
    settings = await bot.say(ana, "/settings", "Settings")
    opened = await bot.press(ana, settings, data, expected)
    assert opened.id == settings.id
    back = "stay" if data == "delete" else "settings"
    again = await bot.press(ana, opened, back, "Glad you're staying" if data == "delete" else "Language: English")
    assert again.id == settings.id


async def test_a_time_zone_that_was_left_open_is_not_asked_any_more(bot: Bot) -> None:
    ana = (await bot.member("Ana", offers="Guitar", wants="Python")).telegram_id or 0
    settings = await bot.say(ana, "/settings", "Settings")
    asked = await bot.press(ana, settings, "zone", "Which time zone")
    await bot.press(ana, asked, "settings", "Language: English")
    await bot.say(ana, "Madrid", "nobody to write to")
    assert (await bot.user(ana)).timezone is None
