"""/web: a one-time link that signs the user in on the web."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from telegram import Update

from bot.updates.context import Context
from bot.views.screens import Screen, back_button, link, show_in_place
from handlers.auth.login_links import LINK_LIVES, issue_login_link


async def send_login_link(update: Update, context: Context, *parts: str) -> None:
    """Send a button with a one-time link; written out as text where Telegram would refuse the button."""
    texts = context.texts
    minutes = int(LINK_LIVES.total_seconds() // 60)
    url = await issue_login_link(context.deps, context.user)
    back = (back_button(texts, "settings"),)
    if is_public_address(url):
        sign_in = (link(texts.plain("button.sign_in"), url),)
        await show_in_place(context, Screen(texts("web.link", n=minutes), (sign_in, back)))
    else:
        await show_in_place(context, Screen(texts("web.link_written", n=minutes, url=url), (back,)))


def is_public_address(url: str) -> bool:
    """Return whether Telegram accepts this URL for a button: http or https, and not a local host."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or host.endswith(".localhost"):
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return "." in host


COMMANDS = {"web": send_login_link}
BUTTONS = {"web": send_login_link}
