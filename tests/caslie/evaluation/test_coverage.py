"""Whether intervals hold the truth as often as they say, and tests err as often: by simulation from known worlds."""

import os
from dataclasses import dataclass

import numpy as np
import pytest

from caslie.evaluation.intervals import columns
from caslie.evaluation.pairs import pair
from caslie.metrics import measure

PROVE = os.environ.get("MMEC_PROVE") == "1"
DRAWS = 1000


@dataclass(frozen=True)
class World:
    """How often each class occurs in a task, how often a system is right about it, and how often it fails."""

    abbr: str
    shares: tuple[float, ...]
    right: tuple[float, ...]
    failing: float = 0.0


# As the paper's test sets are: 682 yes of 1,000 in AP, 226 in PSI, 4:3:1 in PRP, and the rare ratings of SA.
WORLDS = {
    "ap": World("ap", (0.682, 0.318), (0.9, 0.8), 0.011),
    "psi": World("psi", (0.226, 0.774), (0.35, 0.92)),
    "prp": World("prp", (0.5, 0.375, 0.125), (0.8, 0.7, 0.2)),
    "mpc": World("mpc", (0.625, 0.22, 0.03, 0.125), (0.85, 0.5, 0.2, 0.5)),
    "sa": World("sa", (0.6, 0.2, 0.1, 0.06, 0.04), (0.9, 0.6, 0.5, 0.4, 0.5)),
    "sr": World("sr", (0.25, 0.25, 0.25, 0.25), (0.22, 0.22, 0.22, 0.22)),
}


def answers(world: World) -> tuple[str, ...]:
    return measure(world.abbr).answers[: len(world.shares)]


def rows(world: World, n: int, rng: np.random.Generator, systems: int = 1) -> list[list[str | None]]:
    """References, then what each system answers, each by its own luck."""
    names = answers(world)
    references = rng.choice(len(names), size=n, p=np.array(world.shares) / sum(world.shares))
    drawn: list[list[str | None]] = [[names[one] for one in references]]
    for _ in range(systems):
        is_right = rng.random(n) < np.array(world.right)[references]
        wrong = (references + rng.integers(1, len(names), size=n)) % len(names)
        given = np.where(is_right, references, wrong)
        failed = rng.random(n) < world.failing
        drawn.append([None if bad else names[one] for one, bad in zip(given, failed, strict=True)])
    return drawn


def truth(world: World) -> float:
    """The primary column over so many rows that chance plays no part."""
    references, given = rows(world, 400_000, np.random.default_rng(5))
    measured = measure(world.abbr)
    return columns(world.abbr, references, given, (1,), draws=1).excluded[measured.primary].value


@pytest.mark.parametrize("name", WORLDS)
def test_intervals_hold_the_truth_as_often_as_they_say(name: str) -> None:
    world, n_sets = WORLDS[name], 4000 if PROVE else 150
    target, rng, held = truth(world), np.random.default_rng(11), 0
    for n in range(n_sets):
        references, given = rows(world, 1000, rng)
        found = columns(world.abbr, references, given, (n,), DRAWS).excluded[measure(world.abbr).primary]
        held += found.low <= target <= found.high
    assert (0.93 if PROVE else 0.89) <= held / n_sets <= (0.97 if PROVE else 1)


@pytest.mark.parametrize("n_rows", [40, 1000])
@pytest.mark.parametrize("name", WORLDS)
def test_two_equal_systems_are_told_apart_one_time_in_twenty_at_most(name: str, n_rows: int) -> None:
    world, n_sets = WORLDS[name], 2000 if PROVE else 80
    rng, exact, drawn = np.random.default_rng(13), 0, 0
    for n in range(n_sets):
        references, mine, other = rows(world, n_rows, rng, systems=2)
        found = pair(world.abbr, references, mine, other, (n,), DRAWS)
        exact, drawn = exact + (found.mcnemar < 0.05), drawn + (found.difference.p < 0.05)
    # Of few rows there are few ways to swap, so that both err less often than they may.
    assert max(exact, drawn) / n_sets <= (0.065 if PROVE else 0.14)


if PROVE:
    pytestmark = pytest.mark.prove
