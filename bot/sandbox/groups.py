"""Groups, and what people do in them: come and go, appoint administrators, write, and press buttons."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.sandbox import membership, people
from bot.sandbox.content import MAX_TEXT
from bot.sandbox.group_model import ADMINISTRATOR, CREATOR, KICKED, LEFT, MEMBER, RESTRICTED, RIGHTS, Group
from bot.sandbox.model import Json, StoredMessage, utf16_length

if TYPE_CHECKING:
    from bot.sandbox.world import World

FIRST_BASIC_GROUP = -4_000_000
FIRST_SUPERGROUP = -1_000_000_000_000
NO_LIMIT = 10**9
REQUEST_SECONDS = 5 * 60
"""Time for which the bot may write to somebody who asks to join without having started it."""


class Groups:
    """All groups of a sandbox. Each action is that of a person, named by their id."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def all(self) -> list[Group]:
        return list(self._world.groups.values())

    # Members

    async def create(
        self, title: str, owner: int, *members: int, is_supergroup: bool = True, is_forum: bool = False
    ) -> Group:
        """Found a group without the bot. A basic group (`is_supergroup` false) has no topics."""
        world = self._world
        if not title.strip() or (is_forum and not is_supergroup):
            raise ValueError("a group has a title, and only a supergroup has topics")
        first = FIRST_SUPERGROUP if is_supergroup else FIRST_BASIC_GROUP
        group = Group(first - world.next_id("group"), title.strip(), is_supergroup=is_supergroup, is_forum=is_forum)
        world.save_group(group)
        for person, status in ((owner, CREATOR), *((member, MEMBER) for member in members)):
            user = world.person(person).as_user()
            membership.set_status(world, group, user, status, by=world.person(owner).as_user())
        await world.commit()
        return group

    async def add_bot(self, group_id: int, by: int, *, as_admin: bool = False) -> None:
        await self._set_status(group_id, self._bot_id, ADMINISTRATOR if as_admin else MEMBER, by)

    async def promote_bot(self, group_id: int, by: int, **rights: bool) -> None:
        await self.promote(group_id, self._bot_id, by, **rights)

    async def demote_bot(self, group_id: int, by: int) -> None:
        await self._set_status(group_id, self._bot_id, MEMBER, by)

    async def remove_bot(self, group_id: int, by: int) -> None:
        await self._set_status(group_id, self._bot_id, KICKED, by)

    async def add(self, group_id: int, person_id: int, by: int) -> None:
        await self._set_status(group_id, person_id, MEMBER, by)

    async def promote(self, group_id: int, person_id: int, by: int, **rights: bool) -> None:
        """Make an administrator, with the usual rights changed by those named: `can_invite_users=False`."""
        group = self._as_admin(group_id, by)
        given = RIGHTS | ({"can_manage_topics": True} if group.is_forum else {}) | rights
        self._change(group, person_id, ADMINISTRATOR, by, rights=given)
        await self._world.commit()

    async def demote(self, group_id: int, person_id: int, by: int) -> None:
        await self._set_status(group_id, person_id, MEMBER, by)

    async def remove(self, group_id: int, person_id: int, by: int) -> None:
        await self._set_status(group_id, person_id, KICKED, by)

    async def restrict(self, group_id: int, person_id: int, by: int) -> None:
        """Take the right to write from a member; they stay restricted also when they leave."""
        await self._set_status(group_id, person_id, RESTRICTED, by)

    async def leave(self, group_id: int, person_id: int) -> None:
        group = self._world.group(group_id)
        if group.status(person_id) == RESTRICTED:
            self._change(group, person_id, RESTRICTED, person_id, is_member=False)
        else:
            self._change(group, person_id, LEFT, person_id)
        await self._world.commit()

    async def be_anonymous(self, group_id: int, person_id: int, is_anonymous: bool = True) -> None:
        """Have an administrator write in the group's name from now on, or again in their own."""
        group = self._as_admin(group_id, person_id)
        kept = {**group.members[str(person_id)], "is_anonymous": is_anonymous}
        status = kept.pop("status")
        membership.set_status(self._world, group, self._user(person_id), status, by=self._user(person_id), **kept)
        await self._world.commit()

    async def ask_to_join(self, group_id: int, person_id: int, link: str = "", *, bio: str = "") -> None:
        """Ask to join, by a link or by the group's own button. The bot hears of it if it may invite."""
        world, group = self._world, self._world.group(group_id)
        person = world.person(person_id)
        group.requests[str(person_id)] = {"link": link, "at": world.now()}
        world.save_group(group)
        if group.may(self._bot_id, "can_invite_users"):
            person.may_be_written_until = world.now() + REQUEST_SECONDS
            world.save_person(person)
            request: Json = {
                "chat": group.as_chat(),
                "from": person.as_user(),
                "user_chat_id": person.id,
                "date": world.now(),
                **({"bio": bio} if bio else {}),
                **membership.link_of(group, person.as_user()),
            }
            world.add_update("chat_join_request", group.id, request)
        await world.commit()

    async def follow_link(self, group_id: int, person_id: int, link: str) -> bool:
        """Open an invite link: join, or ask to. Returns whether the person is in. Raises LookupError for a link that
        is revoked, over or used up."""
        world, group = self._world, self._world.group(group_id)
        found = group.links.get(link)
        is_over = found is not None and 0 < found.get("expire_date", 0) <= world.now()
        if found is None or found["is_revoked"] or is_over or found["used"] >= found.get("member_limit", NO_LIMIT):
            raise LookupError("this invite link is no longer valid")
        if found["creates_join_request"]:
            await self.ask_to_join(group_id, person_id, link)
            return False
        group.requests[str(person_id)] = {"link": link, "at": world.now()}
        membership.let_in(world, group, world.person(person_id), by=self._user(person_id))
        await world.commit()
        return True

    async def upgrade(self, group_id: int, by: int) -> Group:
        """Turn a basic group into a supergroup: a new chat with a new id. Returns the new one."""
        fresh = membership.upgrade(self._world, self._as_admin(group_id, by), self._user(by))
        await self._world.commit()
        return fresh

    # Topics

    async def open_topic(self, group_id: int, by: int, name: str) -> int:
        """Open a topic in a forum. Returns its id: that of the message that opens it."""
        world, group = self._world, self._world.group(group_id)
        if not group.is_forum:
            raise ValueError("this group has no topics")
        opened = world.add_message(
            group,
            {"forum_topic_created": {"name": name, "icon_color": 7322096}},
            from_bot=False,
            sender_id=world.person(by).id,
        )
        opened.thread_id = opened.id
        world.save_message(opened)
        group.topics[str(opened.id)] = {"name": name, "is_closed": False}
        world.save_group(group)
        world.add_update("message", group.id, world.message_json(opened))
        await world.commit()
        return opened.id

    async def close_topic(self, group_id: int, thread_id: int) -> None:
        self._world.group(group_id).topics[str(thread_id)]["is_closed"] = True
        self._world.save_group(self._world.group(group_id))
        await self._world.commit()

    async def delete_topic(self, group_id: int, thread_id: int) -> None:
        """Delete a topic with all of its messages."""
        group = self._world.group(group_id)
        del group.topics[str(thread_id)]
        self._world.save_group(group)
        for message in self._world.chats.get(group_id, {}).values():
            if message.thread_id == thread_id:
                message.is_deleted = True
                self._world.save_message(message)
        await self._world.commit()

    # Words and buttons

    async def send_text(
        self, group_id: int, person_id: int, text: str, *, reply_to: int | None = None, thread_id: int | None = None
    ) -> int:
        """Write in the group. Returns the id of the message. A bot that is no administrator hears only commands,
        mentions and replies to its own messages."""
        body = people.written("text", text)
        if not body or utf16_length(body["text"]) > MAX_TEXT:
            raise ValueError(f"a text has 1 to {MAX_TEXT} characters")
        return await self._say(self._inside(group_id, person_id), person_id, body, reply_to, thread_id)

    async def press(self, group_id: int, person_id: int, message_id: int, data_or_label: str) -> str:
        """Press a button under a message, by its data or its label. Returns the id of the callback query."""
        group = self._inside(group_id, person_id)
        message = self._message(group, message_id)
        query_id = await people.press_inline(self._world, self._world.person(person_id), message, data_or_label)
        if query_id is None:
            raise LookupError(f"message {message_id} has no button {data_or_label!r}")
        return query_id

    async def _say(self, group: Group, person_id: int, body: Json, reply_to: int | None, thread_id: int | None) -> int:
        world = self._world
        replied = self._message(group, reply_to) if reply_to is not None else None
        if replied is not None and thread_id is None:
            thread_id = replied.thread_id
        if thread_id is not None and str(thread_id) not in group.topics:
            raise LookupError(f"there is no topic {thread_id} in this group")
        if thread_id is not None and group.topics[str(thread_id)]["is_closed"] and not group.is_admin(person_id):
            raise ValueError("this topic is closed")
        if not group.permissions["can_send_messages"] and not group.is_admin(person_id):
            raise ValueError("only administrators may write in this group")
        message = world.add_message(
            group,
            body,
            from_bot=False,
            sender_id=person_id,
            is_anonymous=group.is_anonymous(person_id),
            reply_to=reply_to,
            thread_id=thread_id,
        )
        if self._is_heard(group, message, replied):
            world.add_update("message", group.id, world.message_json(message))
        await world.commit()
        return message.id

    def _is_heard(self, group: Group, message: StoredMessage, replied: StoredMessage | None) -> bool:
        """Return whether a bot in privacy mode is given this message."""
        if not group.has(self._bot_id):
            return False
        if group.is_admin(self._bot_id) or (replied is not None and replied.from_bot):
            return True
        text, username = str(message.body.get("text", "")), str(self._world.bot["username"])
        command = re.match(r"/\w+(?:@(\w+))?", text)
        if command is not None:
            return command[1] is None or command[1].lower() == username.lower()
        return f"@{username}".lower() in text.lower()

    # Who may

    @property
    def _bot_id(self) -> int:
        return int(self._world.bot["id"])

    def _user(self, user_id: int) -> Json:
        return self._world.bot if user_id == self._bot_id else self._world.person(user_id).as_user()

    async def _set_status(self, group_id: int, user_id: int, status: str, by: int) -> None:
        self._change(self._as_admin(group_id, by), user_id, status, by)
        await self._world.commit()

    def _change(self, group: Group, user_id: int, status: str, by: int, **more: object) -> None:
        membership.set_status(self._world, group, self._user(user_id), status, by=self._user(by), **more)

    def _as_admin(self, group_id: int, person_id: int) -> Group:
        group = self._world.group(group_id)
        if not group.is_admin(person_id):
            raise ValueError("only an administrator of the group may do this")
        return group

    def _inside(self, group_id: int, person_id: int) -> Group:
        group = self._world.group(group_id)
        if not group.has(person_id) or group.migrated_to is not None:
            raise ValueError("only a member of the group may do this")
        return group

    def _message(self, group: Group, message_id: int) -> StoredMessage:
        message = self._world.find_message(group.id, message_id)
        if message is None:
            raise LookupError(f"there is no message {message_id} in this group")
        return message
