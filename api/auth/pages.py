"""The pages of signing in and out: plain HTML that works without JavaScript and on a phone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from api.auth.requests import AuthRequest
from api.pages.layout import render
from domain.users import User
from handlers.community import known_community
from handlers.runtime.texts import Texts

LETTERS: Final = "letters"
"""Reason of EmailSignin: letters before the @ that few mail servers take."""

FORM_ERRORS: Final = {
    "Signin": "failed",
    "OAuthSignin": "no_answer",
    "OAuthCallback": "not_finished",
    "OAuthCreateAccount": "failed",
    "EmailCreateAccount": "failed",
    "Callback": "failed",
    "OAuthAccountNotLinked": "not_linked",
    "EmailSignin": "no_mail",
    LETTERS: LETTERS,
    "CredentialsSignin": "telegram_proof",
    "SessionRequired": "session_required",
}
"""NextAuth's codes, and a reason of ours, that are shown beside the form, and their texts (`page.sign_in.error.*`)."""

FORM_EXPIRED: Final = "csrf"
"""The query parameter with which a form without a valid CSRF token comes back."""

PAGE_ERRORS: Final = {
    "configuration": (500, "configuration"),
    "accessdenied": (403, "access_denied"),
    "verification": (403, "verification"),
    "toomany": (429, "too_many_mails"),
}
"""NextAuth's codes that have a page, with its status and texts (`page.error.*`), and TooMany of our own."""

ANY_ERROR: Final = (200, "any")

_ANYWHERE: Final = "'self' https: http:"
"""These forms lead on to other sites: browsers hold the redirects of a form to the form's policy, too."""


def _answer(
    auth: AuthRequest, texts: Texts, template: str, *, title: str, status: int = 200, **values: Any
) -> web.Response:
    response = render(auth.request, texts, template, title=title, status=status, form_action=_ANYWHERE, **values)
    auth.keep_cookies(response)
    return response


def sign_in(auth: AuthRequest, texts: Texts, user: User | None, error: str) -> web.Response:
    """Return the page with all ways to sign in."""
    alert = ""
    if error == FORM_EXPIRED:
        alert = _alert("form_expired")
    elif error:
        alert = _alert(FORM_ERRORS.get(error, "failed"))
    return _answer(
        auth,
        texts,
        "sign_in.html",
        title=texts.plain("page.sign_in.title"),
        user=user,
        alert=alert,
        providers=auth.context.providers.table,
        csrf_token=auth.csrf_token,
        callback_url=auth.callback_url,
    )


def _alert(error: str) -> str:
    return f"page.sign_in.error.{error}"


def verify_request(auth: AuthRequest, texts: Texts) -> web.Response:
    """Return the page that says where the link is."""
    is_mailed = auth.context.providers.mailer.has_server
    return _answer(auth, texts, "verify.html", title=texts.plain("page.verify.title"), is_mailed=is_mailed)


def confirm_mail(auth: AuthRequest, texts: Texts, email: str, token: str) -> web.Response:
    """Return the page behind a link that was mailed."""
    fields = {"email": email, "token": token}
    return _confirm(auth, texts, "page.confirm.mail", "callback/email", fields, email=email)


def confirm_telegram(auth: AuthRequest, texts: Texts, signed: Mapping[str, str]) -> web.Response:
    """Return the page behind Telegram's login widget."""
    return _confirm(auth, texts, "page.confirm.telegram", "callback/telegram", signed)


def _confirm(
    auth: AuthRequest, texts: Texts, text: str, action: str, fields: Mapping[str, str], **params: str
) -> web.Response:
    return _answer(
        auth,
        texts,
        "asked.html",
        title=texts.plain("page.sign_in.title"),
        key="page.confirm",
        text=text,
        params=params,
        action=f"/api/auth/{action}",
        fields={**fields, **_own_fields(auth)},
        quiet="page.confirm.not_asked",
    )


def _own_fields(auth: AuthRequest) -> dict[str, str]:
    return {"csrfToken": auth.csrf_token, "callbackUrl": auth.callback_url}


def sign_out(auth: AuthRequest, texts: Texts, user: User | None) -> web.Response:
    """Return the page that asks before signing out."""
    return _answer(
        auth,
        texts,
        "sign_out.html",
        user=user,
        title=texts.plain("page.sign_out.button"),
        key="page.sign_out",
        action="/api/auth/signout",
        fields=_own_fields(auth),
        alert=_alert("form_expired") if FORM_EXPIRED in auth.request.query else "",
        way_back="page.sign_out.stay",
    )


def error(auth: AuthRequest, texts: Texts, code: str) -> web.Response:
    """Return the page about one of NextAuth's error codes."""
    status, name = PAGE_ERRORS.get(code.lower(), ANY_ERROR)
    key = f"page.error.{name}"
    title = texts.plain(f"{key}.title")
    contact = known_community(auth.context.deps).contact if name == "access_denied" else ""
    return _answer(
        auth,
        texts,
        "said.html",
        title=title,
        status=status,
        key=key,
        parts=("text",),
        has_sign_in=True,
        contact=contact,
    )
