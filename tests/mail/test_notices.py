"""Mail for users without Telegram: requests, answers and unread messages, each once and with a link to unsubscribe."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest

from domain.alerts import LIVES, Alert
from domain.events import EVENTS, SWAP_PROPOSED, UNREAD_FOR
from domain.languages import LOCALES
from domain.swaps import ACCEPTED
from domain.users import ProfileChanges, User
from handlers.alerts import add_alert, end_due_alerts, look_for_alerts
from handlers.auth.providers import Providers
from handlers.messages import Draft, send_message
from handlers.notifications import claim_delivery, finish_delivery, mark_unreachable
from handlers.reads import mark_read
from handlers.runtime.change_feed import ChangeFeed
from handlers.runtime.deps import Deps
from handlers.runtime.texts import load_texts
from handlers.swaps import answer_swap, cancel_swap
from handlers.unsubscribe import unsubscribe_link
from handlers.users import get_user, update_profile
from mail import worker
from mail.notices import MAX_NAMED, alert_notice
from mail.notifications import MAX_MESSAGES
from mail.worker import MailWorker
from tests.api.auth.nextauth.conftest import Browser, Post
from tests.factories import Clock, MakeSwap, MakeUser, insert_swap
from tests.waiting import eventually

ADA, BEN = "ada@example.org", "ben@example.org"


@pytest.fixture
def clock(deps: Deps) -> Clock:
    return Clock(deps.now)


@pytest.fixture
def mailing(deps: Deps, clock: Clock) -> Deps:
    """`deps` with a mail server and a clock that can be advanced."""
    return replace(deps, has_mail=True, now=clock)


@pytest.fixture
async def runner(mailing: Deps, providers: Providers, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MailWorker]:
    monkeypatch.setattr(worker, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(worker, "SWEEP_EVERY", 0.05)
    runner = MailWorker(mailing, providers.mailer, providers.sealed_cookies, worker="mail")
    runner.start()
    yield runner
    await runner.stop()


async def until_mailed(deps: Deps) -> None:
    async def is_empty() -> bool:
        return not (await deps.store.outbox.counts())["queued"]

    await eventually(is_empty)


async def send_unlimited(deps: Deps, sender: User, swap_id: str, text: str) -> None:
    """Send a message without the rate limit."""
    deps.rates._full_again.clear()
    await send_message(deps, sender, Draft(swap_id, text, "web"))


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


@pytest.mark.usefixtures("runner")
async def test_request_is_mailed_unless_withdrawn(mailing: Deps, clock: Clock, post: Post, make_user: MakeUser) -> None:
    ada, ben, eve = await make_user("Ada"), await make_user("Ben", email=BEN), await make_user("Eve")
    await insert_swap(mailing, ada, ben, message="Shall we <b>try</b>?")
    taken_back = await insert_swap(mailing, eve, ben, offered_skill=eve.skills_offered[0])
    await cancel_swap(mailing, eve, taken_back.id)
    clock.ahead = timedelta(minutes=1)
    await until_mailed(mailing)
    (one,) = post.mails
    assert (one["To"], one["Subject"]) == (BEN, "Ada would like to swap with you")
    assert "Shall we <b>try</b>?" in text_of(one)
    html = one.get_body(("html",))
    assert html is not None
    assert "Shall we &lt;b&gt;try&lt;/b&gt;?" in html.get_content()


@pytest.mark.usefixtures("runner")
async def test_a_mailed_request_names_skills_in_the_readers_language(
    mailing: Deps, clock: Clock, post: Post, make_user: MakeUser
) -> None:
    ada = await make_user("Ada", skills_offered=("Gitarre",), skills_wanted=("js",))
    ben = await make_user("Ben", skills_offered=("js",), skills_wanted=("guitar",), email=BEN, locale="es")
    await insert_swap(mailing, ada, ben)
    clock.ahead = timedelta(minutes=1)
    await until_mailed(mailing)
    (one,) = post.mails
    assert "Guitarra (Gitarre)" in text_of(one)
    assert "JavaScript (js)" in text_of(one)


@pytest.mark.usefixtures("runner")
async def test_a_mailed_request_says_what_the_asker_saw_and_leads_to_its_page(
    mailing: Deps, clock: Clock, post: Post, make_user: MakeUser
) -> None:
    ada = await make_user("Ada", location="<i>Lisbon", availability="weekday evenings", email=ADA, locale="de")
    ben = await make_user("Ben", availability="weekday evenings", email=BEN)
    swap = await insert_swap(mailing, ada, ben)
    clock.ahead = timedelta(minutes=1)
    await until_mailed(mailing)
    (one,) = post.mails
    for line in ("📍 <i>Lisbon", "You are both free: weekday evenings", "Language: German", "⏳ Answer by "):
        assert line in text_of(one)
    assert f"/swaps/{swap.id}\r\n" in text_of(one)
    assert ADA not in text_of(one)
    html = one.get_body(("html",))
    assert html is not None
    assert "📍 &lt;i&gt;Lisbon<br>" in html.get_content()


async def test_mail_queued_by_another_process_is_sent_as_soon_as_it_is_due(
    deps: Deps, providers: Providers, post: Post, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(worker, "SWEEP_EVERY", 3600.0)
    soon = replace(EVENTS[SWAP_PROPOSED], mail_after=timedelta(seconds=1))
    monkeypatch.setattr("domain.events.EVENTS", {**EVENTS, SWAP_PROPOSED: soon})
    mailing = replace(deps, has_mail=True)
    mail, feed = MailWorker(mailing, providers.mailer, providers.sealed_cookies, worker="mail"), ChangeFeed(mailing)
    feed.subscribe(mail.on_change)
    mail.start()
    feed.start()
    await eventually(lambda: feed.is_live)
    await asyncio.sleep(0.2)  # the worker has found nothing due
    await insert_swap(mailing, await make_user("Ada"), await make_user("Ben", email=BEN))
    await asyncio.sleep(0.5)
    assert post.mails == []
    await asyncio.wait_for(until_mailed(mailing), 3)
    assert [mail["To"] for mail in post.mails] == [BEN]
    await feed.stop()
    await mail.stop()


@pytest.mark.usefixtures("runner")
async def test_unread_messages_are_mailed_together_and_read_ones_not_at_all(
    mailing: Deps, clock: Clock, post: Post, make_user: MakeUser
) -> None:
    ada, ben = await make_user("Ada", email=ADA), await make_user("Ben", email=BEN, locale="es")
    swap = await insert_swap(mailing, ada, ben, status="accepted")
    clock.ahead = timedelta(minutes=1)
    await until_mailed(mailing)
    post.mails.clear()
    for number in range(4):
        await send_message(mailing, ada, Draft(swap.id, f"word {number}", "web"))
    await mark_read(mailing, ben, swap.id, 2)
    clock.ahead += UNREAD_FOR
    await until_mailed(mailing)
    (one,) = post.mails
    assert one["Subject"] == "2 mensajes de Ada"
    assert "word 1" not in text_of(one)
    assert text_of(one).index("word 2") < text_of(one).index("word 3")
    assert f"/chats/{swap.id}\r\n" in text_of(one)

    await send_message(mailing, ben, Draft(swap.id, "read at once", "web"))
    await mark_read(mailing, ada, swap.id, 5)
    clock.ahead += UNREAD_FOR
    await until_mailed(mailing)
    assert len(post.mails) == 1


@pytest.mark.usefixtures("runner")
async def test_message_never_marked_as_read_is_mailed_once(
    mailing: Deps, clock: Clock, post: Post, make_user: MakeUser
) -> None:
    ada, ben = await make_user("Ada", email=ADA), await make_user("Ben", email=BEN)
    swap = await insert_swap(mailing, ada, ben, status="accepted")
    clock.ahead = timedelta(minutes=1)
    await until_mailed(mailing)
    post.mails.clear()
    quiet = replace(mailing, has_mail=False)
    for number in range(MAX_MESSAGES + 1):  # not mailed: they fill the conversation only
        await send_unlimited(quiet, ben, swap.id, f"mine {number}")
    for number in range(2):
        await send_message(mailing, ada, Draft(swap.id, f"word {number}.", "web"))
        clock.ahead += UNREAD_FOR
        await until_mailed(mailing)
    assert [one["Subject"] for one in post.mails] == ["A message from Ada"] * 2
    assert "word 0." in text_of(post.mails[0])
    assert "word 1." in text_of(post.mails[1])
    assert "word 0." not in text_of(post.mails[1])

    for number in range(MAX_MESSAGES + 3):
        await send_unlimited(mailing, ada, swap.id, f"much {number}.")
    clock.ahead += UNREAD_FOR
    await until_mailed(mailing)
    (_, _, long) = post.mails
    assert long["Subject"] == f"{MAX_MESSAGES + 3} messages from Ada"
    assert f"much {MAX_MESSAGES - 1}." in text_of(long)
    assert f"much {MAX_MESSAGES}." not in text_of(long)
    assert "…and 3 more in the chat." in text_of(long)


@pytest.mark.usefixtures("runner")
async def test_mail_refused_permanently_is_dead_lettered(
    mailing: Deps, clock: Clock, post: Post, make_user: MakeUser
) -> None:
    post.refuses = True
    await insert_swap(mailing, await make_user(), await make_user(email=BEN))
    clock.ahead = timedelta(minutes=1)
    await until_mailed(mailing)
    (dead,) = await mailing.store.outbox.list_deliveries("dead", limit=10)
    assert (dead.channel, dead.reason) == ("mail", "refused by the mail server")


@pytest.mark.usefixtures("runner")
async def test_user_whom_telegram_does_not_reach_is_mailed(
    mailing: Deps, clock: Clock, post: Post, make_user: MakeUser
) -> None:
    ada, ben = await make_user("Ada", telegram_id=True), await make_user("Ben", telegram_id=True, email=BEN)
    await insert_swap(mailing, ada, ben)
    delivery = await claim_delivery(mailing, "bot", set())
    assert delivery is not None
    await mark_unreachable(mailing, delivery)
    clock.ahead = timedelta(minutes=1)
    await until_mailed(mailing)
    assert [one["To"] for one in post.mails] == [BEN]
    assert not (await get_user(mailing, ben.id)).telegram_reachable


@pytest.mark.usefixtures("runner")
async def test_alert_is_mailed_to_a_user_without_telegram(
    mailing: Deps, clock: Clock, post: Post, make_user: MakeUser
) -> None:
    ada = await make_user(email=ADA)
    ben = await make_user("Ben", skills_offered=("Chess",))
    await add_alert(mailing, ada, "Violin")
    await update_profile(mailing, ben, ProfileChanges(skills_offered=("Violin",)))
    assert await look_for_alerts(mailing) == 1
    await until_mailed(mailing)
    clock.ahead = LIVES + timedelta(days=1)
    assert await end_due_alerts(mailing) == 1
    await until_mailed(mailing)
    found, ended = post.mails
    assert (found["To"], found["Subject"]) == (ADA, "Somebody teaches Violin now")
    assert "Now teaching Violin: Ben." in text_of(found)
    assert "/alerts\r\n" in text_of(found)
    assert (ended["To"], ended["Subject"]) == (ADA, "Your alert for Violin has ended")


async def test_user_without_notifications_or_address_gets_no_mail(mailing: Deps, make_user: MakeUser) -> None:
    ada = await make_user(email=ADA, notifications=False)
    other = await make_user()
    await insert_swap(mailing, other, ada)
    await insert_swap(mailing, await make_user(email=BEN), other)
    assert (await mailing.store.outbox.counts())["queued"] == 0


@pytest.mark.usefixtures("runner")
async def test_one_click_unsubscribe_ends_the_mails(
    mailing: Deps, clock: Clock, post: Post, make_user: MakeUser, browsers: Callable[[], Browser]
) -> None:
    ben = await make_user(email=BEN)
    await insert_swap(mailing, await make_user(), ben)
    clock.ahead = timedelta(minutes=1)
    await until_mailed(mailing)
    (one,) = post.mails
    assert one["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = one["List-Unsubscribe"].strip("<>")
    browser = browsers()
    await browser.get(link)
    assert (browser.status, (await get_user(mailing, ben.id)).notifications) == (200, True)
    await browser.post(link.replace("token=", "token=x"))
    assert (browser.status, (await get_user(mailing, ben.id)).notifications) == (404, True)
    await browser.post(link, {"List-Unsubscribe": "One-Click"})
    assert (browser.status, (await get_user(mailing, ben.id)).notifications) == (200, False)


async def test_unsubscribe_page_is_in_the_language_of_the_browser(
    mailing: Deps, providers: Providers, make_user: MakeUser, browsers: Callable[[], Browser]
) -> None:
    ben, browser = await make_user(email=BEN), browsers()
    browser.session.headers["Accept-Language"] = "fr-CA, en;q=0.3"
    link = unsubscribe_link(mailing, providers.sealed_cookies, ben)
    page = await browser.get(link)
    assert '<html lang="fr">' in page
    assert "Plus de courriels\u202f?" in page
    assert "Tu ne recevras plus de courriels." in await browser.post(link)
    assert "Ce lien ne fonctionne pas" in await browser.post(link.replace("token=", "token=x"))


async def test_queued_mail_does_not_delay_telegram(mailing: Deps, make_user: MakeUser, make_swap: MakeSwap) -> None:
    ada, ben = await make_user(), await make_user(email=BEN)
    swap = await insert_swap(mailing, ada, ben, status="accepted")
    await send_message(mailing, ada, Draft(swap.id, "by mail", "web"))
    await mailing.store.users.attach(ben.id, "telegram_id", 777)
    mailing.store.users.cache.clear()
    await send_message(mailing, ada, Draft(swap.id, "by Telegram", "web"))
    delivery = await claim_delivery(mailing, "bot", set())
    assert delivery is not None
    assert delivery.channel == "telegram"
    await finish_delivery(mailing, delivery, is_sent=True)
    assert await update_profile(mailing, ben, ProfileChanges(notifications=True))


SUBJECTS = {
    "en": ("Ada would like to swap with you", "A message from Ada"),
    "es": ("Ada quiere hacer un intercambio contigo", "Un mensaje de Ada"),
    "de": ("Ada möchte mit dir tauschen", "Eine Nachricht von Ada"),
    "fr": ("Ada aimerait faire un échange avec toi", "Nouveau message : Ada"),
}


@pytest.mark.usefixtures("runner")
@pytest.mark.parametrize("locale", LOCALES)
async def test_mail_is_in_the_language_of_its_recipient(
    mailing: Deps, clock: Clock, post: Post, make_user: MakeUser, locale: str
) -> None:
    ada, ben = await make_user("Ada", email=ADA), await make_user("Ben", email=BEN, locale=locale)
    swap = await insert_swap(mailing, ada, ben)
    clock.ahead = timedelta(minutes=1)
    await until_mailed(mailing)
    await answer_swap(mailing, ben, swap.id, ACCEPTED)
    await send_unlimited(mailing, ada, swap.id, "Hello!")
    clock.ahead += UNREAD_FOR
    await until_mailed(mailing)
    mails = [one for one in post.mails if one["To"] == BEN]
    assert tuple(one["Subject"] for one in mails) == SUBJECTS[locale]
    for mail in mails:
        html = mail.get_body(("html",))
        assert html is not None
        assert f'<html lang="{locale}">' in html.get_content()
        assert mailing.texts[locale].plain("mail.stop") in text_of(mail)


async def test_mail_names_some_users_and_counts_the_others(make_user: MakeUser) -> None:
    ada = await make_user(email=ADA, locale="de")
    alert = Alert("1", ada.id, "violin", "Geige", ada.created_at, ada.created_at)
    for others, rest in ((1, "eine weitere Person"), (3, "3 weitere")):
        names = [f"P{number}" for number in range(MAX_NAMED + others)]
        (_, text), *_ = alert_notice(load_texts()[ada.locale], alert, names).paragraphs
        assert text.endswith(f"P{MAX_NAMED - 1} und {rest}.")
