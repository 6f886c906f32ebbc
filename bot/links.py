"""Deep links, `t.me/<bot>?start=…`: to a profile card, a swap, or the teachers of a skill."""

from __future__ import annotations

from bot.matches import match_card
from bot.reports import ask_for_reason
from bot.search_results import show_teachers
from bot.swaps import show_card
from bot.updates.context import Context
from bot.users import profile_screen
from bot.views.reports import SIGNS
from bot.views.screens import Screen, back_button, show
from domain.errors import NotFound
from domain.links import REPORT, SKILL, SWAP, USER, Link, read_link
from domain.reports import PROFILE
from handlers.matches import view_match
from handlers.swaps import get_swap


def start_payload(text: str) -> str:
    """Return the payload of /start if it is a link of this service, else ""."""
    command, _, payload = text.partition(" ")
    payload = payload.strip()
    return payload if command.partition("@")[0] == "/start" and read_link(payload) is not None else ""


async def follow_link(context: Context, payload: str) -> None:
    """Show the target of a link. Private, deleted, foreign and unknown targets get the same answer."""
    link = read_link(payload)
    try:
        if link is not None:
            await _show(context, link)
    except NotFound:
        await show(context, Screen(context.texts("link.nobody"), [[back_button(context.texts, "home")]]))


async def _show(context: Context, link: Link) -> None:
    if link.kind == SKILL:
        await show_teachers(context, context.deps.vocabulary.name_of(link.target, context.user.locale))
    elif link.kind == SWAP:
        await show_card(context, await get_swap(context.deps, context.user, link.target))
    elif link.kind == REPORT:
        await ask_for_reason(context, SIGNS[PROFILE], link.target)
    elif link.kind == USER and link.target == context.user.id:
        await show(context, profile_screen(context))
    else:
        match = await view_match(context.deps, context.user, link.target)
        await show(context, match_card(context.texts, context.user, match, context.deps.now(), is_in_deck=False))
