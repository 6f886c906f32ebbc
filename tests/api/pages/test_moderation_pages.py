"""Moderators in a browser, with plain forms: cases, people, applications, disputes, skills, and the audit."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.community import APPROVAL, CommunityChanges
from domain.joining import BY_GROUP, BY_LINK, BY_STAFF
from domain.reports import SWAP, Complaint
from domain.reviews import Rating
from domain.swaps import ACCEPTED
from domain.users import ADMIN, BANNED, MODERATOR, ProfileChanges, User
from handlers import sessions, standing
from handlers.applications import decide_application, get_application, submit_application
from handlers.cases import act_on_case
from handlers.community import change_community
from handlers.correspondence import get_own_correspondence
from handlers.disputes import decide_dispute
from handlers.messages import Draft, send_message
from handlers.moderation import reject_skill
from handlers.reports import report
from handlers.reviews import write_review
from handlers.runtime.deps import Deps
from handlers.swaps import list_swaps
from handlers.users import delete_account, get_user, register_email_user, update_profile
from storage.mongodb.database import new_id
from tests.api.conftest import Client
from tests.api.pages.conftest import Get, Post, values_of
from tests.api.test_reviews import complete
from tests.api.test_session_edges import disputed
from tests.factories import MakeSwap, MakeUser, later
from tests.handlers.test_screening import ask, pair

DAY = timedelta(days=1)


@pytest.fixture
async def eva(make_user: MakeUser) -> User:
    return await make_user("Eva", role=MODERATOR)


async def reported(deps: Deps, by: User, about: User, swap_id: str = "", text: str = "Shouted <b>.") -> str:
    subject = {"subject": SWAP, "subject_id": swap_id} if swap_id else {"subject": "profile", "subject_id": about.id}
    await report(deps, by, Complaint(about.id, reason="rude", text=text, with_messages=bool(swap_id), **subject))
    case = await deps.store.cases.find_open(about.id)
    assert case is not None
    return case.id


async def test_a_case_is_read_taken_and_decided(
    deps: Deps, eva: User, make_user: MakeUser, make_swap: MakeSwap, read: Get, send: Post
) -> None:
    ada, ben = await make_user("Ada"), await make_user("<i>Ben")
    swap = await make_swap(ada, ben, status=ACCEPTED)
    await send_message(deps, ben, Draft(swap.id, "Give me <money>", "web"))
    path = f"/moderation/cases/{await reported(deps, ada, ben, swap.id)}"
    _, page = await read(eva, "/moderation")
    assert path in page
    assert "<i>Ben" in page
    status, page = await read(eva, path)
    assert status == 200
    for words in ("Shouted <b>.", "Reported by Ada", "Give me <money>", "🤬 Rude or threatening"):
        assert words in page, words
    assert await send(eva, path, [("action", "take"), ("version", values_of(page, "version")[0])]) == (303, path)
    assert path in (await read(eva, "/moderation?show=mine"))[1]
    _, page = await read(eva, path)
    fields = [("version", values_of(page, "version")[0]), ("words", "Please keep it calm."), ("action", "warn")]
    assert await send(eva, path, fields) == (303, path)
    warned = await get_user(deps, ben.id)
    assert (warned.standing.warned_at is not None, warned.standing.reason) == (True, "Please keep it calm.")
    assert path in (await read(eva, "/moderation?show=done"))[1]
    assert path not in (await read(eva, "/moderation"))[1]
    version = values_of((await read(eva, path))[1], "version")[0]
    assert await send(eva, path, [("action", "undo"), ("version", version)]) == (303, path)
    assert (await get_user(deps, ben.id)).standing.warned_at is None


async def test_markup_of_others_is_text(deps: Deps, eva: User, make_user: MakeUser, client: Client) -> None:
    case_id = await reported(deps, await make_user("<u>Ada"), await make_user("<i>Ben"))
    async with client(eva).get(f"/moderation/cases/{case_id}") as answer:
        page = await answer.text()
    assert not re.search(r"<u>Ada|<i>Ben|Shouted <b>", page)


async def test_a_ban_is_asked_about_with_the_reason_kept(
    deps: Deps, eva: User, make_user: MakeUser, read: Get, send: Post
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    path = f"/moderation/cases/{await reported(deps, ada, ben)}"
    version = values_of((await read(eva, path))[1], "version")[0]
    fields = [("version", version), ("reason", "rude"), ("words", 'Again & "again"'), ("action", "ban")]
    status, page = await send(eva, path, fields)
    assert (status, "Ban Ben?" in page, 'value="Again & "again""' in page) == (200, True, True)
    assert (await get_user(deps, ben.id)).status != BANNED
    assert await send(eva, path, [*fields, ("sure", "yes")]) == (303, path)
    assert (await get_user(deps, ben.id)).status == BANNED


@pytest.mark.parametrize("action", ["hide", "suspend", "nothing"])
async def test_each_decision_reaches_the_person(
    deps: Deps, eva: User, make_user: MakeUser, send: Post, action: str
) -> None:
    ben = await make_user("Ben")
    path = f"/moderation/cases/{await reported(deps, await make_user('Ada'), ben)}"
    assert await send(eva, path, [("action", action), ("reason", "selling")]) == (303, path)
    standing_now = (await get_user(deps, ben.id)).standing
    assert (standing_now.hidden_at is not None) == (action == "hide")
    assert (standing_now.suspended_until is not None) == (action == "suspend")


async def test_a_case_that_another_moderator_decided_is_shown_as_it_is_with_the_words_kept(
    deps: Deps, eva: User, make_user: MakeUser, read: Get, send: Post
) -> None:
    ada, ben, max_ = await make_user("Ada"), await make_user("Ben"), await make_user("Max", role=MODERATOR)
    case_id = await reported(deps, ada, ben)
    path = f"/moderation/cases/{case_id}"
    version = values_of((await read(eva, path))[1], "version")[0]
    await act_on_case(deps, max_, case_id, "nothing")
    fields = [("version", version), ("words", "My long <words>"), ("action", "warn")]
    status, page = await send(eva, path, fields)
    assert (status, 'role="alert"' in page, "My long <words>" in page) == (409, True, True)
    assert "Nothing to be done" in page
    assert "Max" in page
    assert 'value="warn"' not in page
    assert (await get_user(deps, ben.id)).standing.warned_at is None


async def test_a_decision_without_a_reason_is_refused_beside_the_form(
    deps: Deps, eva: User, make_user: MakeUser, send: Post
) -> None:
    ben = await make_user("Ben")
    path = f"/moderation/cases/{await reported(deps, await make_user('Ada'), ben)}"
    status, page = await send(eva, path, [("action", "warn")])
    assert (status, 'role="alert"' in page, 'value="warn"' in page) == (422, True, True)
    assert (await send(eva, path, [("action", "fly")]))[0] == 422


async def test_the_organisers_write_from_a_case(
    deps: Deps, eva: User, make_user: MakeUser, read: Get, send: Post
) -> None:
    ben = await make_user("Ben")
    path = f"/moderation/cases/{await reported(deps, await make_user('Ada'), ben)}"
    assert await send(eva, path, [("action", "write"), ("letter", "What <happened>?")]) == (303, path)
    assert [entry.text for entry in (await get_own_correspondence(deps, ben)).entries] == ["What <happened>?"]
    assert "What <happened>?" in (await read(eva, path))[1]


async def test_words_that_wait_are_read_and_let_through(
    deps: Deps, eva: User, make_user: MakeUser, read: Get, send: Post
) -> None:
    new, old, _ = await pair(make_user)
    swap = await ask(deps, new, old, "See my <shop>: example.org/me")
    case = await deps.store.cases.find_open(new.id)
    assert case is not None
    path = f"/moderation/cases/{case.id}"
    _, page = await read(eva, path)
    assert "See my <shop>: example.org/me" in page
    fields = [("version", values_of(page, "version")[0]), ("action", "let_through")]
    assert await send(eva, path, fields) == (303, path)
    assert "passed on" in (await read(eva, path))[1]
    assert [found.id for found in await list_swaps(deps, old)] == [swap.id]


async def test_nobody_reads_a_case_about_themselves_and_members_read_none(
    deps: Deps, eva: User, make_user: MakeUser, read: Get, send: Post
) -> None:
    ada = await make_user("Ada")
    path = f"/moderation/cases/{await reported(deps, ada, eva)}"
    status, page = await read(eva, path)
    assert (status, "Shouted" in page) == (403, False)
    assert path not in (await read(eva, "/moderation"))[1]
    for address in ("/moderation", path, "/moderation/applications", "/moderation/disputes", "/moderation/skills",
                    "/moderation/audit", f"/moderation/people/{eva.id}"):  # fmt: skip
        status, page = await read(ada, address)
        assert (status, "Shouted" in page) == (403, False), address
    assert (await send(ada, path, [("action", "nothing")]))[0] == 403
    assert "/moderation" not in (await read(ada, "/swaps"))[1]
    assert (await read(eva, f"/moderation/cases/{new_id()}"))[0] == 404


async def test_a_case_about_somebody_who_has_left_is_still_read(
    deps: Deps, eva: User, make_user: MakeUser, read: Get
) -> None:
    ben = await make_user("Ben")
    path = f"/moderation/cases/{await reported(deps, await make_user('Ada'), ben)}"
    await delete_account(deps, ben)
    status, page = await read(eva, path)
    assert (status, "The account has been deleted since" in page) == (200, True)
    assert 'value="warn"' not in page


async def test_decisions_about_a_person_are_lifted_later(
    deps: Deps, eva: User, make_user: MakeUser, read: Get, send: Post
) -> None:
    ben = await make_user("Ben")
    path = f"/moderation/people/{ben.id}"
    fields = [("words", "A rest."), ("days", "3"), ("action", "suspend")]
    assert await send(eva, path, fields) == (303, path)
    until = (await get_user(deps, ben.id)).standing.suspended_until
    assert until is not None
    assert timedelta(days=2) < until - deps.now() < timedelta(days=4)
    _, page = await read(eva, path)
    assert "A rest." in page
    assert re.findall(r'name="action" value="(\w+)"', page) == ["warn", "hide", "lift", "ban"]
    assert await send(eva, path, [("action", "lift")]) == (303, path)
    assert (await get_user(deps, ben.id)).standing.suspended_until is None
    status, page = await send(eva, path, [("action", "ban"), ("words", "Enough.")])
    assert (status, "Ban Ben?" in page) == (200, True)
    assert await send(eva, path, [("action", "ban"), ("words", "Enough."), ("sure", "yes")]) == (303, path)
    assert await send(eva, path, [("action", "unban")]) == (303, path)
    assert (await get_user(deps, ben.id)).status != BANNED
    status, page = await send(eva, path, [("action", "suspend"), ("days", "400"), ("words", "Too <long>")])
    assert (status, "Too <long>" in page, 'value="400"' in page) == (422, True, True)
    assert (await read(eva, f"/moderation/people/{eva.id}"))[0] == 403
    admin = await make_user("Olga", role=ADMIN)
    assert (await send(eva, f"/moderation/people/{admin.id}", [("action", "hide")]))[0] == 403


async def applicant(deps: Deps, make_user: MakeUser) -> tuple[User, User]:
    admin = await make_user("Olga", role=ADMIN)
    await change_community(deps, admin, CommunityChanges(name="Harbour", join=APPROVAL, question="Why <here>?"))
    nils = await register_email_user(deps, "nils@example.org", "Nils")
    nils = await update_profile(deps, nils, ProfileChanges(skills_offered=("Guitar",), skills_wanted=("Python",)))
    await submit_application(deps, nils, "I <moved> here.")
    return admin, nils


async def test_an_applicant_is_asked_and_let_in(
    deps: Deps, eva: User, make_user: MakeUser, read: Get, send: Post
) -> None:
    _, nils = await applicant(deps, make_user)
    _, page = await read(eva, "/moderation/applications")
    for words in ("Nils", "Why <here>?", "I <moved> here.", "Guitar", "Waiting (1)"):
        assert words in page, words
    path = f"/moderation/applications/{nils.id}"
    ask = [("version", values_of(page, "version")[0]), ("decision", "ask"), ("text", "Where do you live?")]
    assert await send(eva, path, ask) == (303, "/moderation/applications")
    assert (await get_application(deps, nils)).asked == "Where do you live?"
    status, page = await send(eva, path, ask)  # as it was seen before
    assert (status, page.count("Where do you live?") >= 2) == (409, True)
    version = values_of((await read(eva, "/moderation/applications"))[1], "version")[0]
    let_in = [("version", version), ("decision", "let_in")]
    assert await send(eva, path, let_in) == (303, "/moderation/applications")
    assert (await get_user(deps, nils.id)).standing.membership == "member"
    assert "Decided by Eva" in (await read(eva, "/moderation/applications?show=let_in"))[1]


async def test_of_two_moderators_one_decides_and_the_other_keeps_what_was_written(
    deps: Deps, eva: User, make_user: MakeUser, read: Get, send: Post
) -> None:
    admin, nils = await applicant(deps, make_user)
    version = values_of((await read(eva, "/moderation/applications"))[1], "version")[0]
    await decide_application(deps, admin, nils.id, "not_now")
    fields = [("version", version), ("decision", "ask"), ("text", "My <question>")]
    status, page = await send(eva, f"/moderation/applications/{nils.id}", fields)
    assert (status, "My <question>" in page, "Decided by Olga" in page) == (409, True, True)
    assert (await send(eva, f"/moderation/applications/{nils.id}", [("decision", "maybe")]))[0] == 422


async def test_the_list_of_applications_goes_on(deps: Deps, eva: User, make_user: MakeUser, read: Get) -> None:
    await applicant(deps, make_user)
    for number in range(25):
        user = await register_email_user(deps, f"p{number}@example.org", f"Person {number:02}")
        user = await update_profile(deps, user, ProfileChanges(skills_offered=("Guitar",), skills_wanted=("Python",)))
        await submit_application(deps, user, "Hello")
    seen: list[str] = []
    path = "/moderation/applications"
    for _ in range(3):
        _, page = await read(eva, path)
        seen += re.findall(r"<h2>(Person \d\d|Nils)", page)
        more = re.search(r'href="(/moderation/applications\?show=waiting&after=\w+)"', page)
        if more is None:
            break
        path = more[1]
    assert seen == ["Nils", *(f"Person {number:02}" for number in range(25))]


async def test_a_dispute_is_decided_once(
    deps: Deps, eva: User, make_user: MakeUser, make_swap: MakeSwap, read: Get, send: Post
) -> None:
    ada, ben = await make_user("Ada", role=MODERATOR), await make_user("Ben")
    swap = await make_swap(ada, ben, status=ACCEPTED)
    await disputed(later(deps, -4 * DAY), ada, ben, swap)
    await sessions.make_statement(deps, ben, swap.id, "Nobody <came>.")
    path = f"/moderation/disputes/{swap.id}"
    assert path in (await read(eva, "/moderation/disputes"))[1]
    assert path not in (await read(ada, "/moderation/disputes"))[1]
    assert (await read(ada, path))[0] == 403
    _, page = await read(eva, path)
    assert "Nobody <came>." in page
    assert "Ada and Ben" in page
    status, page = await send(eva, path, [("decision", "not_happened"), ("reason", "")])
    assert (status, 'role="alert"' in page) == (422, True)
    await decide_dispute(deps, await make_user(role=MODERATOR), swap.id, "not_happened", "The room was closed.")
    status, page = await send(eva, path, [("decision", "completed"), ("reason", "My <reason>")])
    assert (status, "My <reason>" in page, "The room was closed." in page) == (409, True, True)
    assert path not in (await read(eva, "/moderation/disputes"))[1]


async def test_a_moderator_decides_a_dispute(
    deps: Deps, eva: User, make_user: MakeUser, make_swap: MakeSwap, read: Get, send: Post
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status=ACCEPTED)
    await disputed(later(deps, -4 * DAY), ada, ben, swap)
    path = f"/moderation/disputes/{swap.id}"
    assert await send(eva, path, [("decision", "not_happened"), ("reason", "Closed.")]) == (303, path)
    assert "Closed." in (await read(eva, path))[1]


async def test_skills_are_named_merged_and_rejected(
    deps: Deps, eva: User, make_user: MakeUser, read: Get, send: Post
) -> None:
    await make_user("Ada", skills_offered=("Azulejo firing", "gitarrra", "Buy <followers>"))
    path = "/moderation/skills"
    _, page = await read(eva, path)
    assert "Buy <followers>" in page
    assert "= Guitar" in page
    keys = [key for key in values_of(page, "key") if "followers" in key]
    assert await send(eva, path, [("key", "gitarrra"), ("decision", "merged"), ("into", "Guitar")]) == (303, path)
    assert await send(eva, path, [("key", keys[0]), ("decision", "rejected")]) == (303, path)
    named = [("key", "azulejo firing"), ("decision", "named"), ("name_en", "Tile <firing"), ("category", "nowhere")]
    status, page = await send(eva, path, named)
    assert (status, 'value="Tile <firing"' in page) == (422, True)
    named[2:] = [("name_en", "Tile firing"), ("name_es", "Cocción de azulejos"), ("category", "crafts")]
    assert await send(eva, path, named) == (303, path)
    assert deps.vocabulary.name_of("azulejo firing", "es") == "Cocción de azulejos"
    assert "No skill waits" in (await read(eva, path))[1]


async def test_a_skill_that_another_moderator_decided_is_said_so(
    deps: Deps, eva: User, make_user: MakeUser, send: Post
) -> None:
    await make_user("Ada", skills_offered=("gitarrra", "Lutes of old"))
    await reject_skill(deps, eva, "gitarrra")
    status, page = await send(
        eva, "/moderation/skills", [("key", "gitarrra"), ("decision", "merged"), ("into", "Guitar")]
    )
    assert (status, 'role="alert"' in page, "Lutes of old" in page) == (409, True, True)


async def test_the_audit_says_who_decided_and_undoes_what_is_fresh(
    deps: Deps, eva: User, make_user: MakeUser, read: Get, send: Post
) -> None:
    ben = await make_user("Ben")
    await standing.hide(deps, eva, ben.id, reason="Let us <look>")
    _, page = await read(eva, "/moderation/audit")
    for words in ("hidden", "Ben", "Eva", "Let us <look>"):
        assert words in page, words
    entry = values_of(page, "entry")[0]
    assert await send(eva, "/moderation/audit", [("entry", entry)]) == (303, "/moderation/audit")
    assert (await get_user(deps, ben.id)).standing.hidden_at is None
    assert (await send(eva, "/moderation/audit", [("entry", new_id())]))[0] == 404
    assert "Let us <look>" not in (await read(eva, f"/moderation/audit?about={eva.id}"))[1]


async def test_every_action_that_is_noted_has_words(deps: Deps, eva: User) -> None:
    root = Path(__file__).parents[3]
    source = "".join(file.read_text(encoding="utf-8") for file in (root / "handlers").glob("*.py"))
    noted = set(re.findall(r'action="([\w.]+)"', source)) | set(re.findall(r'_decide\(\s*deps, \w+, "(\w+)"', source))
    noted |= {f"joined.{how}" for how in (BY_LINK, BY_GROUP, BY_STAFF)}
    assert len(noted) > 8, "the way in which the audit is written has changed"
    texts: Any = deps.texts["en"]
    missing = {name for name in noted if not texts.has(f"page.moderation.action.{name.replace('.', '_')}")}
    assert not missing


async def test_moderators_read_what_was_written_for_them_beside_a_rating(
    deps: Deps, eva: User, make_user: MakeUser, make_swap: MakeSwap, read: Get, client: Client
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    assert "Nobody has written to you" in (await read(eva, "/moderation/notes"))[1]
    swap = await complete(deps, ada, ben, await make_swap(ada, ben, status=ACCEPTED))
    await write_review(deps, ada, swap.id, ben.id, Rating(4, note="The <b>room was locked."))
    status, page = await read(eva, "/moderation/notes")
    assert (status, "The <b>room was locked." in page) == (200, True)
    assert "4 of 5 stars" in page
    assert f'href="/moderation/people/{ben.id}"' in page
    async with client(eva).get("/moderation/notes") as answer:
        assert "The &lt;b&gt;room was locked." in await answer.text()
    assert (await read(ben, "/moderation/notes"))[0] == 403
