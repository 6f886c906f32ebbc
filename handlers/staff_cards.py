"""Cards for moderators: any operation has one shown, and the bot writes it where the moderators are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from domain.staff_cards import NOTED_AHEAD, CardCopy, Prompt, StaffCard, pause_after
from handlers.runtime.deps import Deps


async def show_staff_card(deps: Deps, kind: str, subject: str) -> None:
    """Have the card of this subject written, or written anew in place, as it is then.

    Call it after the change. An operation that must not lose the card to a kill in between uses `keeping_staff_card`.
    """
    now = deps.now()
    await deps.store.staff_cards.show(kind, subject, due_at=now, at=now)


@asynccontextmanager
async def keeping_staff_card(deps: Deps, kind: str, subject: str) -> AsyncIterator[None]:
    """Have the card written after the change in the body, also when the process is killed in the middle of it."""
    now = deps.now()
    await deps.store.staff_cards.show(kind, subject, due_at=now + NOTED_AHEAD, at=now)
    try:
        yield
    except Exception:
        await show_staff_card(deps, kind, subject)
        raise
    await show_staff_card(deps, kind, subject)


async def make_staff_card(deps: Deps, kind: str, subject: str) -> None:
    """Have the card written unless there is one: for what several deliveries announce."""
    await deps.store.staff_cards.make(kind, subject, at=deps.now())


@asynccontextmanager
async def moving_staff_cards(deps: Deps) -> AsyncIterator[None]:
    """Have all open cards written where the moderators are after the change in the body, also after a kill in it."""
    now = deps.now()
    await deps.store.staff_cards.show_open(due_at=now + NOTED_AHEAD, at=now)
    yield
    now = deps.now()
    await deps.store.staff_cards.show_open(due_at=now, at=now)


async def find_staff_card(deps: Deps, kind: str, subject: str) -> StaffCard | None:
    return await deps.store.staff_cards.find(kind, subject)


async def find_staff_card_at(deps: Deps, chat_id: int, message_id: int) -> StaffCard | None:
    """Return the card that a message in Telegram shows, or asks something about."""
    return await deps.store.staff_cards.find_at(chat_id, message_id)


async def claim_staff_card(deps: Deps) -> StaffCard | None:
    """Return the next card to be written; None when there is none."""
    return await deps.store.staff_cards.claim(now=deps.now())


async def release_staff_cards(deps: Deps) -> int:
    """Have the cards due again that a process has claimed which is gone; only one writes them at a time."""
    return await deps.store.staff_cards.release(now=deps.now())


async def finish_staff_card(
    deps: Deps, card: StaffCard, *, is_open: bool, names: Collection[str], until: datetime | None = None
) -> None:
    """Note that all copies are up to date, `until` some time at most, and whom they name (ids of users)."""
    await deps.store.staff_cards.finish(card, is_open=is_open, names=names, until=until)


async def retry_staff_card(deps: Deps, card: StaffCard, *, seconds: float | None = None) -> None:
    """Have a card tried again later: after so many seconds, or after a pause that grows with its failures."""
    pause = pause_after(card.attempts) if seconds is None else timedelta(seconds=seconds)
    await deps.store.staff_cards.retry(card, due_at=deps.now() + pause, is_attempt=seconds is None)


async def next_staff_card_due(deps: Deps) -> datetime | None:
    return await deps.store.staff_cards.next_due()


async def put_card_copy(deps: Deps, card: StaffCard, copy: CardCopy) -> None:
    """Note where a card is shown."""
    await deps.store.staff_cards.put_copy(card.id, copy)


async def drop_card_copy(deps: Deps, card: StaffCard, chat_id: int) -> None:
    await deps.store.staff_cards.drop_copy(card.id, chat_id)


async def add_prompt(deps: Deps, card: StaffCard, prompt: Prompt) -> None:
    """Note a question to a moderator about the card."""
    await deps.store.staff_cards.add_prompt(card.id, prompt)


async def take_prompt(deps: Deps, card: StaffCard, prompt: Prompt) -> bool:
    """Close a question; False when it was answered before."""
    return await deps.store.staff_cards.take_prompt(card.id, prompt)
