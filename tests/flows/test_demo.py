"""`skillswap demo`, as `make demo` runs it."""

from __future__ import annotations

import re

import pytest

from tests.skillswap.test_cli import skillswap

CARDS = {
    "Each of the three lessons of the circle gets its own date": (
        ("Ana", "⏳ You suggested this to Li."),
        ("Li", "✅ It is settled: you and Ana meet."),
        ("Ana", "✅ It is settled: you and Omar meet."),
        ("Li", "✅ It is settled: you and Omar meet."),
    ),
    "All three lessons are held, and the circle is complete": (
        ("Li", "🎉 You and Ana have met."),
        ("Ana", "🎉 You and Omar have met."),
        ("Li", "🎉 You and Omar have met."),
        ("Ana", "🎉 Your swap with Li and Omar (circle: Esperanto ⇄ Bagpipes) is complete."),
        ("Li", "🎉 Your swap with Ana and Omar (circle: Bagpipes ⇄ Bookbinding) is complete."),
        ("Omar", "🎉 Your swap with Ana and Li (circle: Bookbinding ⇄ Esperanto) is complete."),
    ),
    "Nadia asks on the web, with times; Emil would rather learn something else": (
        ("Emil", "👋 Nadia would like to swap with you! · .* · 🗓 They suggest: · .*4:00\u202fPM.* · .*4:00\u202fPM"),
        ("Emil", "🔁 You suggested something else to Nadia."),
        ("Emil", "🔁 Nadia suggests something else: · 🎓 You learn: Puppetry · .*With pleasure!"),
    ),
    "Emil says yes, with a date": (("Emil", "✅ It is settled: you and Nadia meet."),),
    "Both are reminded, and asked afterwards": (
        ("Nadia", "⏰ Your session with Emil is coming up. · 🗓 .*5:00\u202fPM"),
        ("Emil", "⏰ Your session with Nadia is coming up. · 🗓 .*4:00\u202fPM"),
        ("Emil", "👍 Great, see you there!"),
        ("Nadia", "⏰ You and Emil meet within the hour."),
        ("Emil", "⏰ You and Nadia meet within the hour."),
        ("Nadia", "❓ Did you and Emil meet?"),
        ("Emil", "❓ Did you and Nadia meet?"),
    ),
    "They have met, and both are done": (
        ("Emil", "🙏 Thank you, noted."),
        ("Emil", "🎉 You and Nadia have met."),
        ("Emil", "🏁 Nadia is done with your swap."),
        ("Nadia", "🎉 Your swap with Emil (Kite making ⇄ Puppetry) is complete."),
        ("Emil", "🎉 Your swap with Nadia (Puppetry ⇄ Kite making) is complete."),
    ),
    "They rate each other, and both ratings appear at the same moment": (
        ("Emil", "⭐ Thank you! Nadia's rating and yours appear together"),
        ("Nadia", "⭐ Emil has rated you. · ★★★★★ from Emil · .*My dragon can speak now!"),
        ("Emil", "⭐ Nadia has rated you. · ★★★★☆ from Nadia · .*It flies. It even lands."),
    ),
    "Bela does not come, and Iris ends it": (
        ("Iris", "❓ Did you and Bela meet?"),
        ("Iris", "🌱 Your session with Bela did not take place."),
        ("Bela", "🌱 Your swap with Iris (Whittling ⇄ Yodeling) did not take place, and is over now."),
    ),
    "Otis and Mira remember it differently; Petra, a moderator, decides": (
        ("Otis", "❓ Mira says that you met."),
        ("Otis", "⚖️ You and Mira remember your session"),
        ("Mira", "⚖️ You and Otis remember your session"),
        ("Petra", "⚖️ Mira and Otis remember a session differently. .*The link was .* · Otis writes: · I waited"),
        ("Petra", "✅ Decided: 🎉 It took place."),
        ("Otis", "⚖️ The moderators count your swap with Mira .* as complete. They say: · The call's log"),
        ("Mira", "⚖️ The moderators count your swap with Otis .* as complete. They say: · The call's log"),
    ),
    "Rosa and Ivo say yes, and nothing more; three weeks later it lapses": (
        ("Rosa", "🗓 When will you and Ivo meet?"),
        ("Rosa", "🗓 You and Ivo have no date yet."),
        ("Ivo", "🗓 You and Rosa have no date yet."),
        ("Rosa", "🍂 Your swap with Ivo (Fencing ⇄ Felting) has fallen asleep"),
        ("Ivo", "🍂 Your swap with Rosa (Felting ⇄ Fencing) has fallen asleep"),
    ),
}
"""By chapter, the cards that people get, in order; `.*` stands for whatever is in between."""

ON_THE_WEB = (
    "REST: status accepted, stage planned, next action meet",
    "REST: status accepted, stage asking, next action answer_session",
    "REST: status completed, stage None, next action rate",
    "REST: status not_happened, stage None, next action None",
    "REST: status disputed, stage None, next action state",
    "REST: status lapsed, stage None, next action None",
    "Nadia rates him on the web: both are shown at once",
    "review:revealed on the web",
)


@pytest.mark.timeout(300)  # about a minute on a busy machine; each step of the story has its own limit
async def test_every_step_of_the_demonstration_is_seen_on_the_other_side() -> None:
    code, out, err = await skillswap("demo", "--people", "5")
    assert code == 0, out[-2000:] + err
    assert "the clock of the service says" in out
    told = _chapters(out)
    for chapter, cards in CARDS.items():
        read = iter(told[chapter])
        for person, words in cards:
            pattern = re.escape(words).replace(r"\.\*", ".*")
            assert any(reader == person and re.match(pattern, card) for reader, card in read), (person, words)
    for seen in ON_THE_WEB:
        assert f"✓ {seen}" in out


def _chapters(out: str) -> dict[str, list[tuple[str, str]]]:
    """Return the cards of the transcript by chapter: whose phone shows them, and their words."""
    chapters: dict[str, list[tuple[str, str]]] = {}
    cards: list[tuple[str, str]] = []
    for line in out.splitlines():
        if line.startswith("── "):
            cards = chapters.setdefault(line.removeprefix("── "), [])
        elif found := re.match(r"\s+bot → (\w+): (.*)", line):
            cards.append((found[1], found[2]))
    return chapters
