"""The answer to an inline query."""

from __future__ import annotations

import re
import time
from typing import Any

from bot.sandbox.content import read_markup, read_text
from bot.sandbox.errors import bad_request
from bot.sandbox.model import Json
from bot.sandbox.params import Params
from bot.sandbox.world import World

QUERY_SECONDS = 30
MAX_RESULTS = 50
MAX_OFFSET_BYTES = 64
MAX_ID_BYTES = 64
MAX_CACHED = 1_000
DEFAULT_CACHE_SECONDS = 300

_START = re.compile(r"[A-Za-z0-9_-]{1,64}")


def answer_inline_query(world: World, params: Params) -> bool:
    query_id = params.text("inline_query_id") or ""
    query = world.inline.get(query_id)
    if query is None or query["at"] < time.time() - QUERY_SECONDS:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    answer: Json = {
        "results": _results(params),
        "next_offset": params.text("next_offset") or "",
        "button": _button(params.mapping("button")),
        "is_personal": params.flag("is_personal"),
        "cache_time": params.integer("cache_time") if params.text("cache_time") else DEFAULT_CACHE_SECONDS,
    }
    if len(answer["next_offset"].encode()) > MAX_OFFSET_BYTES:
        raise bad_request("NEXT_OFFSET_INVALID")
    query["answer"] = answer
    whose = query["person"] if answer["is_personal"] else None
    world.inline_cache[whose, query["text"], query["offset"]] = (world.now() + answer["cache_time"], answer)
    while len(world.inline_cache) > MAX_CACHED:
        del world.inline_cache[next(iter(world.inline_cache))]
    world.emit({"type": "inline", "person": query["person"], "query": query_id})
    return True


def _results(params: Params) -> list[Json]:
    given = params.sequence("results")
    if given is None:
        raise bad_request("results must be specified")
    if len(given) > MAX_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    results = [_article(item) for item in given]
    if len({result["id"] for result in results}) < len(results):
        raise bad_request("RESULT_ID_DUPLICATE")
    return results


def _article(item: Any) -> Json:
    """Read an article with a text, the only kind of result that is supported here."""
    if not isinstance(item, dict) or item.get("type") != "article":
        raise bad_request("can't parse inline query result: unsupported type of inline query result")
    result_id, title = str(item.get("id") or ""), str(item.get("title") or "")
    if not 1 <= len(result_id.encode()) <= MAX_ID_BYTES:
        raise bad_request("RESULT_ID_INVALID")
    if not title.strip():
        raise bad_request("ARTICLE_TITLE_EMPTY")
    content = item.get("input_message_content")
    if not isinstance(content, dict) or "message_text" not in content:
        raise bad_request("can't parse inline query result: message text is empty")
    text = Params({**content, "text": content["message_text"]}, {})
    return {
        "id": result_id,
        "title": title,
        "description": str(item.get("description") or ""),
        "body": read_text(text),
        "markup": read_markup(Params({"reply_markup": item.get("reply_markup")}, {}), is_edit=True),
    }


def _button(given: Json | None) -> Json | None:
    if given is None:
        return None
    start = given.get("start_parameter")
    if not isinstance(given.get("text"), str) or not given["text"].strip():
        raise bad_request("can't parse inline query results button: text must be non-empty")
    if ("web_app" in given) == (start is not None) or (start is not None and not _START.fullmatch(str(start))):
        raise bad_request("START_PARAM_INVALID")
    return {"text": given["text"], "start": start}


METHODS = {"answerInlineQuery": answer_inline_query}
