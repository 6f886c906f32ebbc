"""The second part of the story of the door: three swaps and a circle, two reports, a warning and a ban."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.sandbox import Message
from domain.exits import SETTLE_AFTER, UNDO_WITHIN
from skillswap.demo.staffed import Staffed, start_of
from skillswap.demo.web_side import WebSide

LATER = UNDO_WITHIN + SETTLE_AFTER + timedelta(minutes=1)
"""Time after which nothing of a decision can be undone any more, and everything that follows from it is done."""


class CaseStory(Staffed):
    """Rex swaps with three people and joins a circle; Eva reports him, then Tom does."""

    async def tell(self) -> None:
        cast = self._cast
        async with await self._browser(cast.eva) as eva, await self._browser(cast.tom) as tom:
            await self._swap_with_three(eva, tom)
            await self._join_circle()
            await self._report(cast.eva)
            await self._warn()
            await self._report_on_the_web(tom)
            await self._ban()
            await self._end(eva, tom)
        await self._repair_circle()

    async def _swap_with_three(self, eva: WebSide, tom: WebSide) -> None:
        self._chapter("Rex swaps: with Eva there is a date, with Tom there is a conversation, Uma has his request")
        rex = self._cast.rex
        await self._agree(eva, rex, "Glassblowing", "Archery")
        body = {"to_user_id": (await self._user(rex)).id, "offered_skill": "Wood carving", "wanted_skill": "Archery"}
        await tom.send("POST", "/api/swap", body, status=201)
        await self._press_label(rex, "✅ Accept", shows="Tom")
        async with await self._web(rex) as web:
            body = {"to_user_id": (await self._user(self._cast.uma)).id}
            body |= {
                "offered_skill": "Archery",
                "wanted_skill": "Embroidery",
                "message": "I have wanted to learn this for years.",
            }
            async with web.post("/api/swap", json=body) as reply:
                self._check(reply.status == 201, "he asks Uma on the web")
        self._heard(self._cast.uma, await self._sees(self._cast.uma, ":accept", shows="Rex"))

    async def _join_circle(self) -> None:
        self._chapter("Lea asks Kim and him for a circle, and he joins")
        cast = self._cast
        await self._say(cast.lea, "/circles", then="cp:", shows="Rex")
        await self._press(cast.lea, "cp:", then="ci:", shows="You are in")
        self._heard(cast.rex, await self._sees(cast.rex, ":join"))
        await self._press(cast.rex, ":join", then="ci:", shows="You are in")
        await self._say(cast.ada, "/invite", then="invite:new")
        start = start_of(await self._press(cast.ada, "invite:new", then=None, shows="Here is your invitation"))
        cast.pia = self._arrive("Pia", "en")
        await self._say(cast.pia, start, then="agree:")
        await self._press(cast.pia, "agree:", then="step:teach")
        skills = {"teach": "Bookbinding", "learn": "Beatboxing"}
        await self._register(cast.pia, **skills, place="North bank", portrait=9, is_asked=True)
        self._check((await self._user(cast.pia)).is_listed, "Pia has come by Ada's link, and is in at once")

    async def _report(self, eva: int) -> None:
        self._chapter("What he writes to Eva is not about archery; she reports it, with their messages")
        await self._write_to(self._cast.rex, "Eva", "Forget the arrows. Dinner at my place tonight?")
        await self._sees(eva, None, shows="Dinner at my place")
        await self._open_swap(eva, "Rex")
        await self._press_label(eva, "🚩 Report", shows="What is it about?")
        await self._press_label(eva, "flirting, dating", shows="write in one message what has happened")
        await self._press_label(eva, "⬜️ Attach our last", shows="☑️ Attach our last")
        await self._press_label(eva, "☑️ Block Rex too", shows="⬜️ Block Rex too")
        self._heard(eva, await self._say(eva, "I came for archery.", shows="your report has arrived"))
        card = await self._in_group("Rex · 1 report")
        self._heard(self._cast.group, card)
        self._check("Dinner at my place" in card.words, "the messages are on the card, as she has allowed")

    async def _warn(self) -> None:
        self._chapter("Sam warns him: before anything else he has to read it")
        cast, rex = self._cast, self._cast.rex
        await self._decide(cast.sam, "✋ Take", shows="Sam is looking at it")
        await self._decide(cast.sam, "⚠️ Warn", shows="Why?")
        self._heard(cast.group, await self._decide(cast.sam, "flirting, dating", shows="Warned – Sam"))
        warning = await self._sees(rex, "ack", shows="The organisers have to tell you something")
        self._heard(rex, warning)
        self._check("Eva" not in warning.words, "it does not say who has reported him")
        before = self._last(rex)
        await self._say(rex, "/match", then="ack")
        self._check(not self._has_read(rex, "teaches you", after=before), "nothing else works until he has read it")
        self._heard(rex, await self._press(rex, "ack", then=None, shows="Everything is open again"))
        await self._wait(LATER)
        self._heard(
            cast.eva, await self._sees(cast.eva, None, shows="Thank you for your report: it has been dealt with")
        )

    async def _report_on_the_web(self, tom: WebSide) -> None:
        self._chapter("He goes on, with Tom; Tom reports him on the web")
        await self._write_to(self._cast.rex, "Tom", "You are useless. I know where you live.")
        (swap,) = [one for one in await tom.get("/api/swap") if one["status"] == "accepted"]
        await self._sees(self._cast.tom, None, shows="I know where you live")
        body = {"about": (await self._user(self._cast.rex)).id, "subject": "swap", "subject_id": swap["_id"]}
        body |= {"reason": "rude", "text": "This frightens me.", "attach_messages": True, "block": False}
        await tom.send("POST", "/api/reports", body, status=201)
        self._check(True, "POST /api/reports")
        card = await self._in_group("This frightens me.")
        self._heard(self._cast.group, card)
        for words in ("I know where you live", "Earlier cases: 1"):
            self._check(words in card.words, f"the card says: {words}")

    async def _ban(self) -> None:
        self._chapter("Sam bans him, and is asked twice")
        cast = self._cast
        await self._decide(cast.sam, "⛔ Ban", shows="Why?")
        self._heard(cast.group, await self._decide(cast.sam, "Rude or threatening", shows="Ban Rex?"))
        self._check((await self._user(cast.rex)).is_active, "nothing has happened yet")

    async def _end(self, eva: WebSide, tom: WebSide) -> None:
        cast = self._cast
        self._heard(cast.group, await self._decide(cast.sam, "⛔ Yes, ban", shows="Banned – Sam"))
        self._heard(cast.rex, await self._sees(cast.rex, None, shows="have closed your account"))
        self._chapter("Ten minutes later his swaps end; whom he was to meet hears it in neutral words")
        partners = (cast.eva, cast.tom, cast.uma)
        self._check(not any(self._has_read(one, "no longer here") for one in partners), "until then it can be undone")
        await self._wait(LATER)
        for message in await self._all_hear(partners, "Rex is no longer here"):
            self._check(not _tells_why(message), "not a word of why")
        for web in (eva, tom):
            (swap,) = await web.get("/api/swap")
            shown = (swap["status"], swap["end_reason"], swap["next_action"])
            self._check(
                shown == ("cancelled", "partner_unavailable", None),
                "REST: status cancelled, end_reason partner_unavailable",
            )
            self._check(not _open_sessions(swap), "no session stands in it any more")

    async def _repair_circle(self) -> None:
        self._chapter("Lea and Kim lose nothing: the circle has asked Pia, and the last yes closes it")
        cast = self._cast
        self._heard(cast.lea, await self._sees(cast.lea, None, shows="looking for a replacement"))
        pia, kim = (cast.pia, None, "You are in"), (cast.kim, "Lea and Pia have joined", "The circle is closed")
        for person, card, shows in (pia, kim):  # Kim answers what Pia has changed: a button from before is refused
            invitation = await self._sees(person, ":join", shows=card)
            self._check("Rex" not in invitation.words, f"{self._names[person]}'s card does not name him")
            self._heard(person, await self._press(person, ":join", then="ci:", shows=shows))
        await self._all_hear((cast.lea, cast.kim, cast.pia), "You are now talking to")

    async def _write_to(self, person: int, name: str, text: str) -> None:
        """Open the conversation with somebody of this name in Telegram, and write."""
        await self._say(person, "/chat", shows=name)
        await self._press_label(person, name, shows=f"talking to {name}")
        await self._say(person, text)

    async def _open_swap(self, person: int, name: str) -> None:
        await self._say(person, "/swaps", shows=name)
        await self._press_label(person, name, shows="🚩 Report")


def _tells_why(message: Message) -> bool:
    words = message.words.casefold()
    return any(word in words for word in ("ban", "closed", "moderator", "organiser", "report"))


def _open_sessions(swap: Any) -> list[Any]:
    return [session for session in swap["sessions"] if session["status"] in ("offered", "agreed")]
