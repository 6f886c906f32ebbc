"""The queue of a socket does what asyncio's does, in less room."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Callable
from typing import Any

from api.realtime.packet_queue import PacketQueue
from tests.waiting import WAIT_SECONDS


async def test_packets_come_out_in_order_and_are_waited_for() -> None:
    queue = PacketQueue()
    given_up, waiting = asyncio.create_task(queue.get()), asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    given_up.cancel()
    for number in range(3):
        queue.put_nowait(number)
    async with asyncio.timeout(WAIT_SECONDS):
        assert [await waiting, queue.get_nowait(), queue.get_nowait()] == [0, 1, 2]
        assert queue.empty()
        joining = asyncio.create_task(queue.join())
        await asyncio.sleep(0)
        assert not joining.done()
        for _ in range(3):
            queue.task_done()
        await joining


def test_an_empty_one_takes_less_than_a_third() -> None:
    def room(make: Callable[[], Any]) -> int:
        tracemalloc.start()
        queues = [make() for _ in range(100)]
        taken, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert all(queue.empty() for queue in queues)
        return taken

    assert room(PacketQueue) < room(asyncio.Queue) / 3
