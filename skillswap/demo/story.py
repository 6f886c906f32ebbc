"""`skillswap demo`: swaps and a circle of three in a scratch community, from the request to the ratings and the other
ends; each step is checked on the other side.

The bot runs against the sandbox; the web side is REST over HTTP and a real Socket.IO client. The command returns 0 only
if every change made through one channel was seen in the other.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
import socketio
from socketio.exceptions import SocketIOError

from bot.sandbox import Sandbox
from skillswap.bootstrap import Service, running
from skillswap.demo.circle_story import CircleStory
from skillswap.demo.endings import Endings
from skillswap.demo.late_story import LateStory
from skillswap.demo.life_story import LifeStory
from skillswap.demo.portraits import draw_portrait
from skillswap.demo.scene import STEP_SECONDS, Scene, StepFailed
from skillswap.demo.seeding import add_people
from skillswap.loopback import free_port
from skillswap.output import say
from skillswap.settings import Settings

SEED = 7


async def play(*, people: int, is_kept: bool) -> int:
    """Play the story and print it; returns 0 when every step was seen on the other side, else 1."""
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="skillswap-demo-"))
    port, sandbox_port = free_port(), free_port()
    settings = Settings.load(
        env_file=None,
        data_dir=folder,
        host="127.0.0.1",
        port=port,
        sandbox_port=sandbox_port,
        skillswap_env="development",
        mongodb_uri=None,
        telegram_bot_token=None,
        telegram_api_url=None,
        telegram_webhook_url=None,
        nextauth_url=None,
        cloudinary_cloud_name=None,
        cloudinary_api_key=None,
        cloudinary_api_secret=None,
    )
    say("Starting everything on a scratch folder …")
    started = time.monotonic()
    try:
        async with running(settings, "run", notify=lambda _: None) as service:
            say(f"Up after {time.monotonic() - started:.1f} s. Inviting {people} made-up people …")
            await add_people(service.deps, people, seed_number=SEED)
            assert service.sandbox is not None
            assert service.address is not None
            async with _story(service) as story:
                await story.tell()
                steps = story.steps
            for one in (CircleStory, LifeStory, Endings, LateStory):
                told = one(service.sandbox, service.deps, service.address)
                await told.tell()
                steps += told.steps
            say(f"\nAll {steps} steps were seen on the other side, {time.monotonic() - started:.0f} s after the start.")
        return 0
    except (StepFailed, TimeoutError, aiohttp.ClientError, SocketIOError) as problem:
        say(f"\nFAILED: {problem or type(problem).__name__}")
        return 1
    finally:
        if is_kept:
            say(f"The data folder is kept: {folder}")
        else:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


@asynccontextmanager
async def _story(service: Service) -> AsyncIterator[Story]:
    assert service.sandbox is not None
    assert service.address is not None
    async with aiohttp.ClientSession(service.address, cookie_jar=aiohttp.CookieJar(unsafe=True)) as web:
        client = socketio.AsyncClient()
        try:
            yield Story(service.sandbox, web, client, service.address)
        finally:
            await client.disconnect()


class Story(Scene):
    """Maya and Tomás register with the bot, swap, and talk: she on the web, he in Telegram."""

    def __init__(self, sandbox: Sandbox, web: aiohttp.ClientSession, client: Any, address: str) -> None:
        super().__init__(sandbox)
        self._web = web
        self._client = client
        self._address = address
        self._received: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def tell(self) -> None:
        maya = self._arrive("Maya", "en")
        tomas = self._arrive("Tomás", "es")
        await self._register(maya, teach="Hang drum, Juggling", learn="Falconry", place="Gràcia", portrait=3)
        await self._register(tomas, teach="Falconry", learn="Hang drum", place="Lavapiés", portrait=11)
        await self._propose(maya, tomas)
        await self._accept(maya, tomas)
        swap_id = await self._sign_in(maya)
        await self._talk(maya, tomas, swap_id)

    async def _register(self, person: int, *, teach: str, learn: str, place: str, portrait: int) -> None:
        self._chapter(f"{self._names[person]} registers in Telegram, with a photo")
        await self._say(person, "/start", then="step:teach")
        await self._press(person, "step:teach", then="step:learn")
        await self._say(person, teach, then="step:learn", shows=teach.split(",")[0])
        await self._press(person, "step:learn", then="step:times")
        await self._say(person, learn, then="step:times", shows=learn)
        await self._press(person, "step:times", then="ob:times:on:2")
        await self._press(person, "ob:times:on:2", then="ob:times:off:2")
        await self._press(person, "step:location", then="step:photo")
        await self._say(person, place, then="ob:photo:mine")
        picture = await asyncio.to_thread(draw_portrait, portrait)
        message_id = await self._sandbox.send_photo(person, picture)
        self._line(person, "sends a photo")
        await self._sees(person, "ob:visibility:public", after=message_id)
        preview = await self._press(person, "ob:visibility:public", then="ob:preview:done")
        self._check(preview.photo is not None, "the preview shows the photo")
        await self._press(person, "ob:preview:done", then="match", shows="🎉")

    async def _propose(self, maya: int, tomas: int) -> None:
        self._chapter("Maya looks for a match and asks")
        card = await self._say(maya, "/match", then="m:", shows="Tomás")
        self._check(card.photo is not None and "Falconry" in card.words, "the card shows his face and his skill")
        await self._press(maya, next(b.data for b in card.buttons if b.data and b.data.endswith(":ask")), then="p:")
        last = self._last(tomas)
        await self._say(maya, "I have two drums. Thursday evening?", shows="Tomás")
        request = await self._sees(tomas, ":accept", after=last)
        self._heard(tomas, request)
        self._check("Thursday evening?" in request.words, "her note stands on his card")
        self._check(request.photo is not None, "so does her face")

    async def _accept(self, maya: int, tomas: int) -> None:
        self._chapter("Tomás accepts")
        last = self._last(maya)
        await self._press(tomas, ":accept", then=":chat")
        told = await self._sandbox.wait_for(maya, "Tomás", after=last, timeout=STEP_SECONDS)
        self._heard(maya, told)
        card = await self._sees(maya, ":end")
        self._check(":accept" not in str(card.buttons), "her own card shows the new state")

    async def _sign_in(self, maya: int) -> str:
        self._chapter("Maya signs in on the web with the bot's link")
        answer = await self._say(maya, "/web", shows="http")
        found = re.search(r"http\S+token=[\w-]+", answer.words + " ".join(b.url or "" for b in answer.buttons))
        self._check(found is not None, "the bot gives a link")
        assert found is not None
        async with self._web.get(found.group()) as page:
            self._check(page.status == 200, "the link opens a page; looking does not use it up")
            form = dict(re.findall(r'name="(\w+)" value="([^"]*)"', await page.text()))
        address = found.group().partition("?")[0]
        async with self._web.post(address, data=form, headers={"Origin": self._address}) as done:
            self._check(done.status == 200, "its button signs her in")
        async with (
            aiohttp.ClientSession() as other,
            other.post(address, data=form, headers={"Origin": self._address}) as again,
        ):
            self._check(again.status == HTTPStatus.GONE, "a second time, in another browser, it signs nobody in")
        me = await self._get("/api/user")
        self._check(me["name"] == "Maya", "REST knows her")
        swaps = await self._get("/api/swap")
        self._check(swaps[0]["status"] == "accepted", "and her swap")
        return str(swaps[0]["_id"])

    async def _talk(self, maya: int, tomas: int, swap_id: str) -> None:
        self._chapter("They talk: she on the web, he in Telegram")
        self._client.on("chat:receive", self._received.put)
        cookies = "; ".join(f"{cookie.key}={cookie.value}" for cookie in self._web.cookie_jar)
        await self._client.connect(self._address, headers={"Cookie": cookies}, transports=["websocket"])
        last = self._last(tomas)
        draft = {"swap_id": swap_id, "message": "Hi Tomás! I write from the web 👋", "client_id": "demo-1"}
        for attempt in ("sends", "sends again, as after a lost connection"):
            ack = await self._client.call("chat:new", draft, timeout=STEP_SECONDS)
            self._check(ack["ok"] and ack["message"]["seq"] == 1, f"Maya {attempt}: one message, number 1")
        await self._receives("Hi Tomás! I write from the web 👋")
        self._heard(tomas, await self._sandbox.wait_for(tomas, "from the web", after=last, timeout=STEP_SECONDS))
        copies = [message for message in self._sandbox.chat(tomas) if "from the web" in message.words]
        self._check(len(copies) == 1, "it stands once in his Telegram")
        await self._say(tomas, "¡Hola Maya! <b>Bring</b> a glove & a hat :)")
        received = await self._receives("¡Hola Maya! <b>Bring</b> a glove & a hat :)")
        self._check(received["via"] == "telegram", "with the words just as he wrote them")
        photo = await asyncio.to_thread(draw_portrait, 21)
        await self._sandbox.send_photo(tomas, photo, caption="This is Olga, my owl")
        self._line(tomas, "sends a photo")
        received = await self._receives("This is Olga, my owl")
        async with self._web.get(received["photo_url"].removeprefix(self._address)) as picture:
            self._check(picture.content_type == "image/jpeg", "the photo can be seen on the web")
        last = self._last(tomas)
        draft = {"swap_id": swap_id, "message": "She is beautiful! See you on Thursday."}
        async with self._web.post("/api/chat", json=draft) as reply:
            self._check(reply.status == 201, "Maya answers by REST")
        self._heard(tomas, await self._sandbox.wait_for(tomas, "She is beautiful!", after=last, timeout=STEP_SECONDS))
        history = await self._get(f"/api/chat/{swap_id}")
        self._check([message["seq"] for message in history] == [1, 2, 3, 4], "the conversation is complete, in order")

    async def _receives(self, text: str) -> dict[str, Any]:
        message = await asyncio.wait_for(self._received.get(), STEP_SECONDS)
        self._check(message["message"] == text, f"chat:receive on the web: {text}")
        return message

    async def _get(self, path: str) -> Any:
        async with self._web.get(path) as reply:
            if reply.status != HTTPStatus.OK:
                raise StepFailed(f"GET {path} answered {reply.status}")
            return await reply.json()
