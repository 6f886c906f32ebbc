"""Methods about users, their chats and their files."""

from __future__ import annotations

from bot.sandbox.content import photo_sizes
from bot.sandbox.errors import bad_request
from bot.sandbox.group_model import Group
from bot.sandbox.model import Json, Person
from bot.sandbox.params import Params
from bot.sandbox.world import World

MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024
FULL_INFO: Json = {
    "max_reaction_count": 11,
    "accepted_gift_types": {
        "unlimited_gifts": False,
        "limited_gifts": False,
        "unique_gifts": False,
        "premium_subscription": False,
        "gifts_from_channels": False,
    },
}
"""Fields that every ChatFullInfo has."""


def get_me(world: World, params: Params) -> Json:
    return {
        **world.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def get_chat(world: World, params: Params) -> Json:
    person = world.reachable(params.text("chat_id"))
    if isinstance(person, Group):
        return _group_info(world, person)
    file = world.file_of(person.photo_file) if person.photo_file else None
    if file is None:
        return _full_info(person, None)
    small, big = photo_sizes(file)
    photo = {
        "small_file_id": small["file_id"],
        "small_file_unique_id": small["file_unique_id"],
        "big_file_id": big["file_id"],
        "big_file_unique_id": big["file_unique_id"],
    }
    return _full_info(person, photo)


def get_user_profile_photos(world: World, params: Params) -> Json:
    person = world.people.get(params.integer("user_id"))
    if person is None or not person.has_started:
        raise bad_request("user not found")
    file = world.file_of(person.photo_file) if person.photo_file else None
    photos = [photo_sizes(file)] if file is not None else []
    return {"total_count": len(photos), "photos": photos[params.integer("offset") :]}


def get_file(world: World, params: Params) -> Json:
    file_id = params.text("file_id") or ""
    file = world.file_of(file_id)
    if file is None or not world.blobs.get(file.id):
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if file.size > MAX_DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    unique = f"{file.id[:9]}s" if file_id.endswith(":s") else file.id[:9]
    return {"file_id": file_id, "file_unique_id": unique, "file_size": file.size, "file_path": file.path}


def set_message_reaction(world: World, params: Params) -> bool:
    person = world.reachable(params.text("chat_id"))
    message = world.find_message(person.id, params.text("message_id"))
    if message is None:
        raise bad_request("message to react not found")
    given = params.sequence("reaction") or []
    emoji = [str(item.get("emoji", "")) for item in given if isinstance(item, dict) and item.get("type") == "emoji"]
    if len(given) > 1 or len(emoji) != len(given) or not all(emoji):
        raise bad_request("REACTION_INVALID")
    message.reactions = emoji
    world.save_message(message)
    return True


def pin_chat_message(world: World, params: Params) -> bool:
    person = world.reachable(params.text("chat_id"))
    message = world.find_message(person.id, params.text("message_id"))
    if message is None:
        raise bad_request("message to pin not found")
    _pin(world, person, [id_ for id_ in person.pinned if id_ != message.id] + [message.id])
    return True


def unpin_chat_message(world: World, params: Params) -> bool:
    person = world.reachable(params.text("chat_id"))
    message_id = params.integer("message_id") or (person.pinned[-1] if person.pinned else 0)
    if message_id not in person.pinned:
        raise bad_request("message to unpin not found")
    _pin(world, person, [id_ for id_ in person.pinned if id_ != message_id])
    return True


def unpin_all_chat_messages(world: World, params: Params) -> bool:
    _pin(world, world.reachable(params.text("chat_id")), [])
    return True


def _pin(world: World, chat: Person | Group, pinned: list[int]) -> None:
    if isinstance(chat, Group) and not chat.may(world.bot["id"], "can_pin_messages"):
        raise bad_request("not enough rights to manage pinned messages in the chat")
    chat.pinned = pinned
    world.save_chat(chat)


def _full_info(person: Person, photo: Json | None) -> Json:
    """Return the ChatFullInfo of a private chat."""
    info = {**person.as_chat(), "accent_color_id": person.id % 7, **FULL_INFO}
    if person.username:
        info["active_usernames"] = [person.username]
    if photo is not None:
        info["photo"] = photo
    return info


def _group_info(world: World, group: Group) -> Json:
    """Return the ChatFullInfo of a group."""
    hidden = {"has_hidden_members": True} if group.hides_members else {}
    shown = {**group.as_chat(), "accent_color_id": -group.id % 7, **FULL_INFO, "permissions": group.permissions}
    return shown | hidden


METHODS = {
    "getMe": get_me,
    "getChat": get_chat,
    "getUserProfilePhotos": get_user_profile_photos,
    "getFile": get_file,
    "setMessageReaction": set_message_reaction,
    "pinChatMessage": pin_chat_message,
    "unpinChatMessage": unpin_chat_message,
    "unpinAllChatMessages": unpin_all_chat_messages,
}
