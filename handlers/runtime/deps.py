"""The dependencies of operations, built once in the composition root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta

from domain.skill_lists import ListWords
from domain.vocabulary import Vocabulary
from handlers.auth.session_tokens import SessionTokens
from handlers.runtime.metrics import DeliveryMetrics
from handlers.runtime.rate_limits import Rates
from handlers.runtime.showings import Showings
from handlers.runtime.texts import Texts, words_in_any_language
from storage.cities.reader import Cities
from storage.media.photos import Photos
from storage.mongodb.database import DATABASE_ERRORS
from storage.store import Store

__all__ = ["DATABASE_ERRORS", "Deps", "utc_now"]


@dataclass(frozen=True, slots=True)
class Deps:
    """`now` returns aware UTC in milliseconds, as MongoDB stores it: the database server's time, shared by all
    processes, and moved ahead where the clock was moved (docs/clock.md); `unmoved` returns the real time at which it
    showed a time. `public_url` has no trailing slash."""

    store: Store
    photos: Photos
    session_tokens: SessionTokens
    rates: Rates
    showings: Showings
    public_url: str
    now: Callable[[], datetime]
    texts: Mapping[str, Texts]
    """The texts of each language, by locale."""
    cities: Cities
    admin_telegram_ids: frozenset[int] = frozenset()
    has_mail: bool = False
    """True with a mail server; then users without Telegram are notified by mail."""
    metrics: DeliveryMetrics = field(default_factory=DeliveryMetrics)
    unmoved: Callable[[datetime], datetime] = lambda at: at

    online_places: frozenset[str] = field(init=False)
    """Keys of what people write as their location when they meet online, in any language."""

    list_words: ListWords = field(init=False)
    """Words around the skills in lists that people type, in any language."""

    def __post_init__(self) -> None:
        named = {locale: texts.naming_skills(lambda: self.vocabulary) for locale, texts in self.texts.items()}
        object.__setattr__(self, "texts", named)
        object.__setattr__(self, "online_places", words_in_any_language(self.texts.values(), "match.online_words"))
        phrases = (words_in_any_language(self.texts.values(), f"list.{part.name}") for part in fields(ListWords))
        object.__setattr__(self, "list_words", ListWords(*phrases))

    def real_now(self) -> datetime:
        """Return the time without the moves of the clock: for tokens, links, proofs and leases."""
        return self.unmoved(self.now())

    def elapsed(self, since: datetime) -> timedelta:
        """Return how long ago `now` showed `since`, without the moves of the clock in between."""
        return self.real_now() - self.unmoved(since)

    @property
    def vocabulary(self) -> Vocabulary:
        """Return the present vocabulary; read it anew each time, since moderators change it."""
        return self.store.skills.vocabulary


def utc_now() -> datetime:
    """Return the current time, aware, in milliseconds."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
