"""The composition root: all parts are built here, once, the same for production, demonstration and tests.

running(settings, role)  database → store → deps → change feed, then the channels of the role
role run: api + bot (+ sandbox) + mail + schedule · api · bot (+ sandbox) + mail + schedule · worker: mail + schedule
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from skillswap.preparation import prepare, prepare_bot, uncollected
from skillswap.providers import open_providers, session_secrets
from skillswap.settings import WEBHOOK_PATH, Role, Settings
from storage.mongodb.embedded import EmbeddedMongo
from storage.mongodb.problems import DatabaseProblem

if TYPE_CHECKING:
    from api.http.handover import Place
    from api.http.server import Server
    from bot.sandbox import Sandbox
    from handlers.runtime.change_feed import ChangeFeed
    from handlers.runtime.deps import Deps
    from storage.mongodb.database import Database

log = logging.getLogger(__name__)

Notify = Callable[[str], None]


class StartProblem(Exception):
    """The service cannot start; the text is one line for the operator."""


@dataclass(slots=True)
class Service:
    """A running service and its addresses, made by `running`."""

    settings: Settings
    role: Role
    deps: Deps
    feed: ChangeFeed
    mongo: EmbeddedMongo | None
    database: Database
    sandbox: Sandbox | None = None
    sandbox_page: str | None = None
    address: str | None = None
    bot: BotRunner | None = None
    ready_checks: dict[str, Callable[[], Awaitable[bool]]] = field(default_factory=dict)
    server: Server | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def readiness(self) -> dict[str, bool]:
        return {name: await check() for name, check in self.ready_checks.items()}

    async def is_current(self) -> bool:
        return self.feed.is_current

    async def is_bot_up(self) -> bool:
        """Return whether the bot is connected, and its token accepted. False as well while it is still imported."""
        return self.bot is not None and self.bot.is_up.is_set() and self.bot.is_accepted

    async def drain(self) -> None:
        """Report "not ready" and keep serving for `drain_seconds`, so that load balancers send clients elsewhere."""
        if self.server is not None:
            await self.server.drain(self.settings.drain_seconds)


@asynccontextmanager
async def running(
    settings: Settings,
    role: Role,
    *,
    notify: Notify = log.info,
    place: Place | None = None,
    stopping: asyncio.Event | None = None,
) -> AsyncIterator[Service]:
    """Start the parts that the role needs; stop them in reverse order on the way out.

    `place` is that of this process among several that serve the API on one port. `stopping` is set when the process
    is to end: from then on the API says that it is not ready, also while other parts are still started.
    Raises StartProblem or DatabaseProblem, each with one line for the operator.
    """
    from handlers.runtime.workers import new_worker

    worker = await asyncio.to_thread(new_worker)
    async with AsyncExitStack() as stack:
        # The database takes a second to start on another core; packages and texts take as long to read.
        with uncollected():
            preparing = asyncio.create_task(asyncio.to_thread(prepare, role))
            try:
                mongo, database = await _open_database(settings, stack, notify)
            finally:
                await preparing
        deps = await open_deps(settings, database, worker=worker, notify=notify)
        stack.push_async_callback(deps.photos.close)
        stack.push_async_callback(deps.rates.close)
        stack.push_async_callback(deps.showings.close)
        from handlers.moderation import VocabularyFollower
        from handlers.runtime.change_feed import ChangeFeed

        await _start_clock(database, stack)
        feed = ChangeFeed(deps)
        vocabulary = VocabularyFollower(deps)
        feed.subscribe(vocabulary.on_change)
        vocabulary.start()
        stack.push_async_callback(vocabulary.stop)
        service = Service(settings, role, deps, feed, mongo, database, stopping=stopping or asyncio.Event())
        service.ready_checks["database"] = database.ping
        service.ready_checks["indexes"] = database.foreign_indexes.is_clear
        service.ready_checks["change_stream"] = service.is_current
        stack.push_async_callback(feed.stop)  # after the channels have closed: their last changes are still published
        if role in ("run", "bot") or (role == "api" and settings.sandboxed):
            await _start_sandbox(service, stack)
        if role in ("run", "bot"):
            service.ready_checks["bot"] = service.is_bot_up
        if role in ("run", "api"):
            await _start_api(service, stack, place)
        schedule = _subscribe_schedule(service, worker) if role != "api" else None
        feed.start()  # now the API is ready. The bot and mail, which subscribe later, begin with a look at all there is
        if role == "run":
            await asyncio.to_thread(prepare_bot)
        if role in ("run", "bot"):
            await _start_bot(service, stack, worker)
        if role in ("bot", "worker"):
            await _start_probes(service, stack)
        if schedule is not None:
            schedule.start()
            stack.push_async_callback(schedule.stop)
            await _start_mail(service, stack, worker)
        yield service


async def _open_database(
    settings: Settings, stack: AsyncExitStack, notify: Notify
) -> tuple[EmbeddedMongo | None, Database]:
    mongo: EmbeddedMongo | None = None
    if settings.mongodb_uri is not None:
        uri = settings.mongodb_uri.get_secret_value()
    else:
        mongo = await EmbeddedMongo.start(settings.data_dir, notify=notify)
        stack.push_async_callback(mongo.stop)
        uri = mongo.uri
    from storage.mongodb.database import Database  # not above: mongod is started before the driver is imported

    database = await Database.open(uri)
    stack.push_async_callback(database.close)
    return mongo, database


async def _start_clock(database: Database, stack: AsyncExitStack) -> None:
    """Follow the clock of the database server until the stack closes."""
    from handlers.runtime.background import BackgroundTask

    clock = BackgroundTask("server clock", database.clock.keep)
    clock.start()
    stack.push_async_callback(clock.stop)


async def open_deps(settings: Settings, database: Database, *, worker: str, notify: Notify = log.info) -> Deps:
    """Return the dependencies of operations, over a database that has been migrated and indexed.

    Raises StartProblem for a database whose clock was moved, where that is not possible.
    """
    from handlers.auth.roles import appoint_admins
    from handlers.auth.session_tokens import SessionTokens
    from handlers.moderation import take_over_vocabulary
    from handlers.runtime.deps import Deps
    from handlers.runtime.rate_limits import Rates
    from handlers.runtime.showings import Showings
    from handlers.runtime.texts import load_texts
    from skillswap.movable_clock import follow_clock
    from storage.cities.reader import Cities
    from storage.media.photos import Photos
    from storage.mongodb.indexes import ensure_indexes, guard_indexes
    from storage.mongodb.migrations import migrate
    from storage.mongodb.validators import ensure_validators
    from storage.store import open_store
    from storage.vocabulary import load_vocabulary, vocabulary_digest

    if problem := await follow_clock(settings, database):
        raise StartProblem(problem)
    guard_indexes(database)
    await ensure_validators(database)  # first: what is inserted from now on is complete
    await migrate(database, worker=worker, progress=notify)
    await ensure_indexes(database, progress=notify)
    store = open_store(database, await asyncio.to_thread(load_vocabulary))
    secrets = await asyncio.to_thread(session_secrets, settings)
    deps = Deps(
        store=store,
        photos=Photos(database, _asset_host(settings), base_url=settings.public_url),
        session_tokens=SessionTokens(secrets),
        rates=Rates(store.rates, key=secrets[0].encode(), now=database.clock.now),
        showings=Showings(store.matches),
        public_url=settings.public_url,
        now=database.clock.now,
        unmoved=database.clock.unmoved,
        texts=await asyncio.to_thread(load_texts),
        cities=Cities(settings.data_dir),
        has_mail=settings.email_server is not None,
        admin_telegram_ids=frozenset(settings.admin_telegram_ids),
    )
    await take_over_vocabulary(deps, await asyncio.to_thread(vocabulary_digest))
    await store.skills.load()
    await store.community.get()
    await appoint_admins(deps, settings.admin_telegram_ids)
    return deps


def _asset_host(settings: Settings) -> CloudinaryAssets | None:
    if settings.cloudinary_cloud_name is None:
        return None
    from storage.media.cloudinary import CloudinaryAssets

    assert settings.cloudinary_api_key is not None
    assert settings.cloudinary_api_secret is not None
    return CloudinaryAssets(
        cloud_name=settings.cloudinary_cloud_name,
        api_key=settings.cloudinary_api_key,
        api_secret=settings.cloudinary_api_secret.get_secret_value(),
        upload_prefix=settings.cloudinary_upload_prefix,
    )


async def _start_sandbox(service: Service, stack: AsyncExitStack) -> None:
    """Start the sandbox when no bot token is set; a process with the API alone only links to its page."""
    settings = service.settings
    if not settings.sandboxed or settings.telegram_api_url is not None:
        return
    if service.role == "api":
        service.sandbox_page = f"http://127.0.0.1:{settings.sandbox_port}/sandbox"
        return
    from bot.sandbox import Sandbox, StateFileProblem
    from skillswap.movable_clock import on_moved_clock, sandbox_clock

    sandbox = Sandbox(state_file=settings.data_dir / "sandbox" / "state", clock=sandbox_clock(service.database))
    try:
        await sandbox.start(port=settings.sandbox_port)
    except OSError as error:
        raise StartProblem(
            f"port {settings.sandbox_port} of the Telegram sandbox cannot be used ({error.strerror}); "
            "SANDBOX_PORT names another"
        ) from None
    except StateFileProblem as problem:
        raise StartProblem(f"{problem}; DATA_DIR names another folder") from None
    stack.push_async_callback(sandbox.stop)
    service.sandbox = sandbox
    service.sandbox_page = sandbox.page_url
    service.feed.subscribe(on_moved_clock(sandbox.on_moved_clock))


def _sandbox_token(service: Service) -> str | None:
    """Return the token that the sandbox signs a Mini App's data with; None without a sandbox."""
    if service.sandbox_page is None:
        return None
    from bot.sandbox.server import TOKEN

    return service.sandbox.token if service.sandbox is not None else TOKEN


async def _start_api(service: Service, stack: AsyncExitStack, place: Place | None) -> None:
    from api.app import Server, build_app

    settings = service.settings
    app = build_app(
        service.deps,
        service.feed,
        cors_origins=settings.cors_origins,
        is_ready=service.readiness,
        providers=await open_providers(settings, stack),
        sandbox_page=service.sandbox_page,
        sandbox_token=_sandbox_token(service),
        extra_routes=_webhook_routes(service),
        trusted_proxies=settings.trusted_proxies,
        is_development=settings.skillswap_env == "development",
        metrics_token=settings.metrics_token.get_secret_value() if settings.metrics_token else None,
        place=place,
        stopping=service.stopping,
    )
    server = Server(app, settings.host, settings.port)
    try:
        await server.start()
    except OSError as error:
        raise StartProblem(
            f"{settings.host}:{settings.port} cannot be used ({error.strerror}); HOST and PORT name another"
        ) from None
    stack.push_async_callback(server.stop)
    service.server = server
    service.address = settings.public_url


async def _start_probes(service: Service, stack: AsyncExitStack) -> None:
    """Serve health and metrics for a process without the API."""
    from api.http.probes import Probes

    settings = service.settings
    if settings.metrics_port is None:
        return
    probes = Probes(
        service.deps,
        service.feed,
        is_ready=service.readiness,
        trusted_proxies=settings.trusted_proxies,
        metrics_token=settings.metrics_token.get_secret_value() if settings.metrics_token else None,
        stopping=service.stopping,
    )
    try:
        await probes.start(settings.host, settings.metrics_port)
    except OSError as error:
        raise StartProblem(
            f"{settings.host}:{settings.metrics_port} cannot be used ({error.strerror}); METRICS_PORT names another"
        ) from None
    stack.push_async_callback(probes.stop)


def _webhook_routes(service: Service) -> list[RouteDef]:
    settings = service.settings
    if settings.webhook is None or settings.telegram_bot_token is None:
        return []
    from bot.tokens import bot_id_of
    from bot.updates.webhook import webhook_route

    token = settings.telegram_bot_token.get_secret_value()
    return [webhook_route(service.deps, bot_id=bot_id_of(token), path=WEBHOOK_PATH, secret=settings.webhook[1])]


async def _start_bot(service: Service, stack: AsyncExitStack, worker: str) -> None:
    from bot.application import BotRunner
    from bot.updates.context import BotServices

    settings = service.settings
    token: str
    api_url: str | None
    if service.sandbox is not None:
        token, api_url = service.sandbox.token, service.sandbox.url
    elif settings.telegram_bot_token is not None:
        token, api_url = settings.telegram_bot_token.get_secret_value(), settings.telegram_api_url
    else:
        from bot.sandbox import Sandbox

        token, api_url = Sandbox().token, settings.telegram_api_url
    runner = BotRunner(
        BotServices(service.deps, service.sandbox_page),
        service.feed,
        token=token,
        worker=worker,
        api_url=api_url,
        webhook=settings.webhook,
    )
    service.bot = runner
    await runner.start()
    stack.push_async_callback(runner.stop)
    with contextlib.suppress(TimeoutError):  # Telegram may be down; the other channels do not wait for it
        await asyncio.wait_for(runner.is_up.wait(), 1.0)


async def _start_mail(service: Service, stack: AsyncExitStack, worker: str) -> None:
    """Start the mail worker; several processes share its work by claims."""
    if service.settings.email_server is None:
        return
    from mail.worker import MailWorker

    providers = await open_providers(service.settings, stack)
    mail_worker = MailWorker(service.deps, providers.mailer, providers.sealed_cookies, worker=worker)
    service.feed.subscribe(mail_worker.on_change)
    mail_worker.start()
    stack.push_async_callback(mail_worker.stop)


def _subscribe_schedule(service: Service, worker: str) -> Schedule:
    """Return the schedule, which hears of every change from the first one on: some jobs run late where nothing wakes
    them."""
    from handlers.outside_writes import OutsideWrites
    from skillswap.schedule import JOBS, Schedule, outside_job

    outside = OutsideWrites()
    schedule = Schedule(service.deps, worker=worker, jobs=(*JOBS, outside_job(outside)))
    service.feed.subscribe(outside.on_change)  # before the schedule, which wakes the job
    service.feed.subscribe(schedule.on_change)
    return schedule


__all__ = ["DatabaseProblem", "Service", "StartProblem", "open_deps", "running"]

if TYPE_CHECKING:
    from aiohttp.web import RouteDef

    from bot.application import BotRunner
    from skillswap.schedule import Schedule
    from storage.media.cloudinary import CloudinaryAssets
