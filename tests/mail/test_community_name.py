"""Mails are in the name of the community, as soon as an admin has given it one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.community import CommunityChanges
from domain.users import ADMIN
from handlers.auth.providers import Providers
from handlers.auth.sign_in_mail import send_link
from handlers.community import change_community
from handlers.runtime.deps import Deps
from tests.api.auth.nextauth.conftest import Post
from tests.factories import Clock, MakeUser, insert_swap
from tests.mail.test_notices import BEN, clock, mailing, runner, text_of, until_mailed

__all__ = ["clock", "mailing", "runner"]  # fixtures


@pytest.mark.usefixtures("runner")
async def test_a_notice_says_which_community_it_comes_from(
    mailing: Deps, clock: Clock, post: Post, make_user: MakeUser
) -> None:
    await change_community(mailing, await make_user(role=ADMIN), CommunityChanges(name="Harbour <b>"))
    await insert_swap(mailing, await make_user("Ada"), await make_user("Ben", email=BEN))
    clock.ahead = timedelta(minutes=1)
    await until_mailed(mailing)
    (one,) = post.mails
    assert "you take part in Harbour <b> at" in text_of(one)
    html = one.get_body(("html",))
    assert html is not None
    assert "Open Harbour &lt;b&gt;" in html.get_content()


async def test_a_sign_in_link_says_what_it_opens(
    deps: Deps, providers: Providers, post: Post, make_user: MakeUser
) -> None:
    await change_community(deps, await make_user(role=ADMIN), CommunityChanges(name="Harbour <b>"))
    await send_link(deps, providers, BEN, callback_url=deps.public_url, client="")
    (one,) = post.mails
    assert one["Subject"].startswith("Sign in to Harbour <b> (")
    html = one.get_body(("html",))
    assert html is not None
    assert "Sign in to Harbour" in html.get_content()
    assert "Harbour <b>" not in html.get_content()
