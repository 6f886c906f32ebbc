"""What operations work with; built once in the composition root and handed to each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from domain.vocabulary import Vocabulary
from handlers.auth.session_tokens import Sessions
from handlers.runtime.metrics import DeliveryMetrics
from handlers.runtime.rate_limits import Rates
from handlers.runtime.texts import Texts, words_in_any_language
from storage.media.photos import Photos
from storage.mongodb.database import DATABASE_ERRORS
from storage.store import Store

__all__ = ["DATABASE_ERRORS", "Deps", "utc_now"]


@dataclass(frozen=True, slots=True)
class Deps:
    """`now` gives aware UTC in milliseconds, as MongoDB keeps it: the database's time, which all processes share;
    `public_url` has no slash at its end."""

    store: Store
    photos: Photos
    sessions: Sessions
    rates: Rates
    public_url: str
    now: Callable[[], datetime]
    texts: Mapping[str, Texts]
    """The texts of each language, by locale."""
    admin_telegram_ids: frozenset[int] = frozenset()
    has_mail: bool = False
    """Is there a mail server? Then who is not in Telegram is told by mail."""
    metrics: DeliveryMetrics = field(default_factory=DeliveryMetrics)

    online_places: frozenset[str] = field(init=False)
    """Keys of what people write as their location when they meet online, in any language."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "online_places", words_in_any_language(self.texts.values(), "match.online_words"))

    @property
    def vocabulary(self) -> Vocabulary:
        """The skills that have a name, as they are known at this moment: to be asked anew, not to be kept."""
        return self.store.skills.vocabulary


def utc_now() -> datetime:
    """Now, aware, cut to milliseconds."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
