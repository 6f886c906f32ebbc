"""Times of alert notifications, and the spelling of deep links."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alerts import CLOSING, QUIET, Alert, Find
from domain.links import MAX_PAYLOAD, SKILL, SWAP, USER, Link, read_link, write_link
from domain.skills import canonical_key

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def alert(*tell_at: datetime) -> Alert:
    finds = tuple(Find(str(number), at) for number, at in enumerate(tell_at))
    return Alert("1", "2", "guitar", "Guitar", NOW, NOW, finds=finds)


def test_first_find_is_reported_at_once() -> None:
    assert alert().next_notification_at(NOW) == (NOW, True)


def test_finds_within_a_day_of_a_delivery_share_the_next_one() -> None:
    second, is_new = alert(NOW).next_notification_at(NOW + timedelta(hours=1))
    assert (second, is_new) == (NOW + QUIET, True)
    assert alert(NOW, second).next_notification_at(NOW + timedelta(hours=2)) == (second, False)


def test_find_is_not_added_to_a_delivery_due_this_minute() -> None:
    second = NOW + QUIET
    assert alert(NOW, second).next_notification_at(second - CLOSING / 2) == (second + QUIET, True)


def test_find_after_a_quiet_day_is_reported_at_once() -> None:
    later = NOW + 3 * QUIET
    assert alert(NOW).next_notification_at(later) == (later, True)


@pytest.mark.parametrize(
    ("key", "payload"),
    [
        ("guitar", "k_guitar"),
        ("rock guitar", "k_rock_guitar"),
        ("c++", "k_cX2BX2B"),
        ("c#", "k_cX23"),
        (".net", "k_X2Enet"),
        ("snake_case", "k_snakeX5Fcase"),
    ],
)
def test_a_skill_is_spelt_out_in_its_link(key: str, payload: str) -> None:
    assert write_link(SKILL, key) == payload
    assert read_link(payload) == Link(SKILL, key)


@given(st.text(min_size=1, max_size=40))
def test_every_skill_link_is_valid_in_telegram_and_round_trips(text: str) -> None:
    key = canonical_key(text)
    payload = write_link(SKILL, key) if key else None
    if payload is not None and read_link(payload) is not None:
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", payload)
        assert read_link(payload) == Link(SKILL, key)


@pytest.mark.parametrize("skill", ["программирование на питоне", "日本語", "ελληνικά", "français", "cocina española"])
def test_skills_in_other_scripts_have_links(skill: str) -> None:
    key = canonical_key(skill)
    payload = write_link(SKILL, key)
    assert payload is not None
    assert read_link(payload) == Link(SKILL, key)


@given(st.text(max_size=80))
def test_malformed_payload_is_ignored(payload: str) -> None:
    link = read_link(payload)
    assert link is None or write_link(link.kind, link.target) == payload


def test_payloads_of_users_and_swaps_contain_their_ids() -> None:
    one = "65f0c0ffee0000000000ada1"
    for kind in (USER, SWAP):
        payload = write_link(kind, one)
        assert payload is not None
        assert len(payload) <= MAX_PAYLOAD
        assert read_link(payload) == Link(kind, one)
    assert read_link("u_65f0c0ffee") is None
    assert read_link("x_guitar") is None
    assert read_link("k_" + "a" * 63) is None
