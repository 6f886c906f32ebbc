"""The data of the benchmark: 2000 users, 3 swaps each, 20 messages a swap."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta

from bson import ObjectId

from domain.swaps import ACCEPTED, Event, Leg, Swap
from domain.users import User
from handlers.runtime.deps import Deps, utc_now
from skillswap.demo.people import make_people
from storage.derived_fields import derived_fields
from storage.mongodb.database import new_id
from storage.swaps import swap_doc

PEOPLE = 2000
SWAPS_EACH = 3
MESSAGES_EACH = 20
FIRST_TELEGRAM_ID = 10_000
IN_TELEGRAM = range(501, 541, 2)
"""Users with Telegram, for messages across channels; the others are web users, as with the services compared to."""

HIDDEN = 701
"""Index of the user with a private profile."""

WORDS = ("shall we meet on Tuesday after work", "and start with the first chords", "or rather a walk", "coffee?")


@dataclass(frozen=True, slots=True)
class Fixture:
    people: list[User]
    swaps: list[Swap]

    @property
    def private(self) -> User:
        """The user with a private profile."""
        return self.people[HIDDEN]


async def fill(deps: Deps) -> Fixture:
    """Insert the users, their accepted swaps and messages as the service stores them."""
    rng = random.Random(1)
    now = utc_now() - timedelta(days=30)
    database = deps.store.database
    people = []
    for number, character in enumerate(make_people(PEOPLE, seed=1)):
        people.append(
            User(
                id=new_id(),
                name=character.name,
                created_at=now,
                telegram_id=FIRST_TELEGRAM_ID + number if number in IN_TELEGRAM else None,
                location=character.location,
                is_public=number != HIDDEN,
                skills_offered=character.skills_offered,
                skills_wanted=character.skills_wanted,
                email=f"bench-{number}@people.example.org",
            )
        )
    await database.collection("users").insert_many([_user_doc(user) for user in people])
    swaps = []
    for number, asker in enumerate(people):
        for step in range(SWAPS_EACH):
            if number % 2:  # each user is in three swaps, as asker or as partner
                continue
            partner = people[(number + 1 + 2 * step) % PEOPLE]
            swaps.append(make_swap(asker, partner, rng, now))
    await database.collection("swaps").insert_many([swap_doc(swap) for swap in swaps])
    batch = []
    for swap in swaps:
        for seq in range(1, MESSAGES_EACH + 1):
            sender, receiver = swap.participants if seq % 2 else swap.participants[::-1]
            batch.append(
                {
                    "swap_id": ObjectId(swap.id),
                    "seq": seq,
                    "from_user_id": ObjectId(sender),
                    "to_user_id": ObjectId(receiver),
                    "message": " ".join(rng.choices(WORDS, k=rng.randint(1, 4))),
                    "client_id": f"{swap.id}-{seq}",
                    "via": "web",
                    "created_at": now + timedelta(minutes=seq),
                }
            )
    await database.collection("messages").insert_many(batch, ordered=False)
    return Fixture(people, swaps)


def _user_doc(user: User) -> dict[str, object]:
    fields = {
        name: getattr(user, name) for name in ("name", "location", "email", "telegram_id", "created_at", "is_public")
    }
    return {
        "_id": ObjectId(user.id),
        **{name: value for name, value in fields.items() if value is not None},
        "skills_offered": list(user.skills_offered),
        "skills_wanted": list(user.skills_wanted),
        "status": user.status,
        **derived_fields(user),
    }


def make_swap(asker: User, partner: User, rng: random.Random, now: object) -> Swap:
    offered, wanted = rng.choice(asker.skills_offered), rng.choice(partner.skills_offered)
    return Swap(
        id=new_id(),
        from_user_id=asker.id,
        to_user_id=partner.id,
        offered_skill=offered,
        wanted_skill=wanted,
        message="",
        status=ACCEPTED,
        created_at=now,  # type: ignore[arg-type]
        updated_at=now,  # type: ignore[arg-type]
        participants=(asker.id, partner.id),
        legs=(Leg(asker.id, partner.id, offered), Leg(partner.id, asker.id, wanted)),
        consents={asker.id: 1, partner.id: 2},
        version=2,
        history=(Event(now, asker.id, "proposed", "pending"), Event(now, partner.id, "accepted", ACCEPTED)),  # type: ignore[arg-type]
    )
