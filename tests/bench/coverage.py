"""`make bench-coverage`: the share of a made-up community that can swap, and that can be matched simultaneously.

For each size: the share with a direct partner, with a circle of three, and with either; then the share that the
matching of the product (`tests.bench.coverage_model`) serves simultaneously, beside the optimum. The optimum is a set
packing over all pairs and circles, solved exactly by HiGHS where there are few enough of them; above that, the bound is
everybody with a partner or a circle.

python -m tests.bench.coverage [--seeds 3] [--sizes 50,100] [--plot docs/coverage.svg] [--limit 60]
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from tests.bench.coverage_model import Community, Group, Wish, serve_at_once

SIZES = (50, 100, 200, 500, 1000, 2000, 5000)
ZIPF = 0.8
MAX_GROUPS = 40_000
"""Number of pairs and circles above which the solver is not used."""

PROMISED = 0.9


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of community: each person offers and wants between `least` and `most` of `skills`."""

    skills: int
    least: int
    most: int

    @property
    def name(self) -> str:
        each = str(self.least) if self.least == self.most else f"{self.least}–{self.most}"
        return f"{self.skills} skills, {each} each way"


KINDS = (Kind(100, 1, 5), Kind(300, 1, 5), Kind(100, 2, 2), Kind(300, 2, 2))


@dataclass(frozen=True, slots=True)
class Result:
    """Shares of the community, 0 to 1. `bound` is an upper limit of any matching, exact when `is_exact`."""

    direct: float
    circle: float
    either: float
    pairs_only: float
    served: float
    bound: float
    is_exact: bool
    seconds: float

    @property
    def ratio(self) -> float:
        return self.served / self.bound if self.bound else 1.0


def make_community(size: int, kind: Kind, seed: int) -> Community:
    """Return a community with skills by Zipf's law: the nth is offered and wanted in proportion to 1/n^0.8."""
    chance = random.Random(f"{seed}:{size}:{kind.name}")
    names = [f"skill {number}" for number in range(kind.skills)]
    weights = [1 / (number + 1) ** ZIPF for number in range(kind.skills)]

    def some(besides: frozenset[str] = frozenset()) -> frozenset[str]:
        chosen: set[str] = set()
        wanted = chance.randint(kind.least, kind.most)
        while len(chosen) < wanted:
            chosen |= set(chance.choices(names, weights)) - besides
        return frozenset(chosen)

    wishes = []
    for _ in range(size):
        offers = some()
        wishes.append(Wish(offers, some(offers)))
    return Community(wishes)


def measure(size: int, kind: Kind, seed: int, limit: float) -> Result:
    community = make_community(size, kind, seed)
    direct = [bool(partners) for partners in community.partners]
    circle = [community.has_circle(person) for person in range(size)]
    either = sum(map(max, direct, circle))
    begun = time.perf_counter()
    served = people_in(serve_at_once(community))
    seconds = time.perf_counter() - begun
    best = optimum(community, limit)
    return Result(
        direct=sum(direct) / size,
        circle=sum(circle) / size,
        either=either / size,
        pairs_only=people_in(serve_at_once(community, with_circles=False)) / size,
        served=served / size,
        bound=(either if best is None else best) / size,
        is_exact=best is not None,
        seconds=seconds,
    )


def people_in(groups: Sequence[Group]) -> int:
    return sum(map(len, groups))


def optimum(community: Community, limit: float) -> int | None:
    """Return the most people that can be served simultaneously, or None when it is not found within `limit` seconds."""
    groups: list[Group] = []
    for kind in (community.pairs(), community.circles()):
        for group in kind:
            groups.append(group)
            if len(groups) > MAX_GROUPS:
                return None
    if not groups:
        return 0
    rows = [member for group in groups for member in group]
    columns = [number for number, group in enumerate(groups) for _ in group]
    once = csr_array((np.ones(len(rows)), (rows, columns)), shape=(community.size, len(groups)))
    sizes = np.array([len(group) for group in groups], dtype=float)
    solved = milp(
        -sizes,
        constraints=LinearConstraint(once, -np.inf, 1),
        integrality=np.ones(len(groups)),
        bounds=Bounds(0, 1),
        options={"time_limit": limit},
    )
    return round(-solved.fun) if solved.status == 0 else None


def mean(results: Sequence[Result]) -> Result:
    def of(name: str) -> float:
        return statistics.fmean(getattr(result, name) for result in results)

    return Result(
        of("direct"), of("circle"), of("either"), of("pairs_only"), of("served"), of("bound"),
        is_exact=all(result.is_exact for result in results), seconds=of("seconds"),
    )  # fmt: skip


def plot(table: dict[Kind, dict[int, Result]], file: Path) -> None:
    """Plot the shares of each kind: who can swap, and who is served simultaneously."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "skillswap", "font.size": 9})
    from matplotlib import pyplot
    from matplotlib.ticker import FixedFormatter, FixedLocator, PercentFormatter

    figure, all_axes = pyplot.subplots(1, len(table), figsize=(3.2 * len(table), 3.4), sharey=True, squeeze=False)
    lines = (
        ("direct", "has a direct partner", "#7a869a", "--"),
        ("either", "has a partner or a circle", "#7a869a", "-"),
        ("pairs_only", "served at once, pairs only", "#d97706", "--"),
        ("served", "served at once, with circles", "#d97706", "-"),
        ("bound", "the optimum, or its bound", "#111827", ":"),
    )
    for axes, (kind, results) in zip(all_axes[0], table.items(), strict=True):
        for name, label, colour, style in lines:
            axes.plot(
                list(results), [getattr(result, name) for result in results.values()],
                linestyle=style, color=colour, label=label, marker="." if style != ":" else "",
            )  # fmt: skip
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(FixedLocator(list(results)))
        axes.xaxis.set_major_formatter(FixedFormatter([str(size) for size in results]))
        axes.minorticks_off()
        axes.tick_params(axis="x", rotation=60)
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        axes.set_title(kind.name, fontsize=9)
        axes.set_xlabel("people")
        axes.grid(alpha=0.25)
    handles, labels = all_axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=3, frameon=False)
    figure.tight_layout(rect=(0, 0.14, 1, 1))
    figure.savefig(file, metadata={"Date": None})
    pyplot.close(figure)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="How much of a community can swap, and how many at once.")
    parser.add_argument("--seeds", type=int, default=3, help="communities of each size; the table shows means")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--limit", type=float, default=60.0, help="seconds that the solver may take for one community")
    parser.add_argument("--plot", type=Path, help="write the picture there (SVG)")
    options = parser.parse_args(arguments)
    sizes = [int(size) for size in options.sizes.split(",")]
    table: dict[Kind, dict[int, Result]] = {kind: {} for kind in KINDS}
    worst = 1.0
    for kind in KINDS:
        print(f"\n**{kind.name}**\n")
        print("| people | direct partner | circle | either | served, pairs only | with circles | the optimum | of it |")
        print("|--:|--:|--:|--:|--:|--:|--:|--:|")
        for size in sizes:
            results = [measure(size, kind, seed, options.limit) for seed in range(1, options.seeds + 1)]
            worst = min([worst, *(result.ratio for result in results)])
            one = table[kind][size] = mean(results)
            bound = f"{one.bound:.1%}" if one.is_exact else f"≤ {one.bound:.1%}"
            ratio = f"{one.ratio:.1%}" if one.is_exact else f"≥ {one.ratio:.1%}"
            shares = (one.direct, one.circle, one.either, one.pairs_only, one.served)
            row = " | ".join((str(size), *(f"{share:.0%}" for share in shares), bound, ratio))
            print(f"| {row} |", flush=True)
    print(f"\nThe worst single community: {worst:.1%} of the optimum or of its bound (promised: {PROMISED:.0%}).")
    if options.plot is not None:
        plot(table, options.plot)
    return 0 if worst >= PROMISED else 1


if __name__ == "__main__":
    sys.exit(main())
