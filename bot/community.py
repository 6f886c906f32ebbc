"""/community: what the community is, its rules, and for admins the questions by which it is set up and changed."""

from __future__ import annotations

from typing import Any, Final

from telegram import Update

from bot.profile.fields import in_rows, progress
from bot.updates.context import Context
from bot.views.screens import Row, Screen, back_button, button, show_in_place, show_question_in_place, toast
from domain.community import JOIN_MODES, Community, CommunityChanges
from domain.languages import LOCALES
from domain.users import ADMIN
from handlers.community import change_community, get_community, known_community, require_admin
from handlers.photos import CHAT, upload_photo
from handlers.runtime.texts import Texts

FLOW: Final = "community"
NAME, ABOUT, RULES, JOIN, CONTACT = "name", "about", "rules", "join", "contact"
PHOTO, QUESTION, LANGUAGES = "photo", "question", "languages"
SETUP: Final = (NAME, ABOUT, RULES, JOIN, CONTACT)
"""The five questions of the first start, in this order."""
FIELDS: Final = (*SETUP, PHOTO, QUESTION, LANGUAGES)
TYPED: Final = (NAME, ABOUT, RULES, CONTACT, QUESTION)
DROPPED: Final = (PHOTO, ABOUT, RULES, CONTACT, QUESTION)
"""Fields that may be empty."""
A_ROW: Final = 3


async def show_community(update: Update, context: Context, *parts: str) -> None:
    """Handle /community: what it is, and for admins how to change it; one without a name begins with the questions."""
    community = await get_community(context.deps)
    if context.user.role == ADMIN and not community.is_set_up:
        await begin_setup(context)
        return
    await context.end_dialog()
    await show_in_place(context, community_screen(context, community))


def is_setup_due(context: Context) -> bool:
    """Return whether this user is to be led through the first questions."""
    return context.user.role == ADMIN and not known_community(context.deps).is_set_up


async def begin_setup(context: Context) -> None:
    """Ask the first of the five questions."""
    await _ask(context, NAME, is_setup=True)


async def ask_again(context: Context) -> None:
    """Ask the open question anew."""
    await _ask(context, context.dialog.step, is_setup=bool(context.dialog.data.get("is_setup")))


def community_screen(context: Context, community: Community, notice: str = "") -> Screen:
    """Return what everybody sees; admins have a button for each field."""
    texts, rows = context.texts, list[Row]()
    said = [notice, about_lines(texts, community)]
    if community.rules:
        rows.append([button(texts.plain("community.button.rules"), "com", "rules")])
    if context.user.role == ADMIN:
        fields = [button(texts.plain(f"community.field.{field}"), "com", "ask", field) for field in FIELDS]
        rows += in_rows(fields, A_ROW)
        may = "off" if community.members_may_invite else "on"
        rows.append([button(texts.plain(f"community.button.may_invite_{may}"), "com", "may", may)])
        said.append(texts(f"community.members_may_invite_{'on' if community.members_may_invite else 'off'}"))
    if context.user.is_moderator or community.members_may_invite:
        rows.append([button(texts.plain("invite.button"), "invite")])
    rows.append([back_button(texts, "home")])
    return Screen("\n\n".join(filter(None, said)), rows, community.photo_url)


def about_lines(texts: Texts, community: Community) -> str:
    """Return the name, what it is about, how people come in, and whom to ask."""
    head = texts("community.title", name=community.name) if community.is_set_up else texts("community.unnamed")
    lines = [head, texts("community.about", about=community.about) if community.about else ""]
    lines.append(texts(f"community.join.{community.join}"))
    if community.languages:
        names = texts.enumerate([texts.language_name(code) for code in community.languages])
        lines.append(texts("community.languages", languages=names))
    if community.contact:
        lines.append(texts("community.contact", contact=community.contact))
    return "\n\n".join(filter(None, lines))


async def on_button(update: Update, context: Context, *parts: str) -> None:
    """Handle a press of `com[:<verb>[:<argument>]]`."""
    verb, argument = (*parts, "", "")[:2]
    if verb == "rules":
        await _show_rules(context)
    elif verb == "setup":
        await begin_setup(context)
    elif verb == "ask" and argument in FIELDS:
        await _ask(context, argument, is_setup=False)
    elif verb == "skip" and argument in SETUP:
        await _go_on(context, argument)
    elif verb == JOIN and argument in JOIN_MODES:
        await _change(context, JOIN, CommunityChanges(join=argument))
    elif verb == "may":
        await _change(context, "", CommunityChanges(members_may_invite=argument == "on"))
    elif verb == "lang" and argument in LOCALES:
        await _toggle_language(context, argument)
    elif verb == "drop" and argument in DROPPED:
        await _change(context, argument, _changing(_field_of(argument), ""))
    else:
        await show_community(update, context)


async def on_text(update: Update, context: Context, text: str) -> None:
    """Take a typed answer. Raises Invalid when it cannot be used; the question then stays open."""
    step = context.dialog.step
    if context.is_repeat:
        await ask_again(context)
    elif step in TYPED:
        await _change(context, step, _changing(step, text))
    else:
        await _ask(context, step, is_setup=bool(context.dialog.data.get("is_setup")), notice="ask.press_a_button")


async def on_photo(update: Update, context: Context, data: bytes) -> None:
    """Take a photo as the community's, at any of its questions."""
    if context.is_repeat:
        await ask_again(context)
        return
    require_admin(context.deps, context.user)
    photo = await upload_photo(context.deps, context.user, data, purpose=CHAT)
    await _change(context, PHOTO, CommunityChanges(photo_url=photo.url))


async def _change(context: Context, step: str, changes: CommunityChanges) -> None:
    """Change the community, and ask the next question of the set-up or show what it is now."""
    community = await change_community(context.deps, context.user, changes)
    is_setup = context.dialog.flow == FLOW and bool(context.dialog.data.get("is_setup"))
    if is_setup and step in SETUP:
        await _go_on(context, step)
    elif is_setup and step == PHOTO:  # sent in the middle of the questions
        await ask_again(context)
    else:
        await show_in_place(context, community_screen(context, community, context.texts("profile.saved")))
        await context.end_dialog()


async def _toggle_language(context: Context, code: str) -> None:
    known = (await get_community(context.deps)).languages
    languages = tuple(each for each in known if each != code) if code in known else (*known, code)
    await change_community(context.deps, context.user, CommunityChanges(languages=languages))
    await _ask(context, LANGUAGES, is_setup=False)


async def _go_on(context: Context, step: str) -> None:
    """Ask the question after this one; after the last one say what comes next."""
    require_admin(context.deps, context.user)
    following = SETUP[SETUP.index(step) + 1 :]
    community = await get_community(context.deps)
    if following:
        await _ask(context, following[0], is_setup=True)
        return
    texts = context.texts
    goes_on = button(texts.plain("button.to_home"), "home", style="primary")
    if not context.user.onboarded:
        goes_on = button(texts.plain("community.button.profile"), "step", style="primary")
    done = texts("community.done", name=community.name)
    rows: list[Row] = [[goes_on], [button(texts.plain("community.button.more"), "com")]]
    await show_in_place(context, Screen(f"{done}\n\n{about_lines(texts, community)}", rows))
    await context.end_dialog()


async def _ask(context: Context, step: str, *, is_setup: bool, notice: str = "") -> None:
    require_admin(context.deps, context.user)
    community, texts = await get_community(context.deps), context.texts
    lines = [texts(notice) if notice else ""]
    if is_setup:
        lines.append(texts("community.setup") if step == NAME else "")
        lines.append(progress(texts, SETUP.index(step) + 1, len(SETUP)))
    lines.append(texts(f"community.ask.{step}"))
    value = _value_of(community, step)
    if value:
        lines.append(texts("community.now", value=value))
    await context.move_dialog(FLOW, step, is_setup=is_setup)
    screen = Screen("\n\n".join(filter(None, lines)), _rows(context, community, step, is_setup=is_setup))
    await show_question_in_place(context, screen)


def _rows(context: Context, community: Community, step: str, *, is_setup: bool) -> list[Row]:
    texts, rows = context.texts, list[Row]()
    if step == JOIN:
        rows += [[button(texts.plain(f"community.button.{mode}"), "com", JOIN, mode)] for mode in JOIN_MODES]
    if step == LANGUAGES:
        marks = {code: "✓ " if code in community.languages else "" for code in LOCALES}
        choices = [
            button(f"{mark}{context.deps.texts[code].plain('language.name')}", "com", "lang", code)
            for code, mark in marks.items()
        ]
        rows += in_rows(choices, 2)
    if is_setup:
        is_kept = step != NAME or community.is_set_up
        rows += [[button(texts.plain("button.skip"), "com", "skip", step)]] if is_kept else []
        rows.append([button(texts.plain("community.button.later"), "cancel")])
        return rows
    if step in DROPPED and getattr(community, _field_of(step)):
        rows.append([button(texts.plain("community.button.drop"), "com", "drop", step)])
    rows.append([button(texts.plain("button.back"), "com")])
    return rows


def _value_of(community: Community, step: str) -> str:
    value: Any = getattr(community, _field_of(step), "")
    return str(value) if step in TYPED and value else ""


def _changing(field: str, value: Any) -> CommunityChanges:
    return CommunityChanges(**{field: value})


def _field_of(step: str) -> str:
    return "photo_url" if step == PHOTO else step


async def _show_rules(context: Context) -> None:
    texts, community = context.texts, await get_community(context.deps)
    if not community.rules:
        await toast(context, texts.plain("common.old_button"))
        return
    text = texts("community.rules", rules=community.rules)
    await show_in_place(context, Screen(text, [[button(texts.plain("button.back"), "com")]]))


COMMANDS = {"community": show_community}
BUTTONS = {"com": on_button}
ON_TEXT = {FLOW: on_text}
ON_PHOTO = {FLOW: on_photo}
