"""The report's figures, from its systems and tables (paper, section 6, figure A1)."""

from collections import Counter
from collections.abc import Mapping, Sequence

from caslie.evaluation import Answered
from caslie.evaluation.calibration import calibration
from caslie.metrics import measure
from caslie.paper.tables import table
from caslie.report.figures import (
    Bar,
    Drawing,
    Group,
    Losses,
    Matrix,
    Point,
    Reliability,
    draw_bars,
    draw_confusion,
    draw_domains,
    draw_lengths,
    draw_losses,
    draw_reliability,
    draw_use_rates,
    lengths_of,
    losses_of,
)
from caslie.report.pairing import Pairing
from caslie.report.standing import Standing
from caslie.report.systems import System
from caslie.showing.rates import UseRate, use_rates
from caslie.training.curves import LOG
from mmecinstruct.looking.stats import statistics

MOST_CLASSES = 5  # of a matrix that can be read
MOST_MATRICES = 12
MOST_PANELS = 6  # of calibration, on a printed page


def draw_all(
    systems: Sequence[System], main: System, standings: Mapping[str, Standing], pairing: Pairing
) -> dict[str, Drawing]:
    """Draw every figure by its name; matrices, lengths and use rates are those of the main system."""
    groups = _groups(systems, standings)
    return {
        "bars": draw_bars([one for one in groups if not one.config.endswith("_ood")]),
        "bars_ood": draw_bars([one for one in groups if one.config.endswith("_ood")]),
        "domains": draw_domains(_points(systems)),
        "confusion": draw_confusion(_matrices(main, pairing)),
        "losses": draw_losses(_losses(systems)),
        "use_rates": draw_use_rates(_rates(main)),
        "calibration": draw_reliability(_reliability(systems)),
        "lengths": draw_lengths(lengths_of(statistics(main.out.folder))),
    }


def _groups(systems: Sequence[System], standings: Mapping[str, Standing]) -> list[Group]:
    groups = []
    for config in dict.fromkeys(config for one in systems for config in one.evaluated):
        there = [(one, one.evaluated[config]) for one in systems if config in one.evaluated]
        bars = []
        for system, evaluated in there:
            found = evaluated.columns[evaluated.primary]
            printed = _printed(standings[system.name], config, evaluated.primary)
            bars.append(Bar(system.name, found.value, found.low, found.high, printed))
        groups.append(Group(config, there[0][1].primary, tuple(bars)))
    return groups


def _printed(beside: Standing, config: str, primary: str) -> float | None:
    """What Table 6 prints in the row that a system stands beside; it has every variant of every size."""
    return table("6").value(beside["6"], config, primary) if "6" in beside else None


def _rates(main: System) -> list[UseRate]:
    if not main.out.folder.captioned:
        return []
    return [one for one in use_rates(main.out.folder) if one.split == main.out.split]


def _points(systems: Sequence[System]) -> list[Point]:
    points = []
    for system in systems:
        by_domain: dict[str, dict[str, str]] = {}
        for config, one in system.evaluated.items():
            by_domain.setdefault(one.task, {})[one.domain] = config
        for task, configs in by_domain.items():
            if {"ind", "ood"} <= set(configs):
                ind, ood = (system.evaluated[configs[domain]] for domain in ("ind", "ood"))
                both = (one.columns[one.primary] for one in (ind, ood))
                points.append(Point(measure(task).abbr.upper(), system.name, *both))
    return points


def _matrices(main: System, pairing: Pairing) -> list[Matrix]:
    few = [config for config, one in main.evaluated.items() if len(measure(one.task).answers) <= MOST_CLASSES]
    return [
        _matrix(
            config, measure(main.evaluated[config].task).answers, main.out.need(config, pairing.mode, pairing.parser)
        )
        for config in few[:MOST_MATRICES]
    ]


def _matrix(config: str, classes: Sequence[str], given: Answered) -> Matrix:
    counts = Counter(zip(given.references, given.labels, strict=True))
    lines = [(*[counts[reference, answer] for answer in classes], counts[reference, None]) for reference in classes]
    return Matrix(config, tuple(classes), tuple(lines))


def _losses(systems: Sequence[System]) -> list[Losses]:
    logs = {one.name: one.run / "training" / LOG for one in systems}
    return [losses_of(name, path) for name, path in logs.items() if path.is_file()]


def _reliability(systems: Sequence[System]) -> list[Reliability]:
    """All scored answers of a system together: by config there may be few."""
    found = []
    for system in systems[:MOST_PANELS]:
        scored = [one for config in system.evaluated if (one := system.out.answered(config, "score"))]
        references = [reference for one in scored for reference in one.references]
        made = calibration(references, [prediction for one in scored for prediction in one.predictions])
        if made:
            found.append(Reliability(system.name, made))
    return found
