"""The paper as the checks see it, so that a test can check one with a number changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from caslie.paper.tables import Table, printed_tables
from caslie.paper.text import Saying, printed_sayings
from mmecinstruct.errors import UnknownNameError

TASKS = ("ap", "cc", "prp", "psi", "mpc", "sa", "sr")
IND = tuple(f"{task}_ind" for task in TASKS)
OOD = tuple(f"{task}_ood" for task in TASKS if task not in ("psi", "mpc"))
CONFIGS = IND + OOD
SYSTEMS = ("CASLIE-L", "CASLIE-M", "CASLIE-S")
BY_TASK = {"ap": "A7", "cc": "A8", "prp": "A9", "psi": "A10", "mpc": "A11", "sa": "A12", "sr": "A13"}
OURS = ("EC3-CQE-uniM3", "CASLIE-S-MV")  # how Tables A7 to A13 call CASLIE itself
UIA = ("EC3-uniM3", "CASLIE-S-UIA")
N_TEST = 1000  # rows of every test set, Table 3


@dataclass(frozen=True, slots=True)
class Paper:
    """Tables by number and sayings by name."""

    tables: Mapping[str, Table]
    sayings: Mapping[str, Saying]

    def value(self, number: str, labels: tuple[str, ...], config: str, metric: str) -> float:
        """Look up a number that must be there.

        Raises:
            UnknownNameError: no such row or column, or nothing is printed there.
        """
        found = self.tables[number].value(labels, config, metric)
        if found is None:
            raise UnknownNameError(f"number in Table {number}", f"{' '.join(labels)} {config} {metric}", [])
        return found

    def across(self, number: str, labels: tuple[str, ...], configs: Iterable[str]) -> dict[str, float]:
        """Look up the primary numbers of a row of Tables 4, 5, 6, A3, A4 or A6, or of a row below Table 4."""
        metrics = {column.config: column.metric for column in self.tables[number].columns}
        return {config: self.value(number, labels, config, metrics[config]) for config in configs}

    def scores(self, number: str, labels: tuple[str, ...], config: str) -> dict[str, float]:
        """Look up all that a row of Tables A7 to A13 says about a config, by metric."""
        metrics = [column.metric for column in self.tables[number].columns if column.config == config]
        return {metric: self.value(number, labels, config, metric) for metric in metrics}

    def labels(self, number: str) -> list[tuple[str, ...]]:
        """The rows of a table, by their labels."""
        return [row.labels for row in self.tables[number].rows]

    def configs(self, number: str) -> list[str]:
        """The configs of a table, in its order."""
        return list(dict.fromkeys(column.config for column in self.tables[number].columns))


def printed_paper() -> Paper:
    """The paper as printed."""
    return Paper(printed_tables(), printed_sayings())
