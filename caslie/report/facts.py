"""What a report says of each system: how it was made, what it scores, how it stands to others, and its failures."""

from collections.abc import Sequence

from caslie.evaluation import Parser, evaluate, means
from caslie.report.failures import SHEET, read_sheet, tally
from caslie.report.failures.finding import find_failures
from caslie.report.pairing import Pairing
from caslie.report.schema import Against, Agreed, Failures, SystemFacts
from caslie.report.standing import Standing
from caslie.report.systems import System
from caslie.schema import Mode
from mmecinstruct.tasks import TASKS


def facts(system: System, beside: Standing) -> SystemFacts:
    """How a system was made, as far as its records tell, and its means."""
    recipe, training, asked = system.as_made, system.training, system.asked
    evaluated = tuple(system.evaluated.values())
    found = means(evaluated)
    shows = asked.variant != "text" and recipe is not None
    return SystemFacts(
        name=system.name,
        place=str(system.out.path),
        model=training.base_model if training else (asked.base or ""),
        variant=asked.variant or "",
        size=(recipe.size if recipe else None) or "",
        tasks=tuple(TASKS[task].abbr for task in recipe.tasks or TASKS) if recipe else (),
        captioner=recipe.captioner if recipe and shows else "",
        lineup=recipe.voting if recipe and shows else "",
        prompt=asked.prompt.name if asked.prompt else "",
        recipe=training.recipe if training else "",
        means={one.domain: one.value for one in found},
        strict_means={one.domain: one.strict for one in found},
        n_failed=sum(one.n_failed for one in evaluated),
        n=sum(one.n for one in evaluated),
        stands_beside=beside,
    )


def neighbours(systems: Sequence[System], pairing: Pairing) -> tuple[Against, ...]:
    """Compare each system with the one named before it, on every config that both answered."""
    pairs = zip(systems[1:], systems, strict=False)
    return tuple(
        pairing.against(mine, other, config)
        for mine, other in pairs
        for config in mine.evaluated
        if config in other.evaluated
    )


def agreements(system: System, mode: Mode, seed: int) -> tuple[Agreed, ...]:
    """How often the two modes of a system agree, config by config."""
    if not any(one.agreement for one in system.evaluated.values()):
        return ()
    other: Mode = "score" if mode == "generate" else "generate"
    others = {one.config: one for one in evaluate(system.out.folder, system.out.path, mode=other, seed=seed)}
    found = []
    for config, one in system.evaluated.items():
        if one.agreement and config in others:
            values = {mode: one.columns[one.primary].value, other: others[config].columns[one.primary].value}
            share, n = one.agreement.share, one.agreement.n
            found.append(Agreed(system.name, config, one.primary, values["generate"], values["score"], share, n))
    return tuple(found)


def failed(system: System, mode: Mode, parser: Parser) -> Failures:
    """How many answers of a system are wrong or unreadable, and what its sheet of them says.

    Raises:
        MmecError: the sheet is damaged.
    """
    found, sheet = find_failures(system.out.folder, system.out.path, mode, parser), system.run / SHEET
    told = tally(read_sheet(sheet)) if sheet.is_file() else None
    return Failures(system.name, len(found.failures), found.n_asked, str(system.run), told)
