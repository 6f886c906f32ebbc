"""Signatures of Telegram for Mini Apps: https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

from bot.sandbox.model import Person


def init_data(person: Person, token: str) -> str:
    """Return what Telegram gives to a Mini App that this user opens, signed with the bot's token and dated by the real
    time."""
    fields = {"user": json.dumps(person.as_user(), separators=(",", ":")), "auth_date": str(int(time.time()))}
    signed = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
    key = hmac.digest(b"WebAppData", token.encode(), "sha256")
    return urlencode({**fields, "hash": hmac.new(key, signed.encode(), hashlib.sha256).hexdigest()})
