"""Changes of a group's members, with the updates and service messages that Telegram makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.group_model import ADMINISTRATOR, CREATOR, MEMBER, RIGHTS, Group, is_inside, link_json
from bot.sandbox.model import Json, Person

if TYPE_CHECKING:
    from bot.sandbox.world import World


def set_status(world: World, group: Group, user: Json, status: str, *, by: Json, **more: object) -> None:
    """Give a user another status in a group: `status`, and for an administrator `rights` or `is_anonymous`.

    The bot is told by `my_chat_member` of itself, and by `chat_member` of others as long as it is an administrator.
    """
    old = group.member_json(user)
    kept: Json = {"status": status, **more}
    if status == ADMINISTRATOR:
        kept = {"rights": dict(RIGHTS), **kept}
    group.members[str(user["id"])] = kept
    new = group.member_json(user)
    world.save_group(group)
    if old == new:
        return
    is_bot = user["id"] == world.bot["id"]
    change = {
        "chat": group.as_chat(),
        "from": by,
        "date": world.now(),
        "old_chat_member": old,
        "new_chat_member": new,
    }
    if is_bot:
        world.add_update("my_chat_member", group.id, change)
    elif group.is_admin(world.bot["id"]):
        world.add_update("chat_member", group.id, change | link_of(group, user))
    _note(world, group, user, old, new, by)


def link_of(group: Group, user: Json) -> Json:
    """Return the field `invite_link` for somebody who came, or asks to come, by a link."""
    asked = group.requests.get(str(user["id"]))
    link = group.links.get((asked or {}).get("link", ""))
    return {"invite_link": link_json(link, 0)} if link else {}


def _note(world: World, group: Group, user: Json, old: Json, new: Json, by: Json) -> None:
    """Add the service message about who has come or gone."""
    if not is_inside(old) and is_inside(new) and new["status"] != CREATOR:
        service(world, group, {"new_chat_members": [user]}, by)
    elif is_inside(old) and not is_inside(new):
        service(world, group, {"left_chat_member": user}, by)


def service(world: World, group: Group, body: Json, by: Json) -> int:
    """Add a service message; the bot hears of it as long as it is in the group. Returns its id."""
    is_bot = by["id"] == world.bot["id"]
    message = world.add_message(group, body, from_bot=is_bot, sender_id=None if is_bot else by["id"])
    if group.has(world.bot["id"]) and not is_bot:
        world.add_update("message", group.id, world.message_json(message))
    return message.id


def let_in(world: World, group: Group, person: Person, *, by: Json) -> None:
    """Approve a request to join."""
    set_status(world, group, person.as_user(), MEMBER, by=by)
    asked = group.requests.pop(str(person.id), {})
    link = group.links.get(asked.get("link", ""))
    if link is not None:
        link["used"] += 1
    world.save_group(group)


def upgrade(world: World, group: Group, by: Json) -> Group:
    """Turn a basic group into a supergroup, which has a new id and none of the old messages of the bot."""
    if group.is_supergroup or group.migrated_to is not None:
        raise ValueError("this group is no basic group")
    number = world.next_id("group")
    fresh = Group(-1_000_000_000_000 - number, group.title, permissions=dict(group.permissions))
    fresh.members = {user_id: dict(member) for user_id, member in group.members.items()}
    world.save_group(fresh)
    service(world, group, {"migrate_to_chat_id": fresh.id}, by)
    group.migrated_to = fresh.id
    world.save_group(group)
    service(world, fresh, {"migrate_from_chat_id": group.id}, by)
    return fresh
