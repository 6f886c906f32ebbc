"""The members' group as a door: `/members` ties a group, and whoever is in it may come in."""

from __future__ import annotations

from typing import Final

from telegram import ChatJoinRequest, Message, Update
from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.group_telegram import approve, decline, is_in_group, sees_members
from bot.group_watch import GroupWatch
from bot.updates.context import Context
from bot.views.screens import Screen, button, drop_keyboard, pressed_message, send_screen, show, toast
from domain.community import GROUP, CommunityChanges
from domain.joining import BY_GROUP
from domain.users import ADMIN, BANNED
from handlers.bars import TELEGRAM, account_name, is_account_barred
from handlers.community import change_community, move_group, service_name
from handlers.group_looks import want_look, watched_group
from handlers.group_members import is_to_be_approved
from handlers.group_sight import note_group_unseen
from handlers.joining import make_member

MEMBERS: Final = "members"


async def on_members(context: Context, message: Message) -> None:
    """Handle `/members` of an admin in a group: its members may come in from now on. An admin who writes in the group's
    name presses a button, which tells who it is."""
    if message.sender_chat is None:
        await show(context, await _tie(context, message.chat_id))
    elif message.sender_chat.id == message.chat_id:
        rows = [[button(context.texts.plain("staff.here.me"), MEMBERS, style="primary")]]
        await show(context, Screen(context.texts("staff.here.who"), rows))


async def on_members_button(context: Context) -> None:
    """Handle `members` below the question who has sent `/members`."""
    pressed = pressed_message(context)
    if pressed is None:
        return
    if context.user.role != ADMIN:
        await toast(context, context.texts.plain("door.members_admins_only"), is_alert=True)
        return
    screen = await _tie(context, pressed.chat_id)
    await drop_keyboard(context, pressed)
    await show(context, screen)


async def _tie(context: Context, chat_id: int) -> Screen:
    """Make a group the door, if the sender is an admin and the bot may see who is in it."""
    if not context.is_registered or context.user.role != ADMIN:
        return Screen(context.texts("door.members_admins_only"))
    if not await sees_members(context.bot, chat_id):
        return Screen(context.texts("door.members_no_rights"))
    await change_community(context.deps, context.user, CommunityChanges(group_chat_id=chat_id, join=GROUP))
    return Screen(context.texts("door.members_done"))


async def let_in_from_group(context: Context) -> str:
    """Let the sender in if they are in the members' group; returns the key of the text for who is not, else "".

    When the bot cannot look into the group, its admins are told, and nobody is turned away for good.
    """
    community = await watched_group(context.deps)
    if community is None or community.group_chat_id is None:
        return "door.not_seen"
    try:
        is_inside = await _is_seen_inside(context, community.group_chat_id)
    except (Forbidden, BadRequest):
        await note_group_unseen(context.deps, community.group_chat_id)
        return "door.not_seen"
    if not is_inside:
        return "door.not_in_group"
    context.user = await make_member(context.deps, context.user, BY_GROUP)
    return ""


async def _is_seen_inside(context: Context, chat_id: int) -> bool:
    try:
        if not await sees_members(context.bot, chat_id):
            raise Forbidden("the bot is no administrator of the members' group")
        return bool(await is_in_group(context.bot, chat_id, context.dialog.telegram_id))
    except ChatMigrated as moved:
        await move_group(context.deps, chat_id, moved.new_chat_id)
        return await _is_seen_inside(context, moved.new_chat_id)


# What happens in the group


async def on_group_change(update: Update, context: Context) -> bool:
    """Handle what Telegram reports of the members' group: somebody has come, gone, or asks to be let in, or the bot's
    own rights have changed. False for any other update."""
    watch: GroupWatch | None = context.application.bot_data.get("group_watch")
    change = update.chat_member or update.my_chat_member
    if update.chat_join_request is not None:
        await _on_join_request(context, update.chat_join_request)
    elif change is None:
        return False
    elif await _is_members_group(context, change.chat.id):
        # Telegram is asked how it is now: this update may be hours old
        who = change.new_chat_member.user
        if update.my_chat_member is not None and watch is not None:
            watch.doubt()
        elif not who.is_bot and await want_look(context.deps, who.id) and watch is not None:
            watch.wake()
    return True


async def _is_members_group(context: Context, chat_id: int) -> bool:
    community = await watched_group(context.deps)
    return community is not None and community.group_chat_id == chat_id


async def _on_join_request(context: Context, request: ChatJoinRequest) -> None:
    """Grant a request of a member, decline that of a banned person; everybody else hears how to come in, and waits for
    the group's admins."""
    sender, chat_id = request.from_user, request.chat.id
    if sender.is_bot or not await _is_members_group(context, chat_id):
        return
    if await _is_banned(context, sender.id):
        await decline(context.bot, chat_id, sender.id)
    elif context.is_registered and await is_to_be_approved(context.deps, context.user):
        await approve(context.bot, chat_id, sender.id)
    else:
        await _welcome(context, request)


async def _is_banned(context: Context, telegram_id: int) -> bool:
    if context.is_registered:
        return context.user.status == BANNED
    return await is_account_barred(context.deps, account_name(TELEGRAM, str(telegram_id)))


async def _welcome(context: Context, request: ChatJoinRequest) -> None:
    """Write to somebody who asks to join: the bot may, for five minutes, also to who has never started it."""
    text = context.texts("door.asked_to_join", community=service_name(context.deps))
    try:
        await send_screen(context.bot, context.deps, request.user_chat_id, Screen(text))
    except (BadRequest, Forbidden):
        return  # they have blocked the bot, or the five minutes are over
