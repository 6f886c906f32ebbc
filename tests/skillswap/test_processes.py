"""`--processes N`: several processes on one port, as clients and an operator meet them."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import psutil
import pytest
import socketio
from pymongo.uri_parser import parse_uri

from handlers.auth.session_tokens import SessionTokens
from skillswap.loopback import free_port
from tests.factories import MakeSwap, MakeUser
from tests.service import ROOT, Service, start_service
from tests.waiting import eventually

SECRET = "a secret for these tests only, of 32 bytes and more"
PROCESSES = 2
CLIENTS = 8
"""Enough that each process has some, whichever the system picks."""
ANSWER_SECONDS = 20.0

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
async def service(database_uri: str, tmp_path: Path) -> AsyncIterator[Service]:
    env = {"DATA_DIR": str(tmp_path), "MONGODB_URI": database_uri, "NEXTAUTH_SECRET": SECRET}
    arguments = ("--processes", str(PROCESSES))
    running = await start_service(env, role="api", log=tmp_path / "service.log", arguments=arguments)
    await _all_up(running)
    yield running
    if running.child.returncode is None:
        assert await running.stop() == 0


def _serving(service: Service) -> list[psutil.Process]:
    return [one for one in psutil.Process(service.child.pid).children() if one.is_running()]


async def _all_up(service: Service) -> None:
    """Wait until each process listens on the port."""
    port = int(service.url.rpartition(":")[2])
    async with asyncio.timeout(60):
        while True:
            listening = {
                one.pid
                for one in _serving(service)
                if any(link.laddr.port == port and link.status == "LISTEN" for link in one.net_connections("tcp4"))
            }
            if len(listening) == PROCESSES:
                return
            await asyncio.sleep(0.1)


def _token(user_id: str) -> str:
    return SessionTokens([SECRET]).issue(user_id, name="", email=None, picture=None, now=datetime.now(UTC))


@pytest.mark.parametrize("transports", [["websocket"], ["polling"], ["polling", "websocket"]])
async def test_messages_reach_sockets_in_all_processes(
    service: Service, make_user: MakeUser, make_swap: MakeSwap, transports: list[str]
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    heard: list[asyncio.Queue[str]] = []
    async with AsyncExitStack() as stack:
        for _ in range(CLIENTS):
            queue: asyncio.Queue[str] = asyncio.Queue()
            client = socketio.AsyncClient(reconnection=False)
            client.on("chat:receive", lambda message, queue=queue: queue.put_nowait(message["message"]))
            await client.connect(
                service.url, auth={"token": _token(ben.id)}, transports=transports, socketio_path="/api/socket"
            )
            stack.push_async_callback(client.eio.disconnect, abort=True)  # without waiting for a poll that is pending
            heard.append(queue)
            assert client.transport() == transports[-1]
        web = await stack.enter_async_context(aiohttp.ClientSession(service.url))
        headers = {"Authorization": f"Bearer {_token(ada.id)}"}
        for words in ("one", "two", "three"):
            async with web.post("/api/chat", json={"swap_id": swap.id, "message": words}, headers=headers) as answer:
                assert answer.status == 201, await answer.text()
        async with asyncio.timeout(ANSWER_SECONDS):
            assert [[await queue.get() for _ in range(3)] for queue in heard] == [["one", "two", "three"]] * CLIENTS


async def test_a_process_that_is_killed_starts_again_while_the_others_serve(service: Service, tmp_path: Path) -> None:
    before = {one.pid for one in _serving(service)}
    os.kill(min(before), signal.SIGKILL)
    async with aiohttp.ClientSession(service.url) as web:
        for _ in range(20):
            async with web.get("/healthz", headers={"Connection": "close"}) as answer:
                assert answer.status == 200
    await _all_up(service)
    after = {one.pid for one in _serving(service)}
    assert len(after - before) == 1
    assert "starts again" in (tmp_path / "service.log").read_text()


async def test_a_process_that_finds_no_database_when_it_starts_again_ends_no_other(
    database_uri: str, tmp_path: Path
) -> None:
    where = parse_uri(database_uri)
    host, port = where["nodelist"][0]
    links: list[asyncio.StreamWriter] = []

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            while data := await source.read(65_536):
                target.write(data)

        their_reader, their_writer = await asyncio.open_connection(host, port)
        links.extend((writer, their_writer))
        with suppress(ConnectionError):
            await asyncio.gather(copy(reader, their_writer), copy(their_reader, writer))

    between = await asyncio.start_server(pass_on, "127.0.0.1", 0)
    entrance = between.sockets[0].getsockname()[1]
    sep = "&" if "?" in database_uri else "?"
    uri = database_uri.replace(f"{host}:{port}", f"127.0.0.1:{entrance}")
    uri += f"{sep}directConnection=true&serverSelectionTimeoutMS=1000"
    env = {"DATA_DIR": str(tmp_path), "MONGODB_URI": uri, "NEXTAUTH_SECRET": SECRET}
    log = tmp_path / "service.log"
    running = await start_service(env, role="api", log=log, arguments=("--processes", str(PROCESSES)))
    await _all_up(running)
    killed, other = sorted(one.pid for one in _serving(running))
    between.close()  # those that are connected stay so
    os.kill(killed, signal.SIGKILL)
    await eventually(lambda: "has ended with 2" in log.read_text() or running.child.returncode is not None, within=60)
    assert running.child.returncode is None
    assert other in {one.pid for one in _serving(running)}
    between = await asyncio.start_server(pass_on, "127.0.0.1", entrance)
    await _all_up(running)
    assert await running.stop() == 0
    between.close()
    for link in links:
        link.close()


async def test_all_processes_end_with_the_one_that_started_them(service: Service) -> None:
    serving = _serving(service)
    await service.kill()
    _, alive = await asyncio.to_thread(psutil.wait_procs, serving, 30)
    assert alive == []


async def test_an_address_in_use_is_told_in_one_line(tmp_path: Path, database_uri: str) -> None:
    port = free_port()
    taken = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", port)
    env = {"DATA_DIR": str(tmp_path), "MONGODB_URI": database_uri, "PORT": str(port), "PYTHONPATH": str(ROOT)}
    command = (sys.executable, "-m", "skillswap", "api", "--processes", "2")
    child = await asyncio.create_subprocess_exec(
        *command,
        cwd=tmp_path,
        env={**os.environ, **env},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaint = await asyncio.wait_for(child.communicate(), 60)
    taken.close()
    assert (child.returncode, said) == (2, b"")
    assert complaint.count(b"\n") == 1
    assert b"HOST and PORT name another" in complaint
