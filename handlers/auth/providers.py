"""The table of sign-in providers: exactly the configured ones are offered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from handlers.auth.mailer import Mailer
from handlers.auth.oauth import OAuthClient
from handlers.auth.sealed_cookies import SealedCookies

EMAIL: Final = "email"
TELEGRAM: Final = "telegram"

Kind = Literal["email", "oauth", "credentials"]


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider, under NextAuth's names."""

    id: str
    name: str
    type: Kind


@dataclass(frozen=True, slots=True)
class Providers:
    """The configured providers and what each needs. `bot_token` verifies Telegram's signatures; None: Telegram is not
    offered."""

    sealed_cookies: SealedCookies
    mailer: Mailer = field(default_factory=Mailer)
    oauth: OAuthClient | None = None
    bot_token: str | None = field(default=None, repr=False)

    @property
    def table(self) -> Sequence[Provider]:
        found = [Provider(EMAIL, "Email", "email")]
        if self.oauth is not None:
            found += [Provider(each.id, each.name, "oauth") for each in self.oauth.providers.values()]
        if self.bot_token is not None:
            found.append(Provider(TELEGRAM, "Telegram", "credentials"))
        return found

    def find(self, provider_id: str) -> Provider | None:
        return next((each for each in self.table if each.id == provider_id), None)
