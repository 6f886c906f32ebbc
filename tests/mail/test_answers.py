"""Letters of the organisers by mail: whoever has no Telegram answers by the link in them, signed in or not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from domain.users import MODERATOR
from handlers import standing
from handlers.correspondence import get_correspondence, write_as_organisers
from handlers.runtime.deps import Deps
from handlers.users import delete_account
from tests.api.auth.nextauth.conftest import Browser, Post
from tests.factories import Clock, MakeUser
from tests.mail.test_notices import BEN, clock, mailing, runner, text_of, until_mailed

__all__ = ["clock", "mailing", "runner"]  # fixtures

pytestmark = pytest.mark.usefixtures("runner")
LINK = re.compile(r"http\S+/mail/answer\?token=\S+")


async def test_a_banned_person_without_telegram_answers_once_by_the_link_in_the_mail(
    mailing: Deps, clock: Clock, post: Post, make_user: MakeUser, browsers: Callable[[], Browser]
) -> None:
    eva, ben = await make_user("Eva", role=MODERATOR), await make_user("Ben", email=BEN)
    await standing.ban(mailing, eva, ben.id, reason="selling")
    clock.ahead = timedelta(minutes=1)
    await until_mailed(mailing)
    (one,) = post.mails
    (link,) = LINK.findall(text_of(one))
    browser = browsers()
    assert "What would you like to say to the organisers?" in await browser.get(link)
    too_long = "No, " * 1000
    assert f"{too_long}</textarea>" in await browser.post(link, {"text": too_long})
    assert browser.status == 422
    await browser.post(link, {"text": " "})
    assert browser.status == 422
    assert "The organisers will read it." in await browser.post(link, {"text": "That was <b>not</b> me."})
    assert "There is nothing to answer" in await browser.get(link)
    await browser.post(link, {"text": "Really not."})
    assert browser.status == 409
    known = await get_correspondence(mailing, eva, ben.id)
    assert [(entry.by, entry.text) for entry in known.entries] == [("", "That was <b>not</b> me.")]

    await write_as_organisers(mailing, eva, ben.id, "We look again.")
    await until_mailed(mailing)
    (again,) = LINK.findall(text_of(post.mails[-1]))
    assert "The organisers will read it." in await browser.post(again, {"text": "Thank you."})


async def test_a_link_that_is_none_or_of_somebody_who_has_left_says_so(
    mailing: Deps, clock: Clock, post: Post, make_user: MakeUser, browsers: Callable[[], Browser]
) -> None:
    eva, ben = await make_user("Eva", role=MODERATOR), await make_user("Ben", email=BEN)
    await standing.warn(mailing, eva, ben.id, reason="rude")
    clock.ahead = timedelta(minutes=1)
    await until_mailed(mailing)
    (link,) = LINK.findall(text_of(post.mails[0]))
    browser = browsers()
    for spoilt in (link.replace("token=", "token=x"), link.partition("?")[0]):
        assert "This link does not work any more." in await browser.get(spoilt)
        assert browser.status == 404
    await delete_account(mailing, ben)
    await browser.post(link, {"text": "Hello?"})
    assert browser.status == 404
