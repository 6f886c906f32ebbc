"""Sign-in providers as configured, and the secrets of sessions."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from skillswap.settings import Settings, generated_secret

if TYPE_CHECKING:
    from handlers.auth.oauth import OAuthProvider
    from handlers.auth.providers import Providers


def session_secrets(settings: Settings) -> list[str]:
    """Return the configured secret or the one kept in the data folder, followed by a previous one that is still
    accepted.

    Blocks on files; raises SettingsProblem.
    """
    old = settings.nextauth_secret_old
    if settings.nextauth_secret is None:
        current = generated_secret(settings.data_dir)
    else:
        current = settings.nextauth_secret.get_secret_value()
    return [current, old.get_secret_value()] if old is not None else [current]


async def open_providers(settings: Settings, stack: AsyncExitStack) -> Providers:
    """Return the configured sign-in providers; they are closed with `stack`."""
    from handlers.auth.mailer import Mailer, mail_server
    from handlers.auth.oauth import OAuthClient
    from handlers.auth.providers import Providers
    from handlers.auth.sealed_cookies import SealedCookies

    oauth = OAuthClient(_oauth_providers(settings))
    stack.push_async_callback(oauth.close)
    server = mail_server(settings.email_server.get_secret_value()) if settings.email_server else None
    return Providers(
        sealed_cookies=SealedCookies(await asyncio.to_thread(session_secrets, settings)),
        mailer=Mailer(server, settings.email_from or ""),
        oauth=oauth,
        bot_token=settings.telegram_bot_token.get_secret_value() if settings.telegram_bot_token else None,
    )


def _oauth_providers(settings: Settings) -> list[OAuthProvider]:
    from handlers.auth.oauth import github_provider, google_provider, oidc_provider, telegram_provider

    found = []
    if settings.google_id and settings.google_secret:
        found.append(google_provider(settings.google_id, settings.google_secret.get_secret_value()))
    if settings.github_id and settings.github_secret:
        found.append(github_provider(settings.github_id, settings.github_secret.get_secret_value()))
    if settings.oidc_issuer and settings.oidc_id and settings.oidc_secret:
        secret = settings.oidc_secret.get_secret_value()
        found.append(oidc_provider(settings.oidc_issuer, settings.oidc_id, secret))
    if settings.telegram_oidc_id and settings.telegram_oidc_secret:
        found.append(telegram_provider(settings.telegram_oidc_id, settings.telegram_oidc_secret.get_secret_value()))
    return found
