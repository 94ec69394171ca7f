"""The stage that reports: runs become one report (paper, sections 6, C and E)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from caslie.evaluation import Parser
from caslie.report.costs import costs
from caslie.report.drawings import draw_all
from caslie.report.facts import agreements, facts, failed, neighbours
from caslie.report.pairing import Pairing
from caslie.report.schema import About, Report
from caslie.report.standing import standing
from caslie.report.studies import by_captions, deciding, studies
from caslie.report.systems import System, open_systems
from caslie.report.tables import report_tables
from caslie.schema import Mode
from caslie.showing.rates import UseRate, use_rates
from caslie.showing.similarity import Similarity, similarity
from mmecinstruct.builder.captioned import content_digest

SEED = 1
N_CASES = 12
N_PARTS = 6

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a report is made: `data` instead of what was predicted on, `model` to embed captions by (Table A5)."""

    data: str | None = None
    mode: Mode = "generate"
    parser: Parser = "grammar"
    seed: int = SEED
    n_cases: int = N_CASES
    model: str | None = None


def make_report(places: Sequence[Path], wanted: Wanted, progress: Progress) -> Report:
    """Report runs, or folders of predictions, that answer the same rows.

    Raises:
        MmecError: predictions are missing or damaged, or answer different rows.
    """
    parts = iter(range(1, N_PARTS + 1))
    systems = open_systems(places, wanted.data, wanted.mode, wanted.parser, wanted.seed)
    progress("report: scores", next(parts), N_PARTS)
    pairing, standings = (
        Pairing(wanted.mode, wanted.parser, wanted.seed),
        {one.name: standing(one.as_made) for one in systems},
    )
    tables = report_tables(systems, standings, pairing)
    progress("report: tables", next(parts), N_PARTS)
    rates, similarities = _rates(systems), _similarities(systems, wanted.model)
    progress("report: captions", next(parts), N_PARTS)
    ordered = by_captions(systems)
    cases, kinds = studies(ordered, wanted.n_cases, pairing)
    progress("report: cases", next(parts), N_PARTS)
    drawings = draw_all(systems, ordered[-1], standings, pairing)
    progress("report: figures", next(parts), N_PARTS)
    report = Report(
        about=_about(systems[0], wanted),
        systems=tuple(facts(one, standings[one.name]) for one in systems),
        main=ordered[-1].name,
        held_against=tuple(one.name for one in deciding(ordered)),
        tables=tables,
        against=neighbours(systems, pairing),
        agreed=tuple(line for one in systems for line in agreements(one, wanted.mode, wanted.seed)),
        rates=rates,
        similarity=similarities,
        drawings=drawings,
        cases=cases,
        kinds=kinds,
        failures=tuple(failed(one, wanted.mode, wanted.parser) for one in systems),
        costs=costs(systems),
    )
    progress("report: errors", next(parts), N_PARTS)
    return report


def _about(first: System, wanted: Wanted) -> About:
    folder, source = first.out.folder, first.asked.dataset
    return About(
        dataset=wanted.data or source.name,
        commit=folder.commit,
        digest=content_digest(folder),
        split=first.out.split,
        mode=wanted.mode,
        parser=wanted.parser,
        seed=wanted.seed,
        n_rows={config: one.n for config, one in first.evaluated.items()},
    )


def _captioned(systems: Sequence[System]) -> dict[str, System]:
    """The datasets with captions of their own, by the names of the systems that read them."""
    by_captions: dict[str, list[System]] = {}
    for one in (one for one in systems if one.out.folder.captioned):
        by_captions.setdefault(one.out.folder.manifest["captions"]["columns"], []).append(one)
    return {", ".join(one.name for one in some): some[0] for some in by_captions.values()}


def _rates(systems: Sequence[System]) -> dict[str, tuple[UseRate, ...]]:
    found = {}
    for names, one in _captioned(systems).items():
        found[names] = tuple(rate for rate in use_rates(one.out.folder) if rate.split == one.out.split)
    return found


def _similarities(systems: Sequence[System], model: str | None) -> tuple[Similarity, ...]:
    """Of the first captions only: all of them where runs share them (Table A5)."""
    first = next(iter(_captioned(systems).values()), None)
    return similarity(first.out.folder, model) if first else ()
