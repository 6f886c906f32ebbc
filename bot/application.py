"""The bot: python-telegram-bot's application, the update queue in front of it, and the notifier beside it."""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import Any

from telegram import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    LinkPreviewOptions,
    MenuButton,
    MenuButtonCommands,
    MenuButtonWebApp,
    User,
    WebAppInfo,
)
from telegram.error import InvalidToken, TelegramError
from telegram.ext import Application, ContextTypes, Defaults
from telegram.request import HTTPXRequest

from bot.delivery.notifier import Notifier
from bot.delivery.rate_limiter import RateLimiter
from bot.delivery.typing_indicators import TypingIndicators
from bot.group_watch import GroupWatch
from bot.staff.poster import StaffPoster
from bot.tokens import bot_id_of
from bot.updates.context import BotServices, Context
from bot.updates.routes import add_routes
from bot.updates.update_queue import ALLOWED_UPDATES, MAX_PAUSE, UpdateQueue
from domain.languages import DEFAULT_LOCALE
from handlers.community import service_name
from handlers.runtime.background import BackgroundTask
from handlers.runtime.change_feed import ChangeFeed

log = logging.getLogger(__name__)

COMMANDS = ("match", "find", "circles", "swaps", "chat", "profile", "community", "settings", "help", "cancel")
"""Commands of the menu, in this order; their descriptions are texts. Others are reached from /profile and /settings."""

MINI_APP = "/app"
"""Path of the page that the menu button opens."""
MAX_MENU_TEXT = 16
"""Characters on the menu button: more would take the room of the message field."""


class BotRunner:
    """The running bot. `start` returns at once and connects in the background, so that an outage of Telegram does not
    keep the service from starting."""

    def __init__(
        self,
        services: BotServices,
        feed: ChangeFeed,
        *,
        token: str,
        worker: str,
        api_url: str | None = None,
        webhook: tuple[str, str] | None = None,
    ) -> None:
        """Build the bot. `webhook` is (address, secret token); without it the bot polls."""
        self._services = services
        self._webhook = webhook
        rate_limiter = RateLimiter()
        self._application = _build(services, token, api_url, rate_limiter)
        self._update_queue = UpdateQueue(
            self._application, services.deps, bot_id=bot_id_of(token), worker=worker, is_polling=webhook is None
        )
        self._application.bot_data["failures"] = self._update_queue.failures
        self._notifier = Notifier(
            self._application.bot, services, rate_limiter, worker=worker, holds_lease=self._update_queue.has_lease
        )
        self._update_queue.on_lease = self._notifier.wake
        feed.subscribe(self._update_queue.on_change)
        self._staff_poster = StaffPoster(self._application.bot, services, rate_limiter, self._update_queue.has_lease)
        feed.subscribe(self._staff_poster.on_change)
        self.group_watch = GroupWatch(self._application.bot, services, self._update_queue.has_lease)
        self._application.bot_data["group_watch"] = self.group_watch
        feed.subscribe(self.group_watch.on_change)
        self._typing = TypingIndicators(self._application.bot, services.deps)
        feed.subscribe(self._notifier.on_change)
        feed.subscribe(self._typing.on_change)
        self._starting = BackgroundTask("bot start", self._start)
        self._is_refused = False
        self.is_up = asyncio.Event()

    @property
    def is_accepted(self) -> bool:
        """Return False once Telegram has refused the bot's token."""
        return not (self._is_refused or self._update_queue.is_refused or self._notifier.is_refused)

    @property
    def address(self) -> str | None:
        """Return the t.me link of the bot; None until Telegram has said its name."""
        return self._application.bot.link if self.is_up.is_set() else None

    async def start(self) -> None:
        self._starting.start()

    async def stop(self) -> None:
        """Finish the updates and deliveries in progress; the others wait in the store."""
        await self._starting.stop()
        if self.is_up.is_set():
            self.is_up.clear()
            await self.group_watch.stop()
            await self._staff_poster.stop()
            await self._notifier.stop()  # first: it may send only while this process holds the update lease
            await self._update_queue.stop()
        await self._typing.stop()
        await self._application.shutdown()

    async def _start(self) -> None:
        pause = 1.0
        while True:
            try:
                await self._application.initialize()
                await self._set_up_delivery()
                self._is_refused = False
                break
            except InvalidToken:
                log.error("Telegram refused the bot's token: check TELEGRAM_BOT_TOKEN")
                pause = MAX_PAUSE
                self._is_refused = True
            except TelegramError as error:
                log.warning("Telegram does not respond (%s), retrying in %.0f s", type(error).__name__, pause)
            await asyncio.sleep(pause)
            pause = min(MAX_PAUSE, pause * 2)
        self._update_queue.start()
        self._notifier.start()
        self._staff_poster.start()
        self.group_watch.start()
        self.is_up.set()
        report_bot(self._application.bot.bot)
        try:
            await self._set_menu()
        except TelegramError as error:
            log.warning("could not set the bot's commands and descriptions: %s", type(error).__name__)

    async def _set_up_delivery(self) -> None:
        if self._webhook is None:
            await self._application.bot.delete_webhook()
        else:
            url, secret = self._webhook
            await self._application.bot.set_webhook(
                url, secret_token=secret, allowed_updates=ALLOWED_UPDATES, max_connections=10
            )

    async def _set_menu(self) -> None:
        """Set commands, descriptions and menu button in every language; the default language serves all others."""
        bot = self._application.bot
        for locale, texts in self._services.deps.texts.items():
            language = None if locale == DEFAULT_LOCALE else locale
            commands = [BotCommand(name, texts.plain(f"command.{name}")) for name in COMMANDS]
            await bot.set_my_commands(commands, language_code=language)
            here = [BotCommand("here", texts.plain("command.here"))]
            await bot.set_my_commands(here, scope=BotCommandScopeAllGroupChats(), language_code=language)
            await bot.set_my_description(texts.plain("bot.description"), language_code=language)
            await bot.set_my_short_description(texts.plain("bot.short_description"), language_code=language)
        await bot.set_chat_menu_button(menu_button=self._menu_button())

    def _menu_button(self) -> MenuButton:
        """Return the button that opens the Mini App; the list of commands where Telegram would refuse the address.

        Telegram opens https addresses only, the sandbox those of this machine, too. The text has no languages.
        """
        services = self._services
        url = f"{services.deps.public_url}{MINI_APP}"
        if not url.startswith("https://") and services.sandbox_page is None:
            return MenuButtonCommands()
        return MenuButtonWebApp(service_name(services.deps)[:MAX_MENU_TEXT], WebAppInfo(url))


def report_bot(bot: User) -> None:
    """Log the bot's name and link, and what its owner may want to change at BotFather."""
    log.info("the bot is %s, %s", bot.full_name, bot.link)
    if not bot.supports_inline_queries:
        log.warning("inline mode is off, so nobody can share a skill card: send /setinline to @BotFather")
    if bot.can_join_groups:
        log.info(
            "the bot can be added to groups: /here, sent by an admin in a private group, makes it the moderators'; "
            "/setjoingroups changes that"
        )


def _request(api_url: str | None, **options: Any) -> HTTPXRequest:
    """Return a client of the Bot API. One that needs no TLS trusts nobody: to read the authorities takes 20 ms."""
    is_plain = api_url is not None and api_url.startswith("http://")
    trust = {"verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)} if is_plain else {}
    return HTTPXRequest(**options, httpx_kwargs=trust)


def _build(
    services: BotServices, token: str, api_url: str | None, rate_limiter: RateLimiter
) -> Application[Any, Any, Any, Any, Any, Any]:
    builder = (
        Application.builder()
        .token(token)
        .updater(None)
        .job_queue(None)
        .rate_limiter(rate_limiter)
        .context_types(ContextTypes(context=Context))
        .defaults(Defaults(link_preview_options=LinkPreviewOptions(is_disabled=True)))
        .request(_request(api_url, connection_pool_size=32, connect_timeout=5, read_timeout=10, pool_timeout=5))
        .get_updates_request(_request(api_url, connection_pool_size=1))
    )
    if api_url is not None:
        builder = builder.base_url(f"{api_url}/bot").base_file_url(f"{api_url}/file/bot")
    application = builder.build()
    application.bot_data["services"] = services
    add_routes(application)
    return application
