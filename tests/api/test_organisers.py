"""What the organisers and one person write to each other, at the REST interface."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from domain.standing import MEMBER
from domain.users import MODERATOR, User
from handlers.runtime.deps import Deps
from handlers.standing import suspend
from tests.api.conftest import Client
from tests.factories import MakeUser

Call = Callable[..., Awaitable[tuple[int, Any]]]
OWN = "/api/organisers/letters"


@pytest.fixture
def call(client: Client) -> Call:
    async def call(actor: User, method: str, path: str, **body: Any) -> tuple[int, Any]:
        options = {"json": body} if method == "POST" else {}
        async with client(actor).request(method, path, **options) as answer:
            return answer.status, await answer.json()

    return call


def of(user: User) -> str:
    return f"/api/moderation/people/{user.id}/letters"


async def test_moderators_write_as_the_organisers_and_read_the_answer(call: Call, make_user: MakeUser) -> None:
    eva, ben = await make_user("Eva", role=MODERATOR), await make_user("Ben")
    assert (await call(ben, "GET", OWN))[1] == {"letters": [], "may_answer": False}
    status, sent = await call(eva, "POST", of(ben), text="Did you call?")
    assert (status, sent["letters"][0]["by"], sent["turns"]) == (201, eva.id, 3)
    _, read = await call(ben, "GET", OWN)
    assert (read["letters"][0]["from_organisers"], read["may_answer"]) == (True, True)
    assert eva.id not in str(read)
    status, _ = await call(ben, "POST", OWN, text="Yes, twice.")
    assert status == 201
    _, known = await call(eva, "GET", of(ben))
    assert [(letter["by"], letter["text"]) for letter in known["letters"]] == [
        (eva.id, "Did you call?"),
        (None, "Yes, twice."),
    ]


async def test_only_moderators_write_and_read_for_the_organisers(call: Call, make_user: MakeUser) -> None:
    eva, ben = await make_user("Eva", role=MODERATOR), await make_user("Ben")
    for actor, about in ((ben, eva), (eva, eva)):
        assert (await call(actor, "GET", of(about)))[0] == 403
        assert (await call(actor, "POST", of(about), text="Hello"))[0] == 403
    assert (await call(eva, "POST", "/api/moderation/people/65f0c0ffee0000000000be99/letters", text="Hello"))[0] == 404
    for text in ("", " ", "x" * 1001):
        assert (await call(eva, "POST", of(ben), text=text))[0] == 422


async def test_without_a_letter_or_a_decision_there_is_nothing_to_answer(call: Call, make_user: MakeUser) -> None:
    ben = await make_user("Ben")
    status, problem = await call(ben, "POST", OWN, text="Hello")
    assert (status, problem["code"]) == (409, "organisers.nothing_to_answer")
    assert ben.standing.membership == MEMBER


async def test_a_suspended_user_answers_once(deps: Deps, call: Call, make_user: MakeUser) -> None:
    eva, ben = await make_user("Eva", role=MODERATOR), await make_user("Ben")
    decision = await suspend(deps, eva, ben.id, reason="rude")
    assert (await call(ben, "GET", OWN))[1]["may_answer"] is True
    status, answered = await call(ben, "POST", OWN, text="That was not me.")
    assert (status, answered["may_answer"]) == (201, False)
    assert (await call(ben, "POST", OWN, text="Really."))[0] == 409
    _, known = await call(eva, "GET", of(ben))
    assert known["letters"][0]["decision"] == decision.entry_id
