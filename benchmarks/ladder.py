"""The method's ladder on drawn worlds: text alone, every caption, kept captions; with intervals over rows and worlds.

    python benchmarks/ladder.py

Each world is a sample of its own, built, captioned and judged by the pocket models and split as the paper splits. On
its train splits pocket-s is tuned on text (uniM3), on every caption (UIA), on kept ones (CASLIE), on kept ones of a
captioner that was not told the task, and on kept ones task by task; all answer the same test rows. Compared are means
over the twelve test sets of the paper's primary measures; intervals are of the difference, by resampling rows.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from measuring import Bench, Line, main

WORLDS = ("11", "12", "13")  # no pocket model learnt from worlds below 1,000
SCALE = 1
SIZES = ("s", "m", "l")
TASKS = ("ap", "cc", "prp", "psi", "mpc", "sa", "sr")
DRAWS = 1000

Rows = dict[str, dict[str, list[Any]]]  # config -> reference, label and evidence of each row


def world(folder: Path, seed: str) -> dict[str, Any]:
    """Write a world, build it, caption it with and without context, and judge."""
    from caslie.recipe import load_recipe
    from caslie.stages import caption_all, judge_all
    from mmecinstruct import builder
    from mmecinstruct.config import load_recipe as load_dataset_recipe
    from mmecinstruct.sample import write_sample

    home = folder / seed
    write_sample(home / "sources", scale=SCALE, seed=int(seed), workers=2)
    builder.build(load_dataset_recipe("sample"), builder.Request(home / "sources", home / "build", workers=2))
    for captioner, name in (("llava", "with"), ("llava-without-context", "without")):
        recipe = replace(
            load_recipe("pocket"), dataset=str(home / "build"), run=str(home / "answers"), captioner=captioner
        )
        caption_all(recipe, _silent)
        judge_all(recipe, home / name, _silent)
    return {}


def tune(folder: Path, seed: str, size: str, way: str) -> dict[str, Any]:
    """Tune and answer one way: text, uia, caslie, without (context), or a task's abbreviation."""
    from caslie.recipe import load_recipe
    from caslie.running import run_all

    home = folder / seed
    variant: Any = way if way in ("text", "uia") else "caslie"
    recipe = replace(
        load_recipe(f"pocket-{size}"),
        dataset=str(home / ("without" if way == "without" else "with")),
        run=str(home / f"{size}-{way}"),
        answers=None,
        variant=variant,
        tasks=(way,) if way in TASKS else (),
    )
    run_all(recipe, _silent, lambda step: None)
    return {"rows": _answered(home, Path(str(recipe.run)))}


def compare(bench: Bench) -> list[Line]:
    """Climb the ladder in every world, and tell each step with its interval."""
    found: dict[tuple[str, str, str], Rows] = {}
    for seed in WORLDS:
        bench.run("world", seed)
        for size in SIZES:
            ways = ("text", "uia", "caslie", *(("without", *TASKS) if size == SIZES[0] else ()))
            for way in ways:
                found[seed, size, way] = bench.run("tune", seed, size, way).found["rows"]
        found[seed, SIZES[0], "specific"] = _joined(found, seed)
    lines: list[Line] = []
    for size in SIZES:
        lines += list(_steps(found, size))
    return lines


def _steps(found: dict[tuple[str, str, str], Rows], size: str) -> Iterator[Line]:
    pairs = [("uia", "text"), ("caslie", "uia"), ("caslie", "text")]
    if size == SIZES[0]:
        pairs += [("caslie", "without"), ("caslie", "specific")]
    for ours, other in pairs:
        mine, theirs = ([found[seed, size, way] for seed in WORLDS] for way in (ours, other))
        low, high = _interval(mine, theirs)
        worlds = ", ".join(f"{_mean([a]) - _mean([b]):+.3f}" for a, b in zip(mine, theirs, strict=True))
        what = f"pocket-{size}: {ours} against {other}; difference {low:+.3f} to {high:+.3f}, by world {worlds}"
        yield _line(what, _mean(mine), _mean(theirs), ">= 1")
    mine, theirs = ([found[seed, size, way] for seed in WORLDS] for way in ("caslie", "text"))
    for evidence in ("picture", "text", "misleading"):
        some, same = _right(mine, evidence), _right(theirs, evidence)
        yield _line(
            f"pocket-{size}: rows whose evidence is {evidence} (n = {len(some):,}), right: caslie, text",
            _share(some),
            _share(same),
        )
    for config in mine[0]:
        some, same = ([{config: rows[config]} for rows in each] for each in (mine, theirs))
        yield _line(f"pocket-{size}: {config}: caslie, text", _mean(some), _mean(same))


def _line(what: str, ours: float, other: float, aim: str = "") -> Line:
    return Line(what, "%", 100 * ours, 100 * other, ours / other if other else 0.0, aim)


def _answered(home: Path, run_dir: Path) -> Rows:
    """Every test row's reference, what was answered, and what its picture is worth."""
    from caslie.showing.truth import bearings, item_key
    from mmecinstruct.builder.folder import Folder, sample_of

    truth, folder, found = bearings(home / "sources"), Folder(home / "build"), {}
    for config in folder.configs:
        if not (path := run_dir / "predictions" / f"{config}.generate.jsonl").is_file():
            continue  # of another task than the model's
        labels = {(row := json.loads(line))["id"]: row["label"] for line in path.read_text().splitlines()}
        rows: dict[str, list[Any]] = {"reference": [], "label": [], "evidence": []}
        for row in folder.rows(config, "test"):
            sample = sample_of(row, "test")
            options = [i for i, item in enumerate(sample.items) if item.role == "option"]
            places = (
                [options["ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(sample.target)]] if options else range(len(sample.items))
            )
            worth = {truth.get(item_key(sample, place), "repeats") for place in places}
            rows["reference"].append(sample.target)
            rows["label"].append(labels[sample.id])
            rows["evidence"].append(
                "misleading" if "misleads" in worth else "picture" if "informs" in worth else "text"
            )
        found[config] = rows | {"task": [sample.task]}
    return found


def _joined(found: dict[tuple[str, str, str], Rows], seed: str) -> Rows:
    """What the task-specific models answer, each to its own task."""
    joined: Rows = {}
    for task in TASKS:
        rows = found[seed, SIZES[0], task]
        joined |= {config: rows[config] for config in rows if config.startswith(f"{task}_")}
    return {config: joined[config] for config in found[seed, SIZES[0], "caslie"]}


def _interval(mine: Sequence[Rows], theirs: Sequence[Rows]) -> tuple[float, float]:
    """Where 95 % of the differences of means lie, when rows are drawn again; the same rows for both."""
    generator = np.random.Generator(np.random.PCG64(1))
    differences = []
    for _ in range(DRAWS):
        drawn = [
            {config: generator.integers(0, n, n) for config, n in ((c, len(r["label"])) for c, r in rows.items())}
            for rows in mine
        ]
        ours, other = (_mean([_taken(*pair) for pair in zip(each, drawn, strict=True)]) for each in (mine, theirs))
        differences.append(ours - other)
    low, high = np.quantile(differences, (0.025, 0.975))
    return float(low), float(high)


def _taken(rows: Rows, drawn: dict[str, Any]) -> Rows:
    return {
        config: {name: [one[name][i] for i in drawn[config]] for name in ("reference", "label")}
        | {"task": one["task"]}
        for config, one in rows.items()
    }


def _mean(worlds: Sequence[Rows]) -> float:
    """The mean of the primary measures over test sets and worlds."""
    from caslie.metrics import measure, score

    values = []
    for rows in worlds:
        for one in rows.values():
            task = one["task"][0]
            values.append(score(task, one["reference"], one["label"]).wrong[measure(task).primary])
    return sum(values) / len(values)


def _right(worlds: Sequence[Rows], evidence: str) -> list[bool]:
    return [
        label == reference
        for rows in worlds
        for one in rows.values()
        for reference, label, worth in zip(one["reference"], one["label"], one["evidence"], strict=True)
        if worth == evidence
    ]


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 0.0


def _silent(what: str, done: int, total: int) -> None:
    pass


SIDES: dict[str, Callable[..., dict[str, Any]]] = {"world": world, "tune": tune}

if __name__ == "__main__":
    main("the ladder: text, every caption, kept captions", SIDES, compare)
