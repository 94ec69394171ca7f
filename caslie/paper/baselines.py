"""What answers without looking score, beside the systems (paper, Tables 4 and A6): always yes, majority, chance."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from caslie.metrics import measure, score
from caslie.paper.binary import BINARY, solve
from caslie.paper.paper import N_TEST, SYSTEMS, Paper
from caslie.paper.suspects import N_CANDIDATES
from mmecinstruct.looking.verdicts import wilson

SHARES = ("accuracy", "recall_at_1")  # what has a binomial interval; an F1 has none from its number alone
RATIOS = {"prp_ind": "prp_ratio", "mpc_ind": "mpc_ratio"}


@dataclass(frozen=True, slots=True)
class Beside:
    """A system beside a baseline; its interval (Wilson, 95 %) where the number is a share of rows."""

    system: str
    value: float
    low: float | None
    high: float | None
    beats: bool


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a rule that looks at nothing scores; who beats it is above, with all of its interval if it has one."""

    config: str
    metric: str
    rule: str
    value: float
    known_from: str
    beside: tuple[Beside, ...]

    @property
    def unbeaten_by(self) -> tuple[Beside, ...]:
        """The systems that do not beat it."""
        return tuple(one for one in self.beside if not one.beats)


def baselines_beside(paper: Paper) -> list[Baseline]:
    """Score the rules, with all systems of Tables 4 and A6 beside each."""
    return [
        Baseline(config, metric, rule, value, known_from, tuple(_beside(paper, config, metric, value)))
        for config, metric, rule, value, known_from in _rules(paper)
    ]


def _rules(paper: Paper) -> Iterator[tuple[str, str, str, float, str]]:
    for config, number in BINARY.items():
        n_yes = solve(paper, config).yes
        yes = _always("yes", config, {"yes": n_yes, "no": N_TEST - n_yes})
        yield config, "f1", "always yes", yes["f1"], f"{n_yes} yes of {N_TEST:,}, by Table {number}"
    for config, name in RATIOS.items():
        metric, ratio = measure(config.partition("_")[0]).primary, paper.sayings[name]
        majority = _always("A", config, _sizes(ratio.words))
        yield config, metric, "always the majority", majority[metric], f"the ratio of {ratio.where}"
    for config in ("cc_ind", "cc_ood", "sr_ind", "sr_ood"):
        yield config, "recall_at_1", "guessing", 1 / N_CANDIDATES, f"{N_CANDIDATES} options, as here"


def _sizes(words: str) -> dict[str, int]:
    """Read a ratio such as 4:3:1 as the sizes of classes A, B, C of a test set."""
    ratio = re.search(r"\d+(:\d+)+", words)
    parts = [int(part) for part in ratio[0].split(":")] if ratio else [1]
    return {answer: round(N_TEST * part / sum(parts)) for answer, part in zip("ABCD", parts, strict=False)}


def _always(answer: str, config: str, sizes: Mapping[str, int]) -> dict[str, float]:
    references = [name for name, n in sizes.items() for _ in range(n)]
    return score(config.partition("_")[0], references, [answer] * len(references)).excluded


def _beside(paper: Paper, config: str, metric: str, value: float) -> Iterator[Beside]:
    rows = [("4", labels) for labels in paper.labels("4")]
    rows += [("A6", labels) for labels in paper.labels("A6") if labels[0] not in SYSTEMS]
    for number, labels in rows:
        printed = paper.value(number, labels, config, metric)
        if metric not in SHARES:
            yield Beside(labels[0], printed, None, None, printed > value)
            continue
        low, high = wilson(round(printed * N_TEST), N_TEST)
        yield Beside(labels[0], printed, low, high, low > value)
