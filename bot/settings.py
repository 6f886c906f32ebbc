"""/settings, /help, /privacy, /id, deletion of the account, and /cancel."""

from __future__ import annotations

from datetime import timedelta

from telegram import InlineKeyboardButton, Update

from bot.profile.fields import in_rows
from bot.updates.context import Context
from bot.views.screens import Row, Screen, back_button, button, show, show_in_place, toast
from domain.languages import LOCALES
from domain.users import ProfileChanges
from handlers.users import delete_account, update_profile

LANGUAGES_A_ROW = 2

DELETE_BUTTON_LIVES = timedelta(minutes=5)
"""Lifetime of the button that deletes an account, so that an old message cannot delete it by accident."""


async def show_settings(update: Update, context: Context, *parts: str) -> None:
    await show_in_place(context, settings_screen(context))


def settings_screen(context: Context, notice: str = "") -> Screen:
    texts, user = context.texts, context.user

    def choice(label: str, is_chosen: bool, *data: str) -> InlineKeyboardButton:
        return button(f"✓ {label}" if is_chosen else label, *data)

    languages = [
        choice(context.deps.texts[locale].plain("language.name"), user.locale == locale, "lang", locale)
        for locale in LOCALES
    ]
    rows = (
        *in_rows(languages, LANGUAGES_A_ROW),
        [
            choice(texts.plain("button.sound_on"), user.notifications, "notify", "on"),
            choice(texts.plain("button.sound_off"), not user.notifications, "notify", "off"),
        ],
        [button(f"🕒 {texts.timezone_name(user.timezone)}" if user.timezone else texts.plain("zone.button"), "zone")],
        [button(texts.plain("alert.manage"), "alerts"), button(texts.plain("block.manage"), "blocks")],
        [button(texts.plain("button.web"), "web"), button(texts.plain("button.accounts"), "accounts")],
        [button(texts.plain("button.privacy"), "privacy"), button(texts.plain("button.delete_account"), "delete")],
        [button(texts.plain("button.profile"), "profile"), back_button(texts, "home")],
    )
    key = "settings.sound_on" if user.notifications else "settings.sound_off"
    return Screen("\n\n".join(filter(None, (notice, texts("settings.text", sound=texts.plain(key))))), rows)


async def set_language(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `lang:<locale>`: change the language."""
    if parts and parts[0] in LOCALES:
        context.user = await update_profile(context.deps, context.user, ProfileChanges(locale=parts[0]))
    await show_in_place(context, settings_screen(context))
    await toast(context, context.texts.plain("settings.saved"))


async def set_notifications(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `notify:on` or `notify:off`: switch the sound of notifications."""
    if parts and parts[0] in ("on", "off"):
        changes = ProfileChanges(notifications=parts[0] == "on")
        context.user = await update_profile(context.deps, context.user, changes)
    await show_in_place(context, settings_screen(context))
    await toast(context, context.texts.plain("settings.saved"))


async def show_help(update: Update, context: Context, *parts: str) -> None:
    texts = context.texts
    back = (button(texts.plain("button.settings"), "settings"), back_button(texts, "home"))
    await show(context, Screen(texts("help.text"), (back if context.is_registered else _start(context),)))


async def show_privacy(update: Update, context: Context, *parts: str) -> None:
    back = (back_button(context.texts, "settings"),) if context.is_registered else _start(context)
    await show_in_place(context, Screen(context.texts("privacy.text"), (back,)))


async def show_telegram_id(update: Update, context: Context, *parts: str) -> None:
    """Handle /id: show the number by which ADMIN_TELEGRAM_IDS and `skillswap admin` name a person."""
    sender = update.effective_user
    if sender is not None:
        await show(context, Screen(context.texts("settings.telegram_id", id=str(sender.id))))


def _start(context: Context) -> Row:
    """Return the Start row for an unregistered user, who has no settings yet."""
    return (button(context.texts.plain("button.start"), "start", style="primary"),)


async def ask_to_delete(update: Update, context: Context, *parts: str) -> None:
    """Handle /delete and the button in the settings: state the consequence and ask for confirmation."""
    texts = context.texts
    until = int((context.deps.now() + DELETE_BUTTON_LIVES).timestamp())
    rows = (
        (button(texts.plain("button.delete"), "delete", until, style="danger"),),
        (button(texts.plain("button.stay"), "stay"),),
    )
    await show_in_place(context, Screen(texts("delete.sure", n=int(DELETE_BUTTON_LIVES.total_seconds() // 60)), rows))


async def on_delete_button(update: Update, context: Context, *parts: str) -> None:
    """Handle `delete` (ask for confirmation) and `delete:<expiry time>` (delete the account)."""
    if not parts:
        await ask_to_delete(update, context)
        return
    texts = context.texts
    until = int(parts[0]) if parts[0].isdecimal() else 0
    if context.deps.now().timestamp() > until:
        await show_in_place(context, Screen(texts("delete.too_late"), ((back_button(texts, "settings"),),)))
        return
    await delete_account(context.deps, context.user)
    await show_in_place(context, Screen(texts("delete.done")))


async def on_keep_account(update: Update, context: Context, *parts: str) -> None:
    rows = ((back_button(context.texts, "settings"), back_button(context.texts, "home")),)
    await show_in_place(context, Screen(context.texts("delete.stayed"), rows))


async def cancel(update: Update, context: Context, *parts: str) -> None:
    """Handle /cancel and its button: close the open question. Answers saved so far are kept."""
    texts = context.texts
    home = (back_button(texts, "home"),)
    if not context.user.onboarded:
        screen = Screen(texts("cancel.onboarding"), ((button(texts.plain("button.go_on"), "start"),),))
    elif context.dialog.held and not context.dialog.step:
        screen = Screen(texts("chat.held_dropped", n=len(context.dialog.held)), (home,))
        await context.settle_held([], None)
    elif context.dialog.flow or context.is_repeat:
        screen = Screen(texts("cancel.done"), (home,))
    else:
        screen = Screen(texts("cancel.nothing"), (home,))
    await context.end_dialog()
    await show_in_place(context, screen)


COMMANDS = {
    "settings": show_settings,
    "help": show_help,
    "privacy": show_privacy,
    "id": show_telegram_id,
    "cancel": cancel,
}
BUTTONS = {
    "settings": show_settings,
    "lang": set_language,
    "notify": set_notifications,
    "help": show_help,
    "privacy": show_privacy,
    "delete": on_delete_button,
    "stay": on_keep_account,
    "cancel": cancel,
}
