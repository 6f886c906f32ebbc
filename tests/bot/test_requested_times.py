"""Times in a request, in Telegram: the card names them, and a yes to one of them is a session at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.views.stamps import stamp_of
from handlers.counter_offers import CounterOffer, counter_swap
from handlers.swaps import Proposal, cancel_swap, expire_due_swaps, propose_swap

if TYPE_CHECKING:
    from bot.sandbox import Message
    from domain.swaps import Swap
    from domain.users import User
    from tests.bot.stage import Stage
    from tests.moved_clock import MoveClock

pytest_plugins = ["tests.bot.stage"]

DAY = timedelta(days=1)


async def asked(stage: Stage, ana: User, li: User) -> str:
    """Return the id of a request that names two times."""
    first = (stage.deps.now() + 3 * DAY).replace(hour=18, minute=0, second=0, microsecond=0)
    proposal = Proposal(li.id, ana.skills_offered[0], li.skills_offered[0], "Shall we?", slots=(first, first + 7 * DAY))
    return (await propose_swap(stage.deps, ana, proposal)).id


async def test_a_yes_to_one_of_the_times_is_a_session_for_both(stage: Stage, ana: User, li: User) -> None:
    swap_id = await asked(stage, ana, li)
    card = await stage.sees(li, "They suggest")
    first, second = (label for label in stage.buttons(card) if label.startswith("✅ Accept: "))
    assert first != second
    await stage.presses(li, card, first, "swapping")
    swap = await stage.deps.store.swaps.find(swap_id)
    assert swap is not None
    (session,) = swap.plan.sessions
    assert (swap.status, session.status, session.starts_at) == ("accepted", "agreed", min(swap.plan.slots))
    for person in (ana, li):
        agreed = await stage.sees(
            person, lambda message: message.from_bot and "🗓" in message.words and "60" in message.words
        )
        assert agreed
    await stage.sees(ana, "accepted")


async def test_a_time_that_has_passed_is_not_offered_and_refused_with_a_word(
    stage: Stage, ana: User, li: User, move_clock: MoveClock
) -> None:
    swap_id = await asked(stage, ana, li)
    card = await stage.sees(li, "They suggest")
    first, _ = (label for label in stage.buttons(card) if label.startswith("✅ Accept: "))
    await move_clock(days=4)
    await stage.presses(li, card, first, "They suggest")
    assert any("has passed" in toast for toast in stage.toasts(li))
    swap = await stage.deps.store.swaps.find(swap_id)
    assert swap is not None
    assert swap.status == "pending"

    def times_of(message: Message) -> list[str]:
        return [label for label in stage.buttons(message) if label.startswith("✅ Accept: ")]

    shown = await stage.sees(li, lambda message: len(times_of(message)) == 1)
    await stage.presses(li, shown, *times_of(shown), "swapping")
    swap = await stage.deps.store.swaps.find(swap_id)
    assert swap is not None
    assert [session.starts_at for session in swap.plan.sessions] == [max(swap.plan.slots)]


async def the_swap(stage: Stage) -> Swap:
    (doc,) = await stage.deps.store.database.collection("swaps").find({}).to_list(None)
    swap = await stage.deps.store.swaps.find(str(doc["_id"]))
    assert swap is not None
    return swap


async def asks(stage: Stage, ana: User) -> Message:
    """Return the question for a note to Li, whom Ana has found."""
    await stage.says(ana, "/find Python", "teaches Python")
    card = await stage.presses(ana, stage.received(ana, "teaches Python")[-1], "👤 Li", "Li teaches you: Python")
    return await stage.presses(ana, card, "🤝 Propose a swap", "short note")


def ticks(stage: Stage, message: Message) -> list[str]:
    """Return the labels of the times that are ticked."""
    return [label for label in stage.buttons(message) if label.startswith("☑️")]


async def tick(stage: Stage, user: User, message: Message) -> Message:
    """Tick the first time that has no tick."""
    number = len(ticks(stage, message)) + 1
    label = next(label for label in stage.buttons(message) if label.startswith("▫️"))
    return await stage.presses(user, message, label, lambda seen: len(ticks(stage, seen)) == number)


async def madrid_pair(stage: Stage) -> tuple[User, User]:
    """Return Ana and Li, of whom Ana is free on weekday evenings in Madrid, where both live."""
    evenings = "weekday evenings"
    return (
        await stage.person("Ana", "guitar", "Python", timezone="Europe/Madrid", availability=evenings),
        await stage.person("Li", "Python", "guitar", timezone="Europe/Madrid", availability=evenings),
    )


async def test_times_are_ticked_beside_the_note_and_sent_with_it(stage: Stage) -> None:
    ana, li = await madrid_pair(stage)
    question = await asks(stage, ana)
    assert "Madrid" in question.words
    assert sum(label.startswith("▫️") for label in stage.buttons(question)) == 3
    question = await tick(stage, ana, await tick(stage, ana, question))
    untick = ticks(stage, question)[0]
    question = await stage.presses(ana, question, untick, lambda seen: len(ticks(stage, seen)) == 1)
    label = ticks(stage, question)[0].removeprefix("☑️ ")
    sent = await stage.says(ana, "I am Ana", "Sent to Li")
    assert "I am Ana" in sent.words
    swap = await the_swap(stage)
    assert (swap.message, len(swap.plan.slots)) == ("I am Ana", 1)
    card = await stage.sees(li, "They suggest")
    await stage.presses(li, card, f"✅ Accept: {label}", "swapping")
    (session,) = (await the_swap(stage)).plan.sessions
    assert (session.status, session.starts_at) == ("agreed", swap.plan.slots[0])


async def test_times_can_be_sent_in_place_of_a_note_or_not_at_all(stage: Stage) -> None:
    ana, _ = await madrid_pair(stage)
    question = await tick(stage, ana, await asks(stage, ana))
    await stage.presses(ana, question, "📨 Send without a note", "Sent to Li")
    swap = await the_swap(stage)
    assert (swap.message, len(swap.plan.slots)) == ("", 1)


async def test_whoever_has_no_zone_is_asked_for_the_city_and_goes_on_where_they_were(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "Python")
    await stage.person("Li", "Python", "guitar", timezone="Europe/Madrid")
    question = await asks(stage, ana)
    assert not any(label.startswith("▫️") for label in stage.buttons(question))
    city = await stage.presses(ana, question, "🗓 Suggest times, too", "Which time zone are you in?")
    assert city.id == question.id
    await stage.says(ana, "Lisbon", lambda message: "🗓 Pick a time" in stage.buttons(message))
    known = stage.received(ana, "Lisbon")[-1]
    question = await stage.presses(ana, known, "🗓 Pick a time", "short note")
    question = await tick(stage, ana, question)
    await stage.says(ana, "Evenings are best", "Sent to Li")
    swap = await the_swap(stage)
    assert (swap.message, len(swap.plan.slots)) == ("Evenings are best", 1)
    person = await stage.deps.store.users.find(ana.id)
    assert person is not None
    assert person.timezone == "Europe/Lisbon"


async def test_whoever_does_not_say_their_city_picks_times_in_utc(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar", "Python")
    await stage.person("Li", "Python", "guitar")
    question = await asks(stage, ana)
    city = await stage.presses(ana, question, "🗓 Suggest times, too", "Which time zone are you in?")
    question = await stage.presses(ana, city, "🌐 Without: times in UTC", "clock of UTC")
    question = await tick(stage, ana, question)
    await stage.presses(ana, question, "📨 Send without a note", "Sent to Li")
    assert len((await the_swap(stage)).plan.slots) == 1


async def test_a_ticked_time_that_has_passed_is_left_out_and_said_so(stage: Stage, move_clock: MoveClock) -> None:
    ana, _ = await madrid_pair(stage)
    await tick(stage, ana, await asks(stage, ana))
    await move_clock(days=11)
    await stage.says(ana, "I am Ana", "Sent to Li")
    assert stage.received(ana, "has passed, so I left it out")
    swap = await the_swap(stage)
    assert (swap.message, swap.plan.slots) == ("I am Ana", ())


async def test_a_counter_offer_may_name_other_times_for_the_same_skills(stage: Stage) -> None:
    ana, li = await madrid_pair(stage)
    swap_id = await asked(stage, ana, li)
    before = (await the_swap(stage)).plan.slots
    card = await stage.sees(li, "They suggest")
    hint = await stage.presses(li, card, "🔁 Change", "nothing else to offer each other")
    question = await stage.presses(li, hint, "🗓 Same skills, other times", "suit you better")
    assert "📨 Send without a note" not in stage.buttons(question)  # the same offer would change nothing
    again = await stage.says(li, "Tuesdays are full", "suit you better")
    assert stage.received(li, "Tick at least one time first")
    question = await tick(stage, li, again)
    await stage.presses(li, question, "📨 Send with my note", "You suggested something else to Ana")
    swap = await stage.deps.store.swaps.find(swap_id)
    assert swap is not None
    assert (swap.message, swap.turn, len(swap.plan.slots)) == ("Tuesdays are full", ana.id, 1)
    assert not set(swap.plan.slots) & set(before)
    card = await stage.sees(ana, "Tuesdays are full")
    yes = next(label for label in stage.buttons(card) if label.startswith("✅ Accept: "))
    await stage.presses(ana, card, yes, "swapping")
    (session,) = (await the_swap(stage)).plan.sessions
    assert (session.status, session.starts_at) == ("agreed", swap.plan.slots[0])


async def test_other_times_that_have_passed_meanwhile_keep_the_note(stage: Stage, move_clock: MoveClock) -> None:
    ana, li = await madrid_pair(stage)
    await asked(stage, ana, li)
    card = await stage.sees(li, "They suggest")
    hint = await stage.presses(li, card, "🔁 Change", "nothing else to offer each other")
    question = await stage.presses(li, hint, "🗓 Same skills, other times", "suit you better")
    ticked = next(label for label in stage.buttons(question) if label.startswith("▫️"))
    await stage.presses(li, question, ticked, lambda message: bool(ticks(stage, message)))
    await move_clock(days=4, hours=12)  # the request still waits
    assert (await the_swap(stage)).plan.slots[-1] > stage.deps.now()
    question = await stage.says(li, "Tuesdays are full", "suit you better")
    assert stage.received(li, "The times that you had ticked have passed by now")
    assert ticks(stage, question) == []
    question = await tick(stage, li, question)
    await stage.presses(li, question, "📨 Send with my note", "You suggested something else to Ana")
    swap = await the_swap(stage)
    assert (swap.message, swap.turn, len(swap.plan.slots)) == ("Tuesdays are full", ana.id, 1)


async def test_a_counter_offer_of_other_skills_can_keep_the_times_that_were_offered(stage: Stage) -> None:
    ana = await stage.person("Ana", "guitar, singing", "Python", timezone="Europe/Madrid")
    li = await stage.person("Li", "Python", "guitar", timezone="Europe/Madrid")
    await asked(stage, ana, li)
    before = (await the_swap(stage)).plan.slots
    card = await stage.sees(li, "They suggest")
    question = await stage.presses(li, card, "🔁 Change", "What would you like to learn")
    question = await stage.presses(li, question, "singing", "why this suits you better")
    (first,) = [one.label for one in question.buttons if (one.data or "").endswith(f"tick:{stamp_of(before[0])}")]
    question = await stage.presses(li, question, first, lambda seen: len(ticks(stage, seen)) == 1)
    await stage.presses(li, question, "📨 Send without a note", "You suggested something else to Ana")
    swap = await the_swap(stage)
    assert (swap.offered_skill, swap.plan.slots) == ("singing", before[:1])


async def test_what_is_sent_again_repeats_the_times_still_to_come(
    stage: Stage, ana: User, li: User, move_clock: MoveClock
) -> None:
    await asked(stage, ana, li)
    (_, later) = (await the_swap(stage)).plan.slots
    await stage.sees(li, "They suggest")
    await move_clock(days=6)
    await expire_due_swaps(stage.deps)
    mine = await stage.sees(ana, "Li did not answer your request about Python in time")
    sent = await stage.presses(ana, mine, "🔁 Send again", "Sent to Li")
    assert "Shall we?" in sent.words
    swap = next(swap for swap in await stage.deps.store.swaps.list_of(ana.id, limit=9) if swap.status == "pending")
    assert swap.plan.slots == (later,)


async def test_whoever_asks_the_other_way_does_not_repeat_times_that_were_not_theirs(
    stage: Stage, ana: User, li: User, move_clock: MoveClock
) -> None:
    await asked(stage, ana, li)
    await stage.sees(li, "They suggest")
    await move_clock(days=6)
    await expire_due_swaps(stage.deps)
    theirs = await stage.sees(li, "Ana's request about Python has expired")
    await stage.presses(li, theirs, "🙋 Ask them instead", "Sent to Ana")
    swap = next(swap for swap in await stage.deps.store.swaps.list_of(li.id, limit=9) if swap.status == "pending")
    assert (swap.from_user_id, swap.plan.slots) == (li.id, ())


async def test_a_yes_with_a_date_leads_to_the_sessions_and_a_yes_without_one_to_a_date(stage: Stage) -> None:
    ana, li = await madrid_pair(stage)
    swap_id = await asked(stage, ana, li)
    card = await stage.sees(li, "They suggest")
    first = next(label for label in stage.buttons(card) if label.startswith("✅ Accept: "))
    await stage.presses(li, card, first, "swapping")
    news = await stage.sees(ana, "Li accepted!")
    assert stage.buttons(news)[0] == "🗓 Sessions"
    await stage.presses(ana, news, "🗓 Sessions", "Your sessions with Li")
    await cancel_swap(stage.deps, li, swap_id)
    swap = await stage.running_swap(ana, li)
    news = await stage.sees(ana, lambda message: any(swap.id in str(button.data) for button in message.buttons))
    assert stage.buttons(news)[0] == "🗓 Pick a time"


async def test_a_counter_offer_of_other_times_alone_names_no_skills_before(stage: Stage, ana: User, li: User) -> None:
    swap_id = await asked(stage, ana, li)
    await stage.sees(li, "They suggest")
    slot = (stage.deps.now() + 5 * DAY).replace(hour=17, minute=0, second=0, microsecond=0)
    offer = CounterOffer(li.skills_offered[0], ana.skills_offered[0], "Later?", slots=(slot,))
    await counter_swap(stage.deps, li, swap_id, offer)
    card = await stage.sees(ana, "Li suggests something else")
    assert "Later?" in card.words
    assert "Before" not in card.words
