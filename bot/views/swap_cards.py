"""Swap cards as each participant sees them, and the one-line label of a swap used everywhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from types import MappingProxyType
from typing import Final

from telegram import Bot, InlineKeyboardButton, Message
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.updates.context import Context
from bot.views.lengths import MAX_CAPTION, short, visible_units
from bot.views.reports import safety_rows
from bot.views.screens import (
    Row,
    Screen,
    back_button,
    button,
    drop_keyboard,
    edit_text,
    is_unchanged,
    pressed_message,
    show,
)
from bot.views.session_lines import session_lines
from bot.views.stamps import stamp_of
from bot.views.times import time_label, times_html
from domain.declines import REASONS
from domain.proposed_times import slots_ahead
from domain.screening import partners_of
from domain.swaps import ACCEPTED, CANCELLED, EXPIRED, PENDING, WORDS_REFUSED, Card, Swap
from domain.talks import actions
from domain.users import User
from handlers.notifications import remember_card
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts
from handlers.users import get_people

CARD_UNITS = 900
"""UTF-16 units above which a card has no photo: a later state of the card is longer, and a caption ends at
MAX_CAPTION."""

ROOM_FOR_MARKS = 20
"""UTF-16 units for the line ends between the parts of a card."""

NO_LEVELS: Final[Mapping[str, str]] = MappingProxyType({})

NAME_A_SWAP = ("s", "ci", "swaps", "se", "sp", "sw")
"""Buttons whose data has the id of a swap or circle as the second part."""

REASONS_IN_A_ROW = 3
"""Buttons beside each other that a phone shows with their whole words."""

MAX_NAMED_SKILLS = 8
"""Skills named in one list; the others are counted."""


def skill_list(
    texts: Texts, skills: Sequence[str], shown: int = MAX_NAMED_SKILLS, *, levels: Mapping[str, str] = NO_LEVELS
) -> str:
    """Return skills, with their levels, as a plain text list in the reader's language: "chess, yoga and 3 more"."""
    named, more = [texts.skill(skill, level=levels.get(skill)) for skill in skills[:shown]], len(skills[shown:])
    return texts.enumerate([*named, texts.plain("match.more_skills", n=more)] if more else named)


def name_of(texts: Texts, person: User | None) -> str:
    """Return the person's name, or a placeholder for a deleted user."""
    return person.name if person is not None and person.name else texts.plain("swap.somebody")


def pair_line(texts: Texts, swap: Swap, viewer_id: str) -> str:
    """Return "skill the viewer learns ⇄ skill the viewer teaches" as plain text; that of a circle says so."""
    pair = f"{texts.skill_name(swap.learnt_by(viewer_id))} ⇄ {texts.skill_name(swap.taught_by(viewer_id))}"
    return pair if swap.circle is None else texts.plain("chat.circle_pair", pair=pair)


def swap_label(texts: Texts, swap: Swap, viewer_id: str, *partners: User | None) -> str:
    """Return a swap or circle as one short plain line, for lists and buttons; `partners` are all the others in it."""
    names = texts.enumerate([short(name_of(texts, partner)) for partner in partners or (None,)])
    return f"{_marked(texts, swap, names)} · {_short_pair(texts, swap, viewer_id)}"


def message_header(texts: Texts, swap: Swap, viewer_id: str, author: User | None, *others: User | None) -> str:
    """Return the plain line above a relayed message. A circle's names everybody who reads it: `others` are those beside
    the author and the viewer."""
    name = short(name_of(texts, author))
    if swap.circle is not None:
        names = texts.enumerate([short(name_of(texts, other)) for other in others or (None,)])
        name = texts.plain("chat.circle_header", name=name, others=names)
    return f"{name} · {_short_pair(texts, swap, viewer_id)}"


def _short_pair(texts: Texts, swap: Swap, viewer_id: str) -> str:
    skills = swap.learnt_by(viewer_id), swap.taught_by(viewer_id)
    learns, teaches = (short(texts.skill_name(skill)) for skill in skills)
    return f"{learns} ⇄ {teaches}"


def _marked(texts: Texts, swap: Swap, names: str) -> str:
    return names if swap.circle is None else texts.plain("chat.circle_name", names=names)


async def partner_in(deps: Deps, swap: Swap, viewer_id: str) -> User | None:
    """Return the partner in a swap; None when their account is deleted."""
    others = partners_of(swap, viewer_id)
    return (await get_people(deps, others)).get(others[0]) if others else None


async def conversation_name(deps: Deps, texts: Texts, swap: Swap, viewer_id: str) -> str:
    """Return the names of those whom the viewer writes to in a swap, with a mark if it is a circle."""
    return _marked(texts, swap, await names_in(deps, texts, swap, viewer_id))


async def names_in(deps: Deps, texts: Texts, swap: Swap, viewer_id: str, *, only: Sequence[str] = ()) -> str:
    """Return the name of the partner in a swap, or the names of the other two in a circle (or of these), without a
    mark."""
    others = only or partners_of(swap, viewer_id)
    people = await get_people(deps, tuple(others))
    return texts.enumerate([name_of(texts, people.get(person)) for person in others or ("",)])


def swap_card(
    texts: Texts,
    swap: Swap,
    viewer: User,
    partner: User | None,
    *,
    facts: Sequence[str] = (),
    is_in_list: bool = False,
    at: datetime | None = None,
) -> Screen:
    """Return the current card of a swap at a time, with what is planned in it; without one, a swap that is over has no
    button to its chat.

    `facts` are plain lines for the viewer who has to answer a request; only such a card shows the partner's photo, and
    leads to the profile if it is public.
    """
    lines = [
        texts(f"swap.card.{_headline(swap, viewer)}", name=name_of(texts, partner)),
        "",
        texts("swap.you_learn", skill=texts.skill(swap.learnt_by(viewer.id))),
        texts("swap.you_teach", skill=texts.skill(swap.taught_by(viewer.id))),
    ]
    lines += ["", *(escape(fact, quote=False) for fact in facts)] if facts else []
    if earlier := _earlier_pair(texts, swap, viewer.id):
        lines.append(texts("swap.was", pair=earlier))
    if swap.decline_reason and viewer.id == swap.author:
        lines += ["", texts(f"swap.why.{swap.decline_reason}")]
    elif swap.decline_reason:
        lines += ["", texts("swap.your_reason", reason=texts.plain(f"swap.reason.{swap.decline_reason}"))]
    if at is not None and partner is not None:
        planned = session_lines(texts, swap, viewer, {partner.id: partner.name}, at=at)
        room = MAX_CAPTION - visible_units("\n".join([*lines, "", *_notes(swap)])) - ROOM_FOR_MARKS
        for line in planned:
            room -= visible_units(line) + 1
            lines += [line] if room > 0 else []  # the card may be the caption of a photo
    times = proposed_times(swap, at) if at is not None else ()
    if times:
        key = "swap.their_times" if viewer.id == swap.answerer else "swap.your_times"
        lines += ["", texts(key, times=times_html(texts, times, viewer.timezone))]
    for note in _notes(swap):
        lines += ["", texts("swap.note", note=note)]
    can = swap.can(viewer.id) if at is None else actions(swap, viewer.id, at)
    if "reason" in can:
        lines += ["", texts("swap.ask_reason", name=name_of(texts, partner))]
    text = "\n".join(lines)
    rows = _rows(texts, swap, can, is_in_list=is_in_list)
    if at is not None and "accept" in can:
        rows[:0] = [_time_row(texts, swap, start, viewer, at, is_in_list=is_in_list) for start in times]
    if swap.status == EXPIRED and "again" in can:
        rows[len(rows) - is_in_list :] = [*again_rows(texts, swap, viewer.id), *rows[len(rows) - is_in_list :]]
    if facts and partner is not None and partner.is_listed:
        see = texts.plain("request.see_profile", name=short(name_of(texts, partner)))
        rows.insert(len(times) + 1 + ("counter" in swap.can(viewer.id)), [button(see, "m", partner.id, "view")])
    if partner is not None and partner.name:
        rows[len(rows) - is_in_list : len(rows) - is_in_list] = safety_rows(texts, swap, [partner])
    shows_face = swap.status == PENDING and viewer.id == swap.answerer and not is_in_list and partner is not None
    return Screen(
        text,
        rows,
        partner.photo_url if partner is not None and shows_face and visible_units(text) <= CARD_UNITS else None,
    )


def _headline(swap: Swap, viewer: User) -> str:
    side = "mine" if viewer.id == swap.author else "theirs"
    if swap.screened_at is not None and (swap.status == PENDING or swap.end_reason == WORDS_REFUSED):
        return "screened" if swap.status == PENDING else "words_refused"
    if swap.status == PENDING and swap.rounds > 1:
        return f"countered_{side}"
    if swap.status == CANCELLED and not swap.has_run and not swap.last_actor:
        return "request_closed"
    return swap.outcome if swap.has_run else f"{swap.outcome}_{side}"


def _earlier_pair(texts: Texts, swap: Swap, viewer_id: str) -> str:
    """Return the skills before the last counter-offer, as the viewer sees them; "" when there are none to compare."""
    if swap.status != PENDING or not swap.offers:
        return ""
    skills = swap.offers[-1].wanted_skill, swap.offers[-1].offered_skill
    if skills == (swap.wanted_skill, swap.offered_skill):
        return ""  # it changes the times alone
    learns, teaches = skills if viewer_id == swap.from_user_id else skills[::-1]
    return f"{texts.skill_name(learns)} ⇄ {texts.skill_name(teaches)}"


def _notes(swap: Swap) -> list[str]:
    """Return the notes of the offers that have the present skills."""
    terms = swap.offered_skill, swap.wanted_skill
    earlier = [one.message for one in swap.offers if (one.offered_skill, one.wanted_skill) == terms]
    return [note for note in (*earlier, swap.message) if note]


def again_rows(texts: Texts, swap: Swap, viewer_id: str) -> list[Row]:
    """Return the buttons of an expired request: ask for the same swap again, or look for somebody else."""
    label = texts.plain("swap.again" if viewer_id == swap.author else "swap.ask_them")
    return [
        [swap_button(label, swap, "again", style="primary")],
        [swap_button(texts.plain("swap.alike"), swap, "alike")],
    ]


def swap_button(
    label: str, swap: Swap, verb: str, *, is_in_list: bool = False, style: str | None = None
) -> InlineKeyboardButton:
    """Return a button with data `s:<id>:<version>:<verb>`, and `:l` for a card in the list of swaps."""
    where = ("l",) if is_in_list else ()
    return button(label, "s", swap.id, swap.version, verb, *where, style=style)


def my_swaps_button(texts: Texts, swap: Swap) -> InlineKeyboardButton:
    """Return the button to all swaps. It names the swap that its message is about, so that a reply finds it."""
    return button(texts.plain("chat.my_swaps"), "swaps", swap.id)


def swap_id_on(message: Message) -> str | None:
    """Return the id of the swap that a message's buttons refer to; None when there is none, or several."""
    keys = [key for row in message.reply_markup.inline_keyboard for key in row] if message.reply_markup else []
    data = [str(key.callback_data or "").split(":") for key in keys]
    ids = {parts[1] for parts in data if parts[0] in NAME_A_SWAP and len(parts) > 1}
    return ids.pop() if len(ids) == 1 else None


def proposed_times(swap: Swap, at: datetime) -> tuple[datetime, ...]:
    """Return the times for a first session that a request proposes and that are still to come."""
    return slots_ahead(swap, at) if swap.status == PENDING else ()


def _time_row(texts: Texts, swap: Swap, start: datetime, viewer: User, at: datetime, *, is_in_list: bool) -> Row:
    """Return the button that accepts a request with a session at one of its times."""
    label = texts.plain("swap.accept_at", time=time_label(texts, start, viewer.timezone, at))
    where = ("l",) if is_in_list else ()
    return [button(label, "s", swap.id, swap.version, "accept", stamp_of(start), *where, style="success")]


def _rows(texts: Texts, swap: Swap, can: Sequence[str], *, is_in_list: bool) -> list[Row]:
    rows: list[Row] = []
    if "accept" in can:
        rows.append(
            [
                swap_button(texts.plain("swap.accept"), swap, "accept", is_in_list=is_in_list, style="success"),
                swap_button(texts.plain("swap.decline"), swap, "reject", is_in_list=is_in_list, style="danger"),
            ]
        )
    if "counter" in can:
        rows.append([swap_button(texts.plain("swap.counter"), swap, "counter", is_in_list=is_in_list)])
    if "chat" in can:
        label = texts.plain("swap.ask" if swap.status == PENDING else "swap.chat")
        style = None if swap.status == PENDING else "primary"
        rows.append([swap_button(label, swap, "chat", is_in_list=is_in_list, style=style)])
    if "plan" in can:
        rows.append([button(texts.plain("session.button.sessions"), "sw", swap.id, "open")])
    if "state" in can:
        rows.append([button(texts.plain("session.button.say"), "sw", swap.id, "say")])
    if "cancel" in can:
        verb = "end" if swap.status == ACCEPTED else "cancel"
        rows.append([swap_button(texts.plain(f"swap.{verb}"), swap, verb, is_in_list=is_in_list)])
    if "reason" in can:
        reasons = [
            swap_button(texts.plain(f"swap.reason.{reason}"), swap, reason, is_in_list=is_in_list) for reason in REASONS
        ]
        rows += [reasons[start : start + REASONS_IN_A_ROW] for start in range(0, len(reasons), REASONS_IN_A_ROW)]
    if is_in_list:
        rows.append([back_button(texts, "swaps")])
    return rows


def confirm_end_screen(texts: Texts, swap: Swap, partner: User | None, *, is_in_list: bool) -> Screen:
    """Return the screen that asks for confirmation before a running swap ends."""
    return Screen(
        texts("swap.confirm_end", name=name_of(texts, partner)),
        [
            [
                swap_button(texts.plain("swap.end_yes"), swap, "end!", is_in_list=is_in_list, style="danger"),
                swap_button(texts.plain("swap.end_no"), swap, "show", is_in_list=is_in_list),
            ],
            *safety_rows(texts, swap, [partner]),
        ],
    )


def card_of(swap: Swap, viewer_id: str) -> Card | None:
    return next((card for card in swap.cards if card.user_id == viewer_id), None)


async def retire_card(bot: Bot, texts: Texts, swap: Swap, viewer: User, *, has_changed: bool = True) -> None:
    """Take the buttons from the viewer's card when another message becomes the card, if there is one."""
    card = card_of(swap, viewer.id)
    if card is not None:
        await edit_card(
            bot,
            card.chat_id,
            card.message_id,
            Screen(texts("swap.card.moved" if has_changed else "swap.card.repeated")),
        )


async def keep_card(deps: Deps, swap: Swap, viewer: User, message: Message) -> None:
    """Save this message as the viewer's card of the swap."""
    await remember_card(deps, swap.id, viewer.id, message.chat_id, message.message_id)


async def edit_card(bot: Bot, chat_id: int, message_id: int, screen: Screen) -> bool:
    """Edit a card, keeping its photo. Return False when the message is deleted or too old to be edited."""
    try:
        await edit_text(bot, chat_id, message_id, screen)
    except BadRequest as error:
        if "no text in the message" not in error.message.casefold():
            return is_unchanged(error)
    else:
        return True
    try:
        await bot.edit_message_caption(
            chat_id, message_id, caption=screen.text, parse_mode=ParseMode.HTML, reply_markup=screen.keyboard
        )
    except BadRequest as error:
        return is_unchanged(error)
    return True


async def edit_or_send_card(context: Context, screen: Screen) -> Message | None:
    """Edit the card whose button was pressed. If there is none to edit, send the card and return the new message."""
    old = pressed_message(context)
    if old is not None:
        if await edit_card(context.bot, old.chat_id, old.message_id, screen):
            return None
        await drop_keyboard(context, old)
    return await show(context, screen)
