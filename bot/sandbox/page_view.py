"""The JSON documents of users, messages and answers that the page receives."""

from __future__ import annotations

from bot.sandbox.group_model import Group
from bot.sandbox.methods.settings import commands_for, commands_in, text_for
from bot.sandbox.mini_app import mini_app_of
from bot.sandbox.model import Json, Person, StoredMessage
from bot.sandbox.world import World

RECENT = 99
"""Newest messages of the bot named per user: the page counts the unread ones among them."""
MAX_SHOWN = 500


def state_json(world: World) -> Json:
    bot = {"name": world.bot["first_name"], "username": world.bot["username"]}
    shown = [person_json(world, person) for person in world.people.values()]
    groups = [group_json(world, group) for group in world.groups.values() if group.migrated_to is None]
    return {"bot": bot, "people": shown, "groups": groups, "clock": world.clock.as_json()}


def person_json(world: World, person: Person) -> Json:
    messages = [message for message in world.chats.get(person.id, {}).values() if not message.is_deleted]
    return {
        "id": person.id,
        "first_name": person.first_name,
        "name": person.name,
        "username": person.username,
        "language_code": person.language_code,
        "photo": f"/sandbox/file/{person.photo_file}" if person.photo_file else None,
        "has_started": person.has_started,
        "has_blocked": person.has_blocked,
        "reply_keyboard": person.reply_keyboard,
        "pinned": person.pinned,
        "last": message_json(world, messages[-1]) if messages else None,
        "recent": [message.id for message in messages if message.from_bot][-RECENT:],
    }


def chat_json(world: World, person: Person) -> Json:
    """Return a user's chat with the bot as their phone shows it."""
    messages = [message for message in world.chats.get(person.id, {}).values() if not message.is_deleted]
    return {
        "person": person_json(world, person),
        "commands": commands_for(world, person),
        "mini_app": mini_app_of(world, person),
        "description": text_for(world, "description", person),
        "about": text_for(world, "short_description", person),
        "messages": [message_json(world, message) for message in messages[-MAX_SHOWN:]],
    }


def group_json(world: World, group: Group) -> Json:
    """Return a group with its members; the bot's place in it is `bot`, a status of the Bot API."""
    members = [
        {"id": person.id, "first_name": person.first_name, "status": group.status(person.id)}
        for person in world.people.values()
        if group.has(person.id)
    ]
    return {
        "id": group.id,
        "title": group.title,
        "is_forum": group.is_forum,
        "is_gone": group.migrated_to is not None,
        "topics": [{"id": int(key), **topic} for key, topic in group.topics.items()],
        "members": members,
        "bot": group.status(world.bot["id"]),
    }


def group_chat_json(world: World, group: Group, person: Person) -> Json:
    """Return a group's chat as the phone of one of its members shows it."""
    messages = [message for message in world.chats.get(group.id, {}).values() if not message.is_deleted]
    return {
        "person": person_json(world, person),
        "group": group_json(world, group),
        "commands": commands_in(world, group),
        "messages": [message_json(world, message) for message in messages[-MAX_SHOWN:]],
    }


def message_json(world: World, message: StoredMessage) -> Json:
    if message.is_deleted:
        return {"id": message.id, "deleted": True}
    body = message.body
    shown: Json = {
        "id": message.id,
        "from_bot": message.from_bot,
        "date": message.date,
        "kind": message.kind,
        "text": body.get("text") or body.get("caption") or "",
        "entities": body.get("entities") or body.get("caption_entities") or [],
        "markup": message.markup,
        "edited": message.edit_date is not None,
        "reply_to": message.reply_to,
        "reactions": message.reactions,
        "group": body.get("media_group_id"),
        **_in_group(world, message),
    }
    if "photo" in body:
        largest = body["photo"][-1]
        shown["photo"] = message.photo_url or f"/sandbox/file/{largest['file_id']}"
        shown["size"] = [largest["width"], largest["height"]]
    if "document" in body:
        file = body["document"]
        shown["file"] = {"name": file.get("file_name", "file"), "size": file.get("file_size", 0)}
        shown["file"]["url"] = f"/sandbox/file/{file['file_id']}"
    if "via_bot" in body:
        shown["via"] = body["via_bot"]["username"]
    if "forward_origin" in body:
        origin = body["forward_origin"]
        shown["forwarded_from"] = origin.get("sender_user_name") or origin["sender_user"]["first_name"]
    return shown


def _in_group(world: World, message: StoredMessage) -> Json:
    """Return the fields of a message in a group: who wrote it, in which topic, and the words of a service message."""
    group = world.groups.get(message.chat_id)
    if group is None:
        return {}
    sender = world.people.get(message.sender_id or 0)
    name = group.title if message.is_anonymous else sender.name if sender else ""
    topic = group.topics.get(str(message.thread_id), {}).get("name")
    return {"sender": message.sender_id, "name": name, "topic": topic, "service": _service(message.body, name)}


def _service(body: Json, name: str) -> str | None:
    """Return the words of a service message as Telegram's apps show them."""
    if "new_chat_members" in body:
        return f"{name} added {', '.join(user['first_name'] for user in body['new_chat_members'])}"
    if "left_chat_member" in body:
        return f"{body['left_chat_member']['first_name']} is no longer in the group"
    if "forum_topic_created" in body:
        return f"{name} opened the topic {body['forum_topic_created']['name']}"
    if "migrate_to_chat_id" in body or "migrate_from_chat_id" in body:
        return "The group is a supergroup now"
    return None


def answer_json(world: World, query_id: str) -> Json:
    answer = world.queries[query_id]["answer"]
    return {"text": answer["text"], "is_alert": answer["is_alert"], "url": answer["url"]}


def inline_json(world: World, query_id: str) -> Json:
    """Return the answer to an inline query, with its query: the user may have typed on since."""
    query = world.inline[query_id]
    answer = query["answer"]
    shown = [{name: result[name] for name in ("id", "title", "description")} for result in answer["results"]]
    return {
        "text": query["text"],
        "offset": query["offset"],
        "results": shown,
        "next_offset": answer["next_offset"],
        "button": answer["button"],
    }
