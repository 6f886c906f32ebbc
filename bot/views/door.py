"""Screens for somebody who is not in yet: how to come in, and how the application stands."""

from __future__ import annotations

from bot.updates.context import Context
from bot.views.screens import Row, Screen, button, link
from domain.applications import BEGUN, NOT_NOW, WAITING, Application
from domain.community import GROUP, LINK, Community
from handlers.applications import count_community, get_application
from handlers.community import get_community, service_name
from handlers.joining import is_applicant, may_answer_questions


async def door_before_profile(context: Context) -> Screen | None:
    """Return the screen of a door that is to be passed before a profile is of use; None for no such door."""
    community = await get_community(context.deps)
    if may_answer_questions(community, context.user):
        return None
    return await door_screen(context)


async def door_screen(context: Context) -> Screen | None:
    """Return the screen of the door; None for who is in."""
    if not is_applicant(context.user):
        return None
    community = await get_community(context.deps)
    application = await get_application(context.deps, context.user)
    texts, name = context.texts, service_name(context.deps)
    rows: list[Row] = []
    if application.state == WAITING:
        lines = [texts("door.waiting", community=name)]
        if application.asked and not application.replied:
            lines.append(texts("door.asked", asked=application.asked))
            rows.append([button(texts.plain("door.answer"), "door", "answer", style="primary")])
    elif application.state == NOT_NOW:
        lines = [texts("door.not_now")]
    elif community.join == LINK and not context.user.joining.invite_id:
        lines = [texts("door.link", community=name)]
    elif community.join == GROUP:
        lines = [texts("door.group", community=name)]
        rows.append([button(texts.plain("door.check"), "door", "check", style="primary")])
        if community.group_link:
            rows.append([link(texts.plain("door.open_group"), community.group_link)])
    else:
        lines = [ask_line(context, community)]
        rows.append([button(texts.plain("door.answer"), "door", "answer", style="primary")])
    numbers = await count_community(context.deps)
    if numbers.people:
        people, skills = texts.plain("door.teaching", n=numbers.people), texts.plain("door.taught", n=numbers.skills)
        lines.append(texts("door.numbers", people=people, skills=skills))
    if community.contact:
        lines.append(texts("door.contact", contact=community.contact))
    rows.append([button(texts.plain("button.profile"), "profile"), button(texts.plain("button.settings"), "settings")])
    return Screen("\n\n".join(lines), rows)


def ask_line(context: Context, community: Community) -> str:
    question = community.question or context.texts.plain("door.default_question")
    return context.texts("door.question", question=question)


def is_to_answer(application: Application) -> bool:
    """Return whether the applicant has something to answer now."""
    return application.state == BEGUN or bool(application.asked and not application.replied)
