"""The mail worker: deliveries without a handler."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.deliveries import DEAD, MAIL
from domain.events import SWAP_CANCELLED, SWAP_PROPOSED
from handlers.dead_letters import list_deliveries
from handlers.notifications import deliveries_to
from handlers.runtime.deps import Deps
from tests.api.auth.nextauth.conftest import Post
from tests.factories import Clock, MakeUser, insert_swap
from tests.mail.test_notices import BEN, clock, mailing, runner, until_mailed

__all__ = ["clock", "mailing", "runner"]  # fixtures


@pytest.mark.usefixtures("runner")
async def test_event_of_another_version_is_dead_lettered_with_one_warning(
    mailing: Deps, clock: Clock, post: Post, make_user: MakeUser, caplog: pytest.LogCaptureFixture
) -> None:
    ada, ben = await make_user(), await make_user(email=BEN)
    swap = await insert_swap(mailing, ada, ben)
    (known,) = await deliveries_to(mailing, [ben.id], SWAP_PROPOSED)
    unknown = replace(known, id=f"swap.reviewed:{known.id}", event="swap.reviewed", due_at=mailing.now())
    cancelled = swap.cancel(by=ada.id, at=mailing.now())  # what was mailed of the request is skipped
    assert await mailing.store.swaps.replace(swap, cancelled, [unknown])
    clock.ahead = timedelta(minutes=1)
    await until_mailed(mailing)
    (dead,) = await list_deliveries(mailing, DEAD)
    assert (dead.event, dead.channel, dead.reason, dead.attempts) == ("swap.reviewed", MAIL, "unknown event", 1)
    warnings = [record for record in caplog.records if "swap.reviewed" in record.getMessage()]
    assert [record.levelname for record in warnings] == ["WARNING"]
    assert not post.mails


@pytest.mark.usefixtures("runner")
async def test_event_without_a_mail_is_skipped(mailing: Deps, clock: Clock, post: Post, make_user: MakeUser) -> None:
    ada, ben = await make_user(), await make_user(email=BEN)
    swap = await insert_swap(mailing, ada, ben)
    (known,) = await deliveries_to(mailing, [ben.id], SWAP_PROPOSED)
    silent = replace(known, id=f"silent:{known.id}", event=SWAP_CANCELLED, due_at=mailing.now())
    cancelled = swap.cancel(by=ada.id, at=mailing.now())
    assert await mailing.store.swaps.replace(swap, cancelled, [silent])
    clock.ahead = timedelta(minutes=1)
    await until_mailed(mailing)
    assert not await list_deliveries(mailing, DEAD)
    assert not post.mails


@pytest.mark.usefixtures("runner")
@pytest.mark.parametrize("stored", ["Ben@München.de", "ben@xn--mnchen-3ya.de"])
async def test_an_address_with_letters_in_its_domain_is_mailed_in_ascii(
    mailing: Deps, clock: Clock, post: Post, make_user: MakeUser, stored: str
) -> None:
    await insert_swap(mailing, await make_user(), await make_user(email=stored))
    clock.ahead = timedelta(hours=1)
    await until_mailed(mailing)
    assert post.to == [["ben@xn--mnchen-3ya.de"]]


@pytest.mark.usefixtures("runner")
@pytest.mark.parametrize("takes_letters", [True, False])
async def test_an_address_with_letters_before_the_at_sign_is_mailed_if_the_server_takes_it(
    mailing: Deps, clock: Clock, post: Post, make_user: MakeUser, takes_letters: bool
) -> None:
    post.takes_letters = takes_letters
    await insert_swap(mailing, await make_user(), await make_user(email="josé@example.org"))
    clock.ahead = timedelta(hours=1)
    await until_mailed(mailing)
    dead = [delivery.reason for delivery in await list_deliveries(mailing, DEAD)]
    assert (post.to, dead) == (([["josé@example.org"]], []) if takes_letters else ([], ["refused by the mail server"]))
