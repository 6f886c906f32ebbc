"""Facts of Telegram about the members' group: who is in it, whether the bot may see that, and a link into it."""

from __future__ import annotations

from typing import Final

from telegram import Bot, ChatMember
from telegram.error import BadRequest, Forbidden

MAX_LINK_NAME: Final = 32

UNKNOWN_PERSON: Final = (
    "user not found",
    "member not found",
    "invalid user_id",
    "user_id_invalid",
    "participant_id_invalid",
)
"""Words of Telegram's errors about a person of whom it says nothing: that is no proof of having left."""


async def sees_members(bot: Bot, chat_id: int) -> bool:
    """Return whether the bot may see who is in a group: only its administrators are told of everybody.

    Raises ChatMigrated, and what Telegram's absence raises.
    """
    try:
        member = await bot.get_chat_member(chat_id, bot.id)
    except (BadRequest, Forbidden):
        return False
    return member.status in (ChatMember.ADMINISTRATOR, ChatMember.OWNER)


async def is_in_group(bot: Bot, chat_id: int, telegram_id: int) -> bool | None:
    """Return whether somebody is in a group; None when Telegram does not know them.

    Raises BadRequest and Forbidden about the group, ChatMigrated, and what Telegram's absence raises.
    """
    try:
        member = await bot.get_chat_member(chat_id, telegram_id)
    except BadRequest as error:
        if any(words in error.message.casefold() for words in UNKNOWN_PERSON):
            return None
        raise
    if member.status == ChatMember.RESTRICTED:  # may be in the group or have left it
        return bool(getattr(member, "is_member", False))
    return member.status in (ChatMember.OWNER, ChatMember.ADMINISTRATOR, ChatMember.MEMBER)


async def link_into(bot: Bot, chat_id: int, name: str) -> str:
    """Return a link into a group; "" when the bot may make none.

    A private group gets one by which people ask to be let in: whoever else comes by it waits for the group's admins.
    """
    try:
        chat = await bot.get_chat(chat_id)
        if chat.username:
            return f"https://t.me/{chat.username}"
        made = await bot.create_chat_invite_link(chat_id, name=name[:MAX_LINK_NAME], creates_join_request=True)
    except (BadRequest, Forbidden):
        return ""
    return made.invite_link


async def approve(bot: Bot, chat_id: int, telegram_id: int) -> bool:
    """Grant a request to join the group; False when there is none, or the bot may not."""
    try:
        return await bot.approve_chat_join_request(chat_id, telegram_id)
    except (BadRequest, Forbidden):
        return False


async def decline(bot: Bot, chat_id: int, telegram_id: int) -> bool:
    """Decline a request to join the group; False when there is none, or the bot may not."""
    try:
        return await bot.decline_chat_join_request(chat_id, telegram_id)
    except (BadRequest, Forbidden):
        return False
