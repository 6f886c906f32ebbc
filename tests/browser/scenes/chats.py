"""Conversations: the list with unread words, one of two with a photo and an answer, one of three, one that is over."""

from __future__ import annotations

from domain.swaps import ACCEPTED, CANCELLED
from handlers.circles import ask_circle, join_circle
from handlers.edits import delete_message
from handlers.messages import Draft, send_message
from handlers.photos import CHAT, upload_photo
from tests.browser.scenes import GUITAR, PYTHON, Pages, Stage
from tests.factories import insert_swap, insert_user, jpeg, list_possible


async def pages(stage: Stage) -> Pages:
    deps = stage.deps
    ada = await insert_user(deps, "Ada", timezone="Europe/Madrid", **PYTHON)
    ben = await insert_user(deps, "Ben", **GUITAR)
    swap = await insert_swap(deps, ada, ben, status=ACCEPTED)
    photo = await upload_photo(deps, ben, jpeg(side=300), purpose=CHAT)
    await send_message(deps, ben, Draft(swap.id, "Shall we start with scales? See https://a.example/x", "web"))
    await send_message(deps, ada, Draft(swap.id, "Gladly", "web", reply_to=1))
    await send_message(deps, ben, Draft(swap.id, "", "web", photo_url=photo.url))
    await send_message(deps, ben, Draft(swap.id, "Wrong chat", "web"))
    await delete_message(deps, ben, swap.id, 4)
    cleo = await insert_user(deps, "Cleo", **GUITAR)
    over = await insert_swap(deps, ada, cleo, status=CANCELLED)
    li = await insert_user(deps, "Li Wei", skills_offered=("Yoga",), skills_wanted=("Pottery",))
    noor = await insert_user(deps, "Noor", skills_offered=("Latin",), skills_wanted=("Yoga",))
    ana = await insert_user(deps, "Ana", skills_offered=("Pottery",), skills_wanted=("Latin",))
    [possible] = await list_possible(deps, ana)
    circle = await ask_circle(deps, ana, possible.id)
    for person in (li, noor):
        circle = await join_circle(deps, person, circle.id, version=circle.version)
    await send_message(deps, li, Draft(circle.id, "Hello you two", "web"))
    chat = f"/chats/{swap.id}"
    paths = ("/chats", chat, f"{chat}?reply=1", f"{chat}?edit=2", f"{chat}?delete=2", f"/chats/{over.id}")
    return [
        (f"/chats/{circle.id}", ana),
        *((path, ada) for path in paths),
        ("/chats", await insert_user(deps, "Newcomer", **PYTHON)),
    ]
