"""Answers to profile questions: text or a button press is saved to the profile at once."""

from __future__ import annotations

from dataclasses import dataclass

from bot.photos import use_telegram_photo
from bot.profile import fields
from bot.profile.fields import MAX_LABEL, SkillSuggestion, skill_hash, skills_of, written_times
from bot.updates.context import Context
from bot.views.lengths import short
from domain.errors import Invalid
from domain.skill_lists import Additions, add_skills, read_list
from domain.skills import MAX_SKILL_LENGTH, MAX_SKILLS
from domain.users import MAX_AVAILABILITY_LENGTH, ProfileChanges
from domain.week import SLOTS, format_slots
from handlers.photos import remove_profile_photo
from handlers.runtime.texts import Texts
from handlers.users import get_user, update_profile

MAX_NAMED = 5
"""Skills that are named when they cannot be added."""
SKILL_FIELDS = {fields.TEACH: "skills_offered", fields.LEARN: "skills_wanted"}


@dataclass(frozen=True, slots=True)
class AnswerResult:
    """The result of an answer. With `stays_open` the same question is shown again; `notice` is HTML."""

    stays_open: bool = False
    notice: str = ""
    suggestion: SkillSuggestion | None = None


DONE, ASK_AGAIN = AnswerResult(), AnswerResult(stays_open=True)


async def answer_with_text(context: Context, field: str, text: str) -> AnswerResult:
    """Save a typed answer. Raises Invalid when it cannot be used; the question then stays open."""
    match field:
        case fields.NAME:
            await _change(context, ProfileChanges(name=text))
        case fields.LOCATION:
            await _change(context, ProfileChanges(location=text))
        case fields.TEACH | fields.LEARN:
            return await _add_skills(context, field, text)
        case fields.TIMES:
            await _set_times(context, context.user.slots, _one_line(text))
            return ASK_AGAIN
        case fields.PHOTO:
            return AnswerResult(stays_open=True, notice=context.texts("ask.photo_wanted"))
        case _:
            return AnswerResult(stays_open=True, notice=context.texts("ask.press_a_button"))
    return DONE


async def answer_with_button(context: Context, field: str, verb: str, argument: str) -> AnswerResult:
    """Save the answer of a button. A button names the resulting state, so a second press changes nothing; an unknown
    one is ignored."""
    match field, verb:
        case ((fields.TEACH | fields.LEARN), "add"):
            return await _add_skills(context, field, argument)
        case ((fields.TEACH | fields.LEARN), "drop"):
            return await _drop_skill(context, field, argument)
        case ((fields.TEACH | fields.LEARN), "mean"):
            return await _replace_skill(context, field, argument)
        case ((fields.TEACH | fields.LEARN), "keep"):
            return AnswerResult(stays_open=True, suggestion=_suggestion_after(context, field, argument))
        case fields.TIMES, ("on" | "off"):
            await _set_slot(context, argument, is_on=verb == "on")
        case fields.TIMES, "clear":
            await _set_times(context, context.user.slots, "")
        case fields.LOCATION, "clear":
            await _change(context, ProfileChanges(location=""))
            return DONE
        case fields.LOCATION, "forget":
            await _change(context, ProfileChanges(coordinates=""))
            return DONE
        case fields.PHOTO, "mine":
            return (
                DONE
                if await use_telegram_photo(context)
                else AnswerResult(True, context.texts("ask.no_telegram_photo"))
            )
        case fields.PHOTO, "none":
            await remove_profile_photo(context.deps, context.user)
            context.user = await get_user(context.deps, context.user.id)
        case fields.VISIBILITY, ("public" | "private"):
            await _change(context, ProfileChanges(is_public=verb == "public"))
            return DONE
    return ASK_AGAIN


async def _add_skills(context: Context, field: str, text: str) -> AnswerResult:
    before = skills_of(context.user, field)
    known = tuple(skill for skill in before if skill not in context.replaced_skills)
    vocabulary = context.deps.vocabulary
    given = read_list(text, context.deps.list_words, vocabulary)
    added = add_skills(known, given, SKILL_FIELDS[field], vocabulary)
    notice = _left_out(context.texts, added) if given else context.texts("ask.skill_nothing")
    suggestion = _suggest(context, (*_from_asked(context, known)[1:], *added.skills[len(known) :]))
    if added.skills == before:
        return AnswerResult(True, notice or context.texts("ask.skill_known"), suggestion)
    await _set_skills(context, field, added.skills)
    return AnswerResult(True, notice, suggestion)


def _left_out(texts: Texts, added: Additions) -> str:
    """Return a line for each kind of skills that could not be added, which are named; "" when there are none."""

    def named(skills: tuple[str, ...]) -> str:
        shown = [short(skill, MAX_LABEL) for skill in skills[:MAX_NAMED]]
        return texts.enumerate([*shown, "…"] if len(skills) > MAX_NAMED else shown)

    lines = (
        texts("ask.skill_too_long", skills=named(added.too_long), max=MAX_SKILL_LENGTH) if added.too_long else "",
        texts("ask.skill_no_room", skills=named(added.no_room), max=MAX_SKILLS) if added.no_room else "",
        texts("ask.skill_not_accepted", skills=named(added.rejected)) if added.rejected else "",
    )
    return "\n".join(filter(None, lines))


def open_suggestion(context: Context, field: str) -> SkillSuggestion | None:
    """Return the suggestion that the open question shows, for a question that is shown again without an answer."""
    if field not in (fields.TEACH, fields.LEARN):
        return None
    return _suggest(context, _from_asked(context, skills_of(context.user, field)))


def _suggest(context: Context, skills: tuple[str, ...]) -> SkillSuggestion | None:
    """Return a suggestion for the first of these skills with a similar known spelling; one at a time is shown."""
    vocabulary = context.deps.vocabulary
    for skill in skills:
        if keys := vocabulary.similar(skill):
            return SkillSuggestion(skill, tuple((key, vocabulary.name_of(key, context.user.locale)) for key in keys))
    return None


def _from_asked(context: Context, skills: tuple[str, ...]) -> tuple[str, ...]:
    """Return the skills from the one on that the open question asks about: those after it have not been asked about."""
    asked = context.dialog.data.get("asked")
    return skills[next((at for at, skill in enumerate(skills) if skill_hash(skill) == asked), len(skills)) :]


def _suggestion_after(context: Context, field: str, name: str) -> SkillSuggestion | None:
    """Return the next suggestion after the skill with this hash; the skills before it are settled."""
    skills = skills_of(context.user, field)
    index = next((at for at, skill in enumerate(skills) if skill_hash(skill) == name), len(skills))
    return _suggest(context, skills[index + 1 :])


async def _replace_skill(context: Context, field: str, argument: str) -> AnswerResult:
    """Replace a skill by a suggested one; `argument` is "<hash of the written skill>.<hash of the suggested key>"."""
    name, _, suggested = argument.partition(".")
    vocabulary, known = context.deps.vocabulary, skills_of(context.user, field)
    skill = next((skill for skill in known if skill_hash(skill) == name), None)
    key = next((key for key in vocabulary.similar(skill or "") if skill_hash(key) == suggested), None)
    if skill is None or key is None:
        return ASK_AGAIN
    following = _suggestion_after(context, field, name)
    others = {vocabulary.key_of(other) for other in known if other != skill}
    replacement = () if key in others else (vocabulary.name_of(key, context.user.locale),)
    index = known.index(skill)
    await _set_skills(context, field, (*known[:index], *replacement, *known[index + 1 :]))
    return AnswerResult(stays_open=True, suggestion=following)


async def _drop_skill(context: Context, field: str, name: str) -> AnswerResult:
    known = skills_of(context.user, field)
    left = tuple(skill for skill in known if skill_hash(skill) != name)
    suggestion = _suggest(context, tuple(skill for skill in _from_asked(context, known) if skill in left))
    if left != known:
        await _set_skills(context, field, left)
    return AnswerResult(stays_open=True, suggestion=suggestion)


async def _set_skills(context: Context, field: str, skills: tuple[str, ...]) -> None:
    if field == fields.TEACH:
        await _change(context, ProfileChanges(skills_offered=skills))
    else:
        await _change(context, ProfileChanges(skills_wanted=skills))


async def _set_slot(context: Context, index: str, *, is_on: bool) -> None:
    slot = SLOTS[int(index)] if index.isdecimal() and int(index) < len(SLOTS) else None
    if slot is not None:
        others = tuple(known for known in context.user.slots if known != slot)
        await _set_times(context, (*others, slot) if is_on else others, written_times(context.user))


async def _set_times(context: Context, slots: tuple[str, ...], written: str) -> None:
    """Save slots, then the user's own text, as one readable line."""
    chosen = format_slots(slots)
    room = MAX_AVAILABILITY_LENGTH - (len(chosen) + 2 if chosen else 0)
    if len(written) > room:
        raise Invalid("text.too_long", field="availability", max=room)
    await _change(context, ProfileChanges(availability=", ".join(filter(None, (chosen, written)))))


async def _change(context: Context, changes: ProfileChanges) -> None:
    context.user = await update_profile(context.deps, context.user, changes)


def _one_line(text: str) -> str:
    return " ".join(text.split())
