"""`skillswap openapi` and `skillswap check`: print the OpenAPI document, check the configuration."""

from __future__ import annotations

import asyncio
import json

from skillswap.output import say
from skillswap.settings import Role, Settings, SettingsProblem
from storage.mongodb.database import DATABASE_ERRORS, Database
from storage.mongodb.embedded import NO_MONGOD
from storage.mongodb.indexes import indexes_in_the_way
from storage.mongodb.mongod import find_mongod
from storage.mongodb.problems import DatabaseProblem


def print_openapi(indent: int) -> int:
    """Print the OpenAPI document. Needs no database."""
    from api.app import openapi_document

    say(json.dumps(openapi_document(), indent=indent or None, ensure_ascii=False))
    return 0


async def check(settings: Settings) -> int:
    """Print for each part whether it can be used as configured; returns 0 when all can."""
    is_good = True
    for name, line in [_settings_line(settings), await _database_line(settings), await _telegram_line(settings)]:
        is_good = is_good and not line.startswith("PROBLEM")
        say(f"{name:<10}{line}")
    return 0 if is_good else 1


def _settings_line(settings: Settings) -> tuple[str, str]:
    role: Role = "run"
    try:
        settings.demand(role)
    except SettingsProblem as problem:
        return "Settings", f"PROBLEM {'; '.join(problem.lines)}"
    return "Settings", "production" if settings.is_production else "development: what is missing is embedded"


async def _database_line(settings: Settings) -> tuple[str, str]:
    if settings.mongodb_uri is None:
        program = await asyncio.to_thread(find_mongod)
        if program is None:
            return "MongoDB", f"PROBLEM {NO_MONGOD}"
        return "MongoDB", f"embedded, in {settings.data_dir} ({program})"
    try:
        database = await Database.open(settings.mongodb_uri.get_secret_value())
    except DatabaseProblem as problem:
        return "MongoDB", f"PROBLEM {problem}"
    try:
        return "MongoDB", await _index_line(database)
    except DATABASE_ERRORS as error:
        return "MongoDB", f"PROBLEM its indexes cannot be read ({type(error).__name__})"
    finally:
        await database.close()


async def _index_line(database: Database) -> str:
    found = await indexes_in_the_way(database)
    names = ", ".join(f"{index} of {collection}" for collection, index in found)
    if not all([await database.foreign_indexes.may_drop(collection) for collection, _ in found]):
        return (
            f"PROBLEM another program has built indexes that reject documents of this service ({names}), and the user "
            "of MONGODB_URI may not drop them: drop them, or grant the action dropIndex"
        )
    return "reachable, a replica set" + (f"; the next start drops indexes of another program: {names}" if names else "")


async def _telegram_line(settings: Settings) -> tuple[str, str]:
    if settings.telegram_bot_token is None:
        return "Telegram", "the sandbox"
    from telegram import Bot
    from telegram.error import InvalidToken, TelegramError

    api = settings.telegram_api_url
    token = settings.telegram_bot_token.get_secret_value()
    bot = Bot(token, base_url=f"{api}/bot") if api else Bot(token)
    try:
        me = await bot.get_me()
    except InvalidToken:
        return "Telegram", "PROBLEM TELEGRAM_BOT_TOKEN is refused"
    except TelegramError as error:
        return "Telegram", f"PROBLEM no answer ({type(error).__name__})"
    finally:
        await bot.shutdown()
    return "Telegram", f"@{me.username}"
