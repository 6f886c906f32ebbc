"""The benchmark: `make bench`. Prints medians of several runs, beside the figures to beat.

The service runs as its own process on an embedded database, with the sandbox as Telegram and this process as the load.
CPU is user and system time of the service's process, without the database and the load.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import socketio

from bot.sandbox import Sandbox
from domain.swaps import Swap
from domain.users import User
from handlers.auth.session_tokens import SessionTokens
from skillswap.bootstrap import open_deps
from skillswap.loopback import free_port
from skillswap.settings import Settings
from storage.mongodb.database import Database
from storage.mongodb.embedded import EmbeddedMongo
from tests.bench.documents import measure_documents
from tests.bench.enumeration import measure_enumeration
from tests.bench.fixture import IN_TELEGRAM, Fixture, fill
from tests.bench.idle import count_idle_commands
from tests.service import Service, running_service

SECRET = "a secret for the benchmark only, of 32 bytes and more"
CONNECTIONS = 16
CHAT_RATE = 200
TOKENS = 1000
IDLE_SECONDS = 30.0
PAIRS = 200
"""Conversations under message load, with a socket on each side; enough of them that no sender reaches the rate
limit."""

MIX = (("profile", 40), ("swaps", 20), ("history", 20), ("message", 15), ("change", 5))


@dataclass(slots=True)
class Bench:
    """One running service and the users of the load."""

    running: Service
    sandbox: Sandbox
    fixture: Fixture
    sessions: SessionTokens

    def token(self, user: User) -> str:
        return self.sessions.issue(user.id, name=user.name, email=user.email, picture=None, now=datetime.now(UTC))

    def cookie(self, user: User) -> dict[str, str]:
        return {"Cookie": f"next-auth.session-token={self.token(user)}"}


async def main() -> None:
    arguments = _arguments()
    measure_tokens(arguments.runs)
    measure_documents(arguments.runs)
    with tempfile.TemporaryDirectory(prefix="skillswap-bench-") as folder:
        data_dir = Path(folder) / "data"
        print(f"Preparing 2000 people, 3 swaps each, 20 messages a swap; {arguments.runs} runs of each …", flush=True)
        mongo = await EmbeddedMongo.start(data_dir)
        sandbox = Sandbox()
        await sandbox.start()
        try:
            settings = Settings.load(env_file=None, data_dir=data_dir, mongodb_uri=mongo.uri, nextauth_secret=SECRET)
            database = await Database.open(mongo.uri)
            deps = await open_deps(settings, database, worker="bench")
            fixture = await fill(deps)
            await database.close()
            env = {
                "DATA_DIR": str(data_dir),
                "MONGODB_URI": mongo.uri,
                "NEXTAUTH_SECRET": SECRET,
                "LOG_LEVEL": "ERROR",
                "TELEGRAM_API_URL": sandbox.url,
                "TELEGRAM_BOT_TOKEN": sandbox.token,
            }
            async with running_service(env) as running:
                bench = Bench(running, sandbox, fixture, SessionTokens([SECRET]))
                await measure_rest(bench, arguments.runs, arguments.seconds)
                await measure_chat(bench, arguments.runs, arguments.seconds)
                await measure_channels(bench, arguments.runs)
                await measure_enumeration(running.url, fixture.people, fixture.private, bench.cookie)
                print(f"{'memory of the service after all this':<52}{running.memory_mb():8.0f} MB")
        finally:
            await sandbox.stop()
            await mongo.stop()
        await measure_idle(Path(folder))
        await measure_start(Path(folder), arguments.runs)


def measure_tokens(runs: int) -> None:
    """Session tokens checked per second on one core: new ones, and ones checked before."""
    now = datetime.now(UTC)
    issuer = SessionTokens([SECRET])
    tokens = [issuer.issue(f"{number:024x}", name="Ada", email=None, picture=None, now=now) for number in range(TOKENS)]
    first, again = [], []
    for _ in range(runs):
        sessions = SessionTokens([SECRET])
        for rates in (first, again):
            started = time.process_time()
            assert all(sessions.read(token, now=now) for token in tokens)
            rates.append(TOKENS / (time.process_time() - started))
    _line("session token, checked for the first time", first, "/s", 0)
    _line("session token, seen before", again, "/s", 0)


async def measure_rest(bench: Bench, runs: int, seconds: float) -> None:
    """Mixed REST load over 16 keep-alive connections."""
    rates, costs, errors = [], [], 0
    names = [name for name, weight in MIX for _ in range(weight)]
    async with aiohttp.ClientSession(
        bench.running.url, connector=aiohttp.TCPConnector(limit=CONNECTIONS), cookie_jar=aiohttp.DummyCookieJar()
    ) as web:
        swaps = random.Random(2).sample(bench.fixture.swaps, 400)
        people = {user.id: user for user in bench.fixture.people}
        headers = {swap.id: bench.cookie(people[swap.from_user_id]) for swap in swaps}
        await _load(web, swaps, headers, names, 1.0)
        for run in range(runs):
            before = bench.running.cpu_seconds()
            started = time.perf_counter()
            done, failed = await _load(web, swaps, headers, names, seconds)
            elapsed = time.perf_counter() - started
            errors += failed
            rates.append(done / elapsed)
            costs.append((bench.running.cpu_seconds() - before) / done * 1000)
            _progress("REST", run, runs)
    _line("REST, mixed load: requests a second", rates, "/s", 0)
    _line("REST, mixed load: CPU a request", costs, "ms", 3, "1.63 contract's stack, 0.87 lean Fastify")
    if errors:
        print(f"  {errors} requests failed")


async def _load(
    web: aiohttp.ClientSession, swaps: list[Swap], headers: dict[str, dict[str, str]], names: list[str], seconds: float
) -> tuple[int, int]:
    deadline = time.perf_counter() + seconds
    counts = [0, 0]

    async def worker(number: int) -> None:
        rng = random.Random(number)
        while time.perf_counter() < deadline:
            swap = rng.choice(swaps)
            status = await _request(web, rng.choice(names), swap, headers[swap.id])
            counts[status >= 400] += 1

    await asyncio.gather(*(worker(number) for number in range(CONNECTIONS)))
    return counts[0], counts[1]


async def _request(web: aiohttp.ClientSession, name: str, swap: Swap, headers: dict[str, str]) -> int:
    body: dict[str, Any]
    match name:
        case "profile":
            call = web.get("/api/user", headers=headers)
        case "swaps":
            call = web.get("/api/swap", headers=headers)
        case "history":
            call = web.get(f"/api/chat/{swap.id}?limit=20", headers=headers)
        case "message":
            body = {"swap_id": swap.id, "message": "A short word from the benchmark"}
            call = web.post("/api/chat", json=body, headers=headers)
        case _:
            body = {"location": f"Corner {random.randrange(100)}"}
            call = web.put("/api/user", json=body, headers=headers)
    async with call as reply:
        await reply.read()
        return reply.status


async def measure_chat(bench: Bench, runs: int, seconds: float) -> None:
    """`chat:new` to `chat:receive` on the other side, at 200 messages a second over 200 conversations."""
    people = {user.id: user for user in bench.fixture.people}
    swaps = _distinct_senders(bench.fixture.swaps, PAIRS)
    sent: dict[str, float] = {}
    latencies: list[float] = []
    clients: list[Any] = []

    def on_receive(message: dict[str, Any]) -> None:
        if (at := sent.pop(message["message"], None)) is not None:
            latencies.append((time.perf_counter() - at) * 1000)

    pairs = []
    for swap in swaps:
        sender, receiver = socketio.AsyncClient(), socketio.AsyncClient()
        receiver.on("chat:receive", on_receive)
        for client, user_id in ((sender, swap.from_user_id), (receiver, swap.to_user_id)):
            await client.connect(
                bench.running.url, auth={"token": bench.token(people[user_id])}, transports=["websocket"]
            )
            clients.append(client)
        pairs.append((swap, sender))
    medians, p99s, costs = [], [], []
    lost = 0
    for run in range(runs):
        latencies.clear()
        before, count = bench.running.cpu_seconds(), int(CHAT_RATE * seconds)
        started = time.perf_counter()
        for number in range(count):
            swap, sender = pairs[number % PAIRS]
            text = f"{run}-{number}"
            sent[text] = time.perf_counter()
            await sender.emit("chat:new", {"swap_id": swap.id, "message": text})
            await asyncio.sleep(max(0.0, started + (number + 1) / CHAT_RATE - time.perf_counter()))
        await _until(lambda: not sent, 10)
        lost += len(sent)
        sent.clear()
        costs.append((bench.running.cpu_seconds() - before) / count * 1000)
        medians.append(statistics.median(latencies))
        p99s.append(sorted(latencies)[int(len(latencies) * 0.99)])
        _progress("chat", run, runs)
    for client in clients:
        await client.disconnect()
    _line("chat:new → chat:receive at 200/s: median", medians, "ms", 2, "3.5 contract's stack, 3.2 lean Fastify")
    _line("chat:new → chat:receive at 200/s: p99", p99s, "ms", 2)
    if lost:
        print(f"  {lost} messages were not received within 10 s")
    _line("chat: CPU a message", costs, "ms", 3, "1.7 contract's stack, 1.58 lean Fastify")


def _distinct_senders(swaps: list[Swap], count: int) -> list[Swap]:
    """Return conversations of different senders, because a sender is limited to one message a second."""
    by_sender = {swap.from_user_id: swap for swap in random.Random(3).sample(swaps, len(swaps))}
    return list(by_sender.values())[:count]


async def measure_channels(bench: Bench, runs: int) -> None:
    """REST to Telegram, and Telegram to Socket.IO, one message at a time on an idle service.

    Each request goes to another chat, because a chat receives at most one message a second.
    """
    sandbox, people = bench.sandbox, bench.fixture.people
    askers = [
        person for person in people[::2] if len(person.skills_offered) > 1
    ]  # with an offer that every asker wants
    partners = [people[number] for number in IN_TELEGRAM]
    for user in partners:
        assert user.telegram_id is not None
        sandbox.add_person(user.name, person_id=user.telegram_id)
        await sandbox.send_text(user.telegram_id, "/start")
        await sandbox.wait_for(user.telegram_id, lambda message: message.from_bot)
    to_telegram: list[float] = []
    from_telegram: list[float] = []
    async with aiohttp.ClientSession(bench.running.url) as web:
        *asked, partner = partners
        for asker, other in zip(askers[: runs * 3], asked, strict=False):
            to_telegram.append(await _propose(bench, web, asker, other))
        asker = askers[-1]
        swap_id = await _accepted(bench, web, asker, partner)
        client = socketio.AsyncClient()
        queue: asyncio.Queue[tuple[float, dict[str, Any]]] = asyncio.Queue()
        client.on("chat:receive", lambda message: queue.put_nowait((time.perf_counter(), message)))
        await client.connect(bench.running.url, auth={"token": bench.token(asker)}, transports=["websocket"])
        assert partner.telegram_id is not None
        for number in range(runs * 4):
            started = time.perf_counter()
            await sandbox.send_text(partner.telegram_id, f"word {number}")
            at, message = await asyncio.wait_for(queue.get(), 10)
            assert message["swap_id"] == swap_id
            from_telegram.append((at - started) * 1000)
            await asyncio.sleep(1.0)  # the rate limit of a sender
        await client.disconnect()
    _line("POST /api/swap → Telegram message", to_telegram, "ms", 1)
    _line("Telegram text → chat:receive", from_telegram, "ms", 1)


async def _propose(bench: Bench, web: aiohttp.ClientSession, asker: User, partner: User) -> float:
    """Send a swap request; return the milliseconds until its card is in the partner's chat."""
    assert partner.telegram_id is not None
    last = bench.sandbox.chat(partner.telegram_id)[-1].id
    started = time.perf_counter()
    async with web.post("/api/swap", json=_request_of(asker, partner), headers=bench.cookie(asker)) as reply:
        assert reply.status == 201, await reply.text()
    await bench.sandbox.wait_for(partner.telegram_id, lambda message: message.from_bot, after=last)
    elapsed = (time.perf_counter() - started) * 1000
    await asyncio.sleep(0.5)
    return elapsed


async def _accepted(bench: Bench, web: aiohttp.ClientSession, asker: User, partner: User) -> str:
    """Return the id of a running swap that is open in the partner's Telegram chat."""
    assert partner.telegram_id is not None
    async with web.post("/api/swap", json=_request_of(asker, partner), headers=bench.cookie(asker)) as reply:
        swap = await reply.json()
    card = await bench.sandbox.wait_for(
        partner.telegram_id,
        lambda message: any("accept" in str(button.data) for row in message.keyboard for button in row),
    )
    accept = next(button.data for row in card.keyboard for button in row if "accept" in str(button.data))
    await bench.sandbox.press(partner.telegram_id, card.id, accept)
    for _ in range(100):
        async with web.get("/api/swap", headers=bench.cookie(asker)) as reply:
            if any(found["_id"] == swap["_id"] and found["status"] == "accepted" for found in await reply.json()):
                await asyncio.sleep(0.5)
                return str(swap["_id"])
        await asyncio.sleep(0.05)
    raise RuntimeError("the swap was not accepted")


def _request_of(asker: User, partner: User) -> dict[str, str]:
    wanted = partner.skills_offered[0]
    offered = next(skill for skill in asker.skills_offered if skill != wanted)
    return {"to_user_id": partner.id, "offered_skill": offered, "wanted_skill": wanted}


async def measure_idle(folder: Path) -> None:
    """The whole service in one process on an empty embedded database, without load."""
    (folder / "idle").mkdir()
    commands = await count_idle_commands(folder / "idle", IDLE_SECONDS)
    _line("idle database commands per second", [sum(commands.values())], "/s", 1, "5 promised")
    print("  " + ", ".join(f"{name} {rate:.2f}" for name, rate in commands.items()))


async def measure_start(folder: Path, runs: int) -> None:
    """Process start to ready with everything embedded, on an empty and on a used data folder."""
    first, later = [], []
    for run in range(runs):
        env = {"DATA_DIR": str(folder / f"start-{run}"), "SANDBOX_PORT": str(free_port())}
        (folder / f"start-{run}").mkdir()
        async with running_service(env) as running:
            first.append(running.seconds_to_ready)
        async with running_service(env) as running:
            later.append(running.seconds_to_ready)
        _progress("start", run, runs)
    _line("start to ready: empty data folder", first, "s", 2)
    _line("start to ready: used data folder", later, "s", 2, "3 promised")


def _line(name: str, values: list[float], unit: str, digits: int, beside: str = "") -> None:
    spread = f"{min(values):.{digits}f}–{max(values):.{digits}f}"
    note = f"   to beat: {beside}" if beside else ""
    print(f"{name:<52}{statistics.median(values):8.{digits}f} {unit:<4}({spread}, n={len(values)}){note}", flush=True)


def _progress(name: str, run: int, runs: int) -> None:
    print(f"  {name}: run {run + 1} of {runs}", end="\r", flush=True)


async def _until(is_done: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_done() and time.monotonic() < deadline:
        await asyncio.sleep(0.01)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0, help="length of one run of the REST and chat load")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main())
