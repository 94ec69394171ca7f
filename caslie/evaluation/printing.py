"""How scores are printed: a line a config, and the mean over the tasks of each domain below (paper, Table 4)."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from caslie.evaluation.outcomes import Evaluated, means

NUMBERS = ("value", "95 %", "strict", "rows", "failed", "agree")


def print_evaluated(console: Console, evaluated: Sequence[Evaluated]) -> None:
    """Print what `evaluate` gave, narrow enough for eighty columns."""
    table = _table(f"Scores, mode {evaluated[0].mode}")
    for one in evaluated:
        table.add_row(*_cells(one))
    table.add_section()
    for mean in means(evaluated):
        table.add_row(f"mean {mean.domain}", f"of {mean.n_tasks}", _digits(mean.value), "", _digits(mean.strict))
    console.print(table)
    console.print("value: without failed answers, as in the paper; strict: with them as wrong; agree: of both modes.")
    for line in _lost(evaluated):
        console.print(line, markup=False)


def _table(title: str) -> Table:
    table = Table(title=title, box=SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True)
    for name in ("config", "measure"):
        table.add_column(name, no_wrap=True)
    for name in NUMBERS:
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


def _digits(value: float) -> str:
    return f"{value:.3f}"
