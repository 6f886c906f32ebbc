"""The layout of all pages: Jinja2 templates in the reader's language, everything from outside escaped."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from api.http.context import context_of
from api.http.language import language_headers
from api.http.origins import address_notice
from api.pages.assets import address_of, imported_by
from api.pages.icons import icon, read_icons
from api.pages.navigation import badges_of, navigation
from api.pages.once import OnceExtension, new_once
from api.pages.photos import small_photo
from api.pages.reader import notice_for
from domain.users import User
from handlers.community import known_community, service_name
from handlers.runtime.background import BackgroundTask
from handlers.runtime.texts import Html, Texts

COMPILE_AFTER_SECONDS: Final = 3.0
COMPILE_PAUSE_SECONDS: Final = 0.01
"""Pause between two templates: requests have the processor in between."""

FOLDER: Final = Path(__file__).parent / "templates"

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob: {photos}; form-action {form_action}; base-uri 'none'; frame-ancestors {frames}"
)
_HEADERS: Final = {
    # Not "no-referrer": with it browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def _read_templates() -> dict[str, tuple[str, str, Callable[[], bool]]]:
    """Return the text of each template, its file, and that it does not change: a request does not wait for the disk."""
    files = [file for file in sorted(FOLDER.rglob("*")) if file.is_file()]
    return {file.relative_to(FOLDER).as_posix(): (file.read_text("utf-8"), str(file), lambda: True) for file in files}


def _open_environment() -> Environment:
    """Return the environment. A template is compiled when it is used first, or by `compile_templates` before."""
    read_icons()
    templates = _read_templates()
    environment = Environment(
        loader=FunctionLoader(templates.get),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=[OnceExtension],
    )
    environment.globals.update(asset=address_of, imported_by=imported_by, icon=icon, once=new_once)
    environment.filters["small"] = small_photo
    return environment


_ENVIRONMENT: Final = _open_environment()


async def compile_templates(_: web.Application) -> AsyncIterator[None]:
    """Compile all templates in a thread, one after another, once the service has started.

    Together they take as long as half of the start. Before its turn a template is compiled by the first page that needs
    it.
    """

    async def compile_each() -> None:
        await asyncio.sleep(COMPILE_AFTER_SECONDS)
        for name in await asyncio.to_thread(_read_templates):
            await asyncio.to_thread(_ENVIRONMENT.get_template, name)
            await asyncio.sleep(COMPILE_PAUSE_SECONDS)

    compiling = BackgroundTask("templates", compile_each)
    compiling.start()
    yield
    await compiling.stop()


def render(
    request: web.Request,
    texts: Texts,
    template: str,
    *,
    user: User | None = None,
    title: str = "",
    status: int = 200,
    form_action: str = "'self'",
    frames: str = "'none'",
    **values: Any,
) -> web.Response:
    """Return a page: a template, around which `layout.html` stands.

    In a template `t` gives a text as HTML and `plain` one for attributes, which is escaped there. `title` is plain
    text. `form_action` is where forms of the page, and the redirects after them, may lead; `frames` names the sites
    that may show the page in a frame.
    """
    context = context_of(request)
    community, name = known_community(context.deps), service_name(context.deps)
    page = _ENVIRONMENT.get_template(template)
    body = page.render(
        values,
        t=_Words(texts),
        plain=texts.plain,
        texts=texts,
        user=user,
        title=f"{title} · {name}" if title else name,
        name=name,
        community=community,
        sandbox=context.sandbox_page,
        notice=address_notice(context, request, texts),
        standing=notice_for(user, community, context.deps.now(), request.path),
        navigation=navigation(request, user, badges_of(request), context.deps.now()),
        live_texts=_live_texts(texts),
    )
    policy = POLICY.format(photos=" ".join(context.deps.photos.origins), form_action=form_action, frames=frames)
    headers = {**_HEADERS, **language_headers(texts), "Content-Security-Policy": policy}
    if RETRY_AFTER in request:
        headers["Retry-After"] = str(request[RETRY_AFTER])
    response = web.Response(text=body, status=status, content_type="text/html", headers=headers)
    response.enable_compression()
    return response


@cache
def _live_texts(texts: Texts) -> str:
    """Return the texts that all scripts share, as JSON for `data-texts` of <body>."""
    return json.dumps(texts.templates("page.live."), ensure_ascii=False)


RETRY_AFTER: Final = web.RequestKey("retry_after", int)
"""Seconds after which what a page refuses may be asked for again."""


class _Words:
    """The texts of a language for a template: markup, with values from outside escaped."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def __call__(self, key: str, **params: Any) -> Markup:
        filled = self._texts(key, **{name: _as_html(value) for name, value in params.items()})
        return Markup(filled)  # noqa: S704, the texts are HTML and escape what is filled in


def _as_html(value: Any) -> Any:
    return Html(value) if isinstance(value, Markup) else value
