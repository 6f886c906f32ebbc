"""The organisers and one person write to each other: moderators in the organisers' name, which is no strike, and the
person, who answers. An answer is a card for the moderators, below the one that it belongs to."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Final

from domain.correspondence import APPEALABLE, TAKEN_BACK, Correspondence, Entry, clean_letter
from domain.errors import Conflict, Forbidden, NotFound
from domain.staff_cards import ANSWER
from domain.standing import APPEAL, MODERATE
from domain.users import DELETED, User
from handlers.audit import note_audit
from handlers.letters import send_letter
from handlers.runtime.deps import Deps
from handlers.staff_cards import keeping_staff_card, show_staff_card
from handlers.standing import require_moderator, require_right
from storage.mongodb.database import new_id

MAX_TRIES: Final = 12
RETRY_JITTER: Final = 0.005
LOOKED_AT: Final = 30
"""Newest entries of the audit among which a decision to answer is looked for."""


def answer_subject(user_id: str, entry_id: str) -> str:
    """Return the subject of the card about an answer."""
    return f"{user_id}:{entry_id}"


async def write_as_organisers(
    deps: Deps, actor: User, user_id: str, text: str, *, card: str = "", key: str = ""
) -> Correspondence:
    """Write to a person in the organisers' name. `card`: the moderators' card ("kind:subject") that it is written from,
    below which answers stand; with a `key` a repetition writes nothing twice.

    Raises Forbidden (no moderator, to oneself), NotFound, Invalid.
    """
    require_moderator(actor)
    await require_right(deps, actor, MODERATE)
    if actor.id == user_id:
        raise Forbidden("organisers.yourself")
    person = await deps.store.users.find(user_id)
    if person is None or person.status == DELETED:
        raise NotFound("user.not_found")
    entry = Entry(key or new_id(), deps.now(), actor.id, clean_letter(text), card)
    before, after = await _change(deps, user_id, entry.id, lambda known: known.written(entry))
    await send_letter(deps, user_id, "organisers", key=f"organisers:{user_id}:{entry.id}", text=entry.text)
    if before is not after:
        await note_audit(deps, by=actor.id, action="letter", about=user_id, case_id=card.removeprefix("case:"))
    for answer in after.entries:
        reply = after.reply_to(answer)
        if not answer.by and reply is not None and reply.id == entry.id and not answer.noted_by:
            await show_staff_card(deps, ANSWER, answer_subject(user_id, answer.id))
    return after


async def answer_organisers(deps: Deps, actor: User, text: str, *, key: str = "") -> Correspondence:
    """Answer the organisers: their last letter, or once the decision that is in force. Raises Conflict
    ("organisers.nothing_to_answer"), Invalid, Forbidden."""
    await require_right(deps, actor, APPEAL)
    decision, case_id = await _decision_in_force(deps, actor.id)
    known = await deps.store.correspondences.get(actor.id)
    card = known.last_card if known.turns > 0 or not case_id else f"case:{case_id}"
    entry = Entry(key or new_id(), deps.now(), "", clean_letter(text), card)
    if known.find(entry.id) is None and not known.may_answer(decision):
        raise Conflict("organisers.nothing_to_answer")
    async with keeping_staff_card(deps, ANSWER, answer_subject(actor.id, entry.id)):
        _, after = await _change(deps, actor.id, entry.id, lambda before: before.answered(entry, decision))
    return after


async def may_answer(deps: Deps, actor: User) -> bool:
    """Return whether there is something that the actor may answer."""
    known = await deps.store.correspondences.get(actor.id)
    return known.may_answer((await _decision_in_force(deps, actor.id))[0])


async def get_own_correspondence(deps: Deps, actor: User) -> Correspondence:
    """Return what the organisers and the actor have written to each other."""
    return await deps.store.correspondences.get(actor.id)


async def get_correspondence(deps: Deps, actor: User, user_id: str) -> Correspondence:
    """Return what the organisers and a person have written to each other. Raises Forbidden, NotFound."""
    require_moderator(actor)
    if actor.id == user_id:
        raise Forbidden("organisers.yourself")
    if await deps.store.users.find(user_id) is None:
        raise NotFound("user.not_found")
    return await deps.store.correspondences.get(user_id)


async def note_answer(deps: Deps, actor: User, user_id: str, entry_id: str) -> None:
    """Note that a moderator has seen an answer, to which nothing is to be written. Raises Forbidden."""
    require_moderator(actor)
    if actor.id == user_id:
        raise Forbidden("organisers.yourself")
    async with keeping_staff_card(deps, ANSWER, answer_subject(user_id, entry_id)):
        await _change(deps, user_id, "", lambda known: known.noted(entry_id, actor.id))


async def find_answer(deps: Deps, subject: str) -> tuple[User | None, Correspondence, Entry] | None:
    """Return the person, the correspondence and the answer that a card is about; None when it is gone."""
    user_id, _, entry_id = subject.partition(":")
    known = await deps.store.correspondences.get(user_id)
    entry = known.find(entry_id)
    return (await deps.store.users.find(user_id), known, entry) if entry is not None else None


async def _decision_in_force(deps: Deps, user_id: str) -> tuple[str, str]:
    """Return the last decision about a person that may be answered, and its case; ("", "") for none."""
    for entry in await deps.store.audit.list(about=user_id, limit=LOOKED_AT):
        if entry.action in TAKEN_BACK:
            break
        if entry.action in APPEALABLE:
            return entry.id, entry.case_id
    return "", ""


async def _change(
    deps: Deps, user_id: str, entry_id: str, change: Callable[[Correspondence], Correspondence]
) -> tuple[Correspondence, Correspondence]:
    """Change a correspondence, whoever else does so at once; unchanged when it has this entry already."""
    for _ in range(MAX_TRIES):
        before = await deps.store.correspondences.get(user_id)
        if entry_id and before.find(entry_id) is not None:
            return before, before
        after = change(before)
        if after is before or await deps.store.correspondences.replace(before, after):
            return before, after
        await asyncio.sleep(random.random() * RETRY_JITTER)
    raise Conflict("organisers.changed")
