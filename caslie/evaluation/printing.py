"""How scores and comparisons are printed: a line a config, and below the mean of each domain (paper, Table 4)."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from caslie.evaluation.comparing import Compared
from caslie.evaluation.outcomes import Evaluated, means

NUMBERS = ("value", "95 %", "strict", "rows", "failed", "agree")
PAIRED = ("more by", "95 %", "p", "this", "other", "McNemar")


def print_evaluated(console: Console, evaluated: Sequence[Evaluated]) -> None:
    """Print what `evaluate` gave, narrow enough for eighty columns."""
    table = _table(f"Scores, mode {evaluated[0].mode}", NUMBERS)
    for one in evaluated:
        table.add_row(*_cells(one))
    table.add_section()
    for mean in means(evaluated):
        table.add_row(f"mean {mean.domain}", f"of {mean.n_tasks}", _digits(mean.value), "", _digits(mean.strict))
    console.print(table)
    console.print("value: without failed answers, as in the paper; strict: with them as wrong; agree: of both modes.")
    for line in _lost(evaluated):
        console.print(line, markup=False)


def print_compared(console: Console, compared: Sequence[Compared], other: str) -> None:
    """Print what `compare` gave; `other` names what was compared with."""
    table = _table(f"Against {other}, on the same rows", PAIRED)
    for one in compared:
        found = one.pair.difference
        table.add_row(
            one.config,
            one.primary,
            f"{found.value:+.3f}",
            f"{found.low:+.3f} {found.high:+.3f}",
            _chance(found.p),
            f"{one.pair.only_mine:,}",
            f"{one.pair.only_other:,}",
            _chance(one.pair.mcnemar),
        )
    console.print(table)
    console.print(
        "more by: this measure less the other's, with a paired bootstrap's interval and the p of a randomization"
        " test; this, other: rows that only one of the two has right, with the p of McNemar's test. One p of"
        " twenty is below .05 by luck."
    )


def _table(title: str, numbers: Sequence[str]) -> Table:
    table = Table(title=title, box=SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True)
    for name in ("config", "measure"):
        table.add_column(name, no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _cells(one: Evaluated) -> list[str]:
    found = one.columns[one.primary]
    return [
        f"{one.config} {one.split}",
        one.primary,
        _digits(found.value),
        f"{_digits(found.low)}-{_digits(found.high)}",
        _digits(one.strict[one.primary].value),
        f"{one.n:,}",
        f"{one.n_failed:,}",
        _digits(one.agreement.share) if one.agreement else "",
    ]


def _lost(evaluated: Sequence[Evaluated]) -> list[str]:
    """What was never asked, and what nobody could answer."""
    lines = [
        f"{one.config}: never asked, so failed: " + ", ".join(f"{reason} {n:,}" for reason, n in one.problems.items())
        for one in evaluated
        if one.problems
    ]
    return lines + [
        f"{one.config}: {len(one.left_out):,} rows left out, their label is none of their options: {one.left_out[0]}"
        for one in evaluated
        if one.left_out
    ]


def _chance(p: float) -> str:
    return f"{p:.3f}" if p >= 0.0005 else "<.001"


def _digits(value: float) -> str:
    return f"{value:.3f}"
