"""Linked accounts, sessions and sign-in: the bodies and queries that are read, the documents that are sent."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from api.schemas.values import Body, Id, Query, iso
from handlers.auth.accounts import LinkedAccount
from handlers.auth.sessions import SessionRecord


class MergeBody(Body):
    """`code` as the other profile showed it; hyphens, spaces and small letters do not matter."""

    code: Annotated[str, Field(min_length=1, max_length=40)]


class LinkQuery(Query):
    token: Annotated[str, Field(max_length=200)] = ""


class AccountDocument(TypedDict):
    """One way to sign in. `email` is the address of a mail account; `created_at` is null for what came with the
    profile."""

    _id: Id
    provider: str
    email: str | None
    created_at: str | None


class SessionDocument(TypedDict):
    """One place where somebody is signed in. `door` is what opened it, `agent` the browser: "Firefox, Linux" or ""."""

    _id: Id
    door: str
    agent: str
    created_at: str
    seen_at: str
    is_current: bool


class MergeCode(TypedDict):
    """To be entered at your other profile."""

    code: str
    expires_at: str


class MergePreview(TypedDict):
    """The profile that yours would be joined to."""

    name: str
    photo_url: str | None


class SessionUser(TypedDict):
    name: str
    email: str | None
    image: str | None
    id: Id


class Session(TypedDict, total=False):
    """As NextAuth answers: `{}` when nobody is signed in."""

    user: SessionUser
    expires: str


class ProviderDocument(TypedDict):
    """One way to sign in, as NextAuth's `getProviders` wants it."""

    id: str
    name: str
    type: Literal["oauth", "email", "credentials"]
    signinUrl: str
    callbackUrl: str


class CsrfToken(TypedDict):
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
