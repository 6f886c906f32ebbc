from __future__ import annotations

import asyncio
import gc
import logging
import os
import re
import signal
from pathlib import Path

import pytest
from aiohttp import ClientSession
from aiohttp.web import Request, Response, get
from yarl import URL

from domain.errors import Problem
from handlers.auth.sessions import issue_session
from handlers.runtime.deps import Deps
from skillswap import logs
from storage.mongodb.database import Database
from storage.mongodb.embedded import EmbeddedMongo
from tests.api.conftest import ALLOWED_ORIGIN, COOKIE, Client, Web, open_web
from tests.factories import MakeUser, SignIn, build_deps, insert_user

ROOT = Path(__file__).parents[3]
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "invalid_json"),
        (b'{"name": "A', 400, "invalid_json"),
        (b'\xef\xbb\xbf{"name": "Ada"}', 400, "invalid_json"),
        (b'{"name": NaN}', 400, "invalid_json"),
        (b'{"name": Infinity}', 400, "invalid_json"),
        (b'{"name": "\xff"}', 400, "invalid_json"),
        (b'{"name": "\\ud800"}', 400, "invalid_json"),
        (b"[]", 400, "invalid_json"),
        (b"null", 400, "invalid_json"),
        (b"[" * 50_000, 400, "invalid_json"),
        (b'{"name": ' + b"[" * 900 + b"]" * 900 + b"}", 422, "invalid_field"),
        (b'{"is_public": 1e400}', 400, "invalid_json"),
        (b'{"email": {"$ne": null}}', 422, "invalid_field"),
        (b'{"name": "Ada", "name": "Eve"}', 400, "duplicate_key"),
        (b'{"coordinates": {"latitude": 1, "latitude": 2, "longitude": 3}}', 400, "duplicate_key"),
        (b'{"x": [{"role": "member", "r\\u006fle": "admin"}]}', 400, "duplicate_key"),
        (b'{"name": "' + b"x" * 65_530 + b'"}', 413, "request.too_large"),
    ],
)
async def test_malformed_json_body_is_refused(
    client: Client, make_user: MakeUser, body: bytes, status: int, code: str
) -> None:
    async with client(await make_user()).put("/api/user", data=body, headers=JSON) as answer:
        problem = await answer.json()
    assert (answer.status, problem["status"], problem["code"]) == (status, status, code)
    assert answer.content_type == "application/problem+json"


async def test_chunked_body_is_bounded(client: Client, make_user: MakeUser) -> None:
    async def stream():
        for _ in range(100):
            yield b" " * 1000

    async with client(await make_user()).put("/api/user", data=stream(), headers=JSON) as answer:
        assert answer.status == 413


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {"Content-Type": "application/json", "Content-Encoding": "identity"},
    ],
)
async def test_only_plain_json_is_accepted(client: Client, make_user: MakeUser, headers: dict[str, str]) -> None:
    async with client(await make_user()).put("/api/user", data=b"{}", headers=headers, compress=None) as answer:
        assert answer.status == 415


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/swap?status[$ne]=x", 422),
        ("/api/swap?status=done", 422),
        ("/api/swap?limit=1&limit=2", 422),
        ("/api/swap?limit=-1", 422),
        ("/api/swap?limit=0", 422),
        ("/api/swap?limit=1e9", 422),
        ("/api/swap?limit=%2012", 422),
        ("/api/swap?before=garbage", 400),
        ("/api/matches?x=1", 422),
        ("/api/matches?limit=x", 422),
        ("/api/nothing", 404),
        ("/api/%2e%2e/", 404),
        ("//api//user", 404),
        ("/api/user/", 404),
        ("/%ff%00", 404),
    ],
)
async def test_invalid_url_is_answered_with_a_problem_document(
    client: Client, web: Web, make_user: MakeUser, path: str, status: int
) -> None:
    session = client(await make_user())
    async with session.get(URL(web.url + path, encoded=True)) as answer:
        problem = await answer.json()
    assert (answer.status, answer.content_type) == (status, "application/problem+json")
    assert problem["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize("method", ["TRACE", "PATCH", "DELETE", "POST"])
async def test_unsupported_method_is_answered_with_allow(client: Client, make_user: MakeUser, method: str) -> None:
    async with client(await make_user()).request(method, "/api/user") as answer:
        problem = await answer.json()
    assert (answer.status, problem["code"]) == (405, "method_not_allowed")
    assert {"GET", "PUT"} <= set(answer.headers["Allow"].split(", "))


async def test_closed_database_is_answered_with_503_and_retry_after(database_uri: str) -> None:
    deps = await build_deps(await Database.open(database_uri))
    ada = await insert_user(deps)
    async with open_web(deps) as web, ClientSession(web.url) as session:
        await web.feed.stop()
        await deps.store.database.command("dropDatabase")
        await deps.store.database.close()
        async with session.get("/api/user", headers={"Cookie": f"{COOKIE}={issue_session(deps, ada)}"}) as answer:
            problem = await answer.json()
    assert (answer.status, problem["code"], answer.headers["Retry-After"]) == (503, "database.unavailable", "2")


async def test_hanging_database_is_answered_within_the_deadline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.deadlines.ANSWER_SECONDS", 0.5)
    monkeypatch.setattr("api.http.deadlines.GRANULARITY_SECONDS", 0.1)
    mongod = await EmbeddedMongo.start(tmp_path)
    deps = await build_deps(await Database.open(mongod.uri))
    ada = await insert_user(deps)
    assert mongod.mongod_pid is not None
    async with open_web(deps) as web, ClientSession(web.url) as session:
        cookie = {"Cookie": f"{COOKIE}={issue_session(deps, ada)}"}
        await web.feed.stop()
        try:
            await _stop_process(mongod.mongod_pid)
            for call in (session.get("/api/user"), session.put("/api/user", json={}), session.get("/api/swap")):
                async with asyncio.timeout(3), call as answer:
                    assert answer.status == 401
            for method, body in (("GET", None), ("PUT", {"location": "Lima"})):
                async with (
                    asyncio.timeout(3),
                    session.request(method, "/api/user", json=body, headers=cookie) as answer,
                ):
                    assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
        finally:
            os.kill(mongod.mongod_pid, signal.SIGCONT)
        monkeypatch.undo()
        async with session.get("/api/user", headers=cookie) as answer:
            assert answer.status == 200
    await deps.store.database.close()
    await mongod.stop()


async def _stop_process(pid: int) -> None:
    """Stop a process and wait for its threads: on a busy machine some go on answering for a fifth of a second."""
    os.kill(pid, signal.SIGSTOP)
    async with asyncio.timeout(10):
        while any(
            " T " not in status.read_text().rpartition(")")[2][:3]
            for status in Path(f"/proc/{pid}/task").glob("*/stat")
        ):
            await asyncio.sleep(0.01)


async def test_every_response_carries_security_headers(client: Client, make_user: MakeUser) -> None:
    for path in ("/api/user", "/", "/docs", "/nothing", "/healthz"):
        async with client(await make_user()).get(path) as answer:
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            assert re.fullmatch("[0-9a-f]{16}", answer.headers["X-Request-Id"])


async def test_only_configured_origins_read_responses(client: Client, make_user: MakeUser) -> None:
    session = client(await make_user())
    asked = {"Access-Control-Request-Method": "PUT"}
    async with session.options("/api/user", headers={"Origin": ALLOWED_ORIGIN, **asked}) as answer:
        assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (204, ALLOWED_ORIGIN)
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
    async with session.get("/api/user", headers={"Origin": ALLOWED_ORIGIN}) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == ALLOWED_ORIGIN
        assert "Origin" in answer.headers["Vary"]
    async with session.get("/api/user", headers={"Origin": "https://evil.example"}) as answer:
        assert "Access-Control-Allow-Origin" not in answer.headers
    async with session.options("/api/user", headers={"Origin": "https://evil.example", **asked}) as answer:
        assert answer.status == 405


async def test_requests_of_one_user_are_rate_limited(client: Client, make_user: MakeUser) -> None:
    ada, ben = await make_user(), await make_user()
    session = client(ada)
    statuses = []
    for _ in range(20):
        answers = await asyncio.gather(*(session.get("/api/user") for _ in range(50)))
        statuses += [answer.status for answer in answers]
        for answer in answers:
            answer.release()
    assert 429 in statuses
    async with client(ben).get("/api/user") as answer:
        assert answer.status == 200


async def test_incomplete_body_times_out(web: Web, make_user: MakeUser, sign_in: SignIn, monkeypatch) -> None:
    monkeypatch.setattr("api.http.bodies.BODY_SECONDS", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", web.server.port)
    head = (
        f"PUT /api/user HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {sign_in(await make_user())}\r\n"
        'Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{"name"'
    )
    writer.write(head.encode())
    line = await asyncio.wait_for(reader.readline(), 5)
    assert b" 408 " in line
    writer.close()


async def test_silent_connection_is_closed(web: Web, monkeypatch) -> None:
    monkeypatch.setattr("api.http.connections.HEADERS_SECONDS", 0.2)
    for start in (b"", b"GET /healthz HTTP/1.1\r\nHost:"):
        reader, writer = await asyncio.open_connection("127.0.0.1", web.server.port)
        writer.write(start)
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()


async def test_incomplete_later_request_times_out(web: Web, monkeypatch) -> None:
    monkeypatch.setattr("api.http.connections.HEADERS_SECONDS", 0.3)
    reader, writer = await asyncio.open_connection("127.0.0.1", web.server.port)
    for _ in range(2):
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b" 200 " in await asyncio.wait_for(reader.readline(), 5)
        await asyncio.wait_for(reader.readuntil(b'{"ok":true}'), 5)
        await asyncio.sleep(0.4)  # an idle connection between two requests is not affected
    for pause in (0.0, 0.4):  # 0.0: directly after the response
        if pause:
            reader, writer = await asyncio.open_connection("127.0.0.1", web.server.port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.wait_for(reader.readuntil(b'{"ok":true}'), 5)
        await asyncio.sleep(pause)
        writer.write(b"GET /healthz HTTP/1.1\r\nHo")
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()


async def test_unreadable_request_is_not_quoted_in_the_log(
    web: Web, make_user: MakeUser, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    head = f"PUT /api/user HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {sign_in(await make_user())}\r\n"
    chunked = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    form = 'Content-Type: multipart/form-data; boundary="b"\r\nContent-Length: 21\r\n\r\n--b\r\nquetzal\r\n\r\n--b--'
    for request in (
        head + chunked + "quetzal\r\n{}\r\n0\r\n\r\n",
        head + "quetzal\r\n\r\n",
        head.replace("/api/user", "http://[quetzal"),
        head.replace("PUT /api/user", "POST /api/upload") + form,
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", web.server.port)
        writer.write(request.encode())
        assert b" 400 " in await asyncio.wait_for(reader.readline(), 5), request
        writer.close()
    assert "quetzal" not in caplog.text
    warnings = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert warnings == ["refused connections and requests: 1 unreadable"]  # logged once a minute
    async with ClientSession(web.url) as session, session.get("/metrics") as answer:
        assert 'skillswap_refused_total{reason="unreadable"} ' in await answer.text()


async def test_internal_error_is_logged_under_the_request_id_of_the_response(
    deps: Deps, caplog: pytest.LogCaptureFixture
) -> None:
    class Keeper(logging.Filter):
        """Record the request id that the formatter would log."""

        def filter(self, record: logging.LogRecord) -> bool:
            record.current = logs.request_id.get()
            return True

    async def broken(request: Request) -> Response:
        raise RuntimeError("a bug")

    caplog.handler.addFilter(keeper := Keeper())
    async with open_web(deps, extra_routes=[get("/broken/{id}", broken)]) as running:
        async with ClientSession(running.url) as session, session.get("/broken/7") as answer:
            problem = await answer.json()
    caplog.handler.removeFilter(keeper)
    assert (answer.status, problem["code"]) == (500, "internal")
    (record,) = [record for record in caplog.records if record.name == "api.http.middleware"]
    assert record.current == problem["request_id"] == answer.headers["X-Request-Id"]  # type: ignore[attr-defined]
    assert record.getMessage() == "GET /broken/{id} failed"


async def test_a_page_of_another_origin_may_send_the_headers_of_its_client(client: Client) -> None:
    headers = {"Origin": ALLOWED_ORIGIN, "Access-Control-Request-Method": "PUT"}
    async with client().options("/api/user", headers=headers) as answer:
        allowed = answer.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"x-requested-with", "cache-control", "pragma", "x-auth-return-redirect", "content-type"} <= set(allowed)


@pytest.mark.parametrize(
    "path", ["/api/swap/65a0c0de0000000000000000", "/no-such-place", "/swaps/65a0c0de0000000000000000"]
)
async def test_a_refused_request_leaves_nothing_to_the_garbage_collector(
    client: Client, make_user: MakeUser, path: str
) -> None:
    user = await make_user()
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            async with client(user).get(path) as answer:
                assert answer.status == 404
        left = [found for found in gc.get_objects() if isinstance(found, Problem)]
    finally:
        gc.enable()
    assert left == []
