"""Signatures of Telegram for Mini Apps: https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

from bot.sandbox.model import Json, Person
from bot.sandbox.world import World

VERSION = "8.0"
"""Version of the Bot API that the sandbox's phone claims towards Mini Apps."""
PLATFORM = "web"


def init_data(person: Person, token: str, start: str = "") -> str:
    """Return what Telegram gives to a Mini App that this user opens, signed with the bot's token and dated by the real
    time. `start` is the payload of a link `t.me/<bot>?startapp=`."""
    fields = {"user": json.dumps(person.as_user(), separators=(",", ":")), "auth_date": str(int(time.time()))}
    if start:
        fields["start_param"] = start
    signed = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
    key = hmac.digest(b"WebAppData", token.encode(), "sha256")
    return urlencode({**fields, "hash": hmac.new(key, signed.encode(), hashlib.sha256).hexdigest()})


def mini_app_of(world: World, person: Person) -> Json | None:
    """Return the Mini App that the bot's menu button opens for this user: its `text` and `url`. None without one."""
    buttons: Json = world.settings.get("menu_button", {})
    button = buttons.get(str(person.id)) or buttons.get("") or {}
    if button.get("type") != "web_app":
        return None
    return {"text": str(button["text"]), "url": str(button["web_app"]["url"])}


def address_of(world: World, person: Person, token: str, start: str = "") -> str:
    """Return the address that a phone opens the Mini App at, with what Telegram adds to it. The page adds the theme.

    Raises LookupError when the bot's menu button opens no Mini App.
    """
    app = mini_app_of(world, person)
    if app is None:
        raise LookupError("the bot has no Mini App")
    added = {
        "tgWebAppData": init_data(person, token, start),
        "tgWebAppVersion": VERSION,
        "tgWebAppPlatform": PLATFORM,
        **({"tgWebAppStartParam": start} if start else {}),
    }
    return f"{app['url']}#{urlencode(added)}"
