"""Deep links, `t.me/<bot>?start=…`: a person's card, a swap, who teaches a skill."""

from __future__ import annotations

from bot.matches import match_card, show_teachers
from bot.swaps import show_card
from bot.updates.context import Context
from bot.users import profile_screen
from bot.views.screens import Screen, show, way_back
from domain.errors import NotFound
from domain.links import SKILL, SWAP, USER, Link, read_link
from handlers.matches import view_match
from handlers.swaps import get_swap


def payload_of(text: str) -> str:
    """What came with /start, if it is a link of ours; else ""."""
    command, _, payload = text.partition(" ")
    payload = payload.strip()
    return payload if command.partition("@")[0] == "/start" and read_link(payload) is not None else ""


async def follow_link(context: Context, payload: str) -> None:
    """Show what the link leads to. Private, gone, another's and never there are answered alike."""
    link = read_link(payload)
    try:
        if link is not None:
            await _show(context, link)
    except NotFound:
        await show(context, Screen(context.texts("link.nobody"), [[way_back(context.texts, "home")]]))


async def _show(context: Context, link: Link) -> None:
    if link.kind == SKILL:
        await show_teachers(context, context.deps.vocabulary.name_of(link.target, context.user.locale))
    elif link.kind == SWAP:
        await show_card(context, await get_swap(context.deps, context.user, link.target))
    elif link.kind == USER and link.target == context.user.id:
        await show(context, profile_screen(context))
    else:
        match = await view_match(context.deps, context.user, link.target)
        await show(context, match_card(context.texts, context.user, match, is_in_deck=False))
