"""Methods about the bot itself: its menu, its descriptions, the delivery of its updates."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.errors import bad_request
from bot.sandbox.group_model import Group
from bot.sandbox.model import Json, Person
from bot.sandbox.params import Params
from bot.sandbox.world import World

MAX_COMMANDS = 100
MAX_TEXTS = {"description": 512, "short_description": 120, "name": 64}
COMMAND_NAME = re.compile(r"[a-z0-9_]{1,32}")
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def set_my_commands(world: World, params: Params) -> bool:
    commands = params.sequence("commands") or []
    if len(commands) > MAX_COMMANDS:
        raise bad_request("too many commands specified")
    for command in commands:
        if not isinstance(command, dict) or not COMMAND_NAME.fullmatch(str(command.get("command", "")).lstrip("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    kept = [{"command": c["command"].lstrip("/"), "description": c["description"]} for c in commands]
    _set(world, "commands", _scope(params), kept)
    return True


def get_my_commands(world: World, params: Params) -> list[Json]:
    return list(_all(world, "commands").get(_scope(params), []))


def delete_my_commands(world: World, params: Params) -> bool:
    _set(world, "commands", _scope(params), None)
    return True


def commands_for(world: World, person: Person) -> list[Json]:
    """Return the menu of this user: the narrowest scope wins, and in it the user's language."""
    everything = _all(world, "commands")
    for scope in (f"chat {person.id}", "all_private_chats", "default"):
        for language in (person.language_code, ""):
            if f"{scope}/{language}" in everything:
                return list(everything[f"{scope}/{language}"])
    return []


def commands_in(world: World, group: Group) -> list[Json]:
    """Return the menu of a group, without the scopes of single members."""
    everything = _all(world, "commands")
    for scope in (f"chat {group.id}", "all_chat_administrators", "all_group_chats", "default"):
        if f"{scope}/" in everything:
            return list(everything[f"{scope}/"])
    return []


def text_for(world: World, name: str, person: Person) -> str:
    """Return the bot's name, description or short description in this user's language."""
    texts = _all(world, name)
    return str(texts.get(person.language_code) or texts.get("") or "")


def _setter(name: str) -> Any:
    def set_text(world: World, params: Params) -> bool:
        text = params.text(name) or ""
        if len(text) > MAX_TEXTS[name]:
            raise bad_request(f"{name.replace('_', ' ')} is too long")
        _set(world, name, params.text("language_code") or "", text or None)
        return True

    return set_text


def _getter(name: str) -> Any:
    def get_text(world: World, params: Params) -> Json:
        texts = _all(world, name)
        found = texts.get(params.text("language_code") or "") or texts.get("") or ""
        return {name: found or (world.bot["first_name"] if name == "name" else "")}

    return get_text


def _all(world: World, name: str) -> Json:
    found: Json = world.settings.get(name, {})
    return found


def _set(world: World, name: str, key: str, value: Any) -> None:
    kept = {**_all(world, name), key: value}
    world.set_setting(name, {key: value for key, value in kept.items() if value is not None})


def _scope(params: Params) -> str:
    scope = params.mapping("scope") or {"type": "default"}
    kind = str(scope.get("type", "default"))
    name = f"chat {scope.get('chat_id')}" if kind == "chat" else kind
    return f"{name}/{params.text('language_code') or ''}"


def set_chat_menu_button(world: World, params: Params) -> bool:
    """Set the menu button. The Mini App that it opens is at an https address or, other than for Telegram, on this
    machine."""
    button = params.mapping("menu_button") or {"type": "default"}
    if button.get("type") == "web_app":
        url = urlsplit(str((button.get("web_app") or {}).get("url", "")))
        if not (url.scheme == "https" or (url.scheme == "http" and url.hostname in LOOPBACK)):
            raise bad_request("BUTTON_URL_INVALID")
        if not str(button.get("text", "")).strip():
            raise bad_request("BUTTON_TEXT_INVALID")
    _set(world, "menu_button", params.text("chat_id") or "", button)
    return True


def get_chat_menu_button(world: World, params: Params) -> Json:
    buttons = _all(world, "menu_button")
    found: Json = buttons.get(params.text("chat_id") or "") or buttons.get("") or {"type": "commands"}
    return found


def set_webhook(world: World, params: Params) -> bool:
    """Set the webhook: an address of this machine only; unlike Telegram's, it may be plain http."""
    url = params.text("url") or ""
    if not url:
        return delete_webhook(world, params)
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or parts.hostname not in LOOPBACK:
        raise bad_request("bad webhook: the sandbox delivers to this machine only")
    secret = params.text("secret_token")
    if secret and not SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    _maybe_drop(world, params)
    world.inbox.allow(params.sequence("allowed_updates"))
    world.set_setting(
        "webhook", {"url": url, "secret_token": secret, "max_connections": params.integer("max_connections", 40)}
    )
    world.inbox.push()
    return True


def delete_webhook(world: World, params: Params) -> bool:
    _maybe_drop(world, params)
    world.set_setting("webhook", None)
    return True


def _maybe_drop(world: World, params: Params) -> None:
    if params.flag("drop_pending_updates"):
        world.inbox.drop_all()


def get_webhook_info(world: World, params: Params) -> Json:
    webhook = world.inbox.webhook or {"url": ""}
    info = {
        "url": webhook["url"],
        "has_custom_certificate": False,
        "pending_update_count": len(world.inbox.waiting),
        **world.inbox.last_error,
    }
    if world.inbox.webhook:
        info["max_connections"] = webhook["max_connections"]
    if world.settings.get("allowed_updates"):
        info["allowed_updates"] = world.settings["allowed_updates"]
    return info


def do_nothing(world: World, params: Params) -> bool:
    """Answer logOut and close: there is no other server to move to."""
    return True


METHODS = {
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyName": _setter("name"),
    "getMyName": _getter("name"),
    "setMyDescription": _setter("description"),
    "getMyDescription": _getter("description"),
    "setMyShortDescription": _setter("short_description"),
    "getMyShortDescription": _getter("short_description"),
    "setChatMenuButton": set_chat_menu_button,
    "getChatMenuButton": get_chat_menu_button,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "logOut": do_nothing,
    "close": do_nothing,
}
