"""What paired tests tell of neighbouring systems, in words (paper, section 6.1)."""

from collections.abc import Sequence
from itertools import pairwise

from caslie.report.schema import Against, Report
from caslie.report.words.grid import Column, Entry, Grid, Row, columns
from caslie.report.words.numbers import chance, clipped, count, measure, named_chance, signed, span, test_set
from caslie.report.words.sections import Fact, Fold, Point, Section

LEVEL = 0.05
MOST = 60  # characters of a name

HOW = (
    "Each pair answered the same rows. A test set is decided where a randomization test, which swaps answers, of the"
    f" primary measure has p < {LEVEL}; McNemar's exact test, over the rows that only one of the two has right, stands"
    " beside it. One of twenty tests is below that level by luck, so it is told what is left after Holm's correction."
)


def verdicts(report: Report) -> Section:
    """What is better, worse and undecided, by pair of neighbours; all pairs in a folded table."""
    pairs = _pairs(report.against)
    names = [system.name for system in report.systems]
    neighbours = {frozenset(two) for two in pairwise(names)}
    points = tuple(_point(two, found) for two, found in pairs.items() if frozenset(two) in neighbours)
    folds = (Fold("All pairs on all test sets", tuple(_grid(*two) for two in pairs.items())),) if pairs else ()
    lines = (HOW,) if pairs else ("Only one system is here: name two or more to compare them on the same rows.",)
    return Section("verdict", "The verdict", lines=lines, points=points, folds=folds)


def holm(found: Sequence[Against], level: float = LEVEL) -> tuple[Against, ...]:
    """Those that stay below the level when all of them are tested at once (Holm, 1979), the surest first."""
    by_p = sorted(found, key=lambda one: one.p)
    left = []
    for i, one in enumerate(by_p):
        if one.p > level / (len(by_p) - i):
            break
        left.append(one)
    return tuple(left)


def _pairs(against: Sequence[Against]) -> dict[tuple[str, str], list[Against]]:
    found: dict[tuple[str, str], list[Against]] = {}
    for one in against:
        found.setdefault((one.mine, one.other), []).append(one)
    return found


def _point(two: tuple[str, str], found: Sequence[Against]) -> Point:
    better = [one for one in found if _is_decided(one.p) and one.difference > 0]
    worse = [one for one in found if _is_decided(one.p) and one.difference < 0]
    undecided = [one for one in found if one not in better and one not in worse]
    facts = (
        _fact("better", better, found),
        _fact("worse", worse, found),
        _fact("undecided", undecided, found),
        Fact("McNemar", _mcnemar([*better, *worse], undecided)),
        Fact("after Holm", _corrected(found)),
    )
    mine, other = (clipped(name, MOST) for name in two)
    return Point(f"{mine} against {other}", facts)


def _is_decided(p: float) -> bool:
    return p < LEVEL


def _fact(word: str, mine: Sequence[Against], found: Sequence[Against]) -> Fact:
    told = f"on {len(mine)} of {len(found)}" if mine else f"on none of {len(found)}"
    by = f" at p < {LEVEL}" if word != "undecided" else ""
    return Fact(word, f"{told}{by}{': ' + '; '.join(map(_difference, mine)) if mine else ''}.")


def _difference(one: Against) -> str:
    return f"{test_set(one.config)} {signed(one.difference)} ({named_chance(one.p)})"


def _mcnemar(decided: Sequence[Against], undecided: Sequence[Against]) -> str:
    """Where the other test says the same, where it does not, and what it finds besides."""
    same = [one for one in decided if _is_decided(one.mcnemar) and _leans(one) == (one.difference > 0)]
    told = (
        ("agrees on", same),
        ("does not on", [one for one in decided if one not in same]),
        ("finds besides", [one for one in undecided if _is_decided(one.mcnemar)]),
    )
    parts = [f"{word} {', '.join(map(_tested, some))}" for word, some in told if some]
    return ("; ".join(parts) or "finds nothing either") + "."


def _tested(one: Against) -> str:
    return f"{test_set(one.config)} ({named_chance(one.mcnemar)})"


def _leans(one: Against) -> bool:
    return one.only_mine > one.only_other


def _corrected(found: Sequence[Against]) -> str:
    left = ", ".join(test_set(one.config) for one in holm(found)) or "nothing"
    return f"of the {len(found)}, what stays decided when all are taken together: {left}."


def _grid(two: tuple[str, str], found: Sequence[Against]) -> Grid:
    mine, other = (clipped(name, MOST) for name in two)
    heads = (
        Column("more by", "of the primary measure"),
        Column("p", "swapped answers"),
        *columns("rows"),
        Column("only this", "has right"),
        Column("only other", "has right"),
        Column("p", "McNemar"),
    )
    return Grid(f"{mine} (this) against {other} (other)", "test set", heads, tuple(map(_row, found)))


def _row(one: Against) -> Row:
    cells = (
        Entry(signed(one.difference), span(one.low, one.high, signed)),
        Entry(chance(one.p)),
        *(Entry(count(n)) for n in (one.n, one.only_mine, one.only_other)),
        Entry(chance(one.mcnemar)),
    )
    return Row(Entry(test_set(one.config), measure(one.primary)), cells)
