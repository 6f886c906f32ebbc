"""The pages of signing in and out: plain HTML that works without JavaScript and on a phone."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

from aiohttp import web

from api.auth.requests import AuthRequest
from api.pages.home import card, page
from domain.users import User
from handlers.auth.providers import Provider

# NextAuth's codes, and three of our own: csrf, TooMany, and what is in none of them.
FORM_WORDS: Final = {
    "csrf": "That form had been open for too long, or cookies are off. Please try once more.",
    "Signin": "That did not work. Try once more, or another way.",
    "OAuthSignin": "The service that you chose does not answer. Try again in a moment, or another way.",
    "OAuthCallback": "Signing in there was not finished. Try once more, or another way.",
    "OAuthCreateAccount": "That did not work. Try once more, or another way.",
    "EmailCreateAccount": "That did not work. Try once more, or another way.",
    "Callback": "That did not work. Try once more, or another way.",
    "OAuthAccountNotLinked": (
        "Somebody here has this address or account already. If it is you, sign in the way you did before."
    ),
    "EmailSignin": "No mail could be sent. Look at the address once more, or try again in a moment.",
    "CredentialsSignin": "Telegram's confirmation cannot be used any more. Please begin again.",
    "SessionRequired": "Please sign in to see that page.",
}
PAGE_WORDS: Final = {
    "configuration": (500, "Something is set up wrongly", "The people who run this service will find more in its log."),
    "accessdenied": (403, "You cannot sign in", "This account may not sign in here any more."),
    "verification": (
        403,
        "This link has done its work",
        "A sign-in link works once and for one hour; this one has been used, or its time is over.",
    ),
    "toomany": (429, "That was a lot of mail", "Several links are on their way already. Wait a while for a new one."),
}
ANY_ERROR: Final = (200, "That did not work", "Signing in was not finished. Please begin again.")

_ANYWHERE: Final = "'self' https: http:"
"""These forms lead on to other sites: browsers hold the redirects of a form to the form's policy, too."""


def _answer(found: AuthRequest, body: str, *, title: str, status: int = 200) -> web.Response:
    response = page(body, title=f"{title} · Skill Swap", status=status, form_action=_ANYWHERE)
    found.keep_cookies(response)
    return response


def _hidden(fields: Mapping[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields.items()
    )


def _form(found: AuthRequest, action: str, inner: str, fields: Mapping[str, str] | None = None) -> str:
    own = {"csrfToken": found.csrf_token, "callbackUrl": found.callback_url}
    return (
        f'<form class="stack" method="post" action="/api/auth/{escape(action)}">{_hidden({**(fields or {}), **own})}'
        f"{inner}</form>"
    )


def sign_in(found: AuthRequest, user: User | None, error: str) -> web.Response:
    words = FORM_WORDS.get(error, FORM_WORDS["Signin"] if error else "")
    notice = f'<p class="notice" role="alert">{words}</p>' if words else ""
    if user is not None:
        notice += (
            f'<p class="notice">You are signed in as {escape(user.name)}. Another way in that nobody uses yet is added '
            "to what you have.</p>"
        )
    ways = [_way(found, provider) for provider in found.context.providers.table]
    own = "".join(way for way in ways if way)
    telegram = (
        '<p class="quiet">Known here from Telegram? Send <code>/web</code> to the bot: the link that it gives you '
        "signs you in.</p>"
    )
    return _answer(found, card("Sign in", notice, own, telegram), title="Sign in")


def _way(found: AuthRequest, provider: Provider) -> str:
    action = f"signin/{provider.id}"
    if provider.type == "email":
        return _form(
            found,
            action,
            '<label for="email">Email</label><input id="email" name="email" type="email" required maxlength="254" '
            'autocomplete="email" inputmode="email" placeholder="you@example.org">'
            '<button class="primary">Send me a sign-in link</button>',
        )
    if provider.type == "oauth":
        return _form(found, action, f"<button>Sign in with {escape(provider.name)}</button>")
    return ""


def verify_request(found: AuthRequest) -> web.Response:
    body = card(
        "Check your mail",
        "<p>A sign-in link is on its way to you. It works once, for one hour.</p>",
        '<p class="quiet">Nothing there after a few minutes? Look among the unwanted mail, or '
        '<a href="/api/auth/signin">try once more</a>.</p>',
    )
    return _answer(found, body, title="Check your mail")


def confirm_mail(found: AuthRequest, email: str, token: str) -> web.Response:
    body = card(
        "One more step",
        f"<p>This signs you in on this device as <b>{escape(email)}</b>.</p>",
        _form(found, "callback/email", '<button class="primary">Sign in</button>', {"email": email, "token": token}),
        '<p class="quiet">You did not ask for it? Then close this page.</p>',
    )
    return _answer(found, body, title="Sign in")


def confirm_telegram(found: AuthRequest, signed: Mapping[str, str]) -> web.Response:
    body = card(
        "One more step",
        "<p>This signs you in on this device with your Telegram account.</p>",
        _form(found, "callback/telegram", '<button class="primary">Sign in</button>', signed),
        '<p class="quiet">You did not ask for it? Then close this page.</p>',
    )
    return _answer(found, body, title="Sign in")


def sign_out(found: AuthRequest) -> web.Response:
    is_again = "csrf" in found.request.query
    notice = f'<p class="notice" role="alert">{FORM_WORDS["csrf"]}</p>' if is_again else ""
    body = card(
        "Sign out?",
        notice,
        "<p>You can come back at any time.</p>",
        _form(found, "signout", '<button class="primary">Sign out</button>'),
        '<p class="quiet"><a href="/">Stay signed in</a></p>',
    )
    return _answer(found, body, title="Sign out")


def error(found: AuthRequest, code: str) -> web.Response:
    status, heading, words = PAGE_WORDS.get(code.lower(), ANY_ERROR)
    body = card(heading, f"<p>{words}</p>", '<p><a class="button" href="/api/auth/signin">Sign in</a></p>')
    return _answer(found, body, title=heading, status=status)
