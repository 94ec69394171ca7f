"""Reports made by hand: one that holds all there can be, with text that tries everything, and one with the least."""

import base64

from caslie.evaluation.outcomes import Interval
from caslie.paper.tables import table
from caslie.report.cases import Case, Said
from caslie.report.failures import Agreed as Alike
from caslie.report.failures import ClassCount, Tally
from caslie.report.figures import Drawing
from caslie.report.schema import (
    About,
    Against,
    Agreed,
    Cell,
    Cost,
    Failures,
    Line,
    Report,
    ReportTable,
    SystemFacts,
)
from caslie.showing.cards import Card, Chip, Shown
from caslie.showing.rates import UseRate
from caslie.showing.similarity import Similarity
from mmecinstruct.looking.view import Line as Words
from mmecinstruct.looking.view import View

HOSTILE = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>|`x`*b*[l](http://evil.test)\u202e\n" + "W" * 300
LONELY = "half of a sign \ud83d"
NUMBERS = ("4", "5", "6", "A3", "A4", "A7", "A8", "A9", "A10", "A11", "A12", "A13")
OURS = ("small-text", HOSTILE, "small")
DRAWN = ("bars", "bars_ood", "domains", "confusion", "losses", "lengths", "calibration", "use_rates")
ABOUT = About("user/data", "c0ffee" * 6, "d1" * 32, "test", "generate", "grammar", 7, {"ap_ood": 4, "sr_ind": 1200})


def full() -> Report:
    """Three systems, every table, and hostile words wherever there are words from elsewhere."""
    return Report(
        about=ABOUT,
        systems=tuple(map(system, OURS, ("text", "uia", "caslie"))),
        main="small",
        held_against=(HOSTILE,),
        tables=tuple(map(printed, NUMBERS)),
        against=(
            against(OURS[1], OURS[0], "ap_ood", 0.25, 0.004, 0.01),
            against(OURS[1], OURS[0], "sr_ind", 0.125, 0.04, 0.3),
            against(OURS[2], OURS[1], "ap_ood", -0.5, 0.0002, 0.0001),
            against(OURS[2], OURS[1], "sr_ind", 0.03, 0.4, 0.02),
        ),
        agreed=(
            Agreed("small", "ap_ood", "f1", 0.75, 0.5, 0.875, 4),
            Agreed("small", "sr_ind", "recall_at_1", 0, 1, 0, 9),
        ),
        rates={OURS[1]: (rate("ap_ood", 0.682),), "small": (rate("ap_ood", 0.682), rate("sr_ind", None, rate=None))},
        similarity=(
            Similarity("answerability_prediction", "ap_ind", "question", 9, 1, 0.07654, 0.0651, None, 0.4636),
        ),
        drawings={
            name: Drawing(f"<svg xmlns='http://www.w3.org/2000/svg'><!--{name}--></svg>", HOSTILE) for name in DRAWN
        },
        cases=(case(), case(captioned=False)),
        kinds={"captions help": 3, "all right": 1197},
        failures=tuple(Failures(name, 12, 1204, f"runs/{name}", sheet(name)) for name in OURS),
        costs=(
            Cost("runs", "captioning", HOSTILE, 10, 2000, 300, 4.25, 0.0),
            Cost("small", "training", "base", 7, 0, 0, 7505.0, 1.5),
        ),
    )


def bare() -> Report:
    """One system without captions, that nothing else is known of."""
    facts = SystemFacts("alone", "runs/alone", "", "", "", (), "", "", "", "", {}, {}, 0, 4)
    about = About("data", None, "d1" * 32, "test", "score", "grammar", 1, {"ap_ood": 4})
    return Report(about, (facts,), "alone", (), (), (), (), {}, (), {}, (), {}, (), ())


def system(name: str, variant: str) -> SystemFacts:
    return SystemFacts(
        name=name,
        place=f"runs/{name}/predictions",
        model=HOSTILE,
        variant=variant,
        size="s",
        tasks=("ap", "sr") if variant == "uia" else (),
        captioner="llava",
        lineup="mv5",
        prompt="alpaca",
        recipe="recipe",
        means={"ind": 0.6125, "ood": 0.5},
        strict_means={"ind": 0.6, "ood": 0.25},
        n_failed=2,
        n=1204,
        stands_beside={"4": ("CASLIE-S",)},
    )


def printed(number: str) -> ReportTable:
    """A table of the paper with its last three columns at most; 4 and A7 have ours, the last of which is the best."""
    found = table(number)
    heads = found.columns[-3:]
    lines = [Line(one.labels, False, tuple(map(_cell, one.values[-3:]))) for one in found.rows[:2]]
    if number in ("4", "A7"):
        empty = ("",) * (len(found.heads) - 1)
        for name in OURS:
            last = Cell(3.0) if heads[-1].metric == "n_failed" else Cell(0.25, 0.125, 0.5)
            cells = (None, Cell(0.5, 0.4, 0.6, name == "small"), last)
            lines.append(Line((name, *empty), True, cells))
    return ReportTable(number, found.caption, found.heads, heads, tuple(lines))


def _cell(value: float | None) -> Cell | None:
    return None if value is None else Cell(value)


def against(mine: str, other: str, config: str, difference: float, p: float, mcnemar: float) -> Against:
    only = (9, 3) if difference > 0 else (3, 9)
    return Against(mine, other, config, "f1", 40, *only, mcnemar, difference, difference - 0.1, difference + 0.1, p)


def rate(config: str, printed: float | None, rate: float | None = 0.75) -> UseRate:
    captioned = 40 if rate is not None else 0
    return UseRate(config, "test", "task", 44, captioned, 30, rate, 0.6, 0.9, printed, 90, 9, 36, 9)


def sheet(name: str) -> Tally | None:
    """One of three systems has none, one has nothing labelled, and one has labels."""
    if name == OURS[0]:
        return None
    n = 4 if name == "small" else 0
    counts = (
        ClassCount("attribute missing", n, Interval(1.0, 0.51, 1.0) if n else None, 5, 0.18),
        ClassCount("hard cases", 0, Interval(0.0, 0.0, 0.49) if n else None, 3, 0.34),
    )
    return Tally(counts, n, 8 - n, Alike(0.25, 0.125, n) if n else None)


def case(captioned: bool = True) -> Case:
    picture = base64.b64encode(b"a picture").decode()
    chips = (Chip("judge", "yes", "+1.25"), Chip(HOSTILE, "no", ""), Chip("late", "not asked", ""))
    cards = (
        Card(
            "option A", HOSTILE, picture, HOSTILE if captioned else None, "dropped" if captioned else "none", "", chips
        ),
        Card("option B", "Blue hammer", "", None, "none", "", ()),
    )
    options = (Words("A", HOSTILE, 0), Words("B", "Blue hammer", 1, right=True))
    view = View("sr_ind-test-1", "sr_ind", "test", "task", "", (Words("query", HOSTILE),), (), options, (), "B")
    return Case(
        id=f"sr_ind-test-{int(captioned)}",
        config="sr_ind",
        task="sequential_recommendation",
        target="B",
        captioned=captioned,
        shown=Shown(view, cards if captioned else cards[:1], 3),
        answers=(
            Said("small-text", "A", "A", False),
            Said(HOSTILE, None, HOSTILE + LONELY, False),
            Said("small", "B", "The answer is B", True),
        ),
        kind="captions help",
    )
