"""What the stages of the runs cost: calls, tokens, seconds and money, as `effort.log` tells them (paper, A14)."""

from collections.abc import Sequence
from dataclasses import replace

from caslie.effort import Effort, read_efforts
from caslie.report.schema import Cost
from caslie.report.systems import System


def costs(systems: Sequence[System]) -> tuple[Cost, ...]:
    """Add up what was noted: first the captions and votes that runs share, each once, then the stages of each."""
    shared: dict[Effort, None] = {}
    own: list[Cost] = []
    for system in systems:
        noted = [one for place in dict.fromkeys((system.run, system.out.path)) for one in read_efforts(place)]
        shared |= dict.fromkeys(one for one in noted if one.place)
        own += [_cost(system.name, one) for one in noted if not one.place]
    return tuple(_added([*(_cost(one.place, one) for one in shared), *own]))


def _cost(name: str, one: Effort) -> Cost:
    return Cost(name, one.stage, one.model, one.calls, one.tokens_in, one.tokens_out, one.seconds, one.dollars)


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
