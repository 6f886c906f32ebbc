"""One conversation as its reader opens it: the newest messages, or those before one, and the read marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from domain.messages import Message
from domain.screening import EDIT, MESSAGE, ScreenedWords
from domain.swaps import Swap
from domain.users import User
from handlers.reads import list_reads
from handlers.runtime.deps import Deps
from handlers.screening import list_waiting_words
from handlers.swaps import get_swap

SHOWN: Final = 50
"""Messages that are opened at a time."""


@dataclass(frozen=True, slots=True)
class OpenConversation:
    """A conversation: `messages` by seq, `changes` for the first sync, `reads` by user. `waiting` are the reader's own
    words that a moderator looks at first."""

    swap: Swap
    messages: Sequence[Message]
    changes: int
    reads: Mapping[str, int]
    waiting: Sequence[ScreenedWords]
    has_earlier: bool
    is_newest: bool


async def open_conversation(deps: Deps, actor: User, swap_id: str, *, before: int | None = None) -> OpenConversation:
    """Return the newest messages of one of the actor's swaps, or those before a seq. Raises NotFound."""
    swap = await get_swap(deps, actor, swap_id)
    # Changes before messages: one that happens in between comes twice rather than never.
    changes = await deps.store.edits.last(swap.id)
    found = await deps.store.messages.list_last(swap.id, before=before, limit=SHOWN + 1)
    reads = await list_reads(deps, [swap.id])
    words = await list_waiting_words(deps, actor) if before is None else []
    return OpenConversation(
        swap,
        found[-SHOWN:],
        changes,
        reads[swap.id],
        [one for one in words if one.swap_id == swap.id and one.kind in (MESSAGE, EDIT)],
        has_earlier=len(found) > SHOWN,
        is_newest=before is None,
    )
