"""The state of the sandbox: users, groups, messages, the bot's settings, and updates still to be delivered.

Changes are made in the event loop, at once; `commit` makes them durable, and only then are updates delivered.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.sandbox.clock import Clock
from bot.sandbox.errors import bad_request, blocked, not_a_member, upgraded
from bot.sandbox.group_model import ANONYMOUS_ADMIN, KICKED, Group
from bot.sandbox.inbox import Inbox
from bot.sandbox.journal import BLOB, Entry, Journal
from bot.sandbox.model import Json, Person, StoredFile, StoredMessage

MAX_MESSAGES_PER_CHAT = 2_000
MAX_FILE_BYTES_IN_ALL = 128 * 1024 * 1024
MAX_QUERIES = 5_000
FIRST_PERSON = 710_000_001
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif"}

Listener = Callable[[Json], None]


class World:
    """One bot and its users. `journal_file` None: the state lasts as long as the process."""

    def __init__(self, bot: Json, journal_file: Path | None, clock: Clock) -> None:
        self.bot = bot
        self.clock = clock
        self.people: dict[int, Person] = {}
        self.groups: dict[int, Group] = {}
        self.chats: dict[int, dict[int, StoredMessage]] = {}
        self.files: dict[str, StoredFile] = {}
        self.blobs: dict[str, bytes] = {}
        self.queries: dict[str, Json] = {}
        self.inline: dict[str, Json] = {}
        """Inline queries by id: {person, text, offset, at, answer?}; not kept over a restart."""
        self.inline_cache: dict[tuple[int | None, str, str], tuple[float, Json]] = {}
        """(user, text, offset) → expiry and answer; user None: for all."""
        self.settings: Json = {}
        # Update ids increase even over a restart without a state file: a bot may remember the old ones.
        self.counters: Json = {
            "message": 0,
            "update": int(time.time()),
            "person": FIRST_PERSON - 1,
            "file": 0,
            "group": 0,
        }
        self.inbox = Inbox(self)
        self.listeners: set[Listener] = set()
        self._journal = Journal(journal_file) if journal_file else None
        self._dirty: dict[tuple[str, str], Any] = {}
        self._fresh: list[int] = []
        self._lock = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        if self._journal is None:
            return
        for kind, key, body in await self._journal.open():
            self._restore(kind, key, body)
        for chat_id, messages in self.chats.items():
            self.chats[chat_id] = dict(sorted(messages.items()))
        self.people = dict(sorted(self.people.items()))
        self.files = {id_: file for id_, file in self.files.items() if id_ in self.blobs}
        self.inbox.sort()

    async def close(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._journal is not None:
            await self.commit()
            await self._journal.close()

    # Durability

    def keep(self, kind: str, key: object, body: Any) -> None:
        """Have the next commit store `body`: an object with `as_json`, JSON, or bytes; None removes it."""
        if self._journal is not None:
            self._dirty[kind, str(key)] = body

    async def commit(self) -> None:
        """Make all changes durable and publish the updates among them. Completes even when the caller is cancelled."""
        if self._journal is None:
            self._publish()
            return
        await asyncio.shield(self._in_background())

    def commit_soon(self) -> None:
        """Commit changes made outside the event loop's coroutines; `commit` waits for them too."""
        if self._journal is None:
            self._publish()
            return
        try:
            self._in_background()
        except RuntimeError:  # no loop runs yet: the next commit includes it
            return

    def _in_background(self) -> asyncio.Task[None]:
        asyncio.get_running_loop()
        task = asyncio.create_task(self._commit(), name="sandbox commit")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _commit(self) -> None:
        assert self._journal is not None
        async with self._lock:
            taken, self._dirty = self._dirty, {}
            fresh, self._fresh = self._fresh, []
            if taken:
                taken["meta", "counters"] = self.counters
                try:
                    await self._journal.write([_entry(*key, body) for key, body in taken.items()])
                except BaseException:
                    self._dirty = {**taken, **self._dirty}
                    self._fresh = fresh + self._fresh
                    raise
            self.inbox.publish(fresh)

    def _publish(self) -> None:
        fresh, self._fresh = self._fresh, []
        self.inbox.publish(fresh)

    def _restore(self, kind: str, key: str, body: Any) -> None:
        if kind == "person":
            self.people[int(key)] = Person(**body)
        elif kind == "group":
            self.groups[int(key)] = Group(**body)
        elif kind == "message":
            message = StoredMessage(**body)
            self.chats.setdefault(message.chat_id, {})[message.id] = message
        elif kind == "file":
            self.files[key] = StoredFile(**body)
        elif kind == BLOB:
            self.blobs[key] = body
        elif kind == "query":
            self.queries[key] = body
        elif kind == "update":
            self.inbox.restore(int(key), body)
        elif kind == "meta" and key == "counters":
            self.counters.update({name: max(value, self.counters[name]) for name, value in body.items()})
        elif kind == "meta":
            self.settings = body

    def now(self) -> int:
        """Return the date of what happens now: seconds since 1970, by the sandbox's clock."""
        return int(self.clock.now())

    async def move_clock(self, step: timedelta) -> None:
        """Move the clock ahead, with that of the service under test. Raises ValueError where or by what it cannot."""
        if self.clock.move is None:
            raise ValueError("this clock cannot be moved")
        await self.clock.move(step)

    def next_id(self, name: str) -> int:
        self.counters[name] += 1
        return int(self.counters[name])

    # Observers: the page and the tests

    def emit(self, event: Json) -> None:
        for listener in tuple(self.listeners):
            listener(event)

    # People

    def person(self, person_id: int) -> Person:
        """Return a user. Raises LookupError for an unknown id."""
        try:
            return self.people[person_id]
        except KeyError:
            raise LookupError(f"nobody in the sandbox has the id {person_id}") from None

    def save_person(self, person: Person) -> None:
        self.people[person.id] = person
        self.keep("person", person.id, person)
        self.emit({"type": "person", "person": person.id})

    def group(self, group_id: int) -> Group:
        """Return a group. Raises LookupError for an unknown id."""
        try:
            return self.groups[group_id]
        except KeyError:
            raise LookupError(f"no group in the sandbox has the id {group_id}") from None

    def save_group(self, group: Group) -> None:
        self.groups[group.id] = group
        self.keep("group", group.id, group)
        self.emit({"type": "group", "group": group.id})

    def save_chat(self, chat: Person | Group) -> None:
        if isinstance(chat, Group):
            self.save_group(chat)
        else:
            self.save_person(chat)

    def chat_of(self, chat_id: int) -> Person | Group:
        return self.groups[chat_id] if chat_id in self.groups else self.people[chat_id]

    def reachable(self, chat_id: object) -> Person | Group:
        """Return the user, or the group, of a chat that the bot may write to. Raises the ApiError that Telegram would
        answer otherwise."""
        try:
            known = int(str(chat_id))
        except ValueError:
            known = 0
        if known in self.groups:
            return self._reachable_group(self.groups[known])
        person = self.people.get(known)
        if person is None or not (person.has_started or person.may_be_written_until > self.now()):
            raise bad_request("chat not found" if chat_id not in (None, "") else "chat_id is empty")
        if person.has_blocked:
            raise blocked()
        return person

    def _reachable_group(self, group: Group) -> Group:
        if group.migrated_to is not None:
            raise upgraded(group.migrated_to)
        if not group.has(self.bot["id"]):
            raise not_a_member(group.kind, was_kicked=group.status(self.bot["id"]) == KICKED)
        return group

    # Messages

    def add_message(self, chat_of: Person | Group, body: Json, *, from_bot: bool, **fields: Any) -> StoredMessage:
        message = StoredMessage(self.next_id("message"), chat_of.id, from_bot, self.now(), body, **fields)
        chat = self.chats.setdefault(chat_of.id, {})
        chat[message.id] = message
        while len(chat) > MAX_MESSAGES_PER_CHAT:
            oldest = next(iter(chat))
            del chat[oldest]
            self.keep("message", oldest, None)
        self.save_message(message)
        return message

    def save_message(self, message: StoredMessage) -> None:
        self.keep("message", message.id, message)
        self.emit({"type": "message", "person": message.chat_id, "id": message.id})

    def find_message(self, chat_id: int, message_id: object) -> StoredMessage | None:
        """Return a message; None when it never existed or was deleted."""
        try:
            message = self.chats.get(chat_id, {}).get(int(str(message_id)))
        except ValueError:
            return None
        return message if message and not message.is_deleted else None

    def message_json(self, message: StoredMessage, *, with_reply: bool = True) -> Json:
        """Return the Bot API's Message object."""
        chat = self.chat_of(message.chat_id)
        shown: Json = {
            "message_id": message.id,
            "from": self._sender(message),
            "chat": chat.as_chat(),
            "date": message.date,
            **({"sender_chat": chat.as_chat()} if message.is_anonymous else {}),
            **self._thread_of(message, chat),
            **message.body,
        }
        if message.edit_date is not None:
            shown["edit_date"] = message.edit_date
        if message.inline_keyboard is not None:
            shown["reply_markup"] = message.inline_keyboard
        # A message in a topic that replies to none refers to the one that opened the topic.
        about = message.reply_to or (message.thread_id if message.thread_id != message.id else None)
        replied = self.find_message(message.chat_id, about) if with_reply and about else None
        if replied is not None:
            shown["reply_to_message"] = self.message_json(replied, with_reply=False)
        return shown

    def _thread_of(self, message: StoredMessage, chat: Person | Group) -> Json:
        if message.thread_id:
            return {"message_thread_id": message.thread_id, "is_topic_message": True}
        if message.reply_to and isinstance(chat, Group) and chat.is_supergroup and not chat.is_forum:
            return {"message_thread_id": message.reply_to}  # a thread of replies is not a topic
        return {}

    def _sender(self, message: StoredMessage) -> Json:
        if message.from_bot:
            return self.bot
        if message.is_anonymous:
            return ANONYMOUS_ADMIN
        return self.people[message.sender_id or message.chat_id].as_user()

    def add_update(self, kind: str, chat_id: int, payload: Json) -> None:
        """Queue an update for the bot; it is delivered after the next commit."""
        if self.inbox.wants(kind):
            update_id = self.next_id("update")
            update = {"update_id": update_id, kind: payload}
            self.inbox.restore(update_id, {"chat": chat_id, "at": time.time(), "update": update})
            self.keep("update", update_id, self.inbox.stored[update_id])
            self._fresh.append(update_id)

    # Files

    def add_file(self, data: bytes, *, name: str, mime: str, folder: str, size: tuple[int, int] = (0, 0)) -> StoredFile:
        number = self.next_id("file")
        end = EXTENSIONS.get(mime) or (name.rpartition(".")[2] if "." in name else "bin")
        end = "".join(letter for letter in end if letter.isalnum())[:8] or "bin"
        file = StoredFile(
            f"SBX{number:06d}{secrets.token_urlsafe(18)}", f"{folder}/file_{number}.{end}", name, mime, len(data), *size
        )
        self.files[file.id] = file
        self.blobs[file.id] = data
        self.keep("file", file.id, file)
        self.keep(BLOB, file.id, data)
        self._make_room()
        return file

    def _make_room(self) -> None:
        """Remove the oldest files, except profile photos."""
        in_use = {person.photo_file for person in self.people.values()}
        total = sum(len(data) for data in self.blobs.values())
        for file_id in [id_ for id_ in self.blobs if id_ not in in_use][:-1]:
            if total <= MAX_FILE_BYTES_IN_ALL:
                return
            total -= len(self.blobs.pop(file_id))
            del self.files[file_id]
            self.keep("file", file_id, None)
            self.keep(BLOB, file_id, None)

    def file_of(self, file_id: str) -> StoredFile | None:
        """Return a file. The smaller sizes of a photo have ids of their own (suffix ":s") and the same content."""
        return self.files.get(file_id.partition(":")[0])

    # Button presses

    def add_query(self, person: Person, message: StoredMessage, data: str) -> str:
        query_id = str(secrets.randbits(62))
        self.queries[query_id] = {
            "person": person.id,
            "chat": message.chat_id,
            "message": message.id,
            "at": time.time(),
        }
        self.keep("query", query_id, self.queries[query_id])
        while len(self.queries) > MAX_QUERIES:
            oldest = next(iter(self.queries))
            del self.queries[oldest]
            self.keep("query", oldest, None)
        payload = {
            "id": query_id,
            "from": person.as_user(),
            "message": self.message_json(message),
            "chat_instance": str(7_000_000_000_000_000_000 + message.chat_id),
            "data": data,
        }
        self.add_update("callback_query", message.chat_id, payload)
        return query_id

    def set_setting(self, name: str, value: Any) -> None:
        self.settings[name] = value
        self.keep("meta", "settings", self.settings)
        self.emit({"type": "bot"})


def _entry(kind: str, key: str, body: Any) -> Entry:
    return kind, key, body.as_json() if hasattr(body, "as_json") else body
