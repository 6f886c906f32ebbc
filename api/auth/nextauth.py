"""`/api/auth/*` as NextAuth v4.24 speaks it, for front ends that use its client and for browsers without JavaScript.

    page or client      GET  providers · csrf · session      POST session (update) · signin/{id} · signout · _log
    browser             GET  signin · signout · error · verify-request · callback/{id}
    Telegram's proofs   POST callback/telegram, with the Mini App's `initData` or the login widget's fields

With `json=true` the answer is `{url}`, otherwise a redirect there. The session routes are in `nextauth_session`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from aiohttp import hdrs, web

from api.auth import pages as forms
from api.auth.current_user import current_user, reader_texts, refuse_foreign
from api.auth.requests import (
    CALLBACK_URL,
    MAIL_REQUEST,
    REQUEST_LIVES,
    STATE,
    STATE_LIVES,
    AuthRequest,
    is_navigation,
    read_auth,
)
from api.auth.session_cookies import clear_session, set_session
from api.auth.tokens import cookie_token
from api.http.bodies import reply
from api.http.language import locale_of, texts_of
from api.openapi.operation import op
from api.schemas.accounts import CsrfToken, ProviderDocument
from domain.errors import Conflict, Forbidden, Invalid, NotFound, Problem, TooMany, Unavailable
from domain.languages import match_locale
from domain.users import User
from handlers.auth import authentication, sign_in_mail, telegram_sign_in
from handlers.auth.identities import Identity, sign_in
from handlers.auth.providers import Provider
from handlers.auth.sessions import open_session
from handlers.runtime.rate_limits import FAILED_PROOFS

PASSED_ON: Final = ("prompt", "login_hint", "ui_locales", "display")
"""What a front end may add to the address of the provider's own page."""


@op(tags=("session",), ok=dict[str, ProviderDocument], is_public=True)
async def get_providers(request: web.Request) -> web.Response:
    """List the ways to sign in.

    By id, as NextAuth's `getProviders` wants them.
    """
    found = await read_auth(request)
    table = found.context.providers.table
    return reply(
        {
            each.id: {
                "id": each.id,
                "name": each.name,
                "type": each.type,
                "signinUrl": f"{found.base}/signin/{each.id}",
                "callbackUrl": f"{found.base}/callback/{each.id}",
            }
            for each in table
        }
    )


@op(tags=("session",), ok=CsrfToken, is_public=True)
async def get_csrf(request: web.Request) -> web.Response:
    """Get the token that forms to `/api/auth/*` must carry.

    It belongs to the cookie `next-auth.csrf-token` that comes with it, and stays the same as long as the cookie does.
    """
    found = await read_auth(request)
    response = reply({"csrfToken": found.csrf_token})
    found.keep_cookies(response)
    return response


async def get_sign_in(request: web.Request) -> web.Response:
    """The page with all ways to sign in."""
    found = await read_auth(request)
    user = await current_user(request)
    error = forms.FORM_EXPIRED if forms.FORM_EXPIRED in request.query else request.query.get("error", "")
    return forms.sign_in(found, texts_of(request), user, error)


async def post_sign_in(request: web.Request) -> web.Response:
    """Begin: mail a link, or send the browser on to a provider."""
    found = await read_auth(request)
    refuse_foreign(found.context, request)
    provider = found.context.providers.find(request.match_info["provider"])
    if not found.is_verified or provider is None:
        return found.go(f"{found.base}/signin?csrf=true")
    if provider.type == "email":
        return await _begin_mail(found)
    if provider.type == "oauth":
        return await _begin_oauth(found, provider)
    return found.go(f"{found.base}/signin?{urlencode({'callbackUrl': found.callback_url})}")


async def _begin_mail(found: AuthRequest) -> web.Response:
    context, user = found.context, await current_user(found.request)
    try:
        address = await sign_in_mail.send_link(
            context.deps,
            context.providers,
            found.text("email"),
            callback_url=found.callback_url,
            client=found.client,
            locale=locale_of(found.request),
        )
    except TooMany as problem:
        response = found.fail("EmailSignin" if found.wants_json else "TooMany", status=429)
        response.headers["Retry-After"] = str(problem.retry_after)
        return response
    except (Invalid, Unavailable):
        return found.fail("EmailSignin")
    response = found.go(f"{found.base}/verify-request?provider=email&type=email")
    claims = {"email": address, "linking": user.id if user else None}
    found.seal(response, MAIL_REQUEST, claims, REQUEST_LIVES)
    return response


async def _begin_oauth(found: AuthRequest, provider: Provider) -> web.Response:
    oauth, user = found.context.providers.oauth, await current_user(found.request)
    assert oauth is not None
    try:
        url, kept = await oauth.begin(provider.id, redirect_uri=_redirect_uri(found, provider))
    except Problem:
        return found.fail("OAuthSignin")
    if more := {name: value[:500] for name in PASSED_ON if (value := found.request.query.get(name))}:
        url = f"{url}&{urlencode(more)}"
    response = found.go(url)
    claims = {"kept": kept, "provider": provider.id, "linking": user.id if user else None, "to": found.callback_url}
    found.seal(response, STATE, claims, STATE_LIVES)
    return response


def _redirect_uri(found: AuthRequest, provider: Provider) -> str:
    return f"{found.base}/callback/{provider.id}"


async def callback(request: web.Request) -> web.Response:
    """The way back: from the mail, from a provider, or with Telegram's proof."""
    found = await read_auth(request)
    provider = found.context.providers.find(request.match_info["provider"])
    if provider is None:
        raise NotFound("not_found")
    if request.method == hdrs.METH_POST:
        refuse_foreign(found.context, request)
    match provider.type:
        case "email":
            return await _finish_mail(found)
        case "oauth" if request.method == hdrs.METH_GET:
            return await _finish_oauth(found, provider)
        case "credentials":
            return await _finish_telegram(found)
    raise NotFound("not_found")


async def _finish_mail(found: AuthRequest) -> web.Response:
    """A link opened where it was asked for signs in at once. Elsewhere a page asks first: scanners open links too."""
    context, request = found.context, found.request
    given = found.fields if request.method == hdrs.METH_POST else request.query
    email, token = str(given.get("email", "")), str(given.get("token", ""))
    asked = found.unseal(MAIL_REQUEST) or {}
    is_own = is_navigation(request) and bool(email) and asked.get("email") == email
    if not is_own and not (request.method == hdrs.METH_POST and found.is_verified):
        if not await sign_in_mail.check_link(context.deps, context.providers, email, token):
            return found.fail("Verification")
        return forms.confirm_mail(found, await reader_texts(request), email, token)
    user = await current_user(request)
    linking = user if user is not None and asked == {**asked, "email": email, "linking": user.id} else None
    try:
        person = await sign_in_mail.redeem_link(
            context.deps, context.providers, email, token, linking=linking, locale=locale_of(request)
        )
    except Invalid:
        return found.fail("Verification")
    except (Conflict, Forbidden) as problem:
        return found.fail(_error_of(problem))
    return await _welcome(found, person, "email", found.callback_url)


async def _finish_oauth(found: AuthRequest, provider: Provider) -> web.Response:
    oauth, asked = found.context.providers.oauth, found.unseal(STATE)
    assert oauth is not None
    if asked is None or asked.get("provider") != provider.id:
        response = found.fail("OAuthCallback")
    else:
        try:
            identity = await oauth.finish(
                provider.id,
                redirect_uri=_redirect_uri(found, provider),
                query=found.request.query,
                secrets=asked["kept"],
                now=found.context.deps.now(),
            )
            response = await _enter(found, identity, str(asked["linking"] or ""), str(asked["to"]))
        except (Invalid, Unavailable):
            response = found.fail("OAuthCallback")
        except (Conflict, Forbidden) as problem:
            response = found.fail(_error_of(problem))
    found.clear_cookie(response, STATE)
    return response


async def _finish_telegram(found: AuthRequest) -> web.Response:
    """What Telegram has signed. As a link it is shown for a confirmation first, so that no page can sign one in."""
    context, request = found.context, found.request
    if request.method != hdrs.METH_POST:
        return forms.confirm_telegram(found, await reader_texts(request), _signed_fields(request.query))
    if not found.is_verified:
        return found.go(f"{found.base}/signin?csrf=true")
    user = await current_user(request)
    token = context.providers.bot_token
    assert token is not None
    try:
        if init_data := found.text("initData"):
            identity = await telegram_sign_in.prove_init_data(context.deps, init_data, token)
        else:
            identity = await telegram_sign_in.prove_widget(context.deps, _signed_fields(found.fields), token)
        return await _enter(found, identity, user.id if user else "", found.callback_url)
    except Invalid:
        return await _refuse_proof(found)
    except (Conflict, Forbidden) as problem:
        return found.fail(_error_of(problem), status=401)


async def _refuse_proof(found: AuthRequest) -> web.Response:
    deps = found.context.deps
    try:
        if found.client:
            await deps.rates.spend("failed_proof", found.client, FAILED_PROOFS, at=deps.now())
    except TooMany as problem:
        response = found.fail("CredentialsSignin", status=429)
        response.headers["Retry-After"] = str(problem.retry_after)
        return response
    return found.fail("CredentialsSignin", status=401)


def _signed_fields(fields: Mapping[str, object]) -> dict[str, str]:
    """Telegram's fields without NextAuth's own, which it has not signed."""
    ours = {"csrfToken", "callbackUrl", "json", "redirect"}
    return {name: value for name, value in fields.items() if name not in ours and isinstance(value, str)}


async def _enter(found: AuthRequest, identity: Identity, linking_id: str, to: str) -> web.Response:
    """Sign in with an identity; for who is signed in and was so when they began, it becomes one more of their doors."""
    user = await current_user(found.request) if linking_id else None
    linking = user if user is not None and user.id == linking_id else None
    identity = replace(identity, locale=match_locale(identity.locale) or locale_of(found.request))
    person = await sign_in(found.context.deps, identity, linking=linking)
    return await _welcome(found, person, identity.provider, to)


async def _welcome(found: AuthRequest, user: User, provider_id: str, to: str) -> web.Response:
    """A new session in this browser, in the place of the one that it had."""
    deps, request = found.context.deps, found.request
    await authentication.sign_out(deps, cookie_token(found.context, request))
    agent = request.headers.get(hdrs.USER_AGENT, "")
    token = await open_session(deps, user, provider=provider_id, user_agent=agent)
    response = found.go(to)
    set_session(found.context, request, response, token)
    found.clear_cookie(response, MAIL_REQUEST)
    return response


def _error_of(problem: Problem) -> str:
    return "AccessDenied" if isinstance(problem, Forbidden) else "OAuthAccountNotLinked"


async def get_sign_out(request: web.Request) -> web.Response:
    """The page that asks whether to sign out."""
    return forms.sign_out(await read_auth(request), await reader_texts(request))


async def post_sign_out(request: web.Request) -> web.Response:
    """End the session in this browser."""
    found = await read_auth(request)
    refuse_foreign(found.context, request)
    if not found.is_verified:
        return found.go(f"{found.base}/signout?csrf=true")
    await authentication.sign_out(found.context.deps, cookie_token(found.context, request))
    response = found.go(found.callback_url)
    clear_session(request, response)
    found.clear_cookie(response, CALLBACK_URL)
    return response


async def get_error(request: web.Request) -> web.Response:
    """What went wrong, in words."""
    found = await read_auth(request)
    error = request.query.get("error", "")
    if error in forms.FORM_ERRORS:  # NextAuth sends the browser back to the form
        return found.go(f"{found.base}/signin?error={error}")
    return forms.error(found, await reader_texts(request), error)


async def get_verify_request(request: web.Request) -> web.Response:
    """Check your mail."""
    return forms.verify_request(await read_auth(request), await reader_texts(request))


async def post_log(request: web.Request) -> web.Response:
    """NextAuth's client reports its errors here. They are anybody's text, so they are read and dropped."""
    await read_auth(request)
    return web.Response(headers={"Cache-Control": "no-store"})


def routes() -> list[web.RouteDef]:
    base = "/api/auth"
    return [
        web.get(f"{base}/providers", get_providers),
        web.get(f"{base}/csrf", get_csrf),
        web.get(f"{base}/signin", get_sign_in),
        web.get(f"{base}/signin/{{provider}}", get_sign_in),
        web.post(f"{base}/signin/{{provider}}", post_sign_in),
        web.get(f"{base}/callback/{{provider}}", callback),
        web.post(f"{base}/callback/{{provider}}", callback),
        web.get(f"{base}/signout", get_sign_out),
        web.post(f"{base}/signout", post_sign_out),
        web.get(f"{base}/error", get_error),
        web.get(f"{base}/verify-request", get_verify_request),
        web.post(f"{base}/_log", post_log),
    ]
