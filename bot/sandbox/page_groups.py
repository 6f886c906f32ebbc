"""The page's routes about groups: founding one, its chat on a member's phone, writing and pressing in it."""

from __future__ import annotations

from aiohttp import web

from bot.sandbox.group_model import Group
from bot.sandbox.groups import Groups
from bot.sandbox.model import Json, Person
from bot.sandbox.page_actions import HEADERS, guarded, person_id, problem
from bot.sandbox.page_view import group_chat_json, group_json
from bot.sandbox.world import World

MAX_TITLE = 128
BOT = "bot"
"""Stands for the bot where an action is about a member."""


class GroupPage:
    def __init__(self, world: World, groups: Groups) -> None:
        self._world = world
        self._groups = groups

    def routes(self) -> list[web.RouteDef]:
        one = "/sandbox/api/people/{person}/groups/{group:-?\\d+}"
        return [
            web.post("/sandbox/api/groups", guarded(self._create)),
            web.get(f"{one}/chat", self._chat),
            web.post(f"{one}/text", guarded(self._text)),
            web.post(f"{one}/press", guarded(self._press)),
            web.post(f"{one}/member", guarded(self._member)),
            web.post(f"{one}/topic", guarded(self._topic)),
        ]

    async def _chat(self, request: web.Request) -> web.Response:
        try:
            group, person = self._place(request)
        except LookupError as error:
            return problem(404, error)
        return web.json_response(group_chat_json(self._world, group, person), headers=HEADERS)

    async def _create(self, request: web.Request, given: Json) -> Json:
        """Found a group of these people, the first one its owner, with the bot as an administrator."""
        owner, *others = [int(person) for person in given.get("members") or [0]]
        title = " ".join(str(given.get("title") or "").split())[:MAX_TITLE]
        group = await self._groups.create(title, owner, *others, is_forum=bool(given.get("is_forum")))
        await self._groups.add_bot(group.id, owner, as_admin=True)
        return group_json(self._world, group)

    async def _text(self, request: web.Request, given: Json) -> Json:
        group, person = self._place(request)
        reply_to, thread_id = given.get("reply_to"), given.get("thread_id")
        sent = await self._groups.send_text(
            group.id,
            person.id,
            str(given.get("text") or ""),
            reply_to=int(reply_to) if reply_to else None,
            thread_id=int(thread_id) if thread_id else None,
        )
        return {"message_id": sent}

    async def _press(self, request: web.Request, given: Json) -> Json:
        group, person = self._place(request)
        button = str(given.get("button") or "")
        return {"query": await self._groups.press(group.id, person.id, int(given.get("message_id") or 0), button)}

    async def _member(self, request: web.Request, given: Json) -> Json:
        """Do what an administrator does with members: "add", "promote", "demote" or "remove" one, or the bot."""
        group, person = self._place(request)
        who = self._world.bot["id"] if given.get("user") == BOT else int(given.get("user") or 0)
        actions = {
            "add": self._groups.add,
            "promote": self._groups.promote,
            "demote": self._groups.demote,
            "remove": self._groups.remove,
        }
        action = actions.get(str(given.get("action")))
        if action is None:
            raise ValueError("there is no such action")
        await action(group.id, who, person.id)
        return group_json(self._world, group)

    async def _topic(self, request: web.Request, given: Json) -> Json:
        group, person = self._place(request)
        name = " ".join(str(given.get("name") or "").split())[:MAX_TITLE]
        if not name:
            raise ValueError("a topic has a name")
        return {"thread_id": await self._groups.open_topic(group.id, person.id, name)}

    def _place(self, request: web.Request) -> tuple[Group, Person]:
        """Return the group and the member that a request names. Raises LookupError."""
        group = self._world.group(int(request.match_info["group"]))
        person = self._world.person(person_id(request))
        if not group.has(person.id):
            raise LookupError("there is no such group for this person")
        return group, person
