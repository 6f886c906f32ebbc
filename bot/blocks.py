"""Blocking a user from their card or a running swap, and unblocking in /settings."""

from __future__ import annotations

from telegram import Update

from bot.updates.context import Context
from bot.views.lengths import short
from bot.views.screens import Row, Screen, back_button, button, show, show_in_place
from bot.views.swap_cards import name_of
from handlers.blocks import block_user, get_blockable, list_blocks, unblock_user

MAX_LISTED = 50


async def on_block(update: Update, context: Context, *parts: str) -> None:
    """Handle `block:<user>` (ask for confirmation), `block:<user>:yes` (block) and `block:<user>:no` (do nothing)."""
    user_id, answer = (*parts, "", "")[:2]
    texts = context.texts
    if answer == "yes":
        block = await block_user(context.deps, context.user, user_id)
        text = texts("block.done", name=name_of(texts, block.user))
        shown = await show_in_place(context, Screen(text, [[back_button(texts, "home")]]))
        await context.note_person(shown, user_id)
    elif answer == "no":
        await show_in_place(context, Screen(texts("block.left"), [[back_button(texts, "home")]]))
    else:
        person = await get_blockable(context.deps, context.user, user_id)
        yes = button(texts.plain("block.yes"), "block", user_id, "yes", style="danger")
        no = button(texts.plain("block.no"), "block", user_id, "no")
        # A message of its own: the card stays as it is whatever the answer.
        asked = await show(context, Screen(texts("block.ask", name=name_of(texts, person)), [[yes, no]]))
        await context.note_person(asked.message_id, user_id)


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
    rows: list[Row] = [[button(f"{short(name_of(texts, block.user))} ✕", "blocks", block.user.id)] for block in blocks]
    rows.append([back_button(texts, "settings")])
    shown = await show_in_place(context, Screen("\n\n".join(filter(None, (notice, text))), rows))
    for block in blocks:
        await context.note_person(shown, block.user.id)


BUTTONS = {"block": on_block, "blocks": show_blocks}
