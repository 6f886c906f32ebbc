"""Times by a zone's clock: right across a change of clocks, and refused where the clock never shows them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.errors import Invalid
from domain.local_times import read_time

MADRID = "Europe/Madrid"


@pytest.mark.parametrize(
    ("text", "zone", "at"),
    [
        ("2026-03-22T18:00:00+01:00", None, datetime(2026, 3, 22, 17, tzinfo=UTC)),
        ("2026-03-22T18:00Z", MADRID, datetime(2026, 3, 22, 18, tzinfo=UTC)),
        ("2026-03-22T18:00:00.000Z", None, datetime(2026, 3, 22, 18, tzinfo=UTC)),
        ("2026-03-22 18:00", MADRID, datetime(2026, 3, 22, 17, tzinfo=UTC)),
        ("2026-03-29T18:00", MADRID, datetime(2026, 3, 29, 16, tzinfo=UTC)),  # a week later, in summer time
        ("2026-03-29T01:59", MADRID, datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
        ("2026-03-29T03:00", MADRID, datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("2026-10-25T02:30", MADRID, datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # comes twice: the first
        ("2026-11-01T01:30", "America/New_York", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        ("2026-10-04T02:15", "Australia/Melbourne", None),  # left out: spring is in October there
        ("2026-03-29T02:00", MADRID, None),
        ("2026-03-29T02:59", MADRID, None),
    ],
)
def test_a_time_is_read_by_the_clock_that_it_names(text: str, zone: str | None, at: datetime | None) -> None:
    if at is not None:
        assert read_time(text, zone, "slots") == at
        return
    with pytest.raises(Invalid, match=r"session\.no_such_time"):
        read_time(text, zone, "slots")


@pytest.mark.parametrize(
    ("text", "zone", "code"),
    [
        ("2026-03-22T18:00", None, "session.zone_missing"),
        ("2026-03-22T18:00", "Europe/Atlantis", "timezone.unknown"),
        ("2026-03-22T18:00", "../../etc/passwd", "timezone.unknown"),
        ("2026-02-30T18:00", MADRID, "session.time"),
        ("2026-W13-1T18:00", MADRID, "session.time"),
        ("20260322T1800", MADRID, "session.time"),
        ("1795889000", MADRID, "session.time"),
        ("٢٠٢٦-03-22T18:00", MADRID, "session.time"),
        ("0001-01-01T00:00+14:00", None, "session.time"),
        ("0001-01-01T00:00", "Asia/Tokyo", "session.time"),
        ("2026-03-22T18:00+99:00", None, "session.time"),
        ("", MADRID, "session.time"),
    ],
)
def test_what_is_no_time_is_refused(text: str, zone: str | None, code: str) -> None:
    with pytest.raises(Invalid, match=code.replace(".", r"\.")):
        read_time(text, zone, "slots")
