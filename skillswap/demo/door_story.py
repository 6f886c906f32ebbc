"""The story of the door in `skillswap demo`: a stranger is let in, reported, warned and banned, and stays out."""

from __future__ import annotations

import socketio

from domain.users import ADMIN, MODERATOR
from handlers.auth.roles import grant_role
from skillswap.demo.browser import Browser, link_in
from skillswap.demo.case_story import CaseStory
from skillswap.demo.scene import Community
from skillswap.demo.staffed import MAIL, Cast, Staffed, start_of
from skillswap.demo.ways_back import WaysBack

ZONE = "Europe/Madrid"
NAME = "Harbour Swaps"
RULES = "Be kind, keep your word, no sales and no dating."
QUESTION = "Who told you about us?"


class DoorStory(Community):
    """All of it, with one cast."""

    async def tell(self) -> None:
        async with Browser(self._address) as browser:
            await self._tell(Cast(browser, socketio.AsyncClient(reconnection=False)))

    async def _tell(self, cast: Cast) -> None:
        for part in (LetIn, CaseStory, WaysBack):
            told = part(self._sandbox, self._deps, self._address, cast)
            await told.tell()
            self.steps += told.steps


class LetIn(Staffed):
    """Ada gives her community a name, a door and a moderator; Rex is kept out, applies, and is let in by Sam."""

    async def tell(self) -> None:
        await self._wait_for_day()
        await self._gather()
        await self._open()
        await self._found_group()
        await self._keep_out()
        await self._apply()
        await self._make_at_home()

    async def _gather(self) -> None:
        self._chapter("A few people are here already, and Ada looks after the service")
        cast = self._cast
        cast.ada = await self._settle("Ada", teach="Calligraphy", learn="Mosaic", zone=ZONE)
        await grant_role(self._deps, str(cast.ada), ADMIN)
        cast.sam = await self._settle("Sam", teach="Pottery", learn="Mosaic", zone=ZONE)
        cast.eva = await self._settle("Eva", teach="Glassblowing", learn="Archery", zone=ZONE)
        cast.tom = await self._settle("Tom", teach="Wood carving", learn="Archery", zone=ZONE)
        cast.uma = await self._settle("Uma", teach="Embroidery", learn="Archery", zone=ZONE)
        cast.lea = await self._settle("Lea", teach="Sign painting", learn="Bookbinding", zone=ZONE)
        cast.kim = await self._settle("Kim", teach="Beatboxing", learn="Sign painting", zone=ZONE)

    async def _open(self) -> None:
        self._chapter("Five questions give the community a name, rules and a door")
        ada = self._cast.ada
        await self._say(ada, "/start", then="com:setup", shows="has no name yet")
        await self._press(ada, "com:setup", then=None, shows="What is your community called?")
        await self._say(ada, NAME, shows="What is it about?")
        await self._say(ada, "Neighbours of the old harbour teach each other.", shows="What are your rules?")
        await self._say(ada, RULES, shows="How do people come in?")
        await self._press(ada, "com:join:approval", then=None, shows="Whom can people ask?")
        self._heard(ada, await self._say(ada, "hello@harbour.example", shows="is open for business"))
        await self._say(ada, "/community", then="com:ask:question")
        await self._press(ada, "com:ask:question", then=None, shows="What do you want to know from newcomers?")
        await self._say(ada, QUESTION, then="com:may:on")
        await self._press(ada, "com:may:on", then="com:may:off", shows="Members may invite others")
        async with Browser(self._address) as anybody:
            known = await self._get(anybody.http, "/api/community")
        self._check(
            (known["name"], known["join"]) == (NAME, "approval"), "GET /api/community says the same to everybody"
        )
        for person in (self._cast.sam, *self._cast.members):
            await self._say(person, "/start", then="agree:")
            await self._press(person, "agree:", then=None)

    async def _found_group(self) -> None:
        self._chapter("Ada founds the moderators' group; Sam is to decide there")
        cast, groups = self._cast, self._sandbox.groups
        await grant_role(self._deps, str(cast.sam), MODERATOR)
        cast.group = (await groups.create("Moderators", cast.ada, cast.sam)).id
        self._names[cast.group] = "Moderators"
        await groups.add_bot(cast.group, cast.ada, as_admin=True)
        self._heard(cast.group, await self._say_in_group(cast.ada, "/here", shows="This is the moderators' place now"))

    async def _keep_out(self) -> None:
        self._chapter("Rex, a stranger, finds the bot: he reads the rules, and sees nobody")
        cast = self._cast
        cast.rex = rex = self._arrive("Rex", "en")
        rules = await self._say(rex, "/start", then="agree:")
        self._heard(rex, rules)
        self._check("no sales" in rules.words, "the rules come first")
        await self._press(rex, "agree:", then="step:teach")
        link = link_in(await self._say(rex, "/web", shows="http"))
        async with Browser(self._address) as web:
            await web.send(link.partition("?")[0], (await web.open(link)).fields)
            for path in ("/api/matches", "/api/users?name=Eva", "/api/circles/possible"):
                async with web.http.get(path) as reply:
                    body = await reply.json()
                self._is_refused(f"GET {path}", body["detail"], is_kept_out=body["code"] == "standing.applicant")
        for command in ("/match", "/find Archery"):
            answer = await self._say(rex, command, shows="as soon as the organisers have let you in")
            self._is_refused(command, answer.words, is_kept_out="Eva" not in answer.words)
        found = await self._sandbox.inline(rex, "archery")
        self._is_refused("inline mode", "no results", is_kept_out=found.results == [])

    async def _apply(self) -> None:
        cast, rex = self._cast, self._cast.rex
        teach, learn = "Archery, Bookbinding", "Glassblowing, Wood carving, Embroidery, Beatboxing"
        asked = await self._register(
            rex, teach=teach, learn=learn, place="Old town", portrait=5, ends_with="One last thing"
        )
        self._chapter("He applies, and Sam lets him in")
        self._heard(rex, asked)
        self._check(QUESTION in asked.words, "the question is Ada's")
        self._heard(rex, await self._say(rex, "My neighbour Eva", shows="are looking at your profile"))
        self._check(not self._has_read(rex, "Eva"), "he has read no name of anybody")
        card = await self._in_group("Rex would like to join")
        self._heard(cast.group, card)
        self._check("My neighbour Eva" in card.words, "his answer stands on the card")
        self._heard(cast.group, await self._decide(cast.sam, "Let in", shows="was let in by Sam"))
        self._heard(rex, await self._sees(rex, None, shows=f"{NAME} has let you in"))
        await self._say(rex, "/start", then="match", shows="What shall we do?")

    async def _make_at_home(self) -> None:
        """Give him everything by which somebody can come back: accounts, sessions, links, an invitation."""
        self._chapter("He makes himself at home: on the web, with a mail address, with an invitation for a friend")
        cast, rex = self._cast, self._cast.rex
        link = link_in(await self._say(rex, "/web", shows="http"))
        await cast.browser.send(link.partition("?")[0], (await cast.browser.open(link)).fields)
        mailed = await self._mailed_link(cast.browser, MAIL)
        page = await cast.browser.open(mailed)
        await cast.browser.send(mailed.partition("?")[0], page.fields)
        me = await self._get(cast.browser.http, "/api/user")
        self._check((me["name"], me["email"]) == ("Rex", MAIL), "his mail address is his second way in")
        await cast.socket.connect(self._address, headers={"Cookie": cast.browser.cookies}, transports=["websocket"])
        self._check(cast.socket.connected, "his page holds a socket open")
        cast.link = link_in(await self._say(rex, "/web", shows="http"))
        await self._say(rex, "/invite", then="invite:new")
        invitation = await self._press(rex, "invite:new", then=None, shows="Here is your invitation")
        self._heard(rex, invitation)
        cast.invitation = start_of(invitation)
