"""/accounts: linked accounts, web sessions, and merging two profiles of one user."""

from __future__ import annotations

from telegram import Update

from bot.updates.context import Context
from bot.views.screens import Screen, back_button, button, show, show_in_place, show_question_in_place, toast
from handlers.auth.accounts import (
    CODE_LIVES,
    TELEGRAM_ACCOUNT,
    accept_merge,
    clean_code,
    list_linked_accounts,
    name_of_provider,
    offer_merge,
    preview_merge,
    unlink,
)
from handlers.auth.sessions import SessionRecord, end_all_sessions, end_session, list_sessions
from handlers.runtime.texts import Html, Texts

FLOW = "merge"
MAX_SESSIONS_SHOWN = 10


async def show_accounts(update: Update, context: Context, *parts: str) -> None:
    await context.end_dialog()
    await show_in_place(context, await accounts_screen(context))


async def accounts_screen(context: Context) -> Screen:
    texts = context.texts
    accounts = await list_linked_accounts(context.deps, context.user)
    sessions = await list_sessions(context.deps, context.user)
    lines = "\n".join(texts("accounts.account", name=account.name) for account in accounts)
    rows = []
    if len(accounts) > 1:  # the last account cannot be unlinked
        rows += [
            [button(texts.plain("button.unlink", name=account.name[:30]), "unlink", account.id)] for account in accounts
        ]
    rows += [
        [button(texts.plain("button.link"), "web"), button(texts.plain("button.merge"), "merge")],
        [button(texts.plain("button.sessions", n=len(sessions)), "sessions")],
        [back_button(texts, "settings"), back_button(texts, "home")],
    ]
    return Screen(texts("accounts.text", accounts=Html(lines)), rows)


# ---- unlinking -----------------------------------------------------------------------------------------------------


async def ask_to_unlink(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `unlink:<account>`: state the consequence and ask for confirmation."""
    texts = context.texts
    accounts = {account.id: account for account in await list_linked_accounts(context.deps, context.user)}
    account = accounts.get(parts[0]) if parts else None
    if account is None:
        await show_accounts(update, context)
        return
    rows = (
        (button(texts.plain("button.unlink_sure"), "unlink_yes", account.id, style="danger"),),
        (button(texts.plain("button.back"), "accounts"),),
    )
    key = "accounts.unlink_telegram" if account.id == TELEGRAM_ACCOUNT else "accounts.unlink"
    await show_in_place(context, Screen(texts(key, name=account.name), rows))


async def confirm_unlink(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `unlink_yes:<account>`: unlink the account."""
    account_id = parts[0] if parts else ""
    after = await unlink(context.deps, context.user, account_id)
    if account_id == TELEGRAM_ACCOUNT:  # this Telegram account belongs to no user any more
        await show_in_place(context, Screen(context.texts("accounts.telegram_gone")))
        return
    context.user = after
    await show_in_place(context, await accounts_screen(context))
    await toast(context, context.texts.plain("accounts.unlinked"))


# ---- sessions ------------------------------------------------------------------------------------------------------


async def show_sessions(update: Update, context: Context, *parts: str) -> None:
    await show_in_place(context, await sessions_screen(context))


async def sessions_screen(context: Context) -> Screen:
    texts = context.texts
    found = (await list_sessions(context.deps, context.user))[:MAX_SESSIONS_SHOWN]
    back = [button(texts.plain("button.back"), "accounts")]
    if not found:
        return Screen(texts("sessions.none"), [back])
    lines = [_session_line(texts, number, record) for number, record in enumerate(found, 1)]
    rows = [
        [button(texts.plain("button.end_session", number=number), "session_end", record.id)]
        for number, record in enumerate(found, 1)
    ]
    rows += [[button(texts.plain("button.end_sessions"), "sessions_end", style="danger")], back]
    return Screen(texts("sessions.text", lines=Html("\n".join(lines))), rows)


def _session_line(texts: Texts, number: int, record: SessionRecord) -> str:
    place = record.agent or texts.plain("sessions.unknown")
    account = name_of_provider(record.provider)
    return texts("sessions.line", number=number, place=place, account=account, day=texts.date(record.seen_at.date()))


async def on_end_session(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `session_end:<session>`: end one web session."""
    await end_session(context.deps, context.user, parts[0] if parts else "")
    await show_in_place(context, await sessions_screen(context))
    await toast(context, context.texts.plain("sessions.ended"))


async def on_end_all_sessions(update: Update, context: Context, *parts: str) -> None:
    await end_all_sessions(context.deps, context.user)
    await show_in_place(context, await sessions_screen(context))
    await toast(context, context.texts.plain("sessions.all_ended"))


# ---- merging -------------------------------------------------------------------------------------------------------


async def show_merge(update: Update, context: Context, *parts: str) -> None:
    """Explain merging and offer its two sides: give a code, or enter one."""
    texts = context.texts
    rows = (
        (button(texts.plain("button.merge_stay"), "merge_code"),),
        (button(texts.plain("button.merge_move"), "merge_enter"),),
        (button(texts.plain("button.back"), "accounts"),),
    )
    await show_in_place(context, Screen(texts("merge.text"), rows))


async def show_code(update: Update, context: Context, *parts: str) -> None:
    code, _ = await offer_merge(context.deps, context.user)
    minutes = int(CODE_LIVES.total_seconds() // 60)
    rows = ((button(context.texts.plain("button.back"), "accounts"),),)
    await show_in_place(context, Screen(context.texts("merge.code", code=code, n=minutes), rows))


async def ask_for_code(update: Update, context: Context, *parts: str) -> None:
    await context.move_dialog(FLOW, "code")
    rows = ((button(context.texts.plain("button.cancel"), "cancel"),),)
    await show_question_in_place(context, Screen(context.texts("merge.enter"), rows))


async def on_code(update: Update, context: Context, text: str) -> None:
    """Handle a typed merge code: name the surviving profile and ask for confirmation.

    A code that is not valid raises a Problem and leaves the question open.
    """
    texts = context.texts
    code = clean_code(text)
    survivor = await preview_merge(context.deps, context.user, code)
    await context.end_dialog()
    rows = (
        (button(texts.plain("button.merge_sure"), "merge_yes", code, style="danger"),),
        (button(texts.plain("button.back"), "accounts"),),
    )
    await show(context, Screen(texts("merge.sure", name=survivor.name), rows))


async def confirm_merge(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `merge_yes:<code>`: merge the two profiles."""
    context.user = await accept_merge(context.deps, context.user, parts[0] if parts else "")
    rows = ((back_button(context.texts, "home"),),)
    await show_in_place(context, Screen(context.texts("merge.done", name=context.user.name), rows))


COMMANDS = {"accounts": show_accounts}
BUTTONS = {
    "accounts": show_accounts,
    "unlink": ask_to_unlink,
    "unlink_yes": confirm_unlink,
    "sessions": show_sessions,
    "session_end": on_end_session,
    "sessions_end": on_end_all_sessions,
    "merge": show_merge,
    "merge_code": show_code,
    "merge_enter": ask_for_code,
    "merge_yes": confirm_merge,
}
ON_TEXT = {FLOW: on_code}
