"""Dates, numbers, distances and places as each language writes them."""

from __future__ import annotations

from datetime import date

import pytest

from api.http.errors import detail_of
from bot.errors import problem_text
from domain.errors import Conflict
from domain.languages import LOCALES
from handlers.runtime.deps import Deps
from handlers.runtime.texts import AtLeast, Texts, load_texts, words_in_any_language

TEXTS = load_texts()


@pytest.mark.parametrize(
    ("locale", "day", "distance", "number"),
    [
        ("en", "January 5, 2026", "1,200 km", "4,096"),
        ("es", "5 de enero de 2026", "1.200 km", "4.096"),
        ("de", "5. Januar 2026", "1.200 km", "4.096"),
        ("fr", "5 janvier 2026", "1\u202f200\u202fkm", "4\u202f096"),
    ],
)
def test_dates_distances_and_numbers_are_written_as_in_the_language(
    locale: str, day: str, distance: str, number: str
) -> None:
    texts = TEXTS[locale]
    assert texts.date(date(2026, 1, 5)) == day
    assert texts.distance(1200) == distance
    assert number in texts("chat.too_long", n=5000, max=4096)
    assert number in texts.plain("problem.text.too_long", max=4096)


def test_only_whole_numbers_are_rewritten() -> None:
    texts = Texts("en", {"text": "{value}"})
    assert texts("text", value="123456") == "123456"
    assert texts("text", value=True) == "True"


@pytest.mark.parametrize("key", ["online", "en linea", "en ligne", "a distance", "a distancia", "im netz", "remoto"])
async def test_online_is_recognized_in_every_language(deps: Deps, key: str) -> None:
    assert key in deps.online_places
    assert deps.online_places == words_in_any_language(TEXTS.values(), "match.online_words")


def test_every_language_has_its_own_text_for_online() -> None:
    assert all(words_in_any_language([TEXTS[locale]], "match.online_words") for locale in LOCALES)


def test_a_name_that_ends_in_a_full_stop_takes_no_second_one() -> None:
    texts = TEXTS["en"]
    assert texts("swap.card.pending_mine", name="Ana M.").startswith("📨 <b>Sent to Ana M.</b> They have")
    assert texts.plain("swap.card.pending_mine", name="Ana").startswith("📨 <b>Sent to Ana.</b> They have")
    assert Texts("en", {"text": "{name}… {name}."})("text", name="No.") == "No.… No."


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "<b>1,000+ people teach chess:</b>"),
        ("es", "<b>1.000+ personas enseñan chess:</b>"),
        ("de", "<b>1.000+ Personen bringen chess bei:</b>"),
        ("fr", "<b>1\u202f000+ personnes enseignent chess\xa0:</b>"),
    ],
)
def test_a_count_that_may_be_higher_says_so(locale: str, said: str) -> None:
    assert TEXTS[locale]("find.title", n=AtLeast(1000), skill="chess") == said


@pytest.mark.parametrize(
    ("locale", "expected"), [("en", "1 person,"), ("es", "1 persona,"), ("de", "1 Person,"), ("fr", "1 personne,")]
)
def test_an_invitation_for_one_is_for_one_person(locale: str, expected: str) -> None:
    assert expected in load_texts()[locale]("invite.made", n=1, url="u", uses=1, used=0, until="May 1")


@pytest.mark.parametrize("locale", LOCALES)
def test_a_refusal_is_worded_once_and_said_at_both_doors(locale: str) -> None:
    texts = load_texts()[locale]
    for code in ("case.taken", "report.yourself", "organisers.nothing_to_answer", "standing.staff"):
        assert not texts.has(f"problem.{code}")
        assert problem_text(texts, Conflict(code)) == detail_of(code, {}, texts)
