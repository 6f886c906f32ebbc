"""The two stories of `skillswap demo`, as `make demo` plays them."""

from __future__ import annotations

import re
from typing import Any

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
    code, out, err = await skillswap("demo", "--story", "swaps", "--people", "5")
    assert code == 0, out[-2000:] + err
    assert "the clock of the service says" in out
    _check_cards(CARDS, _chapters(out))
    for seen in ON_THE_WEB:
        assert f"✓ {seen}" in out


DOOR = {
    "Five questions give the community a name, rules and a door": (("Ada", "🎉 Harbour Swaps is open for business."),),
    "Rex, a stranger, finds the bot: he reads the rules, and sees nobody": (("Rex", "📜 Our rules · .*no sales"),),
    "He applies, and Sam lets him in": (
        ("Rex", "✋ One last thing: Who told you about us?"),
        ("Moderators", "✋ Rex would like to join · .*Who told you about us? · My neighbour Eva"),
        ("Moderators", "✅ Rex was let in by Sam."),
        ("Rex", "🎉 Harbour Swaps has let you in."),
    ),
    "What he writes to Eva is not about archery; she reports it, with their messages": (
        ("Eva", "✅ Thank you, your report has arrived."),
        ("Moderators", "🚩 Rex · 1 report · .*from Eva · I came for archery. · .*Rex: Forget the arrows."),
    ),
    "Sam warns him: before anything else he has to read it": (
        ("Moderators", "🚩 Rex · 1 report · .*⚠️ Warned – Sam"),
        ("Rex", "⚠️ The organisers have to tell you something: this is not a place for flirting"),
        ("Rex", "🌱 Thank you. Everything is open again."),
        ("Eva", "🌱 Thank you for your report: it has been dealt with."),
    ),
    "He goes on, with Tom; Tom reports him on the web": (
        ("Moderators", "🚩 Rex · 1 report · .*Earlier cases: 1 (⚠️ Warned) · .*Rex: You are useless."),
    ),
    "Sam bans him, and is asked twice": (
        ("Moderators", "⛔ Ban Rex?"),
        ("Moderators", "🚩 Rex · 1 report · .*⛔ Banned – Sam"),
        ("Rex", "⛔ The organisers have closed your account. The reason: rude or threatening words."),
    ),
    "Ten minutes later his swaps end; whom he was to meet hears it in neutral words": (
        ("Eva", "🌿 Rex is no longer here, so your swap (Archery ⇄ Glassblowing) has ended."),
        ("Tom", "🌿 Rex is no longer here, so your swap (Archery ⇄ Wood carving) has ended."),
        ("Uma", "🌿 Rex is no longer here, so the request about Archery ⇄ Embroidery is off the table."),
    ),
    "Lea and Kim lose nothing: the circle has asked Pia, and the last yes closes it": (
        ("Lea", "🔎 Somebody can't be in your circle."),
        ("Kim", "🎉 The circle is closed"),
        ("Pia", "🎉 The circle is closed!"),
    ),
}

REFUSED = (
    "GET /api/matches: You are not a member yet",
    "/match: You'll see people and can ask them as soon as the organisers have let you in.",
    "inline mode: no results",
    "1. by the session of his browser: You are not signed in.",
    "2. by the socket that he held open: it was closed",
    "and by a new one: You are not signed in.",
    "3. by the bot's link from before: This link has done its work",
    "4. by inline mode: no results",
    "5. by a Mini App: You cannot sign in · This account may not sign in here any more.",
    "6. by the same account, after /delete: This account is closed.",
    "7. by his own invitation, with a new Telegram account: This invitation leads nowhere",
    "8. by his mail address: You cannot sign in",
    "and linked to the new account: You cannot sign in",
)
"""Texts that Rex reads before he is let in, and at each way back."""


@pytest.mark.timeout(300)
async def test_a_stranger_is_let_in_reported_warned_banned_and_comes_back_by_no_way() -> None:
    code, out, err = await skillswap("demo", "--story", "door", "--people", "5")
    assert code == 0, out[-2000:] + err
    _check_cards(DOOR, _chapters(out))
    refused = [line.partition("⛔ ")[2].strip() for line in out.splitlines() if line.strip().startswith("⛔ ")]
    for words in REFUSED:
        assert any(line.startswith(words) for line in refused), words
    assert "✓ not a word of why" in out
    assert "Sam: ban rude" in out


def _check_cards(expected: dict[str, Any], told: dict[str, list[tuple[str, str]]]) -> None:
    for chapter, cards in expected.items():
        read = iter(told[chapter])
        for person, words in cards:
            pattern = re.escape(words).replace(r"\.\*", ".*")
            assert any(reader == person and re.match(pattern, card) for reader, card in read), (person, words)


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
