"""What a swap costs between its document in the store and the JSON of an answer, in microseconds of CPU.

python -m tests.bench.documents [--runs 15]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from api.schemas.swaps import swap_document
from domain.planning import Meeting, agree, offer
from domain.swaps import Swap, propose
from handlers.runtime.texts import load_texts
from storage.mongodb.database import new_id
from storage.swaps import swap_doc, swap_from

TIMES = 2000
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def measure_documents(runs: int) -> None:
    texts = load_texts()["en"]
    for name, swap in _swaps().items():
        doc = swap_doc(swap)
        read = _fastest(lambda doc=doc: swap_from(doc), runs)
        written = _fastest(lambda swap=swap: swap_doc(swap), runs)
        shown = _fastest(lambda swap=swap: swap_document(swap, swap.to_user_id, NOW, texts), runs)
        print(f"{f'a {name} swap: read, written, shown':<52}{read:8.1f}{written:8.1f}{shown:8.1f} µs", flush=True)


def _swaps() -> dict[str, Swap]:
    one, other = new_id(), new_id()
    pending = propose(
        swap_id=new_id(),
        from_id=one,
        to_id=other,
        offered_skill="Guitar",
        wanted_skill="Python",
        message="Hello!",
        at=NOW,
    )
    running = pending.accept(by=other, at=NOW)
    start = NOW + timedelta(days=3)
    planned = agree(offer(running, Meeting((start,)), by=one, at=NOW), "1", start, by=other, at=NOW)
    return {"pending": pending, "running": running, "planned": planned}


def _fastest(work: Callable[[], Any], runs: int) -> float:
    """Return the microseconds of one call, of the run that was disturbed least."""
    seconds = []
    for _ in range(runs):
        began = time.process_time()
        for _ in range(TIMES):
            work()
        seconds.append(time.process_time() - began)
    return min(seconds) / TIMES * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    measure_documents(parser.parse_args().runs)


if __name__ == "__main__":
    main()
