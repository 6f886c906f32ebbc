"""Times of sessions as their reader sees them: on the reader's clock, whatever the others' is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from html import escape
from typing import Final

from domain.availability import local_time
from handlers.runtime.texts import Html, Texts

THIS_WEEK: Final = timedelta(days=6)
"""Up to here the day of the week says which day is meant."""


def time_html(texts: Texts, at: datetime, zone: str | None) -> Html:
    """Return a time in HTML: Telegram writes it on the clock of the reader's phone, an older one shows the words, which
    name the difference from UTC."""
    return _marked(at, "wDt", f"{day_and_time(texts, at, zone)} ({utc_offset(local_time(at, zone))})")


def day_html(texts: Texts, at: datetime, zone: str | None) -> Html:
    """Return the day of a time, in HTML."""
    return _marked(at, "wD", texts.day(local_time(at, zone)))


def times_html(texts: Texts, times: Iterable[datetime], zone: str | None) -> Html:
    """Return times in HTML, one a line."""
    return Html("\n".join(f"• {time_html(texts, at, zone)}" for at in times))


def day_and_time(texts: Texts, at: datetime, zone: str | None) -> str:
    """Return "Tue, May 5, 6:00 PM" in plain text."""
    local = local_time(at, zone).replace(tzinfo=None)
    return f"{texts.day(local)}, {texts.time(local)}"


def time_label(texts: Texts, at: datetime, zone: str | None, now: datetime) -> str:
    """Return a time for a button: "Tue 6:00 PM" in the next days, with the date later."""
    local = local_time(at, zone).replace(tzinfo=None)
    if now <= at < now + THIS_WEEK:
        return f"{texts.weekday(local)} {texts.time(local)}"
    return day_and_time(texts, at, zone)


def utc_offset(local: datetime) -> str:
    """Return the difference of a local time from UTC: "UTC+5:30"."""
    minutes = round((local.utcoffset() or timedelta(0)).total_seconds() / 60)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def _marked(at: datetime, form: str, words: str) -> Html:
    return Html(f'<tg-time unix="{int(at.timestamp())}" format="{form}">{escape(words, quote=False)}</tg-time>')
