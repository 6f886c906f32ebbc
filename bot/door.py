"""The door in the bot: applying, coming by an invitation, and making invitations."""

from __future__ import annotations

from typing import Final

from telegram import Update

from bot.group_door import let_in_from_group
from bot.updates.context import Context
from bot.views.door import ask_line, door_screen
from bot.views.screens import Row, Screen, back_button, button, show, show_in_place, show_question_in_place, toast
from domain.applications import WAITING
from domain.availability import local_time
from domain.errors import NotFound
from domain.invites import RUNNING, Invite
from domain.links import INVITE, read_link, write_link
from handlers.applications import get_application, submit_application
from handlers.community import get_community
from handlers.group_members import is_refused
from handlers.invites import accept_invite, list_invites, make_invite, revoke_invite
from handlers.joining import is_applicant, is_complete

FLOW: Final = "door"
ANSWER, CHECK = "answer", "check"
SHOWN: Final = 8
"""Links that are shown with their buttons."""


async def take_up_link(context: Context, payload: str) -> str:
    """Take up an invitation, if the payload is one; returns what is left of the payload to follow."""
    link = read_link(payload)
    if link is None or link.kind != INVITE:
        return payload
    was_applicant = is_applicant(context.user)
    try:
        context.user = await accept_invite(context.deps, context.user, link.target)
    except NotFound:
        if was_applicant or not context.user.onboarded:
            await show(context, Screen(context.texts("problem.invite.not_valid")))
        return ""
    if was_applicant and not is_applicant(context.user):
        await show(context, Screen(context.texts("invite.is_in")))
    elif context.user.joining.invite_id and not context.user.onboarded:
        await show(context, Screen(context.texts("invite.welcome")))
    return ""


async def show_door(context: Context) -> bool:
    """Show the door to somebody who is not in yet, with the question that is open. False for who is in."""
    screen = await door_screen(context)
    if screen is None:
        return False
    application = await get_application(context.deps, context.user)
    if application.state != WAITING and is_complete(context.user) and screen.rows[0][0].callback_data == "door:answer":
        await _ask(context)
    else:
        await context.end_dialog()
        await show_in_place(context, screen)
    return True


async def on_button(update: Update, context: Context, *parts: str) -> None:
    """Handle `door:answer` (ask the question that is open) and `door:check` (look into the members' group); anything
    else shows the door, or home."""
    if parts == (CHECK,) and not await is_refused(context.deps, context.user):
        if is_applicant(context.user) and (refusal := await let_in_from_group(context)):
            await toast(context, context.texts.plain(refusal), is_alert=True)
            return
        next_step = "home" if context.user.onboarded else "step"
        goes_on = button(context.texts.plain("button.go_on"), next_step, style="primary")
        await show_in_place(context, Screen(context.texts("invite.is_in"), [[goes_on]]))
        return
    if parts == (ANSWER,) and is_applicant(context.user) and is_complete(context.user):
        await _ask(context)
    elif not await show_door(context):
        await show_in_place(context, Screen(context.texts("invite.is_in"), [[back_button(context.texts, "home")]]))


async def _ask(context: Context) -> None:
    community = await get_community(context.deps)
    application = await get_application(context.deps, context.user)
    line = ask_line(context, community)
    if application.state == WAITING and application.asked:
        line = context.texts("door.asked", asked=application.asked)
    await context.move_dialog(FLOW, ANSWER)
    await show_question_in_place(context, Screen(line, [[button(context.texts.plain("button.cancel"), "cancel")]]))


async def on_text(update: Update, context: Context, text: str) -> None:
    """Take the answer to the community's question, or to the moderators'. Raises what `submit_application` raises."""
    if not is_applicant(context.user):
        await context.end_dialog()
        return
    await submit_application(context.deps, context.user, text)
    await context.end_dialog()
    if (screen := await door_screen(context)) is not None:
        await show(context, screen)


async def show_invites(update: Update, context: Context, *parts: str) -> None:
    """Handle /invite: the actor's links that work."""
    await show_in_place(context, await _invites_screen(context))


async def on_invite(update: Update, context: Context, *parts: str) -> None:
    """Handle `invite`, `invite:new` and `invite:end:<id>`."""
    verb, invite_id = (*parts, "", "")[:2]
    if verb == "new":
        invite = await make_invite(context.deps, context.user)
        await show(context, Screen(_worded(context, invite, "invite.made")))
    elif verb == "end":
        await revoke_invite(context.deps, context.user, invite_id)
    await show_in_place(context, await _invites_screen(context))


async def _invites_screen(context: Context) -> Screen:
    texts, now = context.texts, context.deps.now()
    running = [invite for invite in await list_invites(context.deps, context.user) if invite.state(now) == RUNNING]
    lines = [texts("invite.title")]
    lines += [_worded(context, invite, "invite.link") for invite in running[:SHOWN]] or [texts("invite.none")]
    ends = [
        [button(texts.plain("invite.end", until=_until(context, invite)), "invite", "end", invite.id)]
        for invite in running[:SHOWN]
    ]
    rows: list[Row] = [[button(texts.plain("invite.make"), "invite", "new", style="primary")], *ends]
    return Screen("\n\n".join(lines), [*rows, [button(texts.plain("button.back"), "com")]])


def _worded(context: Context, invite: Invite, key: str) -> str:
    url = f"{context.bot.link}?start={write_link(INVITE, invite.code)}"
    until = _until(context, invite)
    return context.texts(key, url=url, n=invite.uses, uses=invite.uses, used=invite.used, until=until)


def _until(context: Context, invite: Invite) -> str:
    return context.texts.date(local_time(invite.until, context.user.timezone).date())


COMMANDS = {"invite": show_invites}
BUTTONS = {"door": on_button, "invite": on_invite}
ON_TEXT = {FLOW: on_text}
