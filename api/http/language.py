"""The language of an answer: the reader's profile when they are signed in, else `Accept-Language`, else English."""

from __future__ import annotations

from aiohttp import hdrs, web

from api.http.context import context_of
from domain.languages import locale_or_default, negotiate_locale
from domain.users import User
from handlers.runtime.texts import Texts

_PROFILE_LOCALE = web.RequestKey("profile_locale", str)


def set_reader(request: web.Request, user: User) -> None:
    """Answer this request in the language of the signed-in user's profile."""
    request[_PROFILE_LOCALE] = locale_or_default(user.locale)


def locale_of(request: web.Request) -> str:
    """Return the reader's language; until the request is authenticated, the one that its header asks for."""
    return request.get(_PROFILE_LOCALE) or negotiate_locale(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))


def texts_of(request: web.Request) -> Texts:
    """Return the texts in the reader's language."""
    return context_of(request).deps.texts[locale_of(request)]


def language_headers(texts: Texts) -> dict[str, str]:
    """Return what an answer says about its language."""
    return {hdrs.CONTENT_LANGUAGE: texts.locale, hdrs.VARY: hdrs.ACCEPT_LANGUAGE}
