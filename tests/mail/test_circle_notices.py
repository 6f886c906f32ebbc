"""Circle mails for users without Telegram: invitation, closed circle, new candidate."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.circle_views import CircleView
from domain.users import ProfileChanges, User
from handlers.circle_news import look_for_circles
from handlers.circles import ask_circle, decline_circle, join_circle
from handlers.runtime.deps import Deps
from handlers.users import update_profile
from tests.api.auth.nextauth.conftest import Post
from tests.factories import Clock, MakeUser, list_possible
from tests.mail.test_notices import clock, mailing, runner, text_of, until_mailed

__all__ = ["clock", "mailing", "runner"]  # fixtures

LI, NOOR = "li@example.org", "noor@example.org"


@pytest.fixture
async def trio(make_user: MakeUser) -> tuple[User, User, User]:
    return (
        await make_user("Ana Alvarez", skills_offered=("Guitar",), skills_wanted=("Chinese",)),
        await make_user("Li", skills_offered=("Python",), skills_wanted=("Guitar",), email=LI),
        await make_user("Noor", skills_offered=("Chinese",), skills_wanted=("Python",), email=NOOR, locale="es"),
    )


async def ask(deps: Deps, actor: User) -> CircleView:
    (possible,) = await list_possible(deps, actor)
    return await ask_circle(deps, actor, possible.id)


@pytest.mark.usefixtures("runner")
async def test_invitation_and_closed_circle_are_mailed(
    mailing: Deps, clock: Clock, post: Post, trio: tuple[User, User, User]
) -> None:
    ana, li, noor = trio
    circle = await ask(mailing, ana)
    clock.ahead = timedelta(minutes=1)
    await until_mailed(mailing)
    asked = {one["To"]: one for one in post.mails}
    assert asked[LI]["Subject"] == "A circle of three is waiting for you"
    assert "Ana would teach you Guitar, you would teach Noor Python" in text_of(asked[LI])
    assert "Noor: 🗣 Language: Spanish" in text_of(asked[LI])
    assert "⏳ Answer by" in text_of(asked[LI])
    assert f"/circles#circle-{circle.id}\r\n" in text_of(asked[LI])
    assert asked[NOOR]["Subject"] == "Un círculo de tres te espera"
    assert "Alvarez" not in text_of(asked[LI]) + text_of(asked[NOOR])
    for person in (li, noor):
        circle = await join_circle(mailing, person, circle.id, version=1)
    clock.ahead += timedelta(minutes=1)
    await until_mailed(mailing)
    assert [one["Subject"] for one in post.mails[2:]] == [
        "Your circle of three is closed"
    ]  # the member who closed it gets no mail
    assert "Ana teaches you Guitar, and you teach Noor Python." in text_of(post.mails[2])
    assert f"/swaps/{circle.id}\r\n" in text_of(post.mails[2])


@pytest.mark.usefixtures("runner")
async def test_user_who_has_answered_gets_no_mail(
    mailing: Deps, clock: Clock, post: Post, trio: tuple[User, User, User]
) -> None:
    ana, li, _ = trio
    circle = await ask(mailing, ana)
    await decline_circle(mailing, li, circle.id)
    clock.ahead = timedelta(minutes=1)
    await until_mailed(mailing)
    assert [one["To"] for one in post.mails] == [NOOR]
    assert "alguien nuevo" in text_of(post.mails[0])


@pytest.mark.usefixtures("runner")
async def test_circle_candidate_is_mailed_to_the_user_who_made_it_possible(
    mailing: Deps, clock: Clock, post: Post, trio: tuple[User, User, User]
) -> None:
    await update_profile(mailing, trio[1], ProfileChanges(skills_offered=("Python", "Chess")))
    assert await look_for_circles(mailing) == 1
    clock.ahead = timedelta(minutes=1)
    await until_mailed(mailing)
    assert [(one["To"], one["Subject"]) for one in post.mails] == [(LI, "A circle of three is possible")]
