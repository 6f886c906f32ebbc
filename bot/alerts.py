"""/alerts: notify a user as soon as another user begins to teach a skill."""

from __future__ import annotations

from telegram import InlineKeyboardButton, Update

from bot.updates.context import Context
from bot.views.lengths import MAX_CALLBACK_BYTES, short
from bot.views.screens import Row, Screen, back_button, button, show, show_in_place, toast
from bot.views.swap_cards import name_of
from domain.alerts import LIVES, Alert
from domain.events import ALERT_ENDED
from domain.links import SKILL, read_link, write_link
from domain.users import User
from handlers.alerts import AlertNews, add_alert, list_alerts, remove_alert, renew_alert
from handlers.runtime.texts import Texts

MAX_NAMED = 5
"""Teachers named in one notification; the others are counted."""

MAX_OFFERED = 8
ADD, REMOVE, RENEW = "aladd", "aldel", "alnew"


async def show_alerts(update: Update, context: Context, *parts: str) -> None:
    await show_in_place(context, await _alerts_screen(context))


async def on_add(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `aladd:<link of the skill>`: add an alert."""
    link = read_link(parts[0]) if parts else None
    if link is None or link.kind != SKILL:
        await toast(context, context.texts.plain("common.old_button"))
        return
    # The spelling of the user's own list where the skill is on it: a key is lower case only.
    user, vocabulary = context.user, context.deps.vocabulary
    wanted = dict(zip(user.wanted_keys, user.skills_wanted, strict=True))
    name = vocabulary.name_of(link.target, user.locale)
    alert = await add_alert(context.deps, user, wanted.get(link.target, name))
    await toast(context, context.texts.plain("alert.toast.added", skill=short(context.texts.skill_name(alert.skill))))
    await show(context, await _alerts_screen(context, _added_text(context.texts, alert)))


async def on_remove(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `aldel:<alert>`: remove the alert."""
    await remove_alert(context.deps, context.user, parts[0] if parts else "")
    await toast(context, context.texts.plain("alert.toast.removed"))
    await show_in_place(context, await _alerts_screen(context))


async def on_renew(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `alnew:<alert>`: renew the alert."""
    alert = await renew_alert(context.deps, context.user, parts[0] if parts else "")
    await toast(context, context.texts.plain("alert.toast.renewed"))
    await show_in_place(context, await _alerts_screen(context, _added_text(context.texts, alert)))


def alert_button(texts: Texts, skill: str, key: str, label: str = "alert.tell_me") -> InlineKeyboardButton | None:
    """Return the button that adds an alert for a skill; None when the skill does not fit into callback data."""
    payload = write_link(SKILL, key)
    if payload is None or len(f"{ADD}:{payload}") > MAX_CALLBACK_BYTES:
        return None
    return button(texts.plain(label, skill=short(texts.skill_name(skill))), ADD, payload)


async def _alerts_screen(context: Context, notice: str = "") -> Screen:
    texts, user = context.texts, context.user
    alerts = await list_alerts(context.deps, user)
    lines = [notice, ""] if notice else []
    lines.append(texts("alert.title" if alerts else "alert.none"))
    rows: list[Row] = []
    for alert in alerts:
        lines.append(texts("alert.line" if alert.is_running else "alert.ended_line", **_text_params(texts, alert)))
        rows.append(_alert_row(texts, alert))
    has_alert = {alert.key for alert in alerts}
    wanted = zip(user.skills_wanted, user.wanted_keys, strict=True)
    offered = [(skill, key) for skill, key in wanted if key not in has_alert][:MAX_OFFERED]
    found = (alert_button(texts, skill, key, "alert.for_skill") for skill, key in offered)
    buttons = [offer for offer in found if offer is not None]
    if buttons:
        lines += ["", texts("alert.offer")]
        rows += [buttons[start : start + 2] for start in range(0, len(buttons), 2)]
    rows.append([back_button(texts, "settings"), back_button(texts, "home")])
    return Screen("\n".join(lines), rows)


def _alert_row(texts: Texts, alert: Alert) -> Row:
    remove = button(texts.plain("alert.remove", skill=short(texts.skill_name(alert.skill))), REMOVE, alert.id)
    if alert.is_running:
        return [remove]
    return [button(texts.plain("alert.renew", skill=short(texts.skill_name(alert.skill))), RENEW, alert.id), remove]


def _added_text(texts: Texts, alert: Alert) -> str:
    return texts("alert.added", **_text_params(texts, alert))


def _text_params(texts: Texts, alert: Alert) -> dict[str, object]:
    return {"skill": texts.skill(alert.skill), "until": texts.date(alert.expires_at.date()), "n": LIVES.days}


def alert_screen(texts: Texts, event: str, news: AlertNews) -> Screen:
    """Return the notification of an alert that has found teachers (`news.teachers`) or has ended."""
    alert = news.alert
    if event == ALERT_ENDED:
        return Screen(texts("alert.told.ended", **_text_params(texts, alert)), [_alert_row(texts, alert)])
    named = news.teachers[:MAX_NAMED]
    names = [name_of(texts, teacher) for teacher in named]
    if len(news.teachers) > MAX_NAMED:
        names.append(texts.plain("match.more_skills", n=len(news.teachers) - MAX_NAMED))
    key = "alert.told.found_one" if len(news.teachers) == 1 else "alert.told.found_several"
    rows: list[Row] = [[_view_button(texts, teacher)] for teacher in named]
    return Screen(
        texts(key, names=texts.enumerate(names), skill=texts.skill(alert.skill)), [*rows, _alert_row(texts, alert)]
    )


def _view_button(texts: Texts, teacher: User) -> InlineKeyboardButton:
    return button(f"👤 {short(name_of(texts, teacher))}", "m", teacher.id, "view")


COMMANDS = {"alerts": show_alerts}
BUTTONS = {"alerts": show_alerts, ADD: on_add, REMOVE: on_remove, RENEW: on_renew}
