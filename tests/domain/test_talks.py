"""Talk in a swap: the times when its two may write, and the messages before the other one answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.circles import propose_circle
from domain.counter_offers import counter
from domain.errors import Conflict, NotFound
from domain.messages import Message
from domain.swaps import ACCEPTED, ANSWER_WITHIN, COMPLETED, EXPIRED, PENDING, PROPOSED, REJECTED, STATUSES, Swap
from domain.talks import (
    MAX_UNANSWERED,
    TALK_AFTER_END,
    actions,
    is_counted,
    is_talk_open,
    require_answered,
    require_talk,
)
from tests.domain.test_circles import ANA, NOON, PARTS
from tests.domain.test_swaps import ASKER, AT, PARTNER, STRANGER, request, swap_in

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("status", STATUSES)
def test_a_conversation_is_open_while_something_is_and_two_weeks_after_most_ends(status: str) -> None:
    swap = replace(request(), status=status)
    ends = AT + TALK_AFTER_END
    is_after = status in (REJECTED, EXPIRED, COMPLETED)
    assert is_talk_open(swap, ends - SECOND) == (status in (PENDING, ACCEPTED) or is_after)
    assert is_talk_open(swap, ends) == (status in (PENDING, ACCEPTED))
    assert ("chat" in actions(swap, ASKER, AT)) == is_talk_open(swap, AT)
    assert "chat" not in actions(swap, STRANGER, AT)
    with pytest.raises(NotFound):
        require_talk(swap, STRANGER, AT)
    if status not in (PENDING, ACCEPTED):
        with pytest.raises(Conflict, match=r"chat\.closed"):
            require_talk(swap, ASKER, ends)
    assert not is_talk_open(replace(swap, is_parted=True), AT) or status == ACCEPTED


def test_a_circle_that_is_not_closed_has_no_conversation() -> None:
    swap = propose_circle(circle_id="e" * 24, parts=PARTS, at=NOON)
    assert swap.status == PROPOSED
    for status in (PROPOSED, REJECTED, EXPIRED):
        assert not is_talk_open(replace(swap, status=status), NOON)
        assert "chat" not in actions(replace(swap, status=status), ANA, NOON)


def written(swap: Swap, *authors: str, minutes: int = 1) -> list[Message]:
    """The last messages of the conversation, one a minute."""
    return [
        Message(f"{n}", swap.id, n, by, "", "Hm?", f"c-{n}", "web", AT + timedelta(minutes=minutes * n))
        for n, by in enumerate(authors, 1)
    ][-MAX_UNANSWERED:]


def is_free(swap: Swap, by: str, *authors: str) -> bool:
    try:
        require_answered(swap, by, written(swap, *authors))
    except Conflict:
        return False
    return True


def test_three_messages_in_a_row_wait_for_an_answer() -> None:
    swap = request()
    assert is_free(swap, ASKER, ASKER, ASKER)
    assert not is_free(swap, ASKER, ASKER, ASKER, ASKER)
    assert is_free(swap, ASKER, ASKER, ASKER, PARTNER, ASKER, ASKER)
    assert is_free(swap, PARTNER, ASKER, ASKER, ASKER)


def test_who_has_to_answer_writes_freely_and_everybody_does_once_it_runs() -> None:
    swap = request()
    assert (is_counted(swap, ASKER), is_counted(swap, PARTNER)) == (True, False)
    turned = counter(swap, by=PARTNER, offered_skill="Guitar", wanted_skill="Go", message="", at=AT)
    assert (is_counted(turned, ASKER), is_counted(turned, PARTNER)) == (False, True)
    assert not is_counted(swap_in(ACCEPTED), ASKER)
    assert not is_counted(replace(swap, status=COMPLETED), ASKER)
    assert is_counted(swap_in(REJECTED), PARTNER)


def test_a_no_is_an_answer_and_an_expiry_is_none() -> None:
    later = AT + timedelta(hours=1)
    asked = (ASKER,) * MAX_UNANSWERED
    assert is_free(request().reject(by=PARTNER, at=later), ASKER, *asked)
    assert not is_free(request().expire(at=AT + ANSWER_WITHIN), ASKER, *asked)
