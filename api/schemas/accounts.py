"""Schemas of linked accounts, sessions and sign-in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from api.schemas.values import Body, Id, Query, iso
from handlers.auth.accounts import LinkedAccount
from handlers.auth.sessions import SessionRecord
from handlers.auth.telegram_sign_in import MAX_INIT_DATA_LENGTH


class MergeBody(Body):
    """The merge code shown by the other profile; case, spaces and hyphens are ignored."""

    code: Annotated[str, Field(min_length=1, max_length=40)]


class InitDataBody(Body):
    """Data that Telegram gives to a Mini App, signed: `Telegram.WebApp.initData`, unchanged."""

    init_data: Annotated[str, Field(min_length=1, max_length=MAX_INIT_DATA_LENGTH)]


class LinkQuery(Query):
    token: Annotated[str, Field(max_length=200)] = ""


class AccountDocument(TypedDict):
    """A linked account: one way to sign in.

    `email` is set for accounts of the provider `email`. `created_at` is null for an address that
    has belonged to the profile from the start.
    """

    _id: Id
    provider: str
    email: str | None
    created_at: str | None


class SessionDocument(TypedDict):
    """A web session. `door` is the provider that started it, `agent` the browser:
    "Firefox, Linux" or "".
    """

    _id: Id
    door: str
    agent: str
    created_at: str
    seen_at: str
    is_current: bool


class MergeCode(TypedDict):
    """A merge code, to be entered in the other profile."""

    code: str
    expires_at: str


class MergePreview(TypedDict):
    """The profile that yours would be merged into."""

    name: str
    photo_url: str | None


class SessionUser(TypedDict):
    """The signed-in user, in the fields of NextAuth."""

    name: str
    email: str | None
    image: str | None
    id: Id


class Session(TypedDict, total=False):
    """The session in NextAuth's format; `{}` when nobody is signed in."""

    user: SessionUser
    expires: str


class MiniAppSession(TypedDict):
    """A session of a Mini App: its bearer token, and until when it is valid."""

    token: str
    expires: str
    user_id: Id


class ProviderDocument(TypedDict):
    """A sign-in provider, in the format of NextAuth's `getProviders`."""

    id: str
    name: str
    type: Literal["oauth", "email", "credentials"]
    signinUrl: str
    callbackUrl: str


class CsrfToken(TypedDict):
    """The CSRF token that forms must contain."""

    csrfToken: str


def account_document(account: LinkedAccount) -> AccountDocument:
    return {
        "_id": account.id,
        "provider": account.provider,
        "email": account.label or None,
        "created_at": iso(account.created_at) if account.created_at else None,
    }


def session_document(record: SessionRecord, *, is_current: bool) -> SessionDocument:
    return {
        "_id": record.id,
        "door": record.provider,
        "agent": record.agent,
        "created_at": iso(record.created_at),
        "seen_at": iso(record.seen_at),
        "is_current": is_current,
    }
