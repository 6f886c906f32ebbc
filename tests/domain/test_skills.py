"""Skills: spellings of one skill share a key, two skills never do, and any input is handled in bounded time."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.skills import (
    MAX_SKILL_LENGTH,
    MAX_SKILLS,
    canonical_key,
    clean_skill,
    clean_skills,
    shared_skills,
    split_skills,
    trades_of,
)

DIFFERENT = (
    "C",
    "C++",
    "C#",
    "R",
    "Go",
    ".NET",
    "Net",
    "F#",
    "Node.js",
    "ギター",
    "キター",
    "हिन्दी",
    "हान्दा",
    "خط",
    "حط",
    "🎸",
    "🎹",
)
SAME = [
    ("Café", "cafe"),
    ("Café", "Cafe\u0301"),
    ("  Node.JS ", "node.js"),
    ("node.js.", "Node.js"),
    ("Straße", "STRASSE"),
    ("C＃", "c#"),
    ("C♯", "C#"),
    ("Rock & Roll", "rock - roll"),
    ("Py\u200bthon", "Python"),
    ("Py\u00adthon", "python"),
    ("❤\ufe0f", "❤"),
    ("ｇｕｉｔａｒ", "Guitar"),
    ("İngilizce", "ingilizce"),
    ("DİKİŞ", "dikis"),
    ("Kırım Tatarca", "KIRIM TATARCA"),
    ("Łucznictwo", "lucznictwo"),
    ("Smørrebrød", "smorrebrod"),
    ("Đàn bầu", "dan bau"),
    ("Œnologie", "oenologie"),
    ("العَرَبِيَّة", "العربيه"),
    ("أكل", "اكل"),
    ("خـــط", "خط"),
    ("فارسی", "فارسي"),
    ("שִׁירָה", "שירה"),
]


def refusal(*skills: str) -> str:
    with pytest.raises(Invalid) as caught:
        clean_skills(skills, "skills_offered")
    assert caught.value.params["field"] == "skills_offered"
    return caught.value.code


@pytest.mark.parametrize(("one", "other"), [*itertools.combinations(DIFFERENT, 2)])
def test_different_skills_never_share_a_key(one: str, other: str) -> None:
    assert canonical_key(one) != canonical_key(other)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_skill_share_a_key(one: str, other: str) -> None:
    assert canonical_key(one) == canonical_key(other)


@given(st.text(max_size=60))
def test_the_key_of_a_key_is_that_key(text: str) -> None:
    key = canonical_key(text)
    assert canonical_key(key) == key
    assert key == key.strip()


@given(st.text(min_size=1, max_size=MAX_SKILL_LENGTH))
def test_every_valid_skill_has_a_key(text: str) -> None:
    try:
        skill = clean_skill(text)
    except Invalid:
        return
    assert canonical_key(skill)
    assert clean_skill(skill) == skill
    assert canonical_key(skill.upper().lower()) == canonical_key(skill.lower().upper().lower())


def test_list_is_bounded_without_duplicates() -> None:
    many = [f"Skill {n}" for n in range(MAX_SKILLS + 1)]
    assert clean_skills(many[:MAX_SKILLS], "skills_offered") == tuple(many[:MAX_SKILLS])
    assert refusal(*many) == "skills.too_many"
    assert refusal("Café", " cafe ") == "skills.twice"
    assert refusal("Python", "Py\u200bthon") == "skills.twice"
    assert refusal("x" * (MAX_SKILL_LENGTH + 1)) == "text.too_long"


@pytest.mark.parametrize("skill", ["", "  ", "\u200b", "\u200d", "\u3164", "\u2800", "\ufeff\u00ad"])
def test_invisible_skill_is_empty(skill: str) -> None:
    assert refusal(skill) == "text.empty"


@pytest.mark.parametrize("skill", ["Guitar\0", "\ud800x", "e" + "\u0301" * 6])
def test_a_skill_that_cannot_be_stored_or_spills_over_other_lines_is_refused(skill: str) -> None:
    assert refusal(skill) == "text.not_allowed"


def test_many_marks_and_long_lists_are_handled_at_once() -> None:
    started = time.perf_counter()
    pile = "a" + "\u0301\u0316" * 2_500
    assert refusal(pile) == "text.too_long"
    assert refusal(*itertools.repeat("x" * 10_000, 100_000)) == "skills.too_many"
    assert time.perf_counter() - started < 0.5


def test_our_own_lists_are_split() -> None:
    assert split_skills("Guitar, Piano;\n ,Chess") == ["Guitar", "Piano", "Chess"]


NAMES = st.lists(st.sampled_from([*DIFFERENT, "python", "Python", "CAFÉ", "cafe"]), max_size=8)


@given(NAMES, NAMES)
def test_trades_are_all_pairs_of_offered_and_wanted(offered: list[str], wanted: list[str]) -> None:
    offered, wanted = [canonical_key(skill) for skill in offered], [canonical_key(skill) for skill in wanted]
    trades = trades_of(offered, wanted)
    assert len(trades) == len(set(trades))
    pairs = {(give, get) for give in offered for get in wanted if give != get}
    assert set(trades) == {f"{give}>{get}" for give, get in pairs}
    assert set(trades_of(wanted, offered)) == {f"{get}>{give}" for give, get in pairs}


@given(NAMES, NAMES)
def test_shared_skills_use_the_teachers_spelling(offered: list[str], wanted: list[str]) -> None:
    keys = [canonical_key(skill) for skill in offered], [canonical_key(skill) for skill in wanted]
    shared = shared_skills(offered, *keys)
    assert set(shared) <= set(offered)
    assert {canonical_key(skill) for skill in shared} == set(keys[0]) & set(keys[1])
