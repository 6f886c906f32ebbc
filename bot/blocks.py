"""Blocking a user from their card or a running swap, and unblocking in /settings."""

from __future__ import annotations

from telegram import Update

from bot.updates.context import Context
from bot.views.blocks import BLOCK_SEAT
from bot.views.lengths import short
from bot.views.screens import Row, Screen, back_button, button, show, show_in_place
from bot.views.swap_cards import name_of
from domain.users import User, first_name
from handlers.blocks import block_seat, block_user, get_blockable, get_seated, list_blocks, unblock_user

MAX_LISTED = 50


async def on_block(update: Update, context: Context, *parts: str) -> None:
    """Handle `block:<user>` (ask for confirmation), `block:<user>:yes` (block) and `block:<user>:no` (do nothing)."""
    user_id, answer = (*parts, "", "")[:2]
    if answer == "yes":
        block = await block_user(context.deps, context.user, user_id)
        await _show_done(context, block.user, name_of(context.texts, block.user))
    elif answer == "no":
        await _show_left(context)
    else:
        person = await get_blockable(context.deps, context.user, user_id)
        await _ask(context, person, name_of(context.texts, person), "block", user_id)


async def on_block_seat(update: Update, context: Context, *parts: str) -> None:
    """Handle `bs:<circle>:<seat>[:yes|:no]`: the same for one of a circle, of whom only the first name is shown."""
    circle_id, seat, answer = (*parts, "", "", "")[:3]
    if answer == "yes":
        block = await block_seat(context.deps, context.user, circle_id, seat)
        await _show_done(context, block.user, first_name(block.user))
    elif answer == "no":
        await _show_left(context)
    else:
        person = await get_seated(context.deps, context.user, circle_id, seat)
        await _ask(context, person, first_name(person), BLOCK_SEAT, circle_id, seat)


async def _ask(context: Context, person: User, name: str, *data: str) -> None:
    """Ask for confirmation, in a message of its own: the card stays as it is whatever the answer."""
    texts = context.texts
    yes = button(texts.plain("block.yes"), *data, "yes", style="danger")
    no = button(texts.plain("block.no"), *data, "no")
    asked = await show(context, Screen(texts("block.ask", name=name), [[yes, no]]))
    await context.note_person(asked.message_id, person.id)


async def _show_done(context: Context, person: User, name: str) -> None:
    screen = Screen(context.texts("block.done", name=name), [[back_button(context.texts, "home")]])
    await context.note_person(await show_in_place(context, screen), person.id)


async def _show_left(context: Context) -> None:
    await show_in_place(context, Screen(context.texts("block.left"), [[back_button(context.texts, "home")]]))


async def show_blocks(update: Update, context: Context, *parts: str) -> None:
    """Handle `blocks` (list the blocked users) and `blocks:<user>` (unblock one)."""
    if parts and parts[0]:
        await unblock_user(context.deps, context.user, parts[0])
        await _show_list(context, context.texts("block.unblocked"))
    else:
        await _show_list(context)


async def _show_list(context: Context, notice: str = "") -> None:
    texts = context.texts
    blocks = (await list_blocks(context.deps, context.user))[:MAX_LISTED]
    text = texts("block.list" if blocks else "block.nobody")
    somebody = texts.plain("swap.somebody")
    rows: list[Row] = [[button(f"{short(block.name or somebody)} ✕", "blocks", block.reference)] for block in blocks]
    rows.append([back_button(texts, "settings")])
    shown = await show_in_place(context, Screen("\n\n".join(filter(None, (notice, text))), rows))
    for block in blocks:
        await context.note_person(shown, block.user.id)


BUTTONS = {"block": on_block, BLOCK_SEAT: on_block_seat, "blocks": show_blocks}
