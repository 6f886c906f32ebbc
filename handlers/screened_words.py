"""Words that were screened, on their way: to whom they are for, or back to their writer.

Each step may be repeated, and a killed process leaves the rest to the next one: `handlers.screening` has the job.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from domain.cases import NOTHING
from domain.counter_offers import COUNTERED
from domain.deliveries import Delivery
from domain.errors import Problem
from domain.events import MESSAGE_EDITED, MESSAGE_SENT, SWAP_CARD_CHANGED, SWAP_PARTNER_GONE, SWAP_PROPOSED
from domain.messages import Message
from domain.outcomes import taken_apart
from domain.screening import (
    EDIT,
    MAX_WAITING,
    NOTE,
    REFUSED,
    RELEASED,
    REQUEST,
    WAITING,
    ScreenedWords,
    refused,
    unscreened,
)
from domain.standing import ANSWER, ASK
from domain.swaps import PARTNER_GONE, PENDING, WORDS_REFUSED, Swap
from domain.talks import is_talk_open
from domain.users import ACTIVE, PAUSED, User
from handlers.letters import send_letter
from handlers.notifications import deliveries_to
from handlers.runtime.deps import Deps

MAX_TRIES: Final = 8
REFUSED_LETTER, LOST_LETTER = "words_refused", "words_lost"
"""Letters to the writer: the words were refused, or nobody can get them any more."""
LATEST_CASES: Final = 5


async def decide_waiting(
    deps: Deps, writer_id: str, state: str, *, by: str, until: datetime | None, reason: str = ""
) -> int:
    """Release or refuse all words of a person that wait and were written `until` a time, in the order in which they
    were written; return how many."""
    waiting = await deps.store.screening.list_waiting(writer_id, limit=MAX_WAITING + 1)
    now = deps.now()
    decided = []
    for words in waiting:
        if state == RELEASED and not words.is_shown:
            continue  # written at this moment: nobody has looked at it
        if until is not None and words.at > until:
            continue  # another case has them
        after = words.decided(state, by=by, reason=reason, at=now)
        if await deps.store.screening.replace(words, after):
            decided.append(after)
    for words in decided:
        await carry_out(deps, words)
    return len(decided)


async def settle(deps: Deps, words: ScreenedWords) -> None:
    """Do what is due for words: let them through when nobody has looked in time, or carry out what was decided."""
    if words.state == WAITING:
        reason = await _held_against(deps, words)
        state = RELEASED if reason is None else REFUSED
        after = words.decided(state, by="", reason=reason or "", at=deps.now())
        if not await deps.store.screening.replace(words, after):
            return  # changed, or decided, at the same moment: it comes again
        words = after
    await carry_out(deps, words)


async def _held_against(deps: Deps, words: ScreenedWords) -> str | None:
    """Return the reason of a decision against the writer since the words were written: a process may have died between
    the decision and the words."""
    for case in await deps.store.cases.list_about(words.by, limit=LATEST_CASES):
        if case.decision not in ("", NOTHING) and case.decided_at is not None and case.decided_at >= words.at:
            return case.history[-1].reason
    return None


async def carry_out(deps: Deps, words: ScreenedWords) -> None:
    """Carry out what was decided about words; it may be repeated."""
    if words.state == RELEASED:
        is_delivered = await _release(deps, words)
        if not is_delivered:
            await send_letter(deps, words.by, LOST_LETTER, key=f"{LOST_LETTER}:{words.id}", text=words.text)
    elif words.state == REFUSED and (words.kind != REQUEST or await _refuse_request(deps, words)):
        key = f"{REFUSED_LETTER}:{words.id}"
        await send_letter(deps, words.by, REFUSED_LETTER, key=key, reason=words.reason, text=words.text)
    await deps.store.screening.note_settled(words.id)


async def _release(deps: Deps, words: ScreenedWords) -> bool:
    """Deliver words as any others. False when that is not possible any more."""
    if words.kind == REQUEST:
        await _release_request(deps, words)
        return True
    swap, writer = await deps.store.swaps.find(words.swap_id), await deps.store.users.find(words.by)
    now = deps.now()
    if swap is None or writer is None or words.message is None or words.by not in swap.participants:
        return False
    if writer.status not in (ACTIVE, PAUSED) or writer.refused_as(ANSWER, now) or not is_talk_open(swap, now):
        return False
    if words.kind == EDIT:
        return await _release_edit(deps, words.message)
    if words.kind == NOTE and not _has_countered(swap, words):
        return True  # the process died before the counter-offer was made: its author has made another one, or none
    others = swap.others(words.by)
    message = replace(words.message, to_user_id=others[0], also_to=others[1:], created_at=now, is_screened=False)
    await deps.store.messages.append(message, await deliveries_to(deps, others, MESSAGE_SENT))
    return True


def _has_countered(swap: Swap, words: ScreenedWords) -> bool:
    return any((one.event, one.by, one.at) == (COUNTERED, words.by, words.at) for one in swap.history)


async def _release_edit(deps: Deps, edited: Message) -> bool:
    """Give a message its new text. False when it has been deleted."""
    for _ in range(MAX_TRIES):
        before = await deps.store.messages.find_at(edited.swap_id, edited.seq)
        if before is None or before.deleted_at is not None:
            return False
        try:
            after = before.edit(
                by=edited.from_user_id,
                text=edited.message,
                at=edited.edited_at or deps.now(),
                photo_url=edited.photo_url,
                photo_size=edited.photo_size,
                via=edited.via,
            )
        except Problem:
            return False
        if after is before:
            return True
        readers = [person for person in before.people if person != edited.from_user_id]
        if await deps.store.edits.change(before, after, await deliveries_to(deps, readers, MESSAGE_EDITED)):
            return True
    return False


async def _refuse_request(deps: Deps, words: ScreenedWords) -> bool:
    """End a request that waits. False when it does not wait any more: it was taken back, or answered."""
    await _change_request(deps, words, refused, ())
    swap = await deps.store.swaps.find(words.swap_id)
    return swap is not None and swap.end_reason == WORDS_REFUSED


async def _release_request(deps: Deps, words: ScreenedWords) -> None:
    """Send a request to whom it is for; end it when they are not here any more, or do not want to hear of the asker."""
    asker, asked = await deps.store.users.find(words.by), await deps.store.users.find(words.to)
    gone = await deliveries_to(deps, [words.by], SWAP_PARTNER_GONE)
    if asked is not None and asked.is_listed and _may_ask(asker, deps.now()) and not await _is_parted(deps, words):
        told = await deliveries_to(deps, [words.to], SWAP_PROPOSED)
        await _change_request(deps, words, unscreened, told)
        if await _is_parted(deps, words):  # by a block at this moment, which did not find the request
            await _change_request(deps, words, _without_partner, gone, is_screened=False)
    else:
        await _change_request(deps, words, _without_partner, gone)


def _without_partner(swap: Swap, at: datetime) -> Swap:
    return taken_apart(swap, reason=PARTNER_GONE, at=at)


def _may_ask(asker: User | None, at: datetime) -> bool:
    return asker is not None and asker.status in (ACTIVE, PAUSED) and asker.refused_as(ASK, at) is None


async def _is_parted(deps: Deps, words: ScreenedWords) -> bool:
    return bool(await deps.store.blocks.pairs_among((words.by, words.to)))


async def _change_request(
    deps: Deps,
    words: ScreenedWords,
    change: Callable[[Swap, datetime], Swap],
    told: Sequence[Delivery],
    *,
    is_screened: bool = True,
) -> None:
    """Change a request that still waits, and with `is_screened` is still screened; its asker's card is brought up to
    date."""
    card = await deliveries_to(deps, [words.by], SWAP_CARD_CHANGED)
    for _ in range(MAX_TRIES):
        swap = await deps.store.swaps.find(words.swap_id)
        if swap is None or swap.status != PENDING or (is_screened and swap.screened_at is None):
            return  # taken back, released before, or answered by a request for the same
        if await deps.store.swaps.replace(swap, change(swap, deps.now()), [*told, *card]):
            return
