"""Text from outside: bounded, visible, and unable to affect the text around it."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.messages import MAX_MESSAGE_LENGTH, check_client_id, clean_message
from domain.text import clean_line, clean_text
from domain.users import MAX_NAME_LENGTH, ProfileChanges, User, apply_changes
from tests.domain.test_swaps import AT

MAX = 40


def code(text: str, **options: bool) -> str:
    with pytest.raises(Invalid) as caught:
        clean_line(text, "name", max_length=MAX, **options)
    return caught.value.code


@given(st.text(max_size=2 * MAX))
def test_a_cleaned_line_is_one_bounded_line_and_stays_as_it_is(text: str) -> None:
    try:
        line = clean_line(text, "name", max_length=MAX, required=False)
    except Invalid:
        return
    assert len(line) <= MAX
    assert line == clean_line(line, "name", max_length=MAX, required=False)
    assert line == unicodedata.normalize("NFC", line)
    assert line == " ".join(line.split())
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in line)


@given(st.text(max_size=2 * MAX))
def test_a_cleaned_text_stays_as_it_is(text: str) -> None:
    try:
        body = clean_text(text, "message", max_length=MAX, required=False)
    except Invalid:
        return
    assert body == clean_text(body, "message", max_length=MAX, required=False)
    assert "\r" not in body


@pytest.mark.parametrize("text", ["Zoë", "François", "Łukasz", "👩\u200d🔬", "می\u200cخواهم", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "ⵣ", "🫨", "🫩"])
def test_names_of_the_world_are_kept(text: str) -> None:
    assert clean_line(text, "name", max_length=MAX) == unicodedata.normalize("NFC", text)


def test_invisible_characters_are_removed() -> None:
    assert clean_line("\ufeffAda\u200b Love\u00adlace ", "name", max_length=MAX) == "Ada Lovelace"
    assert clean_text("one\r\ntwo\rthree\n", "message", max_length=MAX) == "one\ntwo\nthree"


def test_length_is_counted_after_composing() -> None:
    assert clean_line("e\u0301" * MAX, "name", max_length=MAX) == "é" * MAX
    assert code("é" * (MAX + 1)) == "text.too_long"


@pytest.mark.parametrize("size", [200, 5_000, 2_000_000])
def test_text_with_many_marks_is_refused_at_once(size: int) -> None:
    started = time.perf_counter()
    assert code("a" + "\u0301\u0316" * (size // 2)) in ("text.too_long", "text.not_allowed")
    with pytest.raises(Invalid):
        clean_message("a" + "\u0301\u0316" * (size // 2), has_photo=False)
    assert time.perf_counter() - started < 0.2


def test_message_has_text_or_a_photo() -> None:
    assert clean_message("x" * MAX_MESSAGE_LENGTH, has_photo=False) == "x" * MAX_MESSAGE_LENGTH
    assert clean_message(" \n ", has_photo=True) == ""
    for text in ("", " \n\t ", "\u200b\u200d", "x" * (MAX_MESSAGE_LENGTH + 1), "a\0b"):
        with pytest.raises(Invalid):
            clean_message(text, has_photo=False)


@pytest.mark.parametrize("client_id", ["", " ", "a b", "x" * 65, "a\n", "é", "a/b", "$where{}"])
def test_client_id_is_short_ascii(client_id: str) -> None:
    with pytest.raises(Invalid, match=r"message\.client_id"):
        check_client_id(client_id)
    assert check_client_id("tg:4242:7_a.B-9") == "tg:4242:7_a.B-9"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        (ProfileChanges(name=""), "name"),
        (ProfileChanges(name="x" * (MAX_NAME_LENGTH + 1)), "name"),
        (ProfileChanges(location="a\u202eb"), "location"),
        (ProfileChanges(availability="x" * 201), "availability"),
        (ProfileChanges(skills_wanted=("Chess", "chess")), "skills_wanted"),
        (ProfileChanges(locale="tlh"), "locale"),
        (ProfileChanges(timezone="../../etc/passwd\n"), "timezone"),
        (ProfileChanges(timezone="x" * 65), "timezone"),
    ],
)
def test_a_refused_change_names_its_field(changes: ProfileChanges, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        apply_changes(User(id="a" * 24, name="Ada", created_at=AT), changes)
    assert caught.value.params["field"] == field


def test_a_change_touches_what_it_names_only() -> None:
    ada = User(id="a" * 24, name="Ada", created_at=AT, location="Lima", skills_offered=("Chess",), timezone="Etc/UTC")
    after = apply_changes(ada, ProfileChanges(name=" Ada  L. ", location="", timezone=""))
    assert (after.name, after.location, after.timezone, after.skills_offered) == ("Ada L.", "", None, ("Chess",))
