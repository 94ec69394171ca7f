"""The report in Markdown: all of the page but its pictures, with tables that read well as plain text too."""

from collections.abc import Iterator, Sequence

from caslie.report.cases import Case
from caslie.report.schema import Report
from caslie.report.words import Fact, Section, title, told
from caslie.report.words.cases import answers, option
from caslie.report.words.grid import Entry, Grid, Row
from caslie.report.words.numbers import clean, clipped, storable, test_set
from caslie.showing.cards import Card
from mmecinstruct.markdown import inert

MOST = 400  # characters of a caption or an input


def render_markdown(report: Report) -> str:
    """Write a report as Markdown."""
    head, sections = told(report)
    lines = [f"# {_inert(title(report))}", "", *_facts(head)]
    for section in sections:
        lines += _section(section)
    return "\n".join(lines).rstrip()


def _section(one: Section) -> Iterator[str]:
    yield from (f"## {_inert(one.title)}", "")
    for line in one.lines:
        yield from (_inert(line), "")
    for command in one.commands:
        yield from (f"    {clean(' '.join(command.split()))}", "")
    for point in one.points:
        yield from (f"### {_inert(point.lead)}", "", *_facts(point.facts))
    for grid in one.grids:
        yield from _grid(grid)
    for figure in one.figures:
        told = (f"*Figure: {_inert(figure.title)}.* {_inert(figure.caption)}", _inert(figure.drawing.alt))
        yield from (" ".join(told), "")
    for case in one.cases:
        yield from _case(case)
    for fold in one.folds:
        yield from (f"### {_inert(fold.summary)}", "")
        for grid in fold.grids:
            yield from _grid(grid)
    yield from _facts(one.facts)


def _facts(facts: Sequence[Fact]) -> Iterator[str]:
    for fact in facts:
        yield f"- **{_inert(fact.label)}**: {_inert(fact.text)}"
    yield from ("",) if facts else ()


def _grid(grid: Grid) -> Iterator[str]:
    """Write a table with cells of equal width, numbers to the right."""
    heads = [" ".join(filter(None, (one.group, one.text, f"({one.small})" * bool(one.small)))) for one in grid.columns]
    table = [[_inert(text) for text in (grid.corner, *heads)], *map(_row, grid.rows)]
    widths = [max(3, *map(len, column)) for column in zip(*table, strict=True)]
    is_left = [True, *(one.is_words for one in grid.columns)]
    rules = [
        f":{'-' * (width - 1)}" if left else f"{'-' * (width - 1)}:"
        for width, left in zip(widths, is_left, strict=True)
    ]
    yield from (f"**{_inert(grid.caption)}**", "")
    for cells in (table[0], rules, *table[1:]):
        padded = (
            cell.ljust(width) if left else cell.rjust(width)
            for cell, width, left in zip(cells, widths, is_left, strict=True)
        )
        yield f"| {' | '.join(padded)} |"
    yield ""


def _row(row: Row) -> list[str]:
    head = f"**ours** {_entry(row.head)}" if row.is_ours else _entry(row.head)
    return [head, *map(_entry, row.cells)]


def _entry(entry: Entry) -> str:
    text = f"**{_inert(entry.text)}**" if entry.is_best else _inert(entry.text)
    return f"{text} ({_inert(entry.small)})" if entry.small else text


def _case(case: Case) -> Iterator[str]:
    yield from (f"### {_inert(test_set(case.config))}, {case.kind}: {_inert(case.id)}", "")
    view = case.shown.view
    facts = [Fact(line.label, clipped(line.text, MOST)) for line in view.words]
    facts += [Fact(f"option {line.label}", clipped(line.text, MOST)) for line in view.options if line.item is None]
    facts += [Fact(card.label, _card(card, case)) for card in case.shown.cards]
    yield from _facts((*facts, Fact("right answer", option(case, case.target))))
    yield from _grid(answers(case))


def _card(card: Card, case: Case) -> str:
    if not case.captioned:
        return card.text
    caption = "no caption" if card.caption is None else f"caption, {card.verdict}: {clipped(card.caption, MOST)}"
    votes = ", ".join(f"{chip.judge} {chip.said}" for chip in card.chips)
    return " / ".join(filter(None, (card.text, caption, f"votes: {votes}" * bool(votes))))


def _inert(text: str) -> str:
    """Make a text inert, but leave readable what cannot open anything: a semicolon, and `<` or `&` before a space."""
    return inert(storable(text)).replace("&#59;", ";").replace("&#60; ", "< ").replace("&#38; ", "& ")
