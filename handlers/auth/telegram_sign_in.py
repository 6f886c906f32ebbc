"""Signing in by Telegram's signatures: Mini App init data and the login widget, both verified with the bot's token.

The two are signed with different keys, so that one cannot be presented as the other.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson

from domain.errors import Invalid
from handlers.auth.identities import TELEGRAM, Identity, is_telegram_id
from handlers.runtime.deps import Deps

MAX_INIT_DATA_LENGTH: Final = 8192
MAX_FIELDS: Final = 40
INIT_DATA_LIVES: Final = timedelta(hours=1)
WIDGET_LIVES: Final = timedelta(minutes=10)
TOLERANCE: Final = timedelta(seconds=60)
"""Time by which Telegram's clock may be ahead."""

_WEB_APP_KEY: Final = b"WebAppData"


def identity_from_init_data(text: str, token: str, now: datetime) -> Identity:
    """Return the identity of Mini App init data. `text` is `Telegram.WebApp.initData` unchanged. Raises Invalid."""
    if len(text) > MAX_INIT_DATA_LENGTH:
        raise Invalid("auth.provider_failed")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:
        raise Invalid("auth.provider_failed") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):  # a repeated field: two parsers could read different values
        raise Invalid("auth.provider_failed")
    key = hmac.digest(_WEB_APP_KEY, token.encode(), "sha256")
    _check(fields, key, now, INIT_DATA_LIVES)
    try:
        user = orjson.loads(fields.get("user", ""))
    except ValueError:
        raise Invalid("auth.provider_failed") from None
    return _identity(user if isinstance(user, dict) else {})


def identity_from_widget(params: Mapping[str, str], token: str, now: datetime) -> Identity:
    """Return the identity of the login widget. `params` are exactly the fields that Telegram appended. Raises
    Invalid."""
    if len(params) > MAX_FIELDS or sum(len(value) for value in params.values()) > MAX_INIT_DATA_LENGTH:
        raise Invalid("auth.provider_failed")
    _check(params, hashlib.sha256(token.encode()).digest(), now, WIDGET_LIVES)
    number = params.get("id", "")
    return _identity({**params, "id": int(number) if number.isascii() and number.isdigit() else 0})


async def prove_init_data(deps: Deps, text: str, token: str) -> Identity:
    """Verify init data like `identity_from_init_data`, and accept it once only."""
    now = deps.real_now()
    identity = identity_from_init_data(text, token, now)
    signature = dict(parse_qsl(text))["hash"]  # not the text: the same fields can be encoded in many ways
    await _use_up(deps, signature, now + INIT_DATA_LIVES)
    return identity


async def prove_widget(deps: Deps, params: Mapping[str, str], token: str) -> Identity:
    """Verify widget fields like `identity_from_widget`, and accept them once only."""
    now = deps.real_now()
    identity = identity_from_widget(params, token, now)
    await _use_up(deps, params["hash"], now + WIDGET_LIVES)
    return identity


async def _use_up(deps: Deps, proof: str, until: datetime) -> None:
    if not await deps.store.used_proofs.add(proof, expires_at=until + 2 * TOLERANCE):
        raise Invalid("auth.link_expired")


def _check(fields: Mapping[str, str], key: bytes, now: datetime, lives: timedelta) -> None:
    """Verify the signature, then the time. Telegram signs all fields but the hash itself."""
    lines = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()) if name != "hash")
    right = hmac.new(key, lines.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()
    said = fields.get("hash", "").encode(errors="surrogatepass")
    if not hmac.compare_digest(right.encode(), said):
        raise Invalid("auth.provider_failed")
    stamp = fields.get("auth_date", "")
    seconds = int(stamp) if stamp.isascii() and stamp.isdigit() and len(stamp) < 12 else 0
    age = now.timestamp() - seconds
    if not -TOLERANCE.total_seconds() <= age <= lives.total_seconds():
        raise Invalid("auth.link_expired")


def _identity(user: Mapping[str, Any]) -> Identity:
    number = user.get("id")
    if not is_telegram_id(number):
        raise Invalid("auth.provider_failed")
    names = (user.get("first_name"), user.get("last_name"))
    language = user.get("language_code")
    return Identity(
        TELEGRAM,
        str(number),
        name=" ".join(name for name in names if isinstance(name, str) and name) or None,
        telegram_id=number,
        locale=language if isinstance(language, str) else None,
    )
