"""Which printed cells are proved wrong, so that whoever shows them can say so (paper, Tables 4 to 6, A3 to A13)."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from caslie.paper.agreements import check_cells, check_laws
from caslie.paper.columns import check_columns
from caslie.paper.findings import Finding, Place
from caslie.paper.paper import Paper, printed_paper
from caslie.paper.suspects import check_suspects


def suspect(number: str, labels: tuple[str, ...], config: str) -> str:
    """Say in a sentence what is wrong with what a row prints for a config, nothing where nothing is proved.

    Heads, words and what can only be doubted are no matter of a cell: `caslie paper --check` tells them.
    """
    return _as_printed().get(Place(number, labels, config), "")


def suspected(paper: Paper) -> Mapping[Place, str]:
    """Say why of all cells that are proved wrong, or of which one of two must be."""
    found: dict[Place, str] = {}
    for one in (*check_suspects(paper), *check_columns(paper), *check_laws(paper), *check_cells(paper)):
        # That cells disagree is no proof against the others where one of them is known to be wrong.
        if not any(place in found for place in one.blamed):
            found |= dict.fromkeys(one.blamed, _sentence(one))
    return MappingProxyType(found)


@cache
def _as_printed() -> Mapping[Place, str]:
    return suspected(printed_paper())


def _sentence(finding: Finding) -> str:
    first, _, _ = finding.proof.partition(". ")
    return f"{first.removesuffix('.')}."
