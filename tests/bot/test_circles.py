"""Circles through the bot: three users close one and talk; a member who declines is replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bson import ObjectId

from domain.circles import Part, propose_circle
from domain.messages import WEB
from domain.swaps import ACCEPTED, PROPOSED
from domain.users import ProfileChanges, User
from handlers.circle_news import look_for_circles
from handlers.circles import ask_circle, decline_circle, fill_places, join_circle, list_circles
from handlers.messages import Draft, list_messages, send_message
from handlers.users import get_user, update_profile
from tests.factories import list_possible

if TYPE_CHECKING:
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]

INVITED = "A circle of three would give you what you want to learn"


async def trio(stage: Stage) -> tuple[User, User, User]:
    return (
        await stage.person("Ana Alvarez", "Guitar", "Chinese"),
        await stage.person("Li Wei", "Python", "Guitar"),
        await stage.person("Noor", "Chinese", "Python"),
    )


async def status_for(stage: Stage, user: User) -> str:
    (view,) = await list_circles(stage.deps, user)
    return view.status


async def test_three_users_close_a_circle_and_talk(stage: Stage) -> None:
    ana, li, noor = await trio(stage)
    offer = await stage.says(ana, "/circles", "1 circle is possible")
    assert "You teach Li: Guitar" in offer.words
    assert "Li teaches Noor: Python" in offer.words
    assert "Noor teaches you: Chinese" in offer.words
    card = await stage.presses(ana, offer, "🤝 Ask Li and Noor", "You are in.")

    asked = await stage.sees(li, INVITED)
    assert "You teach Noor: Python" in asked.words
    assert "Alvarez" not in asked.words
    await stage.presses(li, asked, "✅ Join", "You are in.")
    last = await stage.sees(noor, INVITED)
    await stage.presses(noor, last, "✅ Join", "The circle is closed")
    await stage.sees(noor, "You are now talking to Ana Alvarez and Li Wei")
    notification = await stage.sees(ana, "The circle is closed! Noor teaches you, you teach Li.")
    assert "You are now talking to Li Wei and Noor (circle: Chinese ⇄ Guitar)" in notification.words
    await stage.until_all_delivered()
    assert "The circle is closed" in stage.message(ana, card.id).words
    assert "✅ Join" not in stage.buttons(stage.message(li, asked.id))
    assert {"🚫 Block Noor", "🚫 Block Li"} <= set(stage.buttons(stage.message(ana, card.id)))
    listed = await stage.says(ana, "/swaps", "Circles of three")
    assert "Noor and Li · Chinese ⇄ Guitar: running" in listed.words
    await stage.presses(ana, listed, "Noor and Li · Chinese ⇄ Guitar", "The circle is closed")

    await stage.writes(noor, "Hello you two")
    assert (
        await stage.sees(ana, "Hello you two")
    ).words == "🔄 Noor · circle with you and Li Wei · Chinese ⇄ Guitar\nHello you two"
    heard = await stage.sees(li, "Hello you two")
    assert heard.words == "🔄 Noor · circle with you and Ana Alvarez · Guitar ⇄ Python\nHello you two"
    await stage.writes(li, "Hi Noor, hi Ana", reply_to=heard.id)
    await stage.sees(ana, "🔄 Li Wei · circle with you and Noor · Chinese ⇄ Guitar\nHi Noor, hi Ana")
    await stage.sees(noor, "🔄 Li Wei · circle with you and Ana Alvarez · Python ⇄ Chinese\nHi Noor, hi Ana")
    (view,) = await list_circles(stage.deps, ana)
    await send_message(stage.deps, ana, Draft(view.id, "From the web", WEB))
    for other in (li, noor):
        await stage.sees(other, "From the web")
    assert [message.seq for message in await list_messages(stage.deps, li, view.id)] == [1, 2, 3]


async def test_member_who_declines_is_replaced(stage: Stage) -> None:
    ana, li, noor = await trio(stage)
    (possible,) = await list_possible(stage.deps, ana)
    circle = await ask_circle(stage.deps, ana, possible.id)
    await join_circle(stage.deps, noor, circle.id, version=1)
    omar = await stage.person("Omar", "Python", "Guitar", locale="es")
    asked = await stage.sees(li, INVITED)
    await stage.presses(li, asked, "✖️ No, thanks", "You are not in this circle")
    for kept in (ana, noor):
        await stage.sees(kept, "I am looking for a replacement")
    stepped_in = await stage.sees(omar, "Un círculo de tres te daría lo que quieres aprender")
    assert "Ya están dentro: Ana y Noor" in stepped_in.words
    await stage.presses(omar, stepped_in, "✅ Me uno", "El círculo está cerrado")
    await stage.sees(ana, "You are now talking to Omar and Noor")
    assert await status_for(stage, noor) == ACCEPTED
    assert await list_circles(stage.deps, li) == []
    await stage.until_all_delivered()
    await stage.writes(omar, "¡Hola!")
    await stage.sees(ana, "¡Hola!")
    assert stage.received(li, "¡Hola!") == []


async def test_press_on_an_old_circle_card_shows_its_current_state(stage: Stage) -> None:
    ana, li, noor = await trio(stage)
    (possible,) = await list_possible(stage.deps, ana)
    circle = await ask_circle(stage.deps, ana, possible.id)
    asked = await stage.sees(li, INVITED)
    stage.sandbox.delay("editMessageText", 2, times=2)  # the card is updated meanwhile
    await join_circle(stage.deps, noor, circle.id, version=1)
    await join_circle(stage.deps, li, circle.id, version=2)
    await stage.sandbox.press(li.telegram_id or 0, asked.id, "✅ Join")
    await stage.sees(li, "The circle is closed")
    await stage.until_all_delivered()
    card = stage.message(li, asked.id)
    confirm = await stage.presses(li, card, "🏁 Leave this circle", "It ends for all three")
    await stage.presses(li, confirm, "🏁 Yes, leave", "This circle has ended")
    for other in (ana, noor):
        await stage.sees(other, "Somebody has left the circle")


async def test_user_without_candidates_gets_an_explanation_and_private_users_stay_hidden(stage: Stage) -> None:
    ana = await stage.person("Ana", "Guitar", "Chinese")
    await stage.person("Li", "Python", "Guitar", is_public=False)
    await stage.person("Noor", "Chinese", "Python")
    empty = await stage.says(ana, "/circles", "no circle around you")
    assert "Li" not in empty.words
    nobody = await stage.says(ana, "/match", "everybody for now")
    await stage.presses(ana, nobody, "🔄 Circles of three", "no circle around you")


async def test_open_circle_is_listed(stage: Stage) -> None:
    ana, li, _ = await trio(stage)
    (possible,) = await list_possible(stage.deps, ana)
    await ask_circle(stage.deps, ana, possible.id)
    await stage.sees(li, INVITED)
    listed = await stage.says(li, "/circles", "waiting for your answer")
    label = next(label for label in stage.buttons(listed) if "Ana" in label)
    card = await stage.presses(li, listed, label, INVITED)
    await stage.presses(li, card, "✅ Join", "You are in.")
    assert await status_for(stage, li) == PROPOSED


async def test_user_who_makes_a_circle_possible_is_notified_and_can_invite(stage: Stage) -> None:
    await stage.person("Ana Alvarez", "Guitar", "Chinese")
    li = await stage.person("Li Wei", "Python", "Guitar")
    noor = await stage.person("Noor", "Chess", "Go", locale="es")
    changes = ProfileChanges(skills_offered=("Chinese",), skills_wanted=("Python",))
    await update_profile(stage.deps, await get_user(stage.deps, noor.id), changes)
    assert await look_for_circles(stage.deps) == 1
    notification = await stage.sees(noor, "Ahora es posible un círculo de tres")
    assert "Li te enseña: Python" in notification.words
    assert "Alvarez" not in notification.words
    every = await stage.presses(noor, notification, "🔄 Todos los círculos", "Hay 1 círculo posible")
    ask = next(label for label in stage.buttons(every) if label.startswith("🤝 Preguntar a"))
    assert ask in stage.buttons(notification)
    await stage.presses(noor, every, ask, "Estás dentro")
    await stage.sees(li, INVITED)


async def test_more_possible_circles_are_shown_page_by_page(stage: Stage) -> None:
    ana = await stage.person("Ana", "Guitar", "Chinese")
    for number in range(3):
        await stage.person(f"Li{number}", "Python", "Guitar")
        await stage.person(f"Noor{number}", "Chinese", "Python")
    first = await stage.says(ana, "/circles", "9 circles are possible")
    asks = [label for label in stage.buttons(first) if label.startswith("🤝")]
    assert len(asks) == 5
    assert "…and 4 more." in first.words
    rest = await stage.presses(ana, first, "➡️ Show more", "6.")
    more = [label for label in stage.buttons(rest) if label.startswith("🤝")]
    assert len({*asks, *more}) == 9
    assert "➡️ Show more" not in stage.buttons(rest)
    await stage.presses(ana, rest, more[-1], "You are in.")


async def test_many_circles_are_paged(stage: Stage) -> None:
    ana, _, _ = await trio(stage)
    others = [ObjectId(), ObjectId()]
    for number in range(40):
        skills = [f"{letter * 36} {number:3}" for letter in "WMQ"]
        people = (ana.id, *map(str, others))
        parts = [Part(person, skill, skill) for person, skill in zip(people, skills, strict=True)]
        circle = propose_circle(circle_id=str(ObjectId()), parts=parts, at=stage.deps.now())
        assert await stage.deps.store.swaps.insert(circle, [])
    screen = await stage.says(ana, "/circles", "…and 32 more.")
    assert "1 circle is possible" in screen.words
    seen: list[str] = []
    for more in (24, 16, 8, 0):
        assert len(screen.words) <= 4096
        seen += [line for line in screen.words.splitlines() if line.startswith("•")]
        if more:
            screen = await stage.presses(ana, screen, "Older ▶️", f"…and {more} more.")
        else:
            screen = await stage.presses(ana, screen, "Older ▶️", lambda message: "more." not in message.words)
    seen += [line for line in screen.words.splitlines() if line.startswith("•")]
    assert len(seen) == len(set(seen)) == 40
    await stage.presses(ana, screen, "◀️ Newer", "…and 8 more.")


async def closed_circle(stage: Stage) -> tuple[str, list[User]]:
    people = list(await trio(stage))
    (possible,) = await list_possible(stage.deps, people[0])
    circle = await ask_circle(stage.deps, people[0], possible.id)
    for person in people[1:]:
        await join_circle(stage.deps, person, circle.id, version=1)
    await stage.until_all_delivered()
    return circle.id, people


async def test_members_are_notified_of_an_unreachable_member(stage: Stage) -> None:
    circle_id, (ana, li, noor) = await closed_circle(stage)
    await stage.sandbox.block_bot(li.telegram_id or 0)
    await send_message(stage.deps, ana, Draft(circle_id, "Hello you two", WEB))
    for other in (ana, noor):
        await stage.sees(other, "Li Wei can't be reached in Telegram now")
    await stage.until_all_delivered()


async def test_replacement_member_sees_the_remaining_hours(stage: Stage) -> None:
    ana, li, noor = await trio(stage)
    (possible,) = await list_possible(stage.deps, ana)
    circle = await ask_circle(stage.deps, ana, possible.id)
    assert "You have 72 hours to answer" in (await stage.sees(li, INVITED)).words
    await stage.until_all_delivered()
    await decline_circle(stage.deps, li, circle.id)
    omar = await stage.person("Omar", "Python", "Guitar")
    assert await fill_places(stage.deps) == 1
    assert "You have 48 hours to answer" in (await stage.sees(omar, INVITED)).words
    assert await status_for(stage, noor) == PROPOSED
