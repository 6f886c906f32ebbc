"""The menu is short, and every screen that buttons lead to has a button back."""

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
    r"|sw:\w+:open|se:\w+:\d+:show|sp:\w+:\w+:[dSp](?::\w+)?|sq:end|rp:\S+:x|rpm:no"
)
"""Buttons that lead to the parent screen, or close a question."""

SKIPPED = re.compile(
    r"delete:\d|unlink_yes|merge_yes|sessions?_end|block:\w+:yes|s:\w+:\d+:(?:cancel|end!)|p:\w+:send|cp:|m:\w+:t?skip"
    r"|sw:\w+:(?:arrange|done|notyet)|sp:\w+:\w+:[oE]|se:\w+:\d+:(?:agree|off!|held|why|hand)|rpm:send"
)
"""Buttons that end something or write to other users: the walk skips them."""

START_COMMANDS = {
    "/settings": "Settings",
    "/profile": "You teach",
    "/help": "You teach, you learn",
    "/swaps": "Your swaps",
    "/circles": "Circles of three",
}
"""Commands that the walk starts from, with a text of their screens."""

EXPECTED_SCREENS = {
    *("zone", "alerts", "blocks", "web", "accounts", "sessions", "merge", "merge_code", "merge_enter", "privacy"),
    *("delete", "stay", "profile", "edit:photo", "edit:visibility", "edit:teach", "level:teach", "settings", "home"),
    *("match", "chat", "swaps", "sw", "sp"),
}
"""Some of the screens that the walk must reach."""


async def press(bot: Bot, person: int, message: Message, data: str) -> Message | None:
    """Press a button; return the newest screen in whatever message, or None when only a toast was shown."""
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
        if seen.from_bot and before.get(seen.id) != seen and not is_standalone_card(seen)
    ]
    return changed[-1] if changed else None


def data_of(screen: Message) -> list[str]:
    return [button.data for button in screen.buttons if button.data]


def is_standalone_card(screen: Message) -> bool:
    """Return whether this is a swap's card outside the list, which is edited where it is."""
    own = [data for data in data_of(screen) if data.startswith("s:")]
    return bool(own) and all(re.fullmatch(r"s:\w+:\d+:\S+(?<!:l)|block:\w+", data) for data in data_of(screen))


async def busy_user(bot: Bot) -> User:
    """Register Ana, with one sent and one received request."""
    ana = await bot.member("Ana", offers="Guitar", wants="Python, Lutes")
    li = await bot.member("Li", offers="Python", wants="Guitar")
    bo = await bot.member("Bo", offers="Python, Chess", wants="Guitar")
    await bot.member("Cy", offers="Python", wants="Guitar")
    await propose_swap(bot.deps, ana, Proposal(li.id, "Guitar", "Python"))
    await propose_swap(bot.deps, bo, Proposal(ana.id, "Python", "Guitar"))
    await bot.sandbox.wait_for(ana.telegram_id or 0, "Bo would like to swap")
    return ana


async def test_every_screen_has_a_back_button(bot: Bot) -> None:
    ana = await busy_user(bot)
    person = ana.telegram_id or 0
    waiting = [("", await bot.say(person, command, words)) for command, words in START_COMMANDS.items()]
    seen, without = set[str](), []
    while waiting:
        came_by, screen = waiting.pop()
        offered = data_of(screen)
        if came_by != ROOT and not any(BACK.fullmatch(data) and data != came_by for data in offered):
            without.append((came_by, screen.words))
        for data in offered:
            step = re.sub(r"^(sp:\w+:\w+:\w)(?::.*)?$", r"\1", data)  # one time of many is like another
            if step in seen or SKIPPED.match(data):
                continue
            seen.add(step)
            following = await press(bot, person, screen, data)
            if following is not None:
                waiting.append((data, following))
    assert not without
    assert not EXPECTED_SCREENS - seen - {data.partition(":")[0] for data in seen}


def test_menu_has_at_most_ten_commands_and_help_lists_them() -> None:
    assert len(COMMANDS) <= 10
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
async def test_command_outside_the_menu_still_answers(bot: Bot, command: str, expected: str) -> None:
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
async def test_settings_screens_open_in_place_and_lead_back(bot: Bot, data: str, expected: str) -> None:
    ana = (await bot.member("Ana", offers="Guitar", wants="Python")).telegram_id or 0
    settings = await bot.say(ana, "/settings", "Settings")
    opened = await bot.press(ana, settings, data, expected)
    assert opened.id == settings.id
    back = "stay" if data == "delete" else "settings"
    again = await bot.press(ana, opened, back, "Glad you're staying" if data == "delete" else "Language: English")
    assert again.id == settings.id


async def test_closed_time_zone_question_takes_no_answer(bot: Bot) -> None:
    ana = (await bot.member("Ana", offers="Guitar", wants="Python")).telegram_id or 0
    settings = await bot.say(ana, "/settings", "Settings")
    asked = await bot.press(ana, settings, "zone", "Which time zone")
    await bot.press(ana, asked, "settings", "Language: English")
    await bot.say(ana, "Madrid", "nobody to write to")
    assert (await bot.user(ana)).timezone is None
