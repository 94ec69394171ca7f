"""What the stages of the runs cost: calls, tokens, seconds and money, as `effort.log` tells them (paper, A14)."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from caslie.effort import read_efforts
from caslie.report.schema import Cost
from caslie.report.systems import System


def costs(systems: Sequence[System]) -> tuple[Cost, ...]:
    """Add up what was noted: first the captions and votes, which runs share, then each system's own stages."""
    shared = {one.recipe.answers_dir: None for one in systems if one.recipe}
    found = [cost for place in shared for cost in _read(str(place), place)]
    for system in systems:
        own = [one for one in (system.run, system.out.path) if one not in shared]
        found += [cost for place in own for cost in _read(system.name, place)]
    return tuple(_added(found))


def _read(name: str, place: Path) -> list[Cost]:
    return [
        Cost(name, one.stage, one.model, one.calls, one.tokens_in, one.tokens_out, one.seconds, one.dollars)
        for one in read_efforts(place)
    ]


def _added(found: Sequence[Cost]) -> list[Cost]:
    added: dict[tuple[str, str, str], Cost] = {}
    for one in found:
        key = (one.system, one.stage, one.model)
        was = added.get(key)
        added[key] = one if was is None else _sum(was, one)
    return list(added.values())


def _sum(one: Cost, other: Cost) -> Cost:
    return replace(
        one,
        calls=one.calls + other.calls,
        tokens_in=one.tokens_in + other.tokens_in,
        tokens_out=one.tokens_out + other.tokens_out,
        seconds=one.seconds + other.seconds,
        dollars=one.dollars + other.dollars,
    )
