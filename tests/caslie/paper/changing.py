"""The paper with something changed, to see whether a check notices."""

from dataclasses import replace
from types import MappingProxyType

from caslie.paper.paper import Paper
from caslie.paper.tables import Column, Row


def with_value(paper: Paper, number: str, labels: tuple[str, ...], config: str, metric: str, value: float) -> Paper:
    """One printed number is another."""
    table = paper.tables[number]
    place = [(column.config, column.metric) for column in table.columns].index((config, metric))
    row = table.row(labels)
    values = (*row.values[:place], value, *row.values[place + 1 :])
    rows = tuple(Row(labels, values) if one == row else one for one in table.rows)
    return replace(paper, tables=MappingProxyType({**paper.tables, number: replace(table, rows=rows)}))


def with_label(paper: Paper, number: str, old: str, new: str) -> Paper:
    """One label is written otherwise."""
    table = paper.tables[number]
    rows = tuple(replace(row, labels=tuple(new if one == old else one for one in row.labels)) for row in table.rows)
    return replace(paper, tables=MappingProxyType({**paper.tables, number: replace(table, rows=rows)}))


def with_head(paper: Paper, number: str, config: str, metric: str, head: str) -> Paper:
    """One head is printed otherwise."""
    table = paper.tables[number]
    columns = tuple(
        Column(config, head, metric) if (one.config, one.metric) == (config, metric) else one for one in table.columns
    )
    return replace(paper, tables=MappingProxyType({**paper.tables, number: replace(table, columns=columns)}))


def with_words(paper: Paper, name: str, words: str, percent: float | None = None) -> Paper:
    """The paper says something else."""
    said = replace(paper.sayings[name], words=words, percent=percent)
    return replace(paper, sayings=MappingProxyType({**paper.sayings, name: said}))
