"""Sessions of a swap: offering times, agreeing, moving, calling off, saying what took place, and being done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain import outcomes, planning
from domain.errors import Conflict, NotFound
from domain.planning import Meeting, sessions_of
from domain.sessions import Answer, Session
from domain.standing import ANSWER
from domain.swaps import ACCEPTED, Swap
from domain.users import User
from handlers.records import note_change
from handlers.runtime.deps import Deps
from handlers.standing import require_right
from handlers.swap_news import news_of
from handlers.swaps import get_swap
from handlers.timeline import do_steps_of

MAX_TRIES = 5
"""Attempts at one transition when other requests are faster; each is checked anew against the swap as it stands."""

MAX_LISTED = 200
"""Sessions that one list shows."""


@dataclass(frozen=True, slots=True)
class SwapSession:
    """A session together with its swap."""

    swap: Swap
    session: Session

    @property
    def at(self) -> datetime:
        """Return the agreed start, or the first of the offered ones."""
        return self.session.starts_at or self.session.slots[0]

    def next_start(self, now: datetime) -> datetime:
        """Return the agreed start, or the first of the offered ones that is still to come."""
        ahead = [slot for slot in self.session.slots if slot > now]
        return self.session.starts_at or (ahead or self.session.slots)[0]


async def offer_session(deps: Deps, actor: User, swap_id: str, meeting: Meeting, *, version: int | None = None) -> Swap:
    """Offer a session at one to three times. Raises NotFound, Invalid, Conflict (`current` is the swap)."""
    await require_right(deps, actor, ANSWER)
    return await _change(
        deps, actor, swap_id, lambda swap, at: planning.offer(swap, meeting, by=actor.id, at=at), version
    )


async def note_session(deps: Deps, actor: User, swap_id: str, meeting: Meeting, *, version: int | None = None) -> Swap:
    """Note a session that has taken place already; the other one is asked to confirm it."""
    await require_right(deps, actor, ANSWER)
    return await _change(
        deps, actor, swap_id, lambda swap, at: planning.note_met(swap, meeting, by=actor.id, at=at), version
    )


async def agree_session(
    deps: Deps, actor: User, swap_id: str, session_id: str, start: datetime, *, version: int | None = None
) -> Swap:
    """Agree to one of the offered times; repeating it is no error."""
    await require_right(deps, actor, ANSWER)
    return await _change(
        deps, actor, swap_id, lambda swap, at: planning.agree(swap, session_id, start, by=actor.id, at=at), version
    )


async def move_session(
    deps: Deps, actor: User, swap_id: str, session_id: str, meeting: Meeting, *, version: int | None = None
) -> Swap:
    """Offer other times for a session that is offered or agreed."""
    await require_right(deps, actor, ANSWER)
    return await _change(
        deps, actor, swap_id, lambda swap, at: planning.move(swap, session_id, meeting, by=actor.id, at=at), version
    )


async def place_session(
    deps: Deps, actor: User, swap_id: str, session_id: str, meeting: Meeting, *, version: int | None = None
) -> Swap:
    """Say where a session is: online, with a link or without, or at a place. Raises NotFound, Invalid, Conflict."""
    await require_right(deps, actor, ANSWER)
    return await _change(
        deps, actor, swap_id, lambda swap, at: planning.place(swap, session_id, meeting, by=actor.id, at=at), version
    )


async def call_off_session(
    deps: Deps, actor: User, swap_id: str, session_id: str, *, version: int | None = None
) -> Swap:
    """Call a session off before it starts; repeating it is no error."""
    await require_right(deps, actor, ANSWER)
    return await _change(
        deps, actor, swap_id, lambda swap, at: planning.call_off(swap, session_id, by=actor.id, at=at), version
    )


async def confirm_session(
    deps: Deps, actor: User, swap_id: str, session_id: str, *, version: int | None = None
) -> Swap:
    """Say that one will be at an agreed session; repeating it is no error. Raises NotFound, Conflict."""
    await require_right(deps, actor, ANSWER)
    return await _change(
        deps, actor, swap_id, lambda swap, at: planning.confirm(swap, session_id, by=actor.id, at=at), version
    )


async def answer_session(
    deps: Deps,
    actor: User,
    swap_id: str,
    session_id: str,
    said: str,
    *,
    legs: tuple[int, ...] = (),
    reason: str = "",
    version: int | None = None,
) -> Swap:
    """Say whether a session took place: "yes" (with the legs that did), "moved" or "no" (with a private reason)."""
    await require_right(deps, actor, ANSWER)

    def answered(swap: Swap, at: datetime) -> Swap:
        return outcomes.answer(swap, session_id, Answer(actor.id, said, at, legs=legs, reason=reason))

    return await _change(deps, actor, swap_id, answered, version)


async def arrange_sessions(deps: Deps, actor: User, swap_id: str, *, version: int | None = None) -> Swap:
    """Say that the two arrange their sessions by themselves; they are asked later whether they have met."""
    await require_right(deps, actor, ANSWER)
    return await _change(deps, actor, swap_id, lambda swap, at: planning.arrange(swap, by=actor.id, at=at), version)


async def have_not_met_yet(deps: Deps, actor: User, swap_id: str, *, version: int | None = None) -> Swap:
    """Say that there was no session yet, but will be."""
    await require_right(deps, actor, ANSWER)
    return await _change(deps, actor, swap_id, lambda swap, at: planning.not_yet(swap, by=actor.id, at=at), version)


async def finish_swap(deps: Deps, actor: User, swap_id: str, *, version: int | None = None) -> Swap:
    """Say that one is done with a swap; the last one completes it. Raises Conflict before anything has been held."""
    await require_right(deps, actor, ANSWER)
    return await _change(deps, actor, swap_id, lambda swap, at: outcomes.done(swap, by=actor.id, at=at), version)


async def make_statement(deps: Deps, actor: User, swap_id: str, text: str, *, version: int | None = None) -> Swap:
    """Say one's side of a dispute, for the moderators. Raises Invalid, Conflict."""
    await require_right(deps, actor, ANSWER)
    return await _change(deps, actor, swap_id, lambda swap, at: outcomes.state(swap, text, by=actor.id, at=at), version)


async def list_sessions(
    deps: Deps, actor: User, *, since: datetime, until: datetime, limit: int = MAX_LISTED
) -> list[SwapSession]:
    """Return the actor's sessions that are offered or agreed, or were, between two times, in order."""
    swaps = await deps.store.swaps.with_sessions(actor.id, since=since, until=until)
    found = [SwapSession(swap, session) for swap in swaps for session in sessions_of(swap, actor.id)]
    placed = [one for one in found if (one.session.starts_at or one.session.slots) and since <= one.at < until]
    return sorted(placed, key=lambda one: one.at)[:limit]


async def list_upcoming(deps: Deps, actor: User, *, limit: int = 10) -> list[SwapSession]:
    """Return the actor's sessions that are agreed and not over, or offered, in order."""
    now = deps.now()
    swaps = await deps.store.swaps.list_of(actor.id, statuses=[ACCEPTED], with_circles=True)
    found = [SwapSession(swap, session) for swap in swaps for session in sessions_of(swap, actor.id)]
    upcoming = [one for one in found if one.session.is_upcoming and not one.session.is_over(now)]
    return sorted(upcoming, key=lambda one: one.next_start(now))[:limit]


async def get_session(deps: Deps, actor: User, swap_id: str, session_id: str) -> SwapSession:
    """Return a session of the actor's. Raises NotFound."""
    swap = await get_swap(deps, actor, swap_id)
    found = next((session for session in sessions_of(swap, actor.id) if session.id == session_id), None)
    if found is None:
        raise NotFound("session.no_such_session")
    return SwapSession(swap, found)


async def _change(
    deps: Deps,
    actor: User,
    swap_id: str,
    change: Callable[[Swap, datetime], Swap],
    version: int | None = None,
) -> Swap:
    """Apply a change by compare-and-set, with the deliveries of what it brings; anew when another one was faster.

    With `version` the change is made to that version alone. Raises what the change raises, and Conflict.
    """
    for _ in range(MAX_TRIES):
        swap = await get_swap(deps, actor, swap_id)
        if version is not None and version != swap.version:
            raise Conflict("swap.changed", current=swap)
        after = change(swap, deps.now())
        if after is swap:
            return swap
        if await deps.store.swaps.replace(swap, after, await news_of(deps, swap, after, actor.id)):
            await note_change(deps, swap, after)
            await do_steps_of(deps, after)
            return after
    raise Conflict("swap.changed", current=await get_swap(deps, actor, swap_id))
