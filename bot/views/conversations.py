"""Screens about a conversation: to whom the reader writes, the choice of another one, and one that is over."""

from __future__ import annotations

from bot.views.reports import safety_rows
from bot.views.screens import Row, Screen, back_button
from bot.views.swap_cards import conversation_name, my_swaps_button, names_in, pair_line
from domain.swaps import Swap
from domain.talks import MAX_UNANSWERED, is_counted
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Html, Texts
from handlers.users import get_people


async def talking_screen(deps: Deps, texts: Texts, swap: Swap, viewer_id: str, *, sent: int = 0) -> Screen:
    """Return the screen that names those whom the viewer writes to from now on; `sent` messages have gone to them."""
    name = await names_in(deps, texts, swap, viewer_id)
    text = texts("chat.talking", name=name, pair=pair_line(texts, swap, viewer_id))
    if is_counted(swap, viewer_id):
        text = Html(f"{text}\n\n{texts('chat.few_messages', n=MAX_UNANSWERED, name=name)}")
    rows = [
        [my_swaps_button(texts, swap), back_button(texts, "home")],
        *await safety_rows_for(deps, texts, swap, viewer_id),
    ]
    return Screen(f"{texts('chat.let_go', n=sent)}\n\n{text}" if sent else text, rows)


async def choice_text(deps: Deps, texts: Texts, current: Swap | None, viewer_id: str) -> str:
    if current is None:
        return texts("chat.choose")
    return texts("chat.choose_other", name=await conversation_name(deps, texts, current, viewer_id))


async def ended_screen(deps: Deps, texts: Texts, swap: Swap, viewer_id: str) -> Screen:
    """Return the screen of a conversation that has been opened after its end."""
    name = await conversation_name(deps, texts, swap, viewer_id)
    rows = [
        [my_swaps_button(texts, swap), back_button(texts, "home")],
        *await safety_rows_for(deps, texts, swap, viewer_id),
    ]
    return Screen(texts("chat.over", name=name), rows)


async def safety_rows_for(deps: Deps, texts: Texts, swap: Swap, viewer_id: str) -> list[Row]:
    """Return the rows with a button for each of the others who can be blocked, and reported."""
    others = swap.others(viewer_id)
    people = await get_people(deps, others)
    known = [people.get(person) for person in others]
    return safety_rows(texts, swap, known)
