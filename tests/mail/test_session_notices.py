"""Mail about sessions: times by the reader's clock with its zone named, and a file for the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from icalendar import Calendar, Event

from domain.planning import Meeting
from domain.swaps import Swap
from domain.timetable import DECIDE_WITHIN, LAPSE_AFTER
from domain.users import User
from handlers import sessions
from handlers.runtime.deps import Deps
from handlers.swaps import Proposal, answer_swap, propose_swap
from handlers.timeline import do_due_steps
from tests.api.auth.nextauth.conftest import Post
from tests.factories import Clock, MakeUser
from tests.mail.test_notices import ADA, BEN, clock, mailing, runner, text_of, until_mailed

__all__ = ["clock", "mailing", "runner"]  # fixtures

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.usefixtures("runner")


@pytest.fixture
async def pair(make_user: MakeUser) -> tuple[User, User]:
    ada = await make_user("Ada", email=ADA, timezone="Europe/Madrid", skills_offered=("Python",))
    return ada, await make_user("Ben", email=BEN, locale="de", timezone="America/New_York", skills_offered=("Guitar",))


@pytest.fixture
async def start(mailing: Deps) -> datetime:
    return (mailing.now() + 3 * DAY).replace(hour=17, minute=0, second=0, microsecond=0)


async def asked(deps: Deps, pair: tuple[User, User], *slots: datetime) -> Swap:
    return await propose_swap(deps, pair[0], Proposal(pair[1].id, "Python", "Guitar", slots=slots))


async def mailed(deps: Deps, clock: Clock, post: Post, to: str) -> list[EmailMessage]:
    """Return the mails to this address since the last call."""
    clock.ahead += timedelta(minutes=1)
    await until_mailed(deps)
    found = [mail for mail in post.mails if mail["To"] == to]
    post.mails.clear()
    return found


def entry(mail: EmailMessage) -> Event:
    (part,) = mail.iter_attachments()
    assert part.get_content_type() == "text/calendar"
    assert (part.get_param("method"), part.get_param("charset")) == ("PUBLISH", "utf-8")
    assert part.get_filename() == "session.ics"
    (event,) = Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")
    return event


def subjects(mails: Sequence[EmailMessage]) -> list[str]:
    return [mail["Subject"] for mail in mails]


async def test_a_yes_with_a_date_is_mailed_with_its_file(
    mailing: Deps, clock: Clock, post: Post, pair: tuple[User, User], start: datetime
) -> None:
    swap = await asked(mailing, pair, start)
    await answer_swap(mailing, pair[1], swap.id, "accepted", starts_at=start)
    (yes,) = await mailed(mailing, clock, post, ADA)
    assert yes["Subject"] == "Ben said yes to your swap"
    assert "(Madrid (Spain))" in text_of(yes)
    assert entry(yes).start == start


async def test_an_agreed_moved_and_called_off_session_is_mailed_with_its_file(
    mailing: Deps, clock: Clock, post: Post, pair: tuple[User, User], start: datetime
) -> None:
    ada, ben = pair
    swap = await answer_swap(mailing, ben, (await asked(mailing, pair)).id, "accepted")
    await mailed(mailing, clock, post, ADA)
    await sessions.offer_session(
        mailing, ada, swap.id, Meeting((start,), minutes=90, link="https://meet.example.org/x")
    )
    (offered,) = await mailed(mailing, clock, post, BEN)
    assert offered["Subject"] == "Ada schlägt einen Termin vor"
    local = start.astimezone(UTC)
    assert "(New York" in text_of(offered)
    assert f"/swaps/{swap.id}\r\n" in text_of(offered)
    assert not list(offered.iter_attachments())
    await sessions.agree_session(mailing, ben, swap.id, "1", start)
    (agreed,) = await mailed(mailing, clock, post, ADA)
    first = entry(agreed)
    assert (first.start, first["status"]) == (local, "CONFIRMED")
    assert agreed["Subject"].startswith("You and Ben meet on ")
    assert "90 minutes, https://meet.example.org/x" in text_of(agreed)
    assert "Madrid" in text_of(agreed)
    await sessions.move_session(mailing, ada, swap.id, "1", Meeting((start + DAY,)))
    (moved,) = await mailed(mailing, clock, post, BEN)
    assert moved["Subject"] == "Ada möchte eure Sitzung verschieben"
    assert (entry(moved)["status"], entry(moved).start) == ("CANCELLED", start)
    await sessions.agree_session(mailing, ben, swap.id, "1", start + DAY)
    await sessions.call_off_session(mailing, ben, swap.id, "1")
    (off,) = (await mailed(mailing, clock, post, ADA))[-1:]
    assert off["Subject"] == "Your session with Ben is called off"
    last = entry(off)
    assert (last["uid"], last["status"], last["sequence"]) == (first["uid"], "CANCELLED", 4)


async def test_quick_changes_of_a_session_are_one_mail_with_what_holds_now(
    mailing: Deps, clock: Clock, post: Post, pair: tuple[User, User], start: datetime
) -> None:
    ada, ben = pair
    swap = await answer_swap(mailing, ben, (await asked(mailing, pair)).id, "accepted")
    await mailed(mailing, clock, post, ADA)
    await sessions.offer_session(mailing, ada, swap.id, Meeting((start,)))
    await sessions.move_session(mailing, ada, swap.id, "1", Meeting((start + DAY,)))
    await sessions.offer_session(mailing, ada, swap.id, Meeting((start + 2 * DAY,)))
    first, second = await mailed(mailing, clock, post, BEN)  # one for each session
    assert subjects([first, second]) == ["Ada schlägt einen Termin vor"] * 2
    assert text_of(first) != text_of(second)
    await sessions.move_session(mailing, ada, swap.id, "1", Meeting((start + 3 * DAY,)))
    (third,) = await mailed(mailing, clock, post, BEN)  # a change after the mail has a mail of its own
    assert text_of(third) != text_of(first)


async def test_what_comes_by_time_is_mailed_to_both(
    mailing: Deps, clock: Clock, post: Post, pair: tuple[User, User], start: datetime
) -> None:
    ada, ben = pair
    swap = await asked(mailing, pair, start)
    clock.ahead += 3 * DAY + HOUR  # 47 hours are left to answer
    await _sweep(mailing, clock)
    assert "Ada wartet noch auf deine Antwort" in subjects(await mailed(mailing, clock, post, BEN))
    later = (mailing.now() + 3 * DAY).replace(hour=16, minute=30, second=0, microsecond=0)
    await answer_swap(mailing, ben, swap.id, "accepted")
    await sessions.offer_session(mailing, ada, swap.id, Meeting((later,)))
    await sessions.agree_session(mailing, ben, swap.id, "1", later)
    await mailed(mailing, clock, post, ADA)
    clock.ahead += later - HOUR - mailing.now()
    await _sweep(mailing, clock)
    (soon,) = await mailed(mailing, clock, post, ADA)
    assert soon["Subject"].startswith("Your session with Ben: ")
    clock.ahead += later + 3 * HOUR - mailing.now()
    await _sweep(mailing, clock)
    assert "Did you and Ben meet?" in subjects(await mailed(mailing, clock, post, ADA))
    clock.ahead += 4 * DAY  # nobody answers
    await _sweep(mailing, clock)
    post.mails.clear()
    clock.ahead += LAPSE_AFTER
    for _ in range(4):
        await _sweep(mailing, clock)
    found = await mailed(mailing, clock, post, ADA)
    assert "Your swap with Ben has fallen asleep" in subjects(found)


async def test_a_reader_without_a_zone_reads_utc_and_one_who_wants_no_mail_gets_none(
    mailing: Deps, clock: Clock, post: Post, make_user: MakeUser, start: datetime
) -> None:
    ada = await make_user("Ada", skills_offered=("Python",), email=ADA, notifications=False)
    ben = await make_user("Ben", skills_offered=("Guitar",), email=BEN)
    swap = await answer_swap(mailing, ben, (await asked(mailing, (ada, ben))).id, "accepted")
    await sessions.offer_session(mailing, ada, swap.id, Meeting((start,)))
    (offered,) = [mail for mail in await mailed(mailing, clock, post, BEN) if "suggests" in mail["Subject"]]
    assert "UTC" in text_of(offered)
    await sessions.agree_session(mailing, ben, swap.id, "1", start)
    assert await mailed(mailing, clock, post, ADA) == []


async def test_a_dispute_is_mailed_to_both_and_then_to_the_moderators(
    mailing: Deps, clock: Clock, post: Post, make_user: MakeUser, pair: tuple[User, User]
) -> None:
    ada, ben = pair
    await make_user("Mo", email="mo@example.org", role="moderator")
    swap = await answer_swap(mailing, ben, (await asked(mailing, pair)).id, "accepted")
    start = (mailing.now() + HOUR).replace(second=0, microsecond=0)
    await sessions.offer_session(mailing, ada, swap.id, Meeting((start,)))
    await sessions.agree_session(mailing, ben, swap.id, "1", start)
    clock.ahead += 4 * HOUR
    await sessions.answer_session(mailing, ada, swap.id, "1", "yes")
    for _ in range(2):
        await sessions.answer_session(mailing, ben, swap.id, "1", "no")
    assert "You and Ben remember your session differently" in subjects(await mailed(mailing, clock, post, ADA))
    await sessions.make_statement(mailing, ada, swap.id, "I waited for an hour")
    clock.ahead += 4 * DAY
    await _sweep(mailing, clock)
    (open_,) = await mailed(mailing, clock, post, "mo@example.org")
    assert open_["Subject"] == "Ada and Ben remember a session differently"
    assert "I waited" not in open_.as_string()
    clock.ahead += DECIDE_WITHIN
    await _sweep(mailing, clock)
    assert subjects(await mailed(mailing, clock, post, BEN)) == ["Deine Sitzung mit Ada bleibt ungeklärt"]


async def _sweep(mailing: Deps, clock: Clock) -> None:
    """Do what is due, at a time that is calm for both."""
    while mailing.now().astimezone(UTC).hour not in (14, 15, 16):
        clock.ahead += timedelta(minutes=30)
    await do_due_steps(mailing)
