"""What the pocket models reach on worlds that they never saw, against what they were to reach.

    python benchmarks/pocket.py

No model learnt from the worlds 6 to 9, and nothing was chosen by them. `caslie pocket measure` prints the same.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from measuring import Bench, Line, main

ATTRIBUTE, STRONG = 0.95, 0.90  # what was aimed at
N_PICTURES = 2000
N_PLANTED = 200


def measure(folder: Path) -> dict[str, Any]:
    """Measure the models that come with the package."""
    from caslie.pocket.measuring import measure_all, packaged

    return asdict(measure_all(packaged(), N_PICTURES, lambda what, done, total: None))


def flips(folder: Path) -> dict[str, Any]:
    """Plant commands in captions of the sample and in the texts beside them, and count the votes that change."""
    from dataclasses import replace

    from caslie.recipe import load_recipe
    from caslie.stages import caption_all, inject
    from mmecinstruct import builder
    from mmecinstruct.config import load_recipe as load_dataset_recipe
    from mmecinstruct.sample import write_sample

    write_sample(folder / "sources", workers=2)
    builder.build(load_dataset_recipe("sample"), builder.Request(folder / "sources", folder / "build", workers=2))
    recipe = replace(load_recipe("pocket"), dataset=str(folder / "build"), run=str(folder / "run"))
    caption_all(recipe, lambda what, done, total: None)
    return {"found": [asdict(one) | {"rate": one.rate} for one in inject(recipe, N_PLANTED)]}


def compare(bench: Bench) -> list[Line]:
    """Compare with what was aimed at, and majorities with the best of their judges."""
    found = bench.run("measure").found
    seen = found["captioner"]
    lines = [_against(f"captions without context: {name}", one, ATTRIBUTE) for name, one in seen["attributes"].items()]
    lines.append(_against("blurred pictures told as such", seen["blurred"], ATTRIBUTE))
    for task, one in seen["tasks"].items():
        lines.append(_against(f"whole captions, word for word: {task.replace('_', ' ')}", one))
    for name, panel in found["panels"].items():
        lines += list(_panel(name, panel))
    return [*lines, *_planted(bench.run("flips").found["found"])]


def _planted(found: list[dict[str, Any]]) -> list[Line]:
    lines = []
    for judge in dict.fromkeys(one["judge"] for one in found):
        for where in ("text", "caption"):
            some = [one for one in found if (one["judge"], one["where"]) == (judge, where)]
            harmless = 100 * next(one["rate"] for one in some if one["attack"] == "harmless")
            attacks = [100 * one["rate"] for one in some if one["attack"] != "harmless"]
            what = f"{judge}: votes turned by commands in the {where}, on average; by a harmless sentence there"
            mean = sum(attacks) / len(attacks)
            lines.append(Line(what, "%", mean, harmless, mean / harmless if harmless else 0.0))
    return lines


def _panel(name: str, panel: dict[str, Any]) -> list[Line]:
    judges = {one["name"]: one for one in panel["judges"]}
    lines = [
        _against(f"{name}: {judge}", one["overall"], STRONG if name == "judges" else None)
        for judge, one in judges.items()
    ]
    wrong = min(_share(one["sorts"]["wrong"]) for one in judges.values())
    lines.append(Line(f"{name}: captions of wrong pictures, the worst of them", "%", wrong, 100, wrong / 100))
    best, majority = max(_share(one["overall"]) for one in judges.values()), _share(panel["majority"]["overall"])
    lines.append(Line(f"{name}: the majority; the best single judge", "%", majority, best, majority / best))
    known = [one["error_correlation"] for one in panel["agreements"] if one["error_correlation"] is not None]
    what = f"{name}: errors of two judges correlate, the most; the least"
    return [*lines, Line(what, "%", 100 * max(known), 100 * min(known), max(known) - min(known))]


def _against(what: str, one: dict[str, Any], aim: float | None = None) -> Line:
    share, wanted = _share(one), 100 * (aim or 1)
    return Line(f"{what} (n = {one['n']:,})", "%", share, wanted, share / wanted, ">= 1" if aim else "")


def _share(one: dict[str, Any]) -> float:
    return 100 * float(one["n_right"] / one["n"])


if __name__ == "__main__":
    main("the pocket models", {"measure": measure, "flips": flips}, compare)
