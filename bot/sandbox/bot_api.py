"""The HTTP side of the Bot API: /bot<token>/<method> and /file/bot<token>/<path>."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from aiohttp import web

from bot.sandbox.errors import ApiError
from bot.sandbox.faults import Faults
from bot.sandbox.methods import all_methods
from bot.sandbox.model import Call, Json
from bot.sandbox.params import Params, read_params
from bot.sandbox.world import World

MAX_CALLS = 20_000


class BotApi:
    """`calls` records every call, the newest `MAX_CALLS` of them."""

    def __init__(self, world: World, faults: Faults, token: str) -> None:
        self._world = world
        self._faults = faults
        self._token = token
        self._methods = all_methods()
        self.calls: list[Call] = []

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/bot{token}/{method}", self._call),
            web.get("/file/bot{token}/{path:.+}", self._download),
        ]

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        began = time.monotonic()
        params = Params({}, {})
        delay = self._faults.next_delay(method)
        is_dropped = self._faults.next_drop(method)
        try:
            if request.match_info["token"] != self._token:
                raise ApiError(401, "Unauthorized")
            params = await read_params(request)
            if delay:
                await asyncio.sleep(delay)
            status, answer = 200, await self._answer(method, params)
        except ApiError as error:
            status, answer = error.code, _refusal(error)
        if is_dropped and request.transport is not None:
            request.transport.abort()  # carried out, but no answer is sent
        is_heard = request.transport is not None and not request.transport.is_closing()
        self._record(Call(method, params.described(), began, status if is_heard else 0))
        retry_after = answer.get("parameters", {}).get("retry_after")
        headers = {"Retry-After": str(retry_after)} if retry_after is not None else {}
        return web.json_response(answer, status=status, headers=headers)

    async def _answer(self, method: str, params: Params) -> Json:
        """Carry out one call. Raises ApiError for calls that Telegram would refuse, and for those that a fault makes
        fail."""
        failure = self._faults.next_failure(method)
        if failure is not None:
            raise failure
        if method.lower() == "getupdates":
            return {"ok": True, "result": await self._get_updates(params)}
        known = self._methods.get(method.lower())
        if known is None:
            raise ApiError(404, "Not Found")
        result = known(self._world, params)
        await self._world.commit()
        return {"ok": True, "result": result}

    async def _get_updates(self, params: Params) -> list[Json]:
        self._world.inbox.allow(params.sequence("allowed_updates"))
        try:
            return await self._world.inbox.poll(
                params.integer("offset"), params.integer("limit", 100), params.integer("timeout")
            )
        finally:
            await self._world.commit()

    def _record(self, call: Call) -> None:
        self.calls.append(call)
        if len(self.calls) > MAX_CALLS:
            del self.calls[: MAX_CALLS // 10]

    async def _download(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != self._token:
            return web.json_response(_refusal(ApiError(401, "Unauthorized")), status=401)
        failure = self._faults.next_failure("download")
        if failure is not None:
            return web.json_response(_refusal(failure), status=failure.code)
        path = request.match_info["path"]
        file = next((file for file in self._world.files.values() if file.path == path), None)
        if file is None or not self._world.blobs.get(file.id):
            return web.json_response(_refusal(ApiError(404, "Not Found")), status=404)
        return web.Response(body=self._world.blobs[file.id], content_type="application/octet-stream")


def _refusal(error: ApiError) -> dict[str, Any]:
    answer: dict[str, Any] = {"ok": False, "error_code": error.code, "description": error.description}
    if error.retry_after is not None:
        answer["parameters"] = {"retry_after": error.retry_after}
    if error.migrated_to is not None:
        answer["parameters"] = {"migrate_to_chat_id": error.migrated_to}
    return answer
