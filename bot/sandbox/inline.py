"""Inline mode on the user's side: "@bot text" in the input field, its results, and the chosen one.

Queries live as long as the process, as Telegram forgets them within a minute. An answer is cached for its `cache_time`
and reused without asking the bot: for the same user if it is personal, else for all.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import TYPE_CHECKING

from bot.sandbox.model import InlineAnswer, InlineResult, Json, Person
from bot.sandbox.people import say

if TYPE_CHECKING:
    from bot.sandbox.world import World

MAX_QUERY = 256
MAX_QUERIES = 1_000
"""Queries that are kept; older ones have been answered or given up."""


async def ask(world: World, person_id: int, text: str, offset: str = "") -> str:
    """Type "@bot text". Returns the id of the query; its answer is announced by the event "inline"."""
    person = world.person(person_id)
    text = text.strip()[:MAX_QUERY]
    query_id = str(secrets.randbits(62))
    query: Json = {"person": person.id, "text": text, "offset": offset, "at": time.time()}
    world.inline[query_id] = query
    while len(world.inline) > MAX_QUERIES:
        del world.inline[next(iter(world.inline))]
    cached = _cached(world, person, text, offset)
    if cached is not None:
        query["answer"] = cached
        world.emit({"type": "inline", "person": person.id, "query": query_id})
        return query_id
    payload = {"id": query_id, "from": person.as_user(), "query": text, "offset": offset, "chat_type": "sender"}
    world.add_update("inline_query", person.id, payload)
    await world.commit()
    return query_id


def _cached(world: World, person: Person, text: str, offset: str) -> Json | None:
    for whose in (person.id, None):
        until, answer = world.inline_cache.get((whose, text, offset), (0.0, None))
        if answer is not None and until > world.now():
            return answer
    return None


async def answered(world: World, query_id: str, patience: float) -> InlineAnswer:
    """Return the bot's answer once it has arrived. Raises TimeoutError."""
    news = asyncio.Event()

    def watch(event: object) -> None:
        news.set()

    world.listeners.add(watch)
    try:
        async with asyncio.timeout(patience):
            while "answer" not in world.inline[query_id]:
                news.clear()
                await news.wait()
    finally:
        world.listeners.discard(watch)
    return view(query_id, world.inline[query_id]["answer"])


async def choose(world: World, person_id: int, query_id: str, result_id: str) -> int:
    """Send one of the results to the chat with the bot. Returns the id of the message. Raises LookupError."""
    person = world.person(person_id)
    query = world.inline.get(query_id, {})
    results = query.get("answer", {}).get("results", ())
    result = next((result for result in results if result["id"] == result_id), None)
    if result is None or query["person"] != person.id:
        raise LookupError("there is no such result")
    body = {**result["body"], "via_bot": world.bot}
    sent = await say(world, person, body, markup=result["markup"])
    chosen = {"result_id": result_id, "from": person.as_user(), "query": query["text"]}
    world.add_update("chosen_inline_result", person.id, chosen)
    await world.commit()
    return sent


def view(query_id: str, answer: Json) -> InlineAnswer:
    results = [
        InlineResult(result["id"], result["title"], result["description"], result["body"]["text"])
        for result in answer["results"]
    ]
    return InlineAnswer(
        query_id,
        results,
        answer["next_offset"],
        answer["button"]["text"] if answer["button"] else None,
        answer["is_personal"],
        answer["cache_time"],
    )
