"""Methods about groups: their members, their invite links, and requests to join."""

from __future__ import annotations

import secrets

from bot.sandbox import membership
from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.group_model import LEFT, Group, link_json
from bot.sandbox.model import Json
from bot.sandbox.params import Params
from bot.sandbox.world import World

MAX_LINK_NAME = 32
MAX_LINK_USES = 99_999


def get_chat_member(world: World, params: Params) -> Json:
    group = _group(world, params)
    user_id = params.integer("user_id")
    if group.hides_members and not group.is_admin(world.bot["id"]) and user_id != world.bot["id"]:
        raise bad_request("member list is inaccessible")
    if user_id == world.bot["id"]:
        return group.member_json(world.bot)
    person = world.people.get(user_id)
    if person is None:
        raise bad_request("user not found" if user_id else "invalid user_id specified")
    return group.member_json(person.as_user())


def get_chat_administrators(world: World, params: Params) -> list[Json]:
    """Return the administrators, other bots left out: there are none here, and this one is left out by no rule."""
    group = _group(world, params)
    users = [*(person.as_user() for person in world.people.values()), world.bot]
    return [group.member_json(user) for user in users if group.is_admin(user["id"])]


def get_chat_member_count(world: World, params: Params) -> int:
    group = _group(world, params)
    return sum(group.has(int(user_id)) for user_id in group.members)


def leave_chat(world: World, params: Params) -> bool:
    group = _group(world, params)
    membership.set_status(world, group, world.bot, LEFT, by=world.bot)
    return True


def create_chat_invite_link(world: World, params: Params) -> Json:
    group = _inviting(world, params)
    name, limit = params.text("name") or "", params.integer("member_limit")
    if len(name) > MAX_LINK_NAME or not 0 <= limit <= MAX_LINK_USES:
        raise bad_request("INVITE_LINK_INVALID")
    asks = params.flag("creates_join_request")
    if asks and limit:
        raise bad_request("member limit can't be specified for links requiring administrator approval")
    link: Json = {
        "invite_link": f"https://t.me/+{secrets.token_urlsafe(12)}",
        "creator": world.bot,
        "creates_join_request": asks,
        "is_primary": False,
        "is_revoked": False,
        **({"name": name} if name else {}),
        **({"expire_date": params.integer("expire_date")} if params.text("expire_date") else {}),
        **({"member_limit": limit} if limit else {}),
        "used": 0,
    }
    group.links[link["invite_link"]] = link
    world.save_group(group)
    return link_json(link, 0)


def revoke_chat_invite_link(world: World, params: Params) -> Json:
    group = _inviting(world, params)
    link = group.links.get(params.text("invite_link") or "")
    if link is None:
        raise bad_request("INVITE_HASH_EXPIRED")
    link["is_revoked"] = True
    world.save_group(group)
    return link_json(link, 0)


def approve_chat_join_request(world: World, params: Params) -> bool:
    group, user_id = _requested(world, params)
    membership.let_in(world, group, world.person(user_id), by=world.bot)
    return True


def decline_chat_join_request(world: World, params: Params) -> bool:
    group, user_id = _requested(world, params)
    del group.requests[str(user_id)]
    world.save_group(group)
    return True


def _requested(world: World, params: Params) -> tuple[Group, int]:
    group, user_id = _inviting(world, params), params.integer("user_id")
    if group.has(user_id):
        raise bad_request("USER_ALREADY_PARTICIPANT")
    if str(user_id) not in group.requests:
        raise bad_request("HIDE_REQUESTER_MISSING")
    return group, user_id


def _inviting(world: World, params: Params) -> Group:
    group = _group(world, params)
    if not group.may(world.bot["id"], "can_invite_users"):
        raise bad_request("not enough rights to manage chat invite link")
    return group


def _group(world: World, params: Params) -> Group:
    chat = world.reachable(params.text("chat_id"))
    if not isinstance(chat, Group):
        raise ApiError(400, "Bad Request: method is available for supergroup and channel chats only")
    return chat


METHODS = {
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
    "leaveChat": leave_chat,
    "createChatInviteLink": create_chat_invite_link,
    "revokeChatInviteLink": revoke_chat_invite_link,
    "approveChatJoinRequest": approve_chat_join_request,
    "declineChatJoinRequest": decline_chat_join_request,
}
