"""Forms that are sent twice: carried out once, also without scripts."""

from __future__ import annotations

import asyncio
import re

from jinja2 import Environment

from api.pages.layout import FOLDER
from api.pages.once import OnceExtension
from domain.users import ADMIN
from handlers.invites import list_invites
from handlers.runtime.deps import Deps
from tests.api.pages.conftest import Get, Post, values_of
from tests.factories import MakeUser


async def test_a_form_that_is_sent_twice_is_carried_out_once(
    deps: Deps, make_user: MakeUser, read: Get, send: Post
) -> None:
    olga = await make_user("Olga", role=ADMIN)
    [once] = values_of((await read(olga, "/community/invites"))[1], "once")
    form = [("once", once), ("days", "7"), ("uses", "1")]
    first = await send(olga, "/community/invites", form)
    assert first[0] == 303
    assert await send(olga, "/community/invites", form) == first
    assert len(await list_invites(deps, olga)) == 1
    again = values_of((await read(olga, "/community/invites"))[1], "once")[-1]
    await send(olga, "/community/invites", [("once", again), ("days", "7"), ("uses", "1")])
    assert len(await list_invites(deps, olga)) == 2


async def test_a_form_that_is_sent_while_it_is_under_way_waits_for_the_answer(
    deps: Deps, make_user: MakeUser, read: Get, send: Post
) -> None:
    olga = await make_user("Olga", role=ADMIN)
    [once] = values_of((await read(olga, "/community/invites"))[1], "once")
    form = [("once", once), ("days", "7"), ("uses", "1")]
    answers = await asyncio.gather(*(send(olga, "/community/invites", form) for _ in range(5)))
    assert len(set(answers)) == 1
    assert answers[0][0] == 303
    assert len(await list_invites(deps, olga)) == 1


async def test_a_form_that_was_refused_may_be_sent_again_and_another_one_is_another(
    deps: Deps, make_user: MakeUser, read: Get, send: Post
) -> None:
    olga = await make_user("Olga", role=ADMIN)
    for days, status, count in (("0", 422, 0), ("0", 422, 0), ("7", 303, 1), ("3", 303, 2)):
        fields = [("once", "the same number"), ("days", days), ("uses", "1")]
        assert (await send(olga, "/community/invites", fields))[0] == status
        assert len(await list_invites(deps, olga)) == count


async def test_the_number_of_a_form_is_its_readers_alone(make_user: MakeUser, deps: Deps, send: Post) -> None:
    form = [("once", "seen over a shoulder"), ("days", "7"), ("uses", "1")]
    for olga in (await make_user("Olga", role=ADMIN), await make_user("Otto", role=ADMIN)):
        assert (await send(olga, "/community/invites", form))[0] == 303
        assert len([one for one in await list_invites(deps, olga) if one.by == olga.id]) == 1


def test_every_form_that_posts_to_a_page_has_a_number() -> None:
    forms = [
        (file.name, form)
        for file in FOLDER.glob("*.html")
        for form in re.findall(r"<form[^>]*>", file.read_text())
        if 'method="post"' in form
    ]
    assert len(forms) > 20
    signing_in, photos = (
        {"asked.html", "sign_in.html", "community.html"},
        {"community_edit.html", "part_photo.html", "chat.html"},
    )
    extended = OnceExtension(Environment()).preprocess
    left_out = {name for name, form in forms if "once()" not in extended(form, name)}
    assert {name for name, form in forms if "drawn_for" not in extended(form, name)} == signing_in
    assert left_out == signing_in | photos
