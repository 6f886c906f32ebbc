"""Checks after a run: acknowledged messages are stored once, in order, and have reached their recipients."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.faults.traffic import Traffic

NOT_SENT = "this one was not sent"
"""Part of the bot's answer to a message that is refused as too fast."""
TOKEN = re.compile(r"\bw\d+x\b")


@dataclass
class Verdict:
    """Counts of violations, by kind."""

    acknowledged: int = 0
    sent: int = 0
    lost: int = 0
    unacknowledged: int = 0
    moved: int = 0
    twice: int = 0
    gaps: int = 0
    inversions: int = 0
    unreceived: int = 0
    telegram_refused: int = 0
    """Refused in Telegram as too fast, with an answer to the sender; not counted as lost."""
    telegram_lost: int = 0
    telegram_unsent: int = 0
    telegram_twice: int = 0
    telegram_disordered: int = 0
    dead: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Return True when nothing is lost, stored twice or out of order; duplicates in Telegram are judged
        separately."""
        return not (
            self.lost
            or self.moved
            or self.twice
            or self.gaps
            or self.inversions
            or self.unreceived
            or self.telegram_lost
            or self.telegram_unsent
            or self.telegram_disordered
            or self.dead
        )

    def sentence(self) -> str:
        wrong = {
            name: value
            for name, value in vars(self).items()
            if isinstance(value, int) and value and name not in ("acknowledged", "sent", "telegram_refused")
        }
        return f"{self.acknowledged} acknowledged of {self.sent} sent; {wrong or 'all stored, once, in order'}"


async def judge(traffic: Traffic) -> Verdict:
    """Compare acknowledged and received messages with the database."""
    verdict = Verdict(sent=len(traffic.messages))
    stored: dict[str, list[dict[str, Any]]] = defaultdict(list)
    cursor = traffic.cluster.deps.store.database.collection("messages").find({"seq": {"$gt": 0}})
    async for doc in cursor.sort([("swap_id", 1), ("seq", 1)]):
        stored[str(doc["swap_id"])].append(doc)
        verdict.dead += sum(line["state"] == "dead" for line in doc.get("outbox", ()))
    _judge_store(traffic, stored, verdict)
    _judge_web(traffic, stored, verdict)
    _judge_telegram(traffic, stored, verdict)
    return verdict


def _judge_store(traffic: Traffic, stored: dict[str, list[dict[str, Any]]], verdict: Verdict) -> None:
    positions = {doc["message"]: (swap_id, doc["seq"]) for swap_id, docs in stored.items() for doc in docs}
    counts = Counter(doc["message"] for docs in stored.values() for doc in docs)
    for docs in stored.values():
        verdict.gaps += [doc["seq"] for doc in docs] != list(range(1, len(docs) + 1))
    verdict.twice = sum(count - 1 for count in counts.values())
    refused = _refused(traffic)
    for message in traffic.messages:
        position = positions.get(message.text)
        if (message.sender.id, message.message_id) in refused and position is None:
            verdict.telegram_refused += 1
            continue
        if message.is_from_telegram:
            verdict.telegram_lost += position is None
        elif message.seq is not None:
            verdict.acknowledged += 1
            verdict.lost += position is None
            verdict.moved += position is not None and position != (message.swap.id, message.seq)
        if position is None and (message.is_from_telegram or message.seq is not None):
            verdict.examples.append(f"lost {message.text} (tries {message.tries})")
        verdict.unacknowledged += message.seq is None and not message.is_from_telegram


def _refused(traffic: Traffic) -> set[tuple[str, int | None]]:
    """Return (user id, Telegram message id) of the messages that the bot refused as too fast."""
    return {
        (user.id, message.reply_to)
        for user in traffic.cluster.telegram
        for message in traffic.cluster.sandbox.chat(user.telegram_id or 0)
        if message.from_bot and NOT_SENT in message.words
    }


def _judge_web(traffic: Traffic, stored: dict[str, list[dict[str, Any]]], verdict: Verdict) -> None:
    for caller in traffic.callers.values():
        verdict.inversions += caller.inversions
        for swap_id, received in caller.received.items():
            right = {doc["seq"]: doc["message"] for doc in stored.get(swap_id, ())}
            if received != right:
                verdict.unreceived += sum(received.get(seq) != text for seq, text in right.items()) or 1
                verdict.examples.append(f"{caller.user.name} received {len(received)} of {len(right)} in {swap_id}")


def _judge_telegram(traffic: Traffic, stored: dict[str, list[dict[str, Any]]], verdict: Verdict) -> None:
    for user in traffic.cluster.telegram:
        assert user.telegram_id is not None
        shown = [message for message in traffic.cluster.sandbox.chat(user.telegram_id) if message.from_bot]
        seen = [token for message in shown for token in TOKEN.findall(message.words)]
        first = list(dict.fromkeys(seen))
        verdict.telegram_twice += len(seen) - len(first)
        for swap in traffic.cluster.swaps:
            if user.id in swap.participants:
                due = [doc["message"] for doc in stored.get(swap.id, ()) if str(doc["to_user_id"]) == user.id]
                verdict.telegram_unsent += len(set(due) - set(first))
                arrived = [token for token in first if token in set(due)]
                if arrived != [text for text in due if text in set(first)]:
                    verdict.telegram_disordered += 1
                    verdict.examples.append(f"{user.name} read {arrived[:8]} of {due[:8]}")


def broken_limits(traffic: Traffic, *, per_second: int = 30, window: float = 1.0) -> tuple[int, int]:
    """Return how often the bot exceeded the limit per second, and how often the burst limit of a chat."""
    sends = [call for call in traffic.cluster.sandbox.calls if call.method.lower().startswith("send")]
    times = sorted(call.at for call in sends)
    everywhere = sum(
        1 for position, at in enumerate(times) if position >= per_second and at - times[position - per_second] < window
    )
    by_chat: dict[Any, list[float]] = defaultdict(list)
    for call in sends:
        by_chat[str(call.params.get("chat_id"))].append(call.at)
    in_chat = 0
    for moments in by_chat.values():
        moments.sort()
        # a burst of 3, then one a second: never 5 within 1.5 seconds
        in_chat += sum(1 for position in range(4, len(moments)) if moments[position] - moments[position - 4] < 1.5)
    return everywhere, in_chat
