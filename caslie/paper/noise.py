"""Which gaps between systems are no larger than chance makes them, at 1,000 rows (paper, Tables 4 and A7 to A13).

The paper prints no interval. Those of two shares make one of their gap (Newcombe, 1998, from Wilson's). The systems
answered the same questions, so a paired test of the answers would see more; the answers are not published.
"""

from dataclasses import dataclass
from math import hypot

from caslie.metrics import measure
from caslie.paper.baselines import SHARES
from caslie.paper.paper import BY_TASK, CONFIGS, N_TEST, OURS, SYSTEMS, UIA, Paper
from mmecinstruct.looking.verdicts import wilson

OUR_BEST = "CASLIE-M"


@dataclass(frozen=True, slots=True)
class Gap:
    """How far CASLIE-M is ahead of a rival on a test set, with the 95 % interval of the gap."""

    config: str
    metric: str
    rival: str
    ours: float
    theirs: float
    low: float
    high: float

    @property
    def within_noise(self) -> bool:
        """Whether no gap at all would do."""
        return self.low <= 0 <= self.high


def gaps(paper: Paper) -> list[Gap]:
    """Compare CASLIE-M on each test set with the best baseline, with text alone and with all captions used."""
    return [gap for config in CONFIGS for gap in _of_config(paper, config)]


def gap_interval(ours: float, n_ours: int, theirs: float, n_theirs: int) -> tuple[float, float]:
    """The 95 % interval of the gap between two shares of rows."""
    low, high = wilson(round(ours * n_ours), n_ours)
    their_low, their_high = wilson(round(theirs * n_theirs), n_theirs)
    gap = ours - theirs
    return gap - hypot(ours - low, their_high - theirs), gap + hypot(high - ours, theirs - their_low)


def _of_config(paper: Paper, config: str) -> list[Gap]:
    task = config.partition("_")[0]
    number, primary = BY_TASK[task], measure(task).primary
    metric = primary if primary in SHARES else "accuracy"
    shares = {labels: paper.value(number, labels, config, metric) for labels in paper.labels(number)}
    n = {labels: N_TEST - int(paper.value(number, labels, config, "n_failed")) for labels in shares}
    mine = {labels[1]: labels for labels in shares if labels[0] == OUR_BEST}
    own = next(labels for variant, labels in mine.items() if variant in OURS)
    # Of a primary number Table 4's is taken, since Table A11's row is another's.
    ours = paper.value("4", (OUR_BEST,), config, metric) if metric == primary else shares[own]
    others = [labels for labels in shares if labels[0] not in SYSTEMS]
    best = max(others, key=lambda labels: shares[labels])
    uia = next(labels for variant, labels in mine.items() if variant in UIA)
    rivals = {best[0]: best, "uniM3-M": mine["uniM3"], "UIA-M": uia}
    return [
        Gap(config, metric, name, ours, shares[rival], *gap_interval(ours, n[own], shares[rival], n[rival]))
        for name, rival in rivals.items()
    ]
