"""Intervals by weighted tables against redrawing rows: their time, and how often they hold the truth.

    python benchmarks/evaluating.py

The other side is the usual way: rows are drawn again with replacement and scored by scikit-learn, and the interval is
between two quantiles. Its time is that of a fiftieth of the draws, times fifty. The truth is that of a known world:
answers are drawn for rows of five classes, as rare as in SA, and for rows that are right nineteen times of twenty.
"""

import time
from pathlib import Path
from typing import Any

import numpy as np
from measuring import Bench, Line, check, main

N_ROWS, DRAWS, PART = 1_000, 10_000, 50
SETS, FEW = 1_000, 1_000  # test sets simulated, and the draws for each
SHARES, RIGHT = (0.6, 0.2, 0.1, 0.06, 0.04), (0.9, 0.6, 0.5, 0.4, 0.5)
SIZES = (20, 100, 1_000)


def _rows(n: int, rng: np.random.Generator, right: tuple[float, ...]) -> tuple[list[str], list[str]]:
    references = rng.choice(5, size=n, p=SHARES)
    wrong = (references + rng.integers(1, 5, size=n)) % 5
    given = np.where(rng.random(n) < np.array(right)[references], references, wrong)
    return [["A", "B", "C", "D", "E"][one] for one in references], [["A", "B", "C", "D", "E"][one] for one in given]


def ours(folder: Path) -> dict[str, Any]:
    """One interval of each column, and one comparison, as `caslie evaluate --against` makes them."""
    from caslie.evaluation import pair
    from caslie.evaluation.intervals import columns

    rng = np.random.default_rng(1)
    references, mine = _rows(N_ROWS, rng, RIGHT)
    _, other = _rows(N_ROWS, rng, RIGHT)
    start = time.perf_counter()
    found = columns("sa", references, mine, (1,), DRAWS).excluded["macro_f1"]
    alone = time.perf_counter() - start
    start = time.perf_counter()
    pair("sa", references, mine, other, (1,), DRAWS)
    return {"alone": alone, "pair": time.perf_counter() - start, "low": found.low, "high": found.high}


def redrawn(folder: Path) -> dict[str, Any]:
    """The same by scikit-learn."""
    from sklearn.metrics import f1_score

    rng = np.random.default_rng(1)
    references, mine = (np.array(one) for one in _rows(N_ROWS, rng, RIGHT))
    start = time.perf_counter()
    drawn = []
    for _ in range(DRAWS // PART):
        places = rng.integers(0, N_ROWS, size=N_ROWS)
        drawn.append(
            f1_score(references[places], mine[places], labels=list("ABCDE"), average="macro", zero_division=0)
        )
    low, high = np.quantile(drawn, (0.025, 0.975))
    return {"alone": PART * (time.perf_counter() - start), "low": float(low), "high": float(high)}


def coverage(folder: Path) -> dict[str, Any]:
    """Of a thousand test sets of each size, the share of intervals that hold the truth: ours, and those redrawn."""
    from caslie.evaluation.intervals import columns
    from caslie.metrics import score

    found = {}
    for name, task, column, right in (
        ("macro F1 with rare classes", "sa", "macro_f1", RIGHT),
        ("95 % right", "sr", "recall_at_1", (0.95,) * 5),
    ):
        rng = np.random.default_rng(2)
        truth = score(task, *_rows(400_000, rng, right)).excluded[column]
        for n in SIZES:
            held = [0, 0]
            for i in range(SETS):
                references, given = _rows(n, rng, right)
                one = columns(task, references, given, (i,), FEW).excluded[column]
                low, high = _percentile(task, column, references, given, rng)
                held[0] += one.low <= truth <= one.high
                held[1] += low <= truth <= high
            found[f"{name}, {n:,} rows"] = [count / SETS for count in held]
    return found


def _percentile(
    task: str, column: str, references: list[str], given: list[str], rng: np.random.Generator
) -> tuple[float, float]:
    """The interval of redrawn rows, counted fast: how often each kind of row is drawn is multinomial."""
    from caslie.evaluation.drawing import Kinds
    from caslie.metrics import measure

    kinds = Kinds(measure(task))
    counts = kinds.counts(references, given)
    there = counts > 0
    tables = np.zeros((FEW, *counts.shape))
    tables[:, there] = rng.multinomial(counts.sum(), counts[there] / counts.sum(), size=FEW)
    place = measure(task).columns.index(column)
    low, high = np.quantile(kinds.columns(tables)[:, place], (0.025, 0.975))
    return float(low), float(high)


def compare(bench: Bench) -> list[Line]:
    """Compare time, and coverage in percent."""
    a, b = bench.run("ours").found, bench.run("redrawn").found
    near = all(abs(a[end] - b[end]) < 0.02 for end in ("low", "high"))
    check(near, f"intervals differ: {a['low']:.3f} to {a['high']:.3f}, {b['low']:.3f} to {b['high']:.3f}")
    what = f"interval of macro F1, {N_ROWS:,} rows, {DRAWS:,} draws"
    alone, pair, other = (1_000 * seconds for seconds in (a["alone"], a["pair"], b["alone"]))
    lines = [Line(what, "ms", alone, other, other / alone, ">= 100")]
    lines.append(Line("the same, of a difference in pairs", "ms", pair, other, other / pair))
    for name, (mine, other) in bench.run("coverage").found.items():
        lines.append(Line(f"95 % intervals that hold the truth: {name}", "%", 100 * mine, 100 * other, mine / other))
    return lines


if __name__ == "__main__":
    main("intervals", {"ours": ours, "redrawn": redrawn, "coverage": coverage}, compare)
