"""The members' group as a door: `/members` ties a group, and whoever is in it may come in."""

from __future__ import annotations

from typing import Final

from telegram import ChatMember, Message
from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.updates.context import Context
from bot.views.screens import Screen, show
from domain.community import GROUP, CommunityChanges
from domain.joining import BY_GROUP
from domain.users import ADMIN
from handlers.community import change_community, get_community, move_group
from handlers.joining import make_member, tell_admins_group_unseen

MEMBERS: Final = "members"
INSIDE: Final = (ChatMember.OWNER, ChatMember.ADMINISTRATOR, ChatMember.MEMBER)


async def on_members(context: Context, message: Message) -> None:
    """Handle `/members` of an admin in a group: its members may come in from now on."""
    if message.sender_chat is not None or not context.is_registered or context.user.role != ADMIN:
        await show(context, Screen(context.texts("door.members_admins_only")))
        return
    if not await _is_bot_administrator(context, message.chat_id):
        await show(context, Screen(context.texts("door.members_no_rights")))
        return
    changes = CommunityChanges(group_chat_id=message.chat_id, join=GROUP)
    await change_community(context.deps, context.user, changes)
    await show(context, Screen(context.texts("door.members_done")))


async def _is_bot_administrator(context: Context, chat_id: int) -> bool:
    """Return whether the bot may read who is in the group: without rights it is told of no one."""
    member = await context.bot.get_chat_member(chat_id, context.bot.id)
    return member.status == ChatMember.ADMINISTRATOR


async def let_in_from_group(context: Context) -> str:
    """Let the sender in if they are in the members' group; returns the key of the text for who is not, else "".

    When the bot cannot look into the group, its admins are told, and nobody is turned away for good.
    """
    community = await get_community(context.deps)
    if community.join != GROUP or community.group_chat_id is None:
        return "door.not_seen"
    try:
        is_inside = await _is_inside(context, community.group_chat_id)
    except (Forbidden, BadRequest):
        await tell_admins_group_unseen(context.deps)
        return "door.not_seen"
    if not is_inside:
        return "door.not_in_group"
    context.user = await make_member(context.deps, context.user, BY_GROUP)
    return ""


async def _is_inside(context: Context, chat_id: int) -> bool:
    try:
        if not await _is_bot_administrator(context, chat_id):
            raise Forbidden("the bot is no administrator of the members' group")
        member = await context.bot.get_chat_member(chat_id, context.dialog.telegram_id)
    except ChatMigrated as moved:
        await move_group(context.deps, chat_id, moved.new_chat_id)
        return await _is_inside(context, moved.new_chat_id)
    return member.status in INSIDE or bool(getattr(member, "is_member", False))
