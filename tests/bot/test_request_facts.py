"""The card of a request or a circle shows the one who decides what the asker saw: place, times, language, levels,
reasons, deadline, and a way to the profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.users import ProfileChanges
from handlers.users import update_profile
from tests.factories import insert_swap

if TYPE_CHECKING:
    from domain.users import User
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]

EVENINGS = "weekday evenings"


async def asker_and_partner(stage: Stage, **asker: object) -> tuple[User, User]:
    ana = await stage.person(
        "Ana",
        "Guitar",
        "Python",
        location="<b>Lisbon",
        availability=EVENINGS,
        locale="es",
        offered_levels={"guitar": "expert"},
        wanted_levels={"python": "advanced"},
        email="ana@example.org",
        **asker,
    )
    li = await stage.person(
        "Li", "Python", "Guitar", location="<b>Lisbon", availability=EVENINGS, timezone="Asia/Tokyo"
    )
    return ana, li


async def test_a_request_shows_what_its_asker_saw_and_leads_to_the_profile(stage: Stage) -> None:
    ana, li = await asker_and_partner(stage)
    swap = await insert_swap(stage.deps, ana, li, message="Hello")
    asked = await stage.sees(li, "Ana would like to swap with you!")
    for line in (
        "📍 <b>Lisbon",
        "🕒 You are both free: weekday evenings",
        "🗣 Language: Spanish",
        "🎓 Level in Guitar: expert",
        "🎯 Goal in Python: advanced",
        "in the same place as you",
    ):
        assert line in asked.words
    assert "hours" not in asked.words  # those of the slots are not those that people have
    assert swap.due_at is not None
    assert "⏳ Answer by " in asked.words
    assert "UTC" not in asked.words
    assert "example.org" not in asked.words
    profile = await stage.presses(li, asked, "👤 See Ana's profile", "Ana teaches you: Guitar (expert)")
    assert "🚫 Block" in stage.buttons(profile)
    listed = await stage.says(li, "/swaps", "Waiting for you")
    (open_it,) = [label for label in stage.buttons(listed) if "Ana" in label]
    assert "📍 <b>Lisbon" in (await stage.presses(li, listed, open_it, "⏳ Answer by")).words


async def test_the_facts_go_when_the_request_is_answered_and_the_asker_never_sees_them(stage: Stage) -> None:
    ana, li = await asker_and_partner(stage)
    await insert_swap(stage.deps, ana, li)
    asked = await stage.sees(li, "Ana would like to swap with you!")
    answered = await stage.presses(li, asked, "✅ Accept", "You and Ana are swapping")
    assert "Lisbon" not in stage.message(li, asked.id).words
    assert "👤 See Ana's profile" not in stage.buttons(answered)
    assert "Responde antes" not in " ".join(message.words for message in stage.chat(ana))


async def test_a_private_asker_shows_nothing_of_the_profile(stage: Stage) -> None:
    ana, li = await asker_and_partner(stage)
    ana = await update_profile(stage.deps, ana, ProfileChanges(is_public=False))
    await insert_swap(stage.deps, ana, li)
    asked = await stage.sees(li, "Ana would like to swap with you!")
    assert "Ana keeps their profile private" in asked.words
    assert "Answer by" in asked.words
    for secret in ("Lisbon", "evenings", "Spanish", "expert", "advanced"):
        assert secret not in asked.words
    assert not [label for label in stage.buttons(asked) if "profile" in label]


async def test_an_invitation_to_a_circle_shows_facts_about_the_other_two_by_first_name(stage: Stage) -> None:
    ana = await stage.person("Ana Alvarez", "Guitar", "Chinese", location="Lisbon", offered_levels={"guitar": "expert"})
    li = await stage.person("Li Wei", "Python", "Guitar", location="Lisbon")
    noor = await stage.person("Noor Khan", "Chinese", "Python", locale="es", availability="weekend mornings")
    await update_profile(stage.deps, noor, ProfileChanges(wanted_levels={"Python": "beginner"}))
    offer = await stage.says(ana, "/circles", "1 circle is possible")
    await stage.presses(ana, offer, "🤝 Ask Li and Noor", "You are in.")
    asked = await stage.sees(li, "A circle of three would give you")
    assert "Ana: 📍 Lisbon" in asked.words
    assert "🎓 Level in Guitar: expert" in asked.words
    assert "in the same place as you" in asked.words
    assert "Noor: 🕒 Free: weekend mornings · 🎯 Goal in Python: beginner · 🗣 Language: Spanish" in asked.words
    assert "⏳ Answer by " in asked.words
    assert "UTC" in asked.words
    for secret in ("Alvarez", "Khan", ana.id, noor.id):
        assert secret not in asked.words
    joined = await stage.presses(li, asked, "✅ Join", "You are in.")
    assert "📍" not in joined.words


async def test_the_longest_facts_and_note_fit_into_a_message(stage: Stage) -> None:
    ana = await stage.person(
        "A" * 64, "G" * 40, "P" * 40, location="&" * 80, availability="<" * 200, offered_levels={"g" * 40: "expert"}
    )
    li = await stage.person("Li", "P" * 40, "G" * 40)
    await insert_swap(stage.deps, ana, li, message="&" * 500)
    asked = await stage.sees(li, "would like to swap with you!")
    assert "🕒 Free: " + "<" * 119 + "…" in asked.words
    assert "⏳ Answer by" in asked.words
    await stage.presses(li, asked, "✅ Accept", "are swapping")
