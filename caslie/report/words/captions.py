"""How many captions were used, and how much of them the titles say already (paper, Tables 4 and A5, C.3)."""

from collections.abc import Sequence

from caslie.report.schema import Report
from caslie.report.words.figures import figures
from caslie.report.words.grid import Column, Entry, Grid, Row, columns, missing, test_set_column, words
from caslie.report.words.numbers import clipped, count, in_order, percent, span, test_set
from caslie.report.words.sections import Fold, Section
from caslie.showing.rates import UseRate
from caslie.showing.similarity import Similarity

MOST = 120  # characters of all names

HOW = (
    "A caption is used if the judges keep it. The interval, after Wilson, takes every item for one of its own; where"
    " products repeat, as in SR, the true one is wider. The judges differ on a caption if one says yes and another no,"
    " of those with two opinions at least; no vote is the share of all votes asked for that were not given.",
)


def captions(report: Report) -> Section:
    """Use rates of the test sets beside the printed ones, and how much of captions the titles say already."""
    alike = _alike(report)
    used = (_used(alike),) if alike else ()
    similar = (_similarity(report.similarity),) if report.similarity else ()
    return Section(
        "captions",
        "Captions used",
        lines=HOW if alike else (),
        grids=(*used, *similar),
        figures=figures(report, ("use_rates",)),
        folds=(Fold("How many, and how the judges differ", tuple(_grid(*one) for one in alike)),) if alike else (),
    )


def _used(alike: Sequence[tuple[str, tuple[UseRate, ...]]]) -> Grid:
    """The row "caption used" of Table 4, with ours below it."""
    tested = [(names, {one.config: one for one in rates if one.split == "test"}) for names, rates in alike]
    configs = in_order(config for _, rates in tested for config in rates)
    printed = {one.config: one.printed for _, rates in tested for one in rates.values()}
    above = Row(Entry("caption used"), tuple(_share(printed[config], "not printed") for config in configs))
    ours = (
        Row(Entry(names), tuple(_rate(rates.get(config)) for config in configs), is_ours=True)
        for names, rates in tested
    )
    return Grid("Captions used (below Table 4)", "row", tuple(map(test_set_column, configs)), (above, *ours))


def _rate(one: UseRate | None) -> Entry:
    if one is None:
        return missing("no such captions")
    return _share(one.rate, "no captions", span(one.low, one.high, percent))


def _alike(report: Report) -> list[tuple[str, tuple[UseRate, ...]]]:
    """Each set of rates once, with all the systems that share it."""
    found: dict[tuple[UseRate, ...], list[str]] = {}
    for name, rates in report.rates.items():
        if rates:
            found.setdefault(rates, []).append(name)
    return [(clipped(", ".join(names), MOST), rates) for rates, names in found.items()]


def _grid(names: str, rates: Sequence[UseRate]) -> Grid:
    heads = (
        *columns("items", "captions", "kept"),
        Column("used", "95 %"),
        *columns("paper", "judges differ", "no vote"),
    )
    return Grid(f"Captions, {names}", "test set", heads, tuple(map(_row, rates)))


def _row(one: UseRate) -> Row:
    cells = (
        *(Entry(count(n)) for n in (one.items, one.captioned, one.kept)),
        _rate(one),
        _share(one.printed, "not printed"),
        _share(one.disputed / one.compared if one.compared else None, "no caption with two opinions"),
        _share(one.abstained / one.votes if one.votes else None, "no votes"),
    )
    return Row(Entry(test_set(one.config), "" if one.split == "test" else one.split), cells)


def _similarity(found: Sequence[Similarity]) -> Grid:
    heads = (
        *words("compared with"),
        *columns("captions", "left out", "Jaccard", "paper", "cosine", "paper"),
    )
    return Grid(
        "How much of a caption the title says already (Table A5)", "test set", heads, tuple(map(_alike_row, found))
    )


def _alike_row(one: Similarity) -> Row:
    shares = (
        _share(one.jaccard, "nothing to compare"),
        _share(one.jaccard_printed, "not printed"),
        _share(one.cosine, "no model of embeddings was named"),
        _share(one.cosine_printed, "not printed"),
    )
    return Row(Entry(test_set(one.config)), (Entry(one.against), *map(_count, (one.items, one.left_out)), *shares))


def _count(n: int) -> Entry:
    return Entry(count(n))


def _share(value: float | None, why: str, small: str = "") -> Entry:
    return missing(why) if value is None else Entry(percent(value), small)
