"""NextAuth v4.24 routes at `/api/auth/*`, for front ends with its client and browsers without
JavaScript.

    page or client      GET  providers · csrf · session      POST session (update) · signin/{id} · signout · _log
    browser             GET  signin · signout · error · verify-request · callback/{id}
    Telegram's proofs   POST callback/telegram, with the Mini App's `initData` or the login widget's fields

With `json=true`, or the header `X-Auth-Return-Redirect: 1` of version 5, the response is `{url}`,
otherwise a redirect to it. The session routes are in `nextauth_session`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from aiohttp import hdrs, web

from api.auth import pages as forms
from api.auth.current_user import current_user, reader_texts, refuse_cross_site
from api.auth.requests import (
    CALLBACK_URL,
    MAIL_REQUEST,
    MAIL_REQUEST_LIFETIME,
    STATE,
    STATE_LIFETIME,
    AuthRequest,
    is_navigation,
    read_auth,
)
from api.auth.session_cookies import clear_session, set_session
from api.auth.tokens import cookie_token
from api.http.bodies import reply
from api.http.language import locale_of, texts_of
from api.openapi.operation import op
from api.pages.navigation import count_for_navigation
from api.schemas.accounts import CsrfToken, ProviderDocument
from domain.errors import Conflict, Forbidden, Invalid, NotFound, Problem, TooMany, Unavailable
from domain.languages import match_locale
from domain.users import User
from handlers.auth import authentication, sign_in_mail, telegram_sign_in
from handlers.auth.identities import Identity, sign_in
from handlers.auth.providers import Provider
from handlers.auth.sessions import open_session
from handlers.runtime.deps import DATABASE_ERRORS
from handlers.runtime.rate_limits import FAILED_PROOFS

FORWARDED_PARAMETERS: Final = ("prompt", "login_hint", "ui_locales", "display")
"""Query parameters that a front end may add to the address of the provider's page."""


@op(tags=("session",), ok=dict[str, ProviderDocument], is_public=True, is_contract=True)
async def get_providers(request: web.Request) -> web.Response:
    """List the sign-in providers.

    An object by provider id, as NextAuth's `getProviders` expects it.
    """
    auth = await read_auth(request)
    table = auth.context.providers.table
    return reply(
        {
            provider.id: {
                "id": provider.id,
                "name": provider.name,
                "type": provider.type,
                "signinUrl": f"{auth.base}/signin/{provider.id}",
                "callbackUrl": f"{auth.base}/callback/{provider.id}",
            }
            for provider in table
        }
    )


@op(tags=("session",), ok=CsrfToken, is_public=True, is_contract=True)
async def get_csrf(request: web.Request) -> web.Response:
    """Get the CSRF token.

    Forms sent to `/api/auth/*` must contain it. It belongs to the cookie `next-auth.csrf-token` of
    the response and is valid as long as the cookie.
    """
    auth = await read_auth(request)
    response = reply({"csrfToken": auth.csrf_token})
    auth.keep_cookies(response)
    return response


async def get_sign_in(request: web.Request) -> web.Response:
    """Show the page with all sign-in providers."""
    auth = await read_auth(request)
    user = await current_user(request)
    error = request.query.get("reason") or request.query.get("error", "")
    if forms.FORM_EXPIRED in request.query:
        error = forms.FORM_EXPIRED
    return forms.sign_in(auth, texts_of(request), user, error)


async def post_sign_in(request: web.Request) -> web.Response:
    """Start to sign in: send a link by mail, or redirect to a provider."""
    auth = await read_auth(request)
    refuse_cross_site(auth.context, request)
    provider = auth.context.providers.find(request.match_info["provider"])
    if not auth.is_verified or provider is None:
        return auth.redirect(f"{auth.base}/signin?csrf=true")
    if provider.type == "email":
        return await _begin_mail(auth)
    if provider.type == "oauth":
        return await _begin_oauth(auth, provider)
    return auth.redirect(f"{auth.base}/signin?{urlencode({'callbackUrl': auth.callback_url})}")


async def _begin_mail(auth: AuthRequest) -> web.Response:
    context, user = auth.context, await current_user(auth.request)
    try:
        address = await sign_in_mail.send_link(
            context.deps,
            context.providers,
            auth.text("email"),
            callback_url=auth.callback_url,
            client=auth.client,
            locale=locale_of(auth.request),
        )
    except TooMany as problem:
        response = auth.redirect_to_error("EmailSignin" if auth.wants_json else "TooMany", status=429)
        response.headers["Retry-After"] = str(problem.retry_after)
        return response
    except (Invalid, Unavailable) as problem:
        reason = forms.LETTERS if problem.code == sign_in_mail.FOREIGN_LETTERS else ""
        return auth.redirect_to_error("EmailSignin", reason=reason)
    response = auth.redirect(f"{auth.base}/verify-request?provider=email&type=email")
    claims = {"email": address, "linking": user.id if user else None}
    auth.seal(response, MAIL_REQUEST, claims, MAIL_REQUEST_LIFETIME)
    return response


async def _begin_oauth(auth: AuthRequest, provider: Provider) -> web.Response:
    oauth, user = auth.context.providers.oauth, await current_user(auth.request)
    assert oauth is not None
    try:
        url, secrets = await oauth.begin(provider.id, redirect_uri=_redirect_uri(auth, provider))
    except Problem:
        return auth.redirect_to_error("OAuthSignin")
    if extra := {name: value[:500] for name in FORWARDED_PARAMETERS if (value := auth.request.query.get(name))}:
        url = f"{url}&{urlencode(extra)}"
    response = auth.redirect(url)
    claims = {
        "kept": secrets,
        "provider": provider.id,
        "linking": user.id if user else None,
        "to": auth.callback_url,
    }
    auth.seal(response, STATE, claims, STATE_LIFETIME)
    return response


def _redirect_uri(auth: AuthRequest, provider: Provider) -> str:
    return f"{auth.base}/callback/{provider.id}"


async def callback(request: web.Request) -> web.Response:
    """Complete a sign-in: by the link in a mail, the redirect of a provider, or Telegram's proof."""
    auth = await read_auth(request)
    provider = auth.context.providers.find(request.match_info["provider"])
    if provider is None:
        raise NotFound("not_found")
    if request.method == hdrs.METH_POST:
        refuse_cross_site(auth.context, request)
    match provider.type:
        case "email":
            return await _finish_mail(auth)
        case "oauth" if request.method == hdrs.METH_GET:
            return await _finish_oauth(auth, provider)
        case "credentials":
            return await _finish_telegram(auth)
    raise NotFound("not_found")


async def _finish_mail(auth: AuthRequest) -> web.Response:
    """Sign in by a link from a mail.

    A link opened in the browser that asked for it signs in at once. Anywhere else a page asks for
    confirmation first, because mail scanners open links, too.
    """
    context, request = auth.context, auth.request
    fields = auth.fields if request.method == hdrs.METH_POST else request.query
    email, token = str(fields.get("email", "")), str(fields.get("token", ""))
    claims = auth.unseal(MAIL_REQUEST) or {}
    is_own = is_navigation(request) and bool(email) and claims.get("email") == email
    if not is_own and not (request.method == hdrs.METH_POST and auth.is_verified):
        if not await sign_in_mail.check_link(context.deps, context.providers, email, token):
            return await _refuse_mail_link(auth, email)
        return forms.confirm_mail(auth, await reader_texts(request), email, token)
    user = await current_user(request)
    linking = user if user is not None and claims == {**claims, "email": email, "linking": user.id} else None
    try:
        signed_in_user = await sign_in_mail.redeem_link(
            context.deps, context.providers, email, token, linking=linking, locale=locale_of(request)
        )
    except Invalid:
        return await _refuse_mail_link(auth, email)
    except (Conflict, Forbidden) as problem:
        return auth.redirect_to_error(_error_code(problem))
    return await _start_session(auth, signed_in_user, "email", auth.callback_url)


async def _refuse_mail_link(auth: AuthRequest, email: str) -> web.Response:
    """Answer a used or expired link: whoever is signed in with its address is led on, as after a second press."""
    user = await current_user(auth.request)
    if user is not None and sign_in_mail.is_address_of(user, email):
        return auth.redirect(auth.callback_url)
    return auth.redirect_to_error("Verification")


async def _finish_oauth(auth: AuthRequest, provider: Provider) -> web.Response:
    oauth, claims = auth.context.providers.oauth, auth.unseal(STATE)
    assert oauth is not None
    if claims is None or claims.get("provider") != provider.id:
        response = auth.redirect_to_error("OAuthCallback")
    else:
        try:
            identity = await oauth.finish(
                provider.id,
                redirect_uri=_redirect_uri(auth, provider),
                query=auth.request.query,
                secrets=claims["kept"],
                now=auth.context.deps.real_now(),
            )
            response = await _sign_in_identity(auth, identity, str(claims["linking"] or ""), str(claims["to"]))
        except (Invalid, Unavailable):
            response = auth.redirect_to_error("OAuthCallback")
        except (Conflict, Forbidden) as problem:
            response = auth.redirect_to_error(_error_code(problem))
    auth.clear_cookie(response, STATE)
    return response


async def _finish_telegram(auth: AuthRequest) -> web.Response:
    """Sign in by data that Telegram has signed.

    For a GET a page asks for confirmation first, so that no other site can sign a user
    in by a link.
    """
    context, request = auth.context, auth.request
    if request.method != hdrs.METH_POST:
        return forms.confirm_telegram(auth, await reader_texts(request), _signed_fields(request.query))
    if not auth.is_verified:
        return auth.redirect(f"{auth.base}/signin?csrf=true")
    user = await current_user(request)
    token = context.providers.bot_token
    assert token is not None
    try:
        if init_data := auth.text("initData"):
            identity = await telegram_sign_in.prove_init_data(context.deps, init_data, token)
        else:
            identity = await telegram_sign_in.prove_widget(context.deps, _signed_fields(auth.fields), token)
        return await _sign_in_identity(auth, identity, user.id if user else "", auth.callback_url)
    except Invalid:
        return await _reject_proof(auth)
    except (Conflict, Forbidden) as problem:
        return auth.redirect_to_error(_error_code(problem), status=401)


async def _reject_proof(auth: AuthRequest) -> web.Response:
    deps = auth.context.deps
    try:
        if auth.client:
            await deps.rates.spend("failed_proof", auth.client, FAILED_PROOFS, at=deps.now())
    except TooMany as problem:
        response = auth.redirect_to_error("CredentialsSignin", status=429)
        response.headers["Retry-After"] = str(problem.retry_after)
        return response
    return auth.redirect_to_error("CredentialsSignin", status=401)


def _signed_fields(fields: Mapping[str, object]) -> dict[str, str]:
    """Return the fields that Telegram has signed, without NextAuth's own."""
    own_fields = {"csrfToken", "callbackUrl", "json", "redirect"}
    return {name: value for name, value in fields.items() if name not in own_fields and isinstance(value, str)}


async def _sign_in_identity(auth: AuthRequest, identity: Identity, linking_id: str, to: str) -> web.Response:
    """Sign in with an identity.

    If the user of `linking_id`, who started the request, is still signed in, the identity is linked
    to that user instead.
    """
    user = await current_user(auth.request) if linking_id else None
    linking = user if user is not None and user.id == linking_id else None
    identity = replace(identity, locale=match_locale(identity.locale) or locale_of(auth.request))
    signed_in_user = await sign_in(auth.context.deps, identity, linking=linking)
    return await _start_session(auth, signed_in_user, identity.provider, to)


async def _start_session(auth: AuthRequest, user: User, provider_id: str, to: str) -> web.Response:
    """Start a session in this browser, in place of the present one."""
    deps, request = auth.context.deps, auth.request
    await authentication.sign_out(deps, cookie_token(auth.context, request))
    agent = request.headers.get(hdrs.USER_AGENT, "")
    token = await open_session(deps, user, provider=provider_id, user_agent=agent)
    response = auth.redirect(to)
    set_session(auth.context, request, response, token)
    auth.clear_cookie(response, MAIL_REQUEST)
    return response


def _error_code(problem: Problem) -> str:
    return "AccessDenied" if isinstance(problem, Forbidden) else "OAuthAccountNotLinked"


async def get_sign_out(request: web.Request) -> web.Response:
    """Show the page that asks for confirmation to sign out."""
    auth, user = await read_auth(request), None
    with contextlib.suppress(Unavailable, *DATABASE_ERRORS):
        user = await current_user(request)
        if user is not None:
            await count_for_navigation(request, user)
    return forms.sign_out(auth, texts_of(request), user)


async def post_sign_out(request: web.Request) -> web.Response:
    """End the session of this browser."""
    auth = await read_auth(request)
    refuse_cross_site(auth.context, request)
    if not auth.is_verified:
        return auth.redirect(f"{auth.base}/signout?csrf=true")
    await authentication.sign_out(auth.context.deps, cookie_token(auth.context, request))
    response = auth.redirect(auth.callback_url)
    clear_session(request, response)
    auth.clear_cookie(response, CALLBACK_URL)
    return response


async def get_error(request: web.Request) -> web.Response:
    """Show the error page for one of NextAuth's error codes."""
    auth = await read_auth(request)
    error = request.query.get("error", "")
    if error in forms.FORM_ERRORS:  # NextAuth sends the browser back to the form
        reason = f"&reason={forms.LETTERS}" if request.query.get("reason") == forms.LETTERS else ""
        return auth.redirect(f"{auth.base}/signin?error={error}{reason}")
    return forms.error(auth, await reader_texts(request), error)


async def get_verify_request(request: web.Request) -> web.Response:
    """Show the page that tells the user to check their mail."""
    return forms.verify_request(await read_auth(request), await reader_texts(request))


async def post_log(request: web.Request) -> web.Response:
    """Discard error reports of NextAuth's client: anyone could fill the log with them."""
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
