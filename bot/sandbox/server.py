"""The sandbox as a whole: one loopback server with the Bot API, the page, and the people."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from aiohttp import web

from bot.sandbox import inline, people
from bot.sandbox.bot_api import BotApi
from bot.sandbox.clock import Clock
from bot.sandbox.faults import Faults
from bot.sandbox.groups import Groups
from bot.sandbox.guard import is_loopback, local_only
from bot.sandbox.mini_app import init_data
from bot.sandbox.model import Call, InlineAnswer, Message, Person, StoredMessage, Toast
from bot.sandbox.page_routes import Page
from bot.sandbox.world import World

TOKEN = "7000000001:SANDBOX-no-secret-local-use-only-00"  # noqa: S105 - known to everybody, good for nothing else
MAX_REQUEST_BYTES = 64 * 1024 * 1024
STOP_SECONDS = 2.0

Predicate = Callable[[Message], object]


class Sandbox:
    """A Bot API server for one bot, with made-up people. Everything happens in the event loop that `start` runs in."""

    def __init__(
        self,
        *,
        token: str = TOKEN,
        state_file: Path | None = None,
        clock: Clock | None = None,
        bot_name: str = "Skill Swap",
        bot_username: str = "SkillSwapSandboxBot",
    ) -> None:
        """Create a sandbox. `state_file` keeps its state over a restart, for one sandbox at a time; without it, nothing
        is kept. `clock` is that of the service under test, if not this machine's."""
        self.token = token
        bot = {"id": int(token.partition(":")[0]), "is_bot": True, "first_name": bot_name, "username": bot_username}
        self._world = World(bot, state_file, clock or Clock())
        self._faults = Faults()
        self._api = BotApi(self._world, self._faults, token)
        self.groups = Groups(self._world)
        self._page = Page(self._world, self.groups, token)
        self._runner: web.AppRunner | None = None
        self._address: tuple[str, int] | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Start listening. Raises ValueError for a host that is not a loopback address, OSError for a port in use,
        StateFileProblem for a state file that another sandbox holds."""
        if not is_loopback(host):
            raise ValueError(f"the sandbox is for this machine only: {host} is no loopback address")
        app = web.Application(middlewares=[local_only], client_max_size=MAX_REQUEST_BYTES)
        app.add_routes([*self._api.routes(), *self._page.routes()])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_SECONDS)
        await runner.setup()
        try:
            await self._world.open()
            site = web.TCPSite(runner, host, port)
            await site.start()
        except BaseException:
            await runner.cleanup()
            await self._world.close()
            raise
        self._runner = runner
        self._address = (f"[{host}]" if ":" in host else host, runner.addresses[0][1])
        self._world.inbox.push()

    async def stop(self) -> None:
        if self._runner is None:
            return
        self._page.close()
        await self._world.inbox.close()
        await self._runner.cleanup()
        await self._world.close()
        self._runner = None

    @property
    def url(self) -> str:
        """Return the value for TELEGRAM_API_URL. Raises RuntimeError before `start`."""
        if self._address is None:
            raise RuntimeError("the sandbox has not been started")
        return f"http://{self._address[0]}:{self._address[1]}"

    @property
    def page_url(self) -> str:
        return f"{self.url}/sandbox"

    @property
    def calls(self) -> list[Call]:
        """Return all calls of the Bot API, oldest first; the caller may clear the list."""
        return self._api.calls

    @property
    def is_polled(self) -> bool:
        """Return whether a getUpdates call is waiting now."""
        return self._world.inbox.waiting_polls > 0

    # People and what they do

    @property
    def people(self) -> list[Person]:
        return list(self._world.people.values())

    def add_person(
        self,
        first_name: str,
        *,
        last_name: str | None = None,
        username: str | None = None,
        language_code: str = "en",
        person_id: int | None = None,
        profile_photo: bytes | None = None,
    ) -> Person:
        """Add a user; `.id` is both the user's and the chat's. The user has not pressed START: the bot cannot write to
        them."""
        person = people.add_person(
            self._world,
            first_name,
            last_name=last_name,
            username=username,
            language_code=language_code,
            person_id=person_id,
            profile_photo=profile_photo,
        )
        self._world.commit_soon()
        return person

    async def send_text(
        self,
        person_id: int,
        text: str,
        *,
        reply_to: int | None = None,
        is_html: bool = False,
        forwarded_from: str | None = None,
    ) -> int:
        """Send a text and return the id of the message. `is_html`: formatted, for example with a link behind a word."""
        return await people.send_text(
            self._world, person_id, text, reply_to=reply_to, is_html=is_html, forwarded_from=forwarded_from
        )

    async def send_photo(
        self,
        person_id: int,
        data: bytes,
        *,
        caption: str | None = None,
        as_document: bool = False,
        reply_to: int | None = None,
        media_group_id: str | None = None,
        is_html: bool = False,
        forwarded_from: str | None = None,
    ) -> int:
        return await people.send_photo(
            self._world,
            person_id,
            data,
            caption=caption,
            as_document=as_document,
            reply_to=reply_to,
            media_group_id=media_group_id,
            is_html=is_html,
            forwarded_from=forwarded_from,
        )

    async def send_other(
        self,
        person_id: int,
        kind: str,
        *,
        caption: str = "",
        reply_to: int | None = None,
        media_group_id: str | None = None,
    ) -> int:
        """Send another kind: sticker, voice, audio, video, video_note, animation, document, location, live_location,
        venue, contact, poll or dice."""
        return await people.send_other(
            self._world, person_id, kind, caption=caption, reply_to=reply_to, media_group_id=media_group_id
        )

    async def press(self, person_id: int, message_id: int, data_or_label: str) -> str:
        """Press a button by its data or label. Returns the id of the callback query, "" for a keyboard under the input
        field."""
        return await people.press(self._world, person_id, message_id, data_or_label)

    async def inline(self, person_id: int, text: str, *, offset: str = "", patience: float = 10.0) -> InlineAnswer:
        """Type "@bot text" and wait for the results. Raises TimeoutError."""
        query_id = await inline.ask(self._world, person_id, text, offset)
        return await inline.answered(self._world, query_id, patience)

    async def choose(self, person_id: int, answer: InlineAnswer, result_id: str) -> int:
        """Send one of the results to the chat with the bot. Returns the id of the message."""
        return await inline.choose(self._world, person_id, answer.query_id, result_id)

    def init_data(self, person_id: int, *, start: str = "") -> str:
        """Open a Mini App of the bot, by its menu button or by a link `?startapp=<start>`. Returns
        `Telegram.WebApp.initData`, with Telegram's signature."""
        return init_data(self._world.person(person_id), self.token, start)

    async def edit_text(self, person_id: int, message_id: int, text: str, *, is_html: bool = False) -> None:
        await people.edit_text(self._world, person_id, message_id, text, is_html=is_html)

    async def edit_photo(self, person_id: int, message_id: int, data: bytes) -> None:
        """Replace the photo of a message, or add one to a text, as Telegram's apps do under "Replace photo"."""
        await people.edit_photo(self._world, person_id, message_id, data)

    async def replace_with(self, person_id: int, message_id: int, kind: str) -> None:
        """Replace the photo of a message by a video, a file …, under the same caption."""
        await people.replace_with(self._world, person_id, message_id, kind)

    async def delete_message(self, person_id: int, message_id: int) -> None:
        """Delete a message in this user's chat, the bot's or their own."""
        await people.delete_message(self._world, person_id, message_id)

    async def block_bot(self, person_id: int) -> None:
        await people.set_blocked(self._world, person_id, True)

    async def unblock_bot(self, person_id: int) -> None:
        await people.set_blocked(self._world, person_id, False)

    # Time

    async def move_clock(self, step: timedelta) -> None:
        """Move the clock ahead as the page's buttons do. Raises ValueError where it cannot be moved."""
        await self._world.move_clock(step)

    def on_moved_clock(self) -> None:
        """Show the time anew on the page: the clock of the service was moved, here or elsewhere."""
        self._world.emit({"type": "clock"})

    # What they see

    def chat(self, person_id: int, *, with_deleted: bool = False) -> list[Message]:
        """Return all visible messages of a user's chat with the bot, or of a group by its id, oldest first."""
        if person_id not in self._world.groups:
            self._world.person(person_id)
        messages = self._world.chats.get(person_id, {}).values()
        return [self._view(message) for message in messages if with_deleted or not message.is_deleted]

    def toasts(self, person_id: int) -> list[Toast]:
        """Return the answers to this user's button presses, in order; an unanswered press has none."""
        return [
            Toast(query_id, query["answer"]["text"], query["answer"]["is_alert"], query["answer"]["url"])
            for query_id, query in self._world.queries.items()
            if query["person"] == person_id and "answer" in query
        ]

    async def wait_for(
        self,
        person_id: int,
        wanted: str | Predicate,
        *,
        timeout: float = 10.0,  # noqa: ASYNC109 - it shows the chat when the time is over
        after: int = 0,
    ) -> Message:
        """Return the bot's newest message with `wanted` in its text or caption, or for which `wanted` is true.

        `person_id` may be the id of a group.
        `after`: only messages sent or edited after the message of this id. Raises TimeoutError, which shows the chat.
        """
        news = asyncio.Event()

        def watch(event: object) -> None:
            news.set()

        self._world.listeners.add(watch)
        deadline = time.monotonic() + timeout
        try:
            while True:
                news.clear()
                found = self._find(person_id, wanted, after)
                if found is not None:
                    return found
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(self._shown(person_id, wanted))
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), left)
        finally:
            self._world.listeners.discard(watch)

    def _find(self, person_id: int, wanted: str | Predicate, after: int) -> Message | None:
        for message in reversed(self.chat(person_id)):
            if not message.from_bot or not (message.id > after or message.edited_after >= max(after, 1)):
                continue
            if wanted in message.words if isinstance(wanted, str) else wanted(message):
                return message
        return None

    def _shown(self, person_id: int, wanted: str | Predicate) -> str:
        chat = self._world.chat_of(person_id)
        name = f"{chat.first_name}'s chat" if isinstance(chat, Person) else chat.title
        what = repr(wanted) if isinstance(wanted, str) else "what was asked for"
        lines = [str(message) for message in self.chat(person_id)]
        return "\n".join([f"the bot did not say {what}. {name}:", *(lines or ["(empty)"])])

    def _view(self, message: StoredMessage) -> Message:
        inline, keyboard = people.buttons_of(message)
        photo: bytes | str | None = message.photo_url
        if photo is None and "photo" in message.body:
            file = self._world.file_of(message.body["photo"][-1]["file_id"])
            photo = self._world.blobs.get(file.id) if file else None
        return Message(
            id=message.id,
            from_bot=message.from_bot,
            text=message.body.get("text"),
            caption=message.body.get("caption"),
            photo=photo,
            keyboard=inline,
            reply_keyboard=keyboard,
            entities=message.body.get("entities") or message.body.get("caption_entities") or [],
            edited=message.edit_date is not None,
            edited_after=message.edited_after,
            reply_to=message.reply_to,
            deleted=message.is_deleted,
            kind=message.kind,
            date=message.date,
            sender_id=message.sender_id,
            thread_id=message.thread_id,
        )

    # Faults

    def fail(
        self,
        method: str,
        *,
        times: int = 1,
        status: int = 500,
        retry_after: int | None = None,
        description: str | None = None,
    ) -> None:
        """Let the next `times` calls of `method` do nothing and answer `status`. "*": any method but getUpdates;
        "download": the content of a file."""
        self._faults.fail(method, times, status, retry_after, description)

    def delay(self, method: str, seconds: float, times: int = 1) -> None:
        """Let the next calls of `method` wait before they are carried out."""
        self._faults.delay(method, seconds, times)

    def deliver_then_drop(self, method: str, times: int = 1) -> None:
        """Carry out the next calls of `method`, then close the connection without an answer."""
        self._faults.drop(method, times)

    def duplicate_updates(self, times: int) -> None:
        """Deliver the next `times` updates twice."""
        self._world.inbox.duplicates += times

    def reorder_updates(self, times: int = 1) -> None:
        """Deliver the next `times` polled batches of more than one update newest first; a pushed update lets those of
        other chats pass."""
        self._world.inbox.reorders += times

    def behave(self) -> None:
        """Forget all faults that are still to come."""
        self._faults.clear()
        self._world.inbox.duplicates = self._world.inbox.reorders = 0
