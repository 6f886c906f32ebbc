"""/web: a link that signs in on the web, once."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from telegram import Update

from bot.updates.context import Context
from bot.views.screens import Screen, link, show_in_place, way_back
from handlers.auth.login_links import LINK_LIVES, issue_login_link


async def send_login_link(update: Update, context: Context, *parts: str) -> None:
    """A button with a one-time address; written out where Telegram would refuse the button."""
    texts = context.texts
    minutes = int(LINK_LIVES.total_seconds() // 60)
    url = await issue_login_link(context.deps, context.user)
    back = (way_back(texts, "settings"),)
    if is_public_address(url):
        sign_in = (link(texts.plain("button.sign_in"), url),)
        await show_in_place(context, Screen(texts("web.link", n=minutes), (sign_in, back)))
    else:
        await show_in_place(context, Screen(texts("web.link_written", n=minutes, url=url), (back,)))


def is_public_address(url: str) -> bool:
    """Does Telegram take this for a button? It refuses the machine's own names and anything but http and https."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or host.endswith(".localhost"):
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return "." in host


COMMANDS = {"web": send_login_link}
PRESSES = {"web": send_login_link}
