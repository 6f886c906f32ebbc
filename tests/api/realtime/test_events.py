"""Each event of the table that typed clients are generated from is one of the server, with what it says there."""

from __future__ import annotations

import ast
from typing import Any

from pydantic import TypeAdapter

from api.app import REALTIME
from api.http.rights import EVENTS
from api.realtime.engine_sessions import REFUSED_EVENT
from api.realtime.events import FROM_CLIENTS, TO_CLIENTS
from tests.api.conftest import Connect, Web
from tests.conftest import ROOT
from tests.factories import MakeSwap, MakeUser
from tests.waiting import eventually


def test_the_table_names_the_events_that_clients_may_send(web: Web) -> None:
    registered = web.server._app[REALTIME]._io.handlers["/"].keys() - {"connect", "disconnect", "*"}
    assert FROM_CLIENTS.keys() == registered == EVENTS.keys()


def test_the_table_names_the_events_that_the_server_sends() -> None:
    tree = ast.parse((ROOT / "api/realtime/server.py").read_text())
    emitted = {REFUSED_EVENT}
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="emit"), args=[ast.Constant(value=str(name)), *_]):
                emitted.add(name)
            case ast.FunctionDef(name="_message_event"):
                emitted |= {
                    part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and ":" in str(part.value)
                }
    assert emitted == TO_CLIENTS.keys()


async def test_what_is_sent_and_answered_has_the_shapes_of_the_table(
    web: Web, connect: Connect, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status="accepted")
    asked, listening = await connect(ada), await connect(ben)
    chat = {"swap_id": swap.id}

    async def ask(event: str, **said: Any) -> Any:
        answer = await asked.call(event, said)
        assert answer.pop("ok") is True, answer
        TypeAdapter(FROM_CLIENTS[event][1]).validate_python(answer)
        return answer

    seq = (await ask("chat:new", **chat, message="Hello"))["message"]["seq"]
    await ask("chat:edit", **chat, seq=seq, message="Good day")
    await ask("chat:typing", **chat)
    await ask("chat:open", **chat)
    await ask("chat:read", **chat, seq=seq)
    await ask("chat:sync", **chat)
    await ask("chat:sync", chats=[chat], since="1")
    await ask("chat:close", **chat)
    await ask("chat:delete", **chat, seq=seq)
    await asked.emit("chat:new", {"swap_id": "0" * 24, "message": "lost"})

    await eventually(lambda: {"chat:deleted", "chat:typing", "chat:read"} <= {name for name, _ in listening.received})
    await eventually(lambda: any(name == "chat:error" for name, _ in asked.received))
    for name, said in (*asked.received, *listening.received):
        TypeAdapter(TO_CLIENTS[name]).validate_python(said)
