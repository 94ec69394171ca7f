"""Which systems the cases of a report are about, and the cases (paper, figures A2 to A6)."""

from collections.abc import Sequence

from caslie.report.cases import Answers, Case, Kind, case_of, choose_cases
from caslie.report.pairing import Pairing
from caslie.report.systems import System

ORDER = {"text": 0, "uia": 1, "caslie": 2}


def by_captions(systems: Sequence[System]) -> list[System]:
    """The systems that answer all tasks, those that read more of captions last; the last is what cases are about."""
    there = [one for one in systems if one.is_generalist] or list(systems)
    return sorted(there, key=lambda one: ORDER.get(one.asked.variant or "", 0))


def deciding(ordered: Sequence[System]) -> list[System]:
    """Those that the last one is held against: systems without captions if there are any, else all before it."""
    before = [one for one in ordered[:-1] if one.is_generalist]
    return [one for one in before if one.asked.variant == "text"] or before


def studies(ordered: Sequence[System], n: int, pairing: Pairing) -> tuple[tuple[Case, ...], dict[Kind, int]]:
    """Choose rows over all configs that every system answered, and show them as the last system's data has them."""
    main = ordered[-1]
    shared = [config for config in main.evaluated if all(config in one.evaluated for one in ordered)]
    references: dict[str, str] = {}
    for config in shared:
        given = main.out.need(config, pairing.mode, pairing.parser)
        references |= dict(zip([one.id for one in given.predictions], given.references, strict=True))
    if not references:
        return (), {}
    answers = {one.name: _answers(one, shared, pairing) for one in ordered}
    chosen = choose_cases(references, [answers[one.name] for one in (*deciding(ordered), main)], n)
    cases = tuple(case_of(main.out.folder, id, list(answers.values())) for id in chosen.ids)
    return cases, dict(chosen.counts)


def _answers(system: System, configs: Sequence[str], pairing: Pairing) -> Answers:
    given = [system.out.need(config, pairing.mode, pairing.parser) for config in configs]
    return Answers(system.name, {one.id: one for some in given for one in some.predictions})
