"""Beyond one machine: `make scale`. What each step of decision 23 costs, and whether its links lose anything.

The first part is arithmetic from measured constants. The second plays the links of steps 2 and 3 in ticks of ten
milliseconds: a feed is killed, frames are dropped, a link stalls, people move to other processes. MongoDB keeps what
was said, and clients ask it for what they miss, so that a link may lose frames, if that is noticed: each link numbers
its frames and says its last number every second. No database and no socket take part; a seed makes it repeatable.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from handlers.runtime.feed_pace import pause_between_reads

OWN_MS, READ_MS, STREAM_MS = 0.9, 0.27, 0.18
"""CPU-ms of a message in the process that takes it, of a change in each reader, and in the database for each stream."""
READ_SHARE, READ_PACED_MS, STREAM_SHARE, STREAM_PACED_MS = 0.035, 0.0125, 0.02, 0.018
"""The same, read every 20 ms: a share of a core for the reads, and the rest for each change."""
WRITE_MS = 0.42
SHARED_PERCENT = 70

PEOPLE, SWAPS = 1_000_000, 500_000
PROCESSES, MACHINES, RELAYS = 100, 13, 4
TICK, BEAT, SYNC = 0.01, 1.0, 0.05
RESYNC_SPREAD = 10.0
FEED_AWAY = 2.0
STALL = 3.0
LINK_QUEUE = 5_000
DRAIN = 400  # frames that a link passes in a tick
NOTICED_WITHIN = 2.0
CALM_SECONDS = 14.0  # after the last fault: the longest spread, and some


def costs() -> Iterator[str]:
    """Yield lines: share of a core of each process, and cores of the database, read at once and as it is paced."""
    yield "messages a second, processes: a process and the database, read at once | as paced now"
    for rate in (400, 1000, 2000, 5000):
        for count in (1, 2, 4, 10, 100):
            own, others = rate / count * OWN_MS / 1000, rate * (1 - 1 / count) / 1000
            at_once = own + others * READ_MS, rate / 1000 * (WRITE_MS + count * STREAM_MS)
            paced = at_once
            if pause_between_reads(count, is_busy=at_once[0] > SHARED_PERCENT / 100) >= 0.02:
                reader, stream = READ_SHARE + others * READ_PACED_MS, STREAM_SHARE + rate / 1000 * STREAM_PACED_MS
                paced = own + reader, rate / 1000 * WRITE_MS + count * stream
            yield (
                f"{rate:>6}, {count:>3}: {at_once[0]:>6.0%} and {at_once[1]:>5.1f} cores | "
                f"{paced[0]:>6.0%} and {paced[1]:>5.1f} cores"
            )


@dataclass(slots=True)
class Link:
    """Frames of one feed to one process, in order. `lost_at` is the time of a gap that the process has noticed."""

    numbered: int = 0
    taken: int = 0
    queue: deque[tuple[int, int, int, int]] = field(default_factory=deque)  # number, person, swap, seq
    stalled_until: float = 0.0
    longest: int = 0
    told: int = 0

    def send(self, person: int, swap: int, seq: int, *, is_dropped: bool) -> None:
        self.numbered += 1
        if not is_dropped and len(self.queue) < LINK_QUEUE:  # a full queue loses, and that is a gap as well
            self.queue.append((self.numbered, person, swap, seq))
            self.longest = max(self.longest, len(self.queue))


@dataclass(slots=True)
class Missed:
    """Message that did not come live: when it was said, when the gap was noticed, and when it was fetched."""

    said: float
    noticed: float | None = None
    fetched: float | None = None


class Play:
    """One run at a rate of messages a second, with `hubs` independent numberings in front of each process's link."""

    def __init__(self, rate: int, *, hubs: int, seed: int) -> None:
        self._rate, self._hubs = rate, hubs
        self._random = random.Random(seed)
        self._links = [[Link() for _ in range(hubs)] for _ in range(PROCESSES)]
        self._dead_until = [0.0] * MACHINES
        self._begins_anew: deque[tuple[float, int]] = deque()
        self._moved: dict[int, int] = {}
        self._seq: dict[int, int] = defaultdict(int)
        self._heard: dict[tuple[int, int], int] = defaultdict(int)
        self._missed: dict[tuple[int, int], dict[int, Missed]] = defaultdict(dict)
        self._at: dict[int, set[tuple[int, int]]] = defaultdict(set)  # missed, by process
        self._every: list[Missed] = []
        self.said = self.disordered = self.resyncs = 0

    def home(self, person: int) -> int:
        return self._moved.get(person, person * 2_654_435_761 % PROCESSES)

    def run(self) -> str:
        """Play, and return the first thing that is wrong, or ""."""
        faults = 8.0
        ticks = int((faults + CALM_SECONDS) / TICK)
        for tick in range(ticks):
            now = tick * TICK
            self._break(tick, now)
            if now < faults:
                self._say(now, is_dropping=2.0 <= now < 3.0)
            self._pass_on(now)
            if tick % int(BEAT / TICK) == 0:
                self._beat(now)
        return self._verdict(ticks * TICK)

    def _break(self, tick: int, now: float) -> None:
        if tick == 400:
            machine = self._random.randrange(MACHINES)
            self._dead_until[machine] = now + FEED_AWAY
            for process in range(PROCESSES):
                if process % MACHINES == machine:  # the end of a link is seen at once
                    self._links[process] = [Link(longest=link.longest) for link in self._links[process]]
                    self._lost(process, now)
                    self._begins_anew.append((now + FEED_AWAY, process))
        while self._begins_anew and self._begins_anew[0][0] <= now:
            self._lost(self._begins_anew.popleft()[1], now)  # it cannot know what was said before the new feed
        if tick in (100, 550):
            for link in self._links[self._random.randrange(PROCESSES)]:
                link.stalled_until = now + STALL
        if tick % 20 == 0:
            for _ in range(50):
                person = self._random.randrange(PEOPLE)
                self._moved[person] = self._random.randrange(PROCESSES)
                for key in [key for key in self._moved_keys(person) if self._missed.get(key)]:
                    self._fetch(key, now, now + SYNC)  # each new connection asks for what it missed

    def _moved_keys(self, person: int) -> list[tuple[int, int]]:
        return [(person, person // 2)]

    def _say(self, now: float, *, is_dropping: bool) -> None:
        for _ in range(int(self._rate * TICK)):
            swap = self._random.randrange(SWAPS)
            self._seq[swap] += 1
            self.said += 1
            for person in (2 * swap, 2 * swap + 1):
                process = self.home(person)
                missed = Missed(now)
                self._missed[person, swap][self._seq[swap]] = missed
                self._every.append(missed)
                self._at[process].add((person, swap))
                if now >= self._dead_until[process % MACHINES]:
                    link = self._links[process][swap % self._hubs]
                    is_dropped = is_dropping and self._random.random() < 0.01
                    link.send(person, swap, self._seq[swap], is_dropped=is_dropped)

    def _pass_on(self, now: float) -> None:
        for process, links in enumerate(self._links):
            for link in links:
                for _ in range(min(DRAIN, len(link.queue)) if now >= link.stalled_until else 0):
                    number, person, swap, seq = link.queue.popleft()
                    if number != link.taken + 1:
                        self._lost(process, now)
                    link.taken = number
                    if self.home(person) == process:  # else they have moved meanwhile
                        self._hear(person, swap, seq, now)

    def _hear(self, person: int, swap: int, seq: int, now: float) -> None:
        key = person, swap
        if seq <= self._heard[key]:
            if self._missed[key].get(seq) is not None:
                self.disordered += 1
            return
        if seq > self._heard[key] + 1 and len(self._missed[key]) > 1:  # the numbers of the swap show it
            self._fetch(key, now, now + SYNC)
        for one in [one for one in self._missed[key] if one <= seq]:
            missed = self._missed[key].pop(one)
            if one == seq:
                missed.noticed = missed.fetched = now
        self._heard[key] = seq

    def _fetch(self, key: tuple[int, int], noticed: float, fetched: float) -> None:
        for missed in self._missed[key].values():
            missed.noticed = min(noticed, missed.noticed if missed.noticed is not None else noticed)
            missed.fetched = min(fetched, missed.fetched if missed.fetched is not None else fetched)

    def _lost(self, process: int, now: float) -> None:
        """Let everybody who is on this process ask for what they missed, spread over some seconds."""
        self.resyncs += 1
        for key in [key for key in self._at[process] if self._missed.get(key)]:
            self._fetch(key, now, now + self._random.random() * RESYNC_SPREAD)
        self._at[process] = {key for key in self._at[process] if self._missed.get(key)}

    def _beat(self, now: float) -> None:
        """Compare each link's last number with what has come: a last frame that was lost shows only here."""
        for process, links in enumerate(self._links):
            for link in links:
                if now >= link.stalled_until and link.told > link.taken and not link.queue:
                    self._lost(process, now)
                    link.taken = link.told
                link.told = link.numbered

    def _verdict(self, end: float) -> str:
        open_ones = [one for one in self._every if one.fetched is None]
        late = [
            one for one in self._every if one.noticed is not None and one.noticed - one.said > STALL + NOTICED_WITHIN
        ]
        slow = [one for one in self._every if one.fetched is not None and one.fetched > end]
        longest = max(link.longest for links in self._links for link in links)
        problems = {
            "never arrived": len(open_ones),
            "gaps noticed too late": len(late),
            "fetched after the end": len(slow),
            "out of order": self.disordered,
            "frames over the bound of a queue": max(0, longest - LINK_QUEUE),
        }
        self.summary = (
            f"{self.said} messages, {sum(one.fetched != one.noticed for one in self._every)} deliveries fetched, "
            f"{self.resyncs} resyncs of a process, longest queue {longest}"
        )
        return ", ".join(f"{count} {what}" for what, count in problems.items() if count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rates", default="1000,10000", help="messages a second, with commas")
    arguments = parser.parse_args()
    print("\n".join(costs()))
    is_broken = False
    for rate in map(int, arguments.rates.split(",")):
        for name, hubs in (("step 2, a feed a machine", 1), (f"step 3, {RELAYS} relays", RELAYS)):
            play = Play(rate, hubs=hubs, seed=arguments.seed)
            problem = play.run()
            is_broken = is_broken or bool(problem)
            print(f"{name}, {rate} a second: {problem or 'all arrived, in order'} ({play.summary})", flush=True)
    sys.exit(1 if is_broken else 0)


if __name__ == "__main__":
    main()
