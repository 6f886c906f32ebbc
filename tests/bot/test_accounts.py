"""/accounts in the bot: linked accounts, sessions and merges, by buttons that only their owner can use."""

from __future__ import annotations

import re

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from domain.errors import NotFound, Unauthenticated
from handlers.auth.accounts import accept_merge, list_linked_accounts, offer_merge
from handlers.auth.authentication import authenticate
from handlers.auth.identities import Identity, sign_in
from handlers.auth.sessions import list_sessions, open_session
from handlers.swaps import list_swaps
from handlers.users import find_telegram_user, get_user
from tests.bot.stage import Stage
from tests.bot.stage import stage as stage_of_the_bot
from tests.factories import MakeSwap, MakeUser
from tests.waiting import eventually

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

stage = stage_of_the_bot


async def test_account_is_unlinked_after_confirmation(stage: Stage) -> None:
    ana = await stage.person("Ana", "Guitar", "Python")
    await sign_in(stage.deps, Identity("google", "1"), linking=ana)
    shown = await stage.says(ana, "/accounts", "• Google")
    assert "• Telegram" in shown.words
    shown = await stage.presses(ana, shown, "Unlink Google", "Unlink Google?")
    assert len(await list_linked_accounts(stage.deps, ana)) == 2
    await stage.presses(ana, shown, "🔗 Yes, unlink it", lambda seen: "• Telegram" in seen.words)
    assert [account.provider for account in await list_linked_accounts(stage.deps, ana)] == ["telegram"]


async def test_last_account_has_no_unlink_button_and_a_late_press_does_nothing(stage: Stage) -> None:
    ana = await stage.person("Ana", "Guitar", "Python")
    linked = await sign_in(stage.deps, Identity("google", "1"), linking=ana)
    shown = await stage.says(ana, "/accounts", "• Google")
    again = await stage.says(ana, "/accounts", "• Google")
    one = await stage.presses(ana, shown, "Unlink Google", "Unlink Google?")
    other = await stage.presses(ana, again, "Unlink Telegram", "Unlink Telegram?")
    await stage.presses(ana, one, "🔗 Yes, unlink it", lambda seen: seen.id == one.id and "• Telegram" in seen.words)
    assert "Unlink Telegram" not in stage.buttons(stage.message(ana, one.id))
    await stage.sandbox.press(ana.telegram_id or 0, other.id, "🔗 Yes, unlink it")
    await eventually(lambda: any("only way in" in toast for toast in stage.toasts(ana)))
    assert (await get_user(stage.deps, linked.id)).telegram_id == ana.telegram_id


async def test_user_who_unlinks_telegram_is_unregistered_in_the_bot(stage: Stage) -> None:
    ana = await stage.person("Ana", "Guitar", "Python", email="ana@example.org")
    shown = await stage.says(ana, "/accounts", "• ana@example.org")
    shown = await stage.presses(ana, shown, "Unlink Telegram", "I will not know you here")
    await stage.presses(ana, shown, "🔗 Yes, unlink it", "Telegram is unlinked")
    assert await find_telegram_user(stage.deps, ana.telegram_id or 0) is None
    assert (await get_user(stage.deps, ana.id)).email == "ana@example.org"


async def test_web_sessions_are_shown_and_ended(stage: Stage) -> None:
    ana = await stage.person("Ana", "Guitar", "Python")
    tokens = [
        await open_session(stage.deps, ana, provider=provider, user_agent=FIREFOX) for provider in ("email", "google")
    ]
    shown = await stage.says(ana, "/accounts", "Your ways in")
    shown = await stage.presses(ana, shown, "🖥 Signed in on the web: 2", "Firefox, Linux · Google")
    shown = await stage.presses(
        ana, shown, "Sign out 1", lambda seen: "Firefox" in seen.words and "2." not in seen.words
    )
    with pytest.raises(Unauthenticated):
        await authenticate(stage.deps, tokens[1])
    assert (await authenticate(stage.deps, tokens[0])).id == ana.id
    await stage.presses(ana, shown, "🚪 Sign out everywhere", "not signed in anywhere")
    with pytest.raises(Unauthenticated):
        await authenticate(stage.deps, tokens[0])


async def test_sessions_and_accounts_of_others_are_refused(stage: Stage, make_user: MakeUser) -> None:
    ana = await stage.person("Ana", "Guitar", "Python", email="ana@example.org")
    ben = await make_user(email="ben@example.org", telegram_id=4)
    await sign_in(stage.deps, Identity("google", "2"), linking=ben)
    token = await open_session(stage.deps, ben, provider="email")
    theirs = (await list_sessions(stage.deps, ben))[0].id
    account = next(
        account.id for account in await list_linked_accounts(stage.deps, ben) if account.provider == "google"
    )
    await open_session(stage.deps, ana, provider="email")
    forged = (f"session_end:{theirs}", f"unlink_yes:{account}", "session_end", "unlink_yes", "unlink_yes:x:y")
    buttons = [[InlineKeyboardButton(data, callback_data=data)] for data in forged]
    telegram = stage.runners[0]._application.bot
    shown = await telegram.send_message(ana.telegram_id or 0, "forged", reply_markup=InlineKeyboardMarkup(buttons))
    for number, data in enumerate(forged, 1):
        await stage.sandbox.press(ana.telegram_id or 0, shown.message_id, data)
        await eventually(lambda number=number: len(stage.toasts(ana)) == number)
    assert (await authenticate(stage.deps, token)).id == ben.id
    assert len(await list_linked_accounts(stage.deps, ben)) == 3


async def test_web_profile_is_merged_into_the_telegram_profile(
    stage: Stage, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    web = await make_user("Ana Web", email="ana@example.org", skills_offered=("Chess",))
    ben = await make_user("Ben", skills_offered=("Piano",))
    ana = await stage.person("Ana", "Guitar", "Python")
    swap = await make_swap(ana, ben, offered_skill="Guitar", wanted_skill="Piano")
    code, _ = await offer_merge(stage.deps, web)
    shown = await stage.says(ana, "/accounts", "Your ways in")
    shown = await stage.presses(ana, shown, "👥 Join two", "second profile")
    await stage.presses(ana, shown, "➡️ This one moves: enter a code", "Which code")
    await stage.says(ana, "K7QF-AAAA", "has been used or has run out")
    shown = await stage.says(ana, code.lower(), "Move everything to Ana Web?")
    assert await find_telegram_user(stage.deps, ana.telegram_id or 0) == await get_user(stage.deps, ana.id)
    await stage.presses(ana, shown, "👥 Yes, move everything", "you are Ana Web now")
    with pytest.raises(NotFound):
        await get_user(stage.deps, ana.id)
    one = await get_user(stage.deps, web.id)
    assert (one.telegram_id, [each.id for each in await list_swaps(stage.deps, one)]) == (ana.telegram_id, [swap.id])
    await stage.says(one, "/profile", "Ana Web")


async def test_telegram_profile_can_be_the_surviving_one(stage: Stage, make_user: MakeUser) -> None:
    web = await make_user("Ana Web", email="ana@example.org")
    ana = await stage.person("Ana", "Guitar", "Python")
    shown = await stage.says(ana, "/accounts", "Your ways in")
    shown = await stage.presses(ana, shown, "👥 Join two", "second profile")
    shown = await stage.presses(ana, shown, "⭐️ This profile stays: get a code", "Your code")
    found = re.search(r"\w{4}-\w{4}", shown.words)
    assert found is not None
    one = await accept_merge(stage.deps, web, found[0])
    assert (one.id, one.email) == (ana.id, "ana@example.org")
    await stage.says(ana, "/accounts", "• ana@example.org")
