"""A Hypothesis state machine of three users on three channels, with the invariants after every step.

It acts on the real application objects and a real database, with failures of Telegram in between. The rules of a swap
are written a second time in `allowed`, sequentially; concurrent actions must have the outcome of some sequential order.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bson import ObjectId
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from handlers.swaps import expire_due_swaps
from tests.faults.stage import (
    Player,
    Stage,
    card_button,
    message_about,
    messages_of,
    players,
    request,
    swaps_of,
)

PEOPLE = 3
MAX_ROUNDS = 5
MAX_UNANSWERED = 3
PRESSES = {"accepted": "accept", "rejected": "reject"}
OVER = ("rejected", "cancelled", "expired")

person = st.integers(0, PEOPLE - 1)
index = st.integers(0, 9)
decision = st.sampled_from(["accepted", "accepted", "rejected", "cancelled"])


@dataclass
class Known:
    """The model's state of one swap. `skill` is what the asker teaches, `waits` the one who does not have to answer."""

    asker: int
    partner: int
    skill: str
    waits: int = -1
    rounds: int = 1
    status: str = "pending"
    last_by: int | None = None
    version: int = 1
    declined: int = 0
    """Number of the decline in the order of all of them; 0 for a swap that was not declined."""
    acknowledged: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Seq and text of the acknowledged messages, by client id."""

    def __post_init__(self) -> None:
        self.waits = self.asker if self.waits == -1 else self.waits

    @property
    def answers(self) -> int:
        """Return the one whose turn it is."""
        return self.partner if self.waits == self.asker else self.asker


def allowed(known: Known, status: str, by: int) -> str | None:
    """Return the state after user `by` sets `status`, or None when it is not allowed."""
    if by not in (known.asker, known.partner):
        return None
    if known.status == status and known.last_by == by:
        return status
    if known.status == "pending":
        return status if (by == known.waits) == (status == "cancelled") else None
    return status if known.status == "accepted" and status == "cancelled" else None


def machine(stage: Stage, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> type[RuleBasedStateMachine]:
    """Return the state machine class for this stage; `run` runs a coroutine in the stage's loop."""

    class Play(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.people: list[Player] = []
            self.swaps: dict[str, Known] = {}
            self.repeatable = False  # a message may have been sent to Telegram twice
            self.count = 0
            self.declines = 0

        @initialize()
        def begin(self) -> None:
            stage.sandbox.behave()
            self.people = run(players(stage, PEOPLE))
            for one in self.people:
                run(one.connect(stage))

        def teardown(self) -> None:
            try:
                if self.people:
                    run(self._check_delivery())
            finally:
                for one in self.people:
                    run(one.leave())

        # ---- actions of users ------------------------------------------------------------------------------------

        @rule(asker=person, step=st.integers(1, PEOPLE - 1), skill=st.sampled_from(["Guitar", "Chess"]))
        def propose(self, asker: int, step: int, skill: str) -> None:
            partner = (asker + step) % PEOPLE
            wanted = "Chess" if skill == "Guitar" else "Guitar"
            body = {"to_user_id": self.people[partner].user.id, "offered_skill": skill, "wanted_skill": wanted}
            status, reply = run(request(stage, self.people[asker], "POST", "/api/swap", body))
            same = [known for known in self.swaps.values() if self._is_same(known, asker, partner, skill)]
            if same and same[0].status == "pending" and same[0].answers == asker:  # they cross
                assert (status, reply["status"]) == (200, "accepted")
                self._note(same[0], "accepted", asker)
                return
            is_refused = bool(same) or self._is_declined(asker, partner)
            assert status == (409 if is_refused else 201), (status, reply)
            if not is_refused:
                self.swaps[reply["_id"]] = Known(asker, partner, skill)
                if skill == "Chess":  # the request is in the partner's chat as a card
                    run(stage.deliveries_done())

        @rule(index=index, by=person, status=decision, in_telegram=st.booleans())
        def answer(self, index: int, by: int, status: str, in_telegram: bool) -> None:
            if (swap_id := self._pick(index)) is None:
                return
            known = self.swaps[swap_id]
            after = allowed(known, status, by)
            if in_telegram and status in PRESSES:
                run(stage.deliveries_done())
                found = card_button(stage, self.people[by], swap_id, PRESSES[status])
                if found is None or int(found[1].split(":")[2]) != known.version:  # a copy that was sent twice
                    return
                run(stage.sandbox.press(self.people[by].chat, *found))
                run(stage.quiet())
            else:
                code, reply = run(self._put(by, swap_id, status))
                assert (code == 200) == (after is not None), (code, reply, known)
            if after is not None:
                self._note(known, after, by)

        @rule(index=index, by=person)
        def counter(self, index: int, by: int) -> None:
            if (swap_id := self._pick(index)) is None:
                return
            known = self.swaps[swap_id]
            other = "Chess" if known.skill == "Guitar" else "Guitar"
            mine, theirs = (other, known.skill) if by == known.asker else (known.skill, other)
            body = {"offered_skill": mine, "wanted_skill": theirs}
            code, reply = run(request(stage, self.people[by], "POST", f"/api/swap/{swap_id}/counter", body))
            is_taken = any(
                self._is_same(one, known.asker, known.partner, other)
                for one_id, one in self.swaps.items()
                if one_id != swap_id
            )
            is_turn = known.status == "pending" and known.answers == by
            is_allowed = is_turn and known.rounds < MAX_ROUNDS and not is_taken
            assert (code == 200) == is_allowed, (code, reply, known)
            if is_allowed:
                known.skill, known.waits, known.last_by = other, by, by
                known.rounds += 1

        @rule(index=index, answers=st.lists(st.tuples(person, decision), min_size=2, max_size=4))
        def answer_concurrently(self, index: int, answers: list[tuple[int, str]]) -> None:
            if (swap_id := self._pick(index)) is None:
                return
            known = self.swaps[swap_id]

            async def all_answers() -> list[tuple[int, Any]]:
                return await asyncio.gather(*(self._put(by, swap_id, status) for by, status in answers))

            codes = [code for code, _ in run(all_answers())]
            assert max(codes) < 500, codes
            done = [one for one, code in zip(answers, codes, strict=True) if code == 200]
            if not done:
                assert all(allowed(known, status, by) is None for by, status in answers), (known, answers, codes)
                return
            now = run(swaps_of(stage, [swap_id]))[swap_id]["status"]
            ends = [end for order in itertools.permutations(done) if (end := _in_order(known, order)) is not None]
            right = [end for end in ends if end[0] == now]
            assert right, f"{codes} for {answers} from {known.status} to {now}: no sequential order has this outcome"
            history = run(swaps_of(stage, [swap_id]))[swap_id]["history"]
            by = str(history[-1]["by"])
            self._note(known, now, next((n for n, one in enumerate(self.people) if one.user.id == by), None))

        @rule(index=index)
        def expire(self, index: int) -> None:
            if (swap_id := self._pick(index)) is None:
                return
            known = self.swaps[swap_id]
            past = stage.clock() - timedelta(hours=1)
            swaps = stage.deps.store.database.collection("swaps")
            pending = {"_id": ObjectId(swap_id), "due_at": {"$exists": True}}

            async def expire_twice() -> None:
                await swaps.update_one(pending, {"$set": {"due_at": past}})
                await asyncio.gather(expire_due_swaps(stage.deps), expire_due_swaps(stage.deps))

            run(expire_twice())
            if known.status == "pending":
                known.status, known.last_by = "expired", None

        @rule(index=index, by=person, channel=st.sampled_from(["rest", "socket", "telegram"]))
        def send(self, index: int, by: int, channel: str) -> None:
            if (swap_id := self._pick(index)) is None:
                return
            known = self.swaps[swap_id]
            self.count += 1
            text, client_id = f"w{self.count}x", f"{self.people[0].user.id}-{self.count}"
            is_allowed = self._may_write(swap_id, by)
            if channel == "telegram":
                about = message_about(stage, self.people[by], swap_id)
                if about is None or not is_allowed:
                    return
                run(stage.sandbox.send_text(self.people[by].chat, text, reply_to=about))
                run(stage.quiet())
                stored = [doc for doc in run(messages_of(stage, swap_id)) if doc["message"] == text]
                assert len(stored) == 1, f"{text} is stored {len(stored)} times"
                known.acknowledged[stored[0]["client_id"]] = stored[0]["seq"], text
                return
            ok, message, code = run(self._post_message(by, swap_id, text, client_id, by_socket=channel == "socket"))
            if code == "too_fast" or "too_fast" in str(code):
                return
            assert ok == is_allowed, (ok, code, known)
            if ok:
                known.acknowledged[client_id] = message["seq"], text

        @rule(index=index, by_socket=st.booleans(), is_changed=st.booleans())
        def send_again(self, index: int, by_socket: bool, is_changed: bool) -> None:
            if (swap_id := self._pick(index)) is None or not self.swaps[swap_id].acknowledged:
                return
            known = self.swaps[swap_id]
            client_id, (seq, text) = list(known.acknowledged.items())[index % len(known.acknowledged)]
            stored = next(doc for doc in run(messages_of(stage, swap_id)) if doc["client_id"] == client_id)
            by = next(n for n, one in enumerate(self.people) if one.user.id == str(stored["from_user_id"]))
            new_text = f"{text} and more" if is_changed else text
            ok, message, code = run(self._post_message(by, swap_id, new_text, client_id, by_socket=by_socket))
            if "too_fast" in str(code) or stored["via"] == "telegram":
                return
            assert ok == (not is_changed), (ok, code, known)
            if ok:
                assert message["seq"] == seq

        @rule(by=person)
        def lose_connection(self, by: int) -> None:
            run(self.people[by].leave())
            run(self.people[by].connect(stage))

        # ---- faults ----------------------------------------------------------------------------------------------

        @rule(kind=st.sampled_from(["429", "500", "dropped", "twice", "reordered"]))
        def telegram_fails(self, kind: str) -> None:
            match kind:
                case "429":
                    stage.sandbox.fail("sendMessage", status=429, retry_after=1)
                case "500":
                    stage.sandbox.fail("sendMessage", status=502)
                case "dropped":
                    stage.sandbox.deliver_then_drop("sendMessage")
                    self.repeatable = True
                case "twice":
                    stage.sandbox.duplicate_updates(1)
                case "reordered":
                    stage.sandbox.reorder_updates(1)

        @rule()
        def worker_dies_with_a_lease(self) -> None:
            run(stage.deps.store.outbox.claim("ghost", now=stage.clock(), busy=set()))

        @rule(minutes=st.sampled_from([-10, 10]))
        def clock_jumps(self, minutes: int) -> None:
            stage.clock.ahead += timedelta(minutes=minutes)

        # ---- invariants ------------------------------------------------------------------------------------------

        @invariant()
        def swaps_match_the_model(self) -> None:
            if not self.swaps:
                return
            found = run(swaps_of(stage, list(self.swaps)))
            for swap_id, known in self.swaps.items():
                doc = found[swap_id]
                assert doc["status"] == known.status, f"{doc['status']} instead of {known.status}"
                assert doc["version"] >= known.version
                assert doc["version"] == len(doc["history"]), "every change is one version and one event of the history"
                assert doc["history"][-1]["status"] == doc["status"]
                known.version = doc["version"]
            keys = [doc["open_key"] for doc in found.values() if "open_key" in doc]
            assert len(keys) == len(set(keys)), "the same swap is open twice"

        @invariant()
        def messages_match_the_model(self) -> None:
            for swap_id, known in self.swaps.items():
                stored = run(messages_of(stage, swap_id)) if known.acknowledged else []
                assert [doc["seq"] for doc in stored] == list(range(1, len(stored) + 1)), "a gap"
                stored_by_client = {doc["client_id"]: (doc["seq"], doc["message"]) for doc in stored}
                assert stored_by_client == known.acknowledged, "what was acknowledged and what is stored differ"

        async def _check_delivery(self) -> None:
            """Check that every message has arrived: on sockets once and in order, in Telegram at least once."""
            stage.sandbox.behave()
            await stage.quiet()
            await stage.deliveries_done()
            for swap_id, known in self.swaps.items():
                stored = [(doc["seq"], doc["message"]) for doc in await messages_of(stage, swap_id)]
                for number in (known.asker, known.partner):
                    await self._check_received(self.people[number], swap_id, stored)
                for doc in await messages_of(stage, swap_id):
                    self._check_telegram(doc)

        async def _check_received(self, one: Player, swap_id: str, stored: list[tuple[int, str]]) -> None:
            live = one.received.get(swap_id, [])
            assert [seq for seq, _ in live] == sorted({seq for seq, _ in live}), "the socket received another order"
            assert set(live) <= set(stored)
            for cursor in {0, len(stored) // 2}:
                answer = await one.client.call("chat:sync", {"swap_id": swap_id, "after": cursor}, timeout=10)
                synced = [(message["seq"], message["message"]) for message in answer["messages"]]
                assert synced == stored[cursor:][:100]

        def _check_telegram(self, doc: dict[str, Any]) -> None:
            for line in doc.get("outbox", ()):
                reader = next(one for one in self.people if one.user.id == str(line["to"]))
                shown = [m for m in stage.sandbox.chat(reader.chat) if m.from_bot and doc["message"] in m.words.split()]
                assert line["state"] in ("sent", "skipped", "parked"), line["state"]
                if line["state"] == "sent":
                    assert shown, f"{doc['message']} is marked as sent and not in the chat"
                    assert len(shown) == 1 or self.repeatable, f"{doc['message']} arrived {len(shown)} times"

        # ---- helpers ---------------------------------------------------------------------------------------------

        def _pick(self, index: int) -> str | None:
            return list(self.swaps)[index % len(self.swaps)] if self.swaps else None

        def _is_same(self, known: Known, asker: int, partner: int, skill: str) -> bool:
            """Return True when this is the same swap, asked by either user, and still open."""
            if known.status in OVER:
                return False
            other = "Chess" if skill == "Guitar" else "Guitar"
            one = (known.asker, known.partner, known.skill)
            return one in ((asker, partner, skill), (partner, asker, other))

        def _may_write(self, swap_id: str, by: int) -> bool:
            """Return True when this user may write in the swap: what went unanswered counts unless it runs."""
            known = self.swaps[swap_id]
            if by not in (known.asker, known.partner) or known.status == "cancelled":
                return False
            if known.status == "accepted" or (known.status == "pending" and by == known.answers):
                return True
            history = run(swaps_of(stage, [swap_id]))[swap_id]["history"]
            since = max(event["at"] for event in history if event["by"] is not None)
            last = run(messages_of(stage, swap_id))[-MAX_UNANSWERED:]
            me = self.people[by].user.id
            own = [doc for doc in last if str(doc["from_user_id"]) == me and doc["created_at"] >= since]
            return len(own) < MAX_UNANSWERED

        def _is_declined(self, asker: int, partner: int) -> bool:
            """Return True when the last no between the two was said to this asker, who may not ask again for days."""
            between = [known for known in self.swaps.values() if {known.asker, known.partner} == {asker, partner}]
            last = max(between, key=lambda known: known.declined, default=None)
            return last is not None and last.declined > 0 and last.waits == asker

        def _note(self, known: Known, status: str, by: int | None) -> None:
            """Take over the state of a swap after an answer."""
            if status == "rejected" and known.status != "rejected":
                self.declines += 1
                known.declined = self.declines
            known.status, known.last_by = status, by

        async def _put(self, by: int, swap_id: str, status: str) -> tuple[int, Any]:
            return await request(stage, self.people[by], "PUT", f"/api/swap/{swap_id}", {"status": status})

        async def _post_message(
            self, by: int, swap_id: str, text: str, client_id: str, *, by_socket: bool
        ) -> tuple[bool, dict[str, Any], str]:
            body = {"swap_id": swap_id, "message": text, "client_id": client_id}
            if by_socket:
                answer = await self.people[by].client.call("chat:new", body, timeout=10)
                return answer["ok"], answer.get("message", {}), answer.get("error", {}).get("code", "")
            status, reply = await request(stage, self.people[by], "POST", "/api/chat", body)
            assert status < 500, reply
            return status in (200, 201), reply, reply.get("code", "")

    return Play


def _in_order(known: Known, order: tuple[tuple[int, str], ...]) -> tuple[str, int | None] | None:
    """Return status and last actor after these actions in this order, or None when one of them is not allowed."""
    now = Known(known.asker, known.partner, known.skill, known.waits, status=known.status, last_by=known.last_by)
    for by, status in order:
        after = allowed(now, status, by)
        if after is None:
            return None
        now.status, now.last_by = after, by
    return now.status, now.last_by
