"""The pages of conversations: the list, and each at an address of its own, with a form for everything in it."""

from __future__ import annotations

import json
from secrets import token_hex
from typing import Any, Final

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.context import context_of
from api.http.language import texts_of
from api.http.photo_form import read_photo_form
from api.pages.chat_views import ChatView, addressed, chat_lines, chat_view
from api.pages.forms import Form, on_to, read_form
from api.pages.layout import render
from api.pages.problems import as_page, refusal_of
from api.photos import limit_uploads
from domain.errors import Invalid, Problem
from domain.messages import MAX_MESSAGE_LENGTH, WEB
from domain.screening import partners_of
from domain.users import User
from handlers import edits, photos, reads, screening
from handlers.conversations import open_conversation
from handlers.messages import Draft, send_message
from handlers.runtime.deps import Deps
from handlers.users import get_people

CLIENT_ID_BYTES: Final = 12
SHOWN_PROBLEMS: Final = ("conflict", "invalid", "forbidden", "too_many", "too_large")
"""Kinds of refusals that are said in the conversation, with what was written."""


@as_page
async def show_chats(request: web.Request) -> web.Response:
    """Show the reader's conversations."""
    deps, actor = await signed_in(request)
    texts = texts_of(request)
    return await _render(request, deps, actor, title=texts.plain("page.nav.chats"), chat=None)


@as_page
async def show_chat(request: web.Request) -> web.Response:
    """Show one conversation: its newest messages, or those before the `before` of the address."""
    return await _page(request, Form(list(request.query.items())))


@as_page
async def act_in_chat(request: web.Request) -> web.Response:
    """Do what a form of the page asks for. What is refused is said on the page, and what was written stays in it."""
    deps, actor = await signed_in(request)
    form, swap_id = await read_form(request), request.match_info["id"]
    try:
        place = await _act(deps, actor, swap_id, form)
    except Problem as problem:
        if problem.kind not in SHOWN_PROBLEMS:
            raise
        return await _page(request, form, problem)
    return on_to(f"/chats/{swap_id}{place}")


@as_page
async def send_photo(request: web.Request) -> web.Response:
    """Send the photo of the form."""
    deps, actor = await signed_in(request)
    swap_id = request.match_info["id"]
    try:
        with limit_uploads(context_of(request).uploading, actor.id):
            data, _ = await read_photo_form(request)
            photo = await photos.upload_photo(deps, actor, data, purpose=photos.CHAT)
        sent = await send_message(deps, actor, Draft(swap_id, "", WEB, photo_url=photo.url))
    except Problem as problem:
        if problem.kind not in SHOWN_PROBLEMS:
            raise
        return await _page(request, Form([]), problem)
    return on_to(f"/chats/{swap_id}#m{sent.seq}")


async def _act(deps: Deps, actor: User, swap_id: str, form: Form) -> str:
    """Do what the form asks for; return the rest of the address to go on to."""
    seq = form.number("seq") or 0
    match form.text("action"):
        case "delete":
            await edits.delete_message(deps, actor, swap_id, seq)
        case "edit":
            await edits.edit_message(deps, actor, swap_id, seq, form.text("message"))
        case "read":
            await reads.mark_read(deps, actor, swap_id, seq)
            return ""
        case "take_back":
            await screening.take_back_waiting(deps, actor, form.text("words"))
            return ""
        case "send":
            draft = Draft(
                swap_id,
                form.text("message"),
                WEB,
                client_id=form.text("client_id") or None,
                reply_to=form.number("reply"),
            )
            seq = (await send_message(deps, actor, draft)).seq
        case _:
            raise Invalid("invalid_field", field="action")
    return f"#m{seq}" if seq else ""


async def _page(request: web.Request, form: Form, problem: Problem | None = None) -> web.Response:
    """Return the page of a conversation. `form` says what is being answered, edited or deleted, and holds the words of
    a refused form."""
    deps, actor = await signed_in(request)
    texts = texts_of(request)
    found = await open_conversation(deps, actor, request.match_info["id"], before=form.number("before"))
    people = await get_people(deps, tuple({*found.swap.participants, *partners_of(found.swap, actor.id)}))
    chat = chat_view(deps, texts, found, actor, people)
    return await _render(
        request,
        deps,
        actor,
        title=chat.names,
        chat=chat,
        **refusal_of(request, problem),
        **_composer(chat, actor, form),
    )


def _composer(chat: ChatView, actor: User, form: Form) -> dict[str, Any]:
    """Return what the form at the foot of the page is about."""
    is_edit = form.text("action") == "edit"
    edited = chat.at(form.number("seq") if is_edit else form.number("edit"))
    if edited is not None and edited.message.from_user_id != actor.id:
        edited = None
    deleted = chat.at(form.number("delete"))
    written = form.text("message") or (edited.message.message if edited is not None else "")
    return {
        "edited": edited,
        "answered": chat.at(form.number("reply")),
        "deleted": deleted if deleted is not None and deleted.is_mine else None,
        "written": written,
        "client_id": form.text("client_id") or token_hex(CLIENT_ID_BYTES),
    }


async def _render(
    request: web.Request, deps: Deps, actor: User, *, title: str, chat: ChatView | None, **values: Any
) -> web.Response:
    texts = texts_of(request)
    mine = await reads.list_unread(deps, actor)
    people = await get_people(deps, tuple({one for item in mine for one in item.swap.participants}))
    return render(
        request,
        texts,
        "chats.html",
        user=actor,
        title=title,
        lines=chat_lines(texts, mine, actor, people),
        chat=chat,
        to=addressed(texts, chat) if chat is not None else "",
        faces=json.dumps({face.id: [face.name, face.initial, face.stripe] for face in chat.faces}) if chat else "",
        scripts=json.dumps(texts.templates("page.talk.live."), ensure_ascii=False),
        max_length=MAX_MESSAGE_LENGTH,
        **{"alert": "", **values},
    )


def routes() -> list[web.RouteDef]:
    return [
        web.get("/chats", show_chats),
        web.get("/chats/{id}", show_chat),
        web.post("/chats/{id}", act_in_chat),
        web.post("/chats/{id}/photo", send_photo),
    ]
