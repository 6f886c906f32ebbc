"""The last part of the story of the door: Rex comes back by each way that he had, and is refused by all."""

from __future__ import annotations

from typing import Any

import socketio
from socketio.exceptions import ConnectionError as Refused

from skillswap.demo.browser import Browser, link_in
from skillswap.demo.staffed import MAIL, Staffed
from skillswap.output import say

DECISIONS = (
    ("Sam", "application.let_in", ""),
    ("Sam", "warn", "dating"),
    ("he himself", "acknowledge", ""),
    ("Sam", "ban", "rude"),
)
"""By whom, what, and why."""


class WaysBack(Staffed):
    """Seven ways, and what he reads at each."""

    async def tell(self) -> None:
        self._chapter("He tries to come back, by everything that he has")
        await self._old_session()
        await self._old_socket()
        await self._old_link()
        await self._telegram_again()
        await self._mini_app()
        await self._after_deleting()
        await self._new_account()
        await self._look_at_audit()

    async def _old_session(self) -> None:
        async with self._cast.browser.http.get("/api/user") as reply:
            body = await reply.json()
        self._is_refused("1. by the session of his browser", body["detail"], is_kept_out=reply.status == 401)

    async def _old_socket(self) -> None:
        is_closed = not self._cast.socket.connected
        self._is_refused("2. by the socket that he held open", "it was closed", is_kept_out=is_closed)
        again = socketio.AsyncClient(reconnection=False)
        said: list[Any] = []
        again.on("connect_error", said.append)
        headers = {"Cookie": self._cast.browser.cookies}
        try:
            await again.connect(self._address, headers=headers, transports=["websocket"])
        except Refused as error:
            self._is_refused("   and by a new one", said[0]["message"] if said else str(error), is_kept_out=True)
        else:
            self._is_refused("   and by a new one", "it is open", is_kept_out=False)

    async def _old_link(self) -> None:
        async with Browser(self._address) as browser:
            page = await browser.open(self._cast.link)
            self._is_refused("3. by the bot's link from before", page.words, is_kept_out=page.status == 410)

    async def _telegram_again(self) -> None:
        rex = self._cast.rex
        answer = await self._say(rex, "/start", shows="closed")
        self._is_refused("   by /start", answer.words, is_kept_out="match" not in str(answer.buttons))
        found = await self._sandbox.inline(rex, "glassblowing")
        self._is_refused("4. by inline mode", "no results", is_kept_out=not found.results)

    async def _mini_app(self) -> None:
        async with Browser(self._address) as browser:
            data = self._sandbox.init_data(self._cast.rex)
            page = await browser.send_to_auth("callback/telegram", initData=data)
            self._is_refused("5. by a Mini App", page.words, is_kept_out=await browser.user() is None)

    async def _after_deleting(self) -> None:
        rex = self._cast.rex
        await self._say(rex, "/delete", then="delete:")
        await self._press(rex, "delete:", then=None)
        answer = await self._say(rex, "/start", shows="closed")
        self._is_refused("6. by the same account, after /delete", answer.words, is_kept_out=True)

    async def _new_account(self) -> None:
        """Let him come with another Telegram account, by the invitation that he had made, and with the same mail."""
        new = self._arrive("Max", "en")
        answer = await self._say(new, self._cast.invitation, shows="leads nowhere")
        self._is_refused("7. by his own invitation, with a new Telegram account", answer.words, is_kept_out=True)
        async with Browser(self._address) as browser:
            page = await browser.open(await self._mailed_link(browser, MAIL))
            self._is_refused("8. by his mail address", page.words, is_kept_out=await browser.user() is None)
            link = link_in(await self._say(new, "/web", shows="http"))
            await browser.send(link.partition("?")[0], (await browser.open(link)).fields)
            page = await browser.open(await self._mailed_link(browser, MAIL))
            me = await self._get(browser.http, "/api/user")
            self._is_refused("   and linked to the new account", page.words, is_kept_out=me["email"] is None)

    async def _look_at_audit(self) -> None:
        self._chapter("What was decided, by whom and why, stays written down")
        people = {(await self._user(person)).id: self._names[person] for person in (self._cast.ada, self._cast.sam)}
        async with await self._web(self._cast.ada) as web:
            entries = await self._get(web, "/api/moderation/audit")
        said = [(people.get(one["by"], "he himself"), one["action"], one["reason"]) for one in reversed(entries)]
        for by, action, reason in said:
            say(f"      {by}: {action} {reason}".rstrip())
        self._check({*DECISIONS} <= {*said}, "GET /api/moderation/audit: each decision, with who made it")
