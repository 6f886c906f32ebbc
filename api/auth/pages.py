"""The pages of signing in and out: plain HTML that works without JavaScript and on a phone."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

from aiohttp import web

from api.auth.requests import AuthRequest
from api.http.origins import address_notice
from api.pages.home import card, page
from domain.users import User
from handlers.auth.providers import Provider
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


def _answer(auth: AuthRequest, texts: Texts, body: str, *, title: str, status: int = 200) -> web.Response:
    body = address_notice(auth.context, auth.request, texts) + body
    response = page(texts, body, title=f"{title} · Skill Swap", status=status, form_action=_ANYWHERE)
    auth.keep_cookies(response)
    return response


def _hidden(fields: Mapping[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields.items()
    )


def _form(auth: AuthRequest, action: str, inner: str, fields: Mapping[str, str] | None = None) -> str:
    own = {"csrfToken": auth.csrf_token, "callbackUrl": auth.callback_url}
    return (
        f'<form class="stack" method="post" action="/api/auth/{escape(action)}">{_hidden({**(fields or {}), **own})}'
        f"{inner}</form>"
    )


def sign_in(auth: AuthRequest, texts: Texts, user: User | None, error: str) -> web.Response:
    notice = ""
    if error == FORM_EXPIRED:
        notice = _alert(texts, "form_expired")
    elif error:
        notice = _alert(texts, FORM_ERRORS.get(error, "failed"))
    if user is not None:
        notice += f'<p class="notice">{texts("page.sign_in.as_user", name=user.name)}</p>'
    ways = [_way(auth, texts, provider) for provider in auth.context.providers.table]
    own = "".join(way for way in ways if way)
    telegram = f'<p class="quiet">{texts("page.sign_in.from_telegram")}</p>'
    title = texts.plain("page.sign_in.title")
    return _answer(auth, texts, card(title, notice, own, telegram), title=title)


def _alert(texts: Texts, error: str) -> str:
    return f'<p class="notice" role="alert">{texts(f"page.sign_in.error.{error}")}</p>'


def _way(auth: AuthRequest, texts: Texts, provider: Provider) -> str:
    action = f"signin/{provider.id}"
    if provider.type == "email":
        return _form(
            auth,
            action,
            f'<label for="email">{texts("page.sign_in.email")}</label>'
            '<input id="email" name="email" type="email" required maxlength="254" '
            'autocomplete="email" inputmode="email" placeholder="you@example.org">'
            f'<button class="primary">{texts("page.sign_in.send_link")}</button>',
        )
    if provider.type == "oauth":
        label = texts("page.sign_in.with_provider", provider=provider.name)
        return _form(auth, action, f"<button>{label}</button>")
    return ""


def verify_request(auth: AuthRequest, texts: Texts) -> web.Response:
    title = texts.plain("page.verify.title")
    is_mailed = auth.context.providers.mailer.has_server
    body = card(
        title,
        f"<p>{texts('page.verify.text' if is_mailed else 'page.verify.in_log')}</p>",
        f'<p class="quiet">{texts("page.verify.nothing", url="/api/auth/signin")}</p>',
    )
    return _answer(auth, texts, body, title=title)


def confirm_mail(auth: AuthRequest, texts: Texts, email: str, token: str) -> web.Response:
    text = texts("page.confirm.mail", email=email)
    return _confirm(auth, texts, text, "callback/email", {"email": email, "token": token})


def confirm_telegram(auth: AuthRequest, texts: Texts, signed: Mapping[str, str]) -> web.Response:
    return _confirm(auth, texts, texts("page.confirm.telegram"), "callback/telegram", signed)


def _confirm(auth: AuthRequest, texts: Texts, text: str, action: str, fields: Mapping[str, str]) -> web.Response:
    body = card(
        texts("page.confirm.title"),
        f"<p>{text}</p>",
        _form(auth, action, f'<button class="primary">{texts("page.confirm.button")}</button>', fields),
        f'<p class="quiet">{texts("page.confirm.not_asked")}</p>',
    )
    return _answer(auth, texts, body, title=texts.plain("page.sign_in.title"))


def sign_out(auth: AuthRequest, texts: Texts) -> web.Response:
    body = card(
        texts("page.sign_out.title"),
        _alert(texts, "form_expired") if FORM_EXPIRED in auth.request.query else "",
        f"<p>{texts('page.sign_out.text')}</p>",
        _form(auth, "signout", f'<button class="primary">{texts("page.sign_out.button")}</button>'),
        f'<p class="quiet"><a href="/">{texts("page.sign_out.stay")}</a></p>',
    )
    return _answer(auth, texts, body, title=texts.plain("page.sign_out.button"))


def error(auth: AuthRequest, texts: Texts, code: str) -> web.Response:
    status, name = PAGE_ERRORS.get(code.lower(), ANY_ERROR)
    title = texts.plain(f"page.error.{name}.title")
    again = f'<p><a class="button" href="/api/auth/signin">{texts("page.error.sign_in")}</a></p>'
    body = card(title, f"<p>{texts(f'page.error.{name}.text')}</p>", again)
    return _answer(auth, texts, body, title=title, status=status)
