"""Paired tests between the systems of a report, each made once; and which system is the best where they say so."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from caslie.evaluation import Pair, Parser, pair
from caslie.evaluation.stage import seed_of
from caslie.report.schema import Against
from caslie.report.systems import System
from caslie.schema import Mode

LEVEL = 0.05


@dataclass(slots=True)
class Pairing:
    """Compares systems on a config, in one mode."""

    mode: Mode
    parser: Parser
    seed: int
    _made: dict[tuple[str, str, str], Pair] = field(default_factory=dict)

    def pair(self, mine: System, other: System, config: str) -> Pair:
        """Compare two systems that both answered a config."""
        key = (mine.name, other.name, config)
        if key not in self._made:
            one, another = (system.out.need(config, self.mode, self.parser) for system in (mine, other))
            task, seed = mine.evaluated[config].task, seed_of(self.seed, config)
            self._made[key] = pair(task, one.references, one.labels, another.labels, seed)
        return self._made[key]

    def best(self, systems: Sequence[System], config: str) -> System | None:
        """The system that is above each of the others, where the randomization test tells all of them apart.

        The p of all comparisons are held against Holm's thresholds together; two systems at least are needed.
        """
        there = [one for one in systems if config in one.evaluated]
        if len(there) < 2:
            return None
        first = max(there, key=lambda one: _primary(one, config))
        chances = sorted(self.pair(first, one, config).difference.p for one in there if one is not first)
        told_apart = all(p <= LEVEL / (len(chances) - i) for i, p in enumerate(chances))
        return first if told_apart else None

    def against(self, mine: System, other: System, config: str) -> Against:
        """What `pair` found, for the report."""
        found = self.pair(mine, other, config)
        return Against(
            mine=mine.name,
            other=other.name,
            config=config,
            primary=mine.evaluated[config].primary,
            n=found.n,
            only_mine=found.only_mine,
            only_other=found.only_other,
            mcnemar=found.mcnemar,
            difference=found.difference.value,
            low=found.difference.low,
            high=found.difference.high,
            p=found.difference.p,
        )


def _primary(system: System, config: str) -> float:
    evaluated = system.evaluated[config]
    return evaluated.columns[evaluated.primary].value
