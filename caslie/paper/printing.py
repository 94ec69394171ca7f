"""How the printed tables and what was found in them are shown, narrow enough for eighty columns."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from caslie.paper.baselines import Baseline, Beside
from caslie.paper.checking import Checked
from caslie.paper.findings import Finding, Verdict, task_of
from caslie.paper.noise import Gap
from caslie.paper.tables import Column, Table

COUNTS = ("n_failed", "n_samples")
MOST = 7  # columns of numbers side by side


def print_table(console: Console, table: Table) -> None:
    """Print a table of the paper as it stands there, one domain at a time."""
    for domain, block in _blocks(table):
        title = f"Table {table.number}: {table.caption}" if table.number[0] != "E" else table.caption
        grid = _grid(f"{title}, {domain}" if domain else title, (", ".join(table.heads),), ())
        for place in block:
            grid.add_column(_head(table.columns[place]), justify="right", no_wrap=True)
        digits = [_digits(table, place) for place in block]
        for row in table.rows:
            numbers = [_number(row.values[place], n) for place, n in zip(block, digits, strict=True)]
            grid.add_row(Text(" ".join(filter(None, row.labels))), *numbers)
        console.print(grid, "")


def print_checked(console: Console, checked: Checked) -> None:
    """Print the percentages with verdicts, the contradictions with proofs, the baselines, the gaps and the counts."""
    _print_percentages(console, checked.percentages.findings)
    _print_contradictions(console, checked.contradictions)
    _print_baselines(console, checked.baselines)
    _print_gaps(console, checked.gaps)
    for line in summary(checked):
        console.print(line, markup=False, highlight=False)


def summary(checked: Checked) -> list[str]:
    """Count what holds and what does not, a line a kind of check."""
    lines = [f"{group.name}: {group.n_of(Verdict.OK)} of {len(group.findings)} hold" for group in checked.groups]
    n_noise = sum(gap.within_noise for gap in checked.gaps)
    lines.append(f"gaps of CASLIE-M: {n_noise} of {len(checked.gaps)} are within noise")
    total = sum(len(group.findings) for group in checked.groups)
    n_open = sum(one.verdict is Verdict.OPEN for one in checked.contradictions)
    n_wrong = len(checked.contradictions) - n_open
    return [*lines, f"{total} checks: {total - n_wrong - n_open} ok, {n_wrong} wrong, {n_open} not reproducible"]


def told(one: Beside) -> str:
    """A system with its number, and the interval if there is one."""
    interval = "" if one.low is None or one.high is None else f" ({one.low:.3f}-{one.high:.3f})"
    return f"{one.system} {one.value:.3f}{interval}"


def points(gap: Gap) -> str:
    """A gap in points with its interval, starred where it is beyond noise."""
    star = "" if gap.within_noise else " *"
    return f"{100 * (gap.ours - gap.theirs):+z.1f} [{100 * gap.low:z.1f}, {100 * gap.high:z.1f}]{star}"


def _print_percentages(console: Console, findings: Sequence[Finding]) -> None:
    grid = _grid("Percentages and sums, recomputed", ("where", "what"), ("printed", "recomputed"))
    grid.add_column("verdict")
    for one in findings:
        grid.add_row(one.where, Text(one.claim), one.printed, one.recomputed, one.verdict.value)
    console.print(grid, "")


def _print_contradictions(console: Console, findings: Sequence[Finding]) -> None:
    console.print(f"{len(findings)} contradictions\n", highlight=False)
    for n, one in enumerate(findings, 1):
        console.print(Text(f"{n:2}. {one.where}: {one.claim}"))
        verdict = f"{one.verdict}: printed {one.printed}, recomputed {one.recomputed}"
        console.print(Padding(Text(f"{verdict}\n{one.proof}"), (0, 0, 1, 4)))


def _print_baselines(console: Console, baselines: Sequence[Baseline]) -> None:
    grid = _grid("Answers without looking", ("test set", "rule"), ("score",))
    grid.add_column("not beaten by")
    for one in baselines:
        below = ", ".join(map(told, one.unbeaten_by)) or f"none of {len(one.beside)}"
        grid.add_row(task_of(one.config), f"{one.rule}: {one.metric}", f"{one.value:.3f}", below)
    console.print(grid)
    console.print("Of Tables 4 and A6; intervals (Wilson, 95 %) where the number is a share of rows.\n")


def _print_gaps(console: Console, gaps: Sequence[Gap]) -> None:
    title = "How far CASLIE-M is ahead, in points, with the 95 % interval"
    grid = _grid(title, ("test set",), ("CASLIE-M", "best baseline", "uniM3-M", "UIA-M"))
    rows: dict[tuple[str, float], list[str]] = {}
    for gap in gaps:
        rows.setdefault((task_of(gap.config), gap.ours), []).append(points(gap))
    for (task, ours), cells in rows.items():
        grid.add_row(task, f"{ours:.3f}", *map(Text, cells))
    console.print(grid)
    console.print("Of Recall@1 for CC and SR, else of accuracy. *: beyond noise, were the answers not paired.\n")


def _blocks(table: Table) -> list[tuple[str, list[int]]]:
    """The columns that stand together: of one domain, and no more than fit."""
    domains: dict[str, list[int]] = {}
    for place, column in enumerate(table.columns):
        domains.setdefault(column.config.partition("_")[2].upper(), []).append(place)
    return [
        (domain, places[start : start + MOST])
        for domain, places in domains.items()
        for start in range(0, len(places), MOST)
    ]


def _head(column: Column) -> Text:
    """The head as printed, above what the numbers are."""
    measure = column.metric.replace("recall_at_1", "R@1").replace("_", "\n")
    return Text(f"{column.printed}\n{measure}")


def _digits(table: Table, place: int) -> int:
    """The digits after the point that a column is printed with."""
    if table.columns[place].metric in COUNTS:
        return 0
    values = [row.values[place] or 0.0 for row in table.rows]
    return 3 if all(abs(value - round(value, 3)) < 1e-9 for value in values) else 4


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def _grid(title: str, labels: Sequence[str], numbers: Sequence[str]) -> Grid:
    made = Grid(title=title, box=SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True)
    for name in labels:
        made.add_column(name)
    for name in numbers:
        made.add_column(name, justify="right", no_wrap=True)
    return made
