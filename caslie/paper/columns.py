"""The two rows below Table 4, and which baselines it underlines as the best of their columns."""

from collections.abc import Mapping
from statistics import fmean

from caslie.paper.findings import Finding, Place, Verdict, judged, rounds_to, signed, task_of
from caslie.paper.paper import CONFIGS, IND, OOD, SYSTEMS, Paper

IMPROVEMENTS = "4 (imprv over best)"
IMAGES = {"prp": 2, "sr": 30}  # a row of PRP shows two products, one of SR about ten bought and twenty to choose from


def best_gains(paper: Paper, systems: tuple[str, ...] = SYSTEMS) -> dict[str, float]:
    """Compute what the best of our systems gains over the best baseline, by config."""
    return {
        config: best(paper, config, systems)[1] / best(paper, config, baselines(paper))[1] - 1 for config in CONFIGS
    }


def best(paper: Paper, config: str, systems: tuple[str, ...]) -> tuple[str, float]:
    """The best of these systems in a column of Table 4, with its number; the first of equals."""
    values = {system: paper.across("4", (system,), [config])[config] for system in systems}
    name = max(values, key=lambda system: values[system])
    return name, values[name]


def baselines(paper: Paper) -> tuple[str, ...]:
    """The systems of Table 4 that are not ours."""
    return tuple(labels[0] for labels in paper.labels("4") if labels[0] not in SYSTEMS)


def check_columns(paper: Paper) -> list[Finding]:
    """Recompute each improvement below Table 4: the best of the three sizes over the best baseline."""
    return [_check_column(paper, config) for config in CONFIGS]


def check_underlines(paper: Paper) -> list[Finding]:
    """See whether Table 4 underlines the best baseline of each column."""
    return [_check_underline(paper, config) for config in CONFIGS]


def check_caption_use(paper: Paper) -> Finding:
    """Recompute the average share of captions used, which is not that of its twelve columns."""
    used = paper.across("4 (caption used)", ("caption used",), CONFIGS)
    saying = paper.sayings["caption_used_average"]
    printed, mean = saying.percent or 0.0, 100 * fmean(used.values())
    proof = (
        f"The mean of the twelve columns is {mean:.1f} %: {100 * _mean(used, IND):.1f} % IND, "
        f"{100 * _mean(used, OOD):.1f} % OOD. Weighted by the pictures of a row it is {100 * _weighted(used):.0f} %."
    )
    verdict = judged(rounds_to(mean, printed, 1), Verdict.OPEN)
    return Finding(saying.where, "caption used, average", f"{printed} %", f"{mean:.1f} %", verdict, proof)


def _check_column(paper: Paper, config: str) -> Finding:
    printed = paper.across(IMPROVEMENTS, ("imprv over best",), [config])[config]
    ours, theirs = best(paper, config, SYSTEMS), best(paper, config, baselines(paper))
    gain = ours[1] / theirs[1] - 1
    proof = f"{ours[0]} {ours[1]:.3f} over {theirs[0]} {theirs[1]:.3f} is {signed(gain)}."
    if ours[0] != "CASLIE-M":
        proof += f" CASLIE-M alone: {signed(best_gains(paper, ('CASLIE-M',))[config])}."
    underlined = paper.sayings[f"underlined_{config}"].words
    if underlined != theirs[0]:
        instead = ours[1] / paper.across("4", (underlined,), [config])[config] - 1
        proof += f" Over the underlined {underlined} it would be {signed(instead)}."
    verdict = judged(rounds_to(100 * gain, 100 * printed, 1))
    blamed = (Place(IMPROVEMENTS, ("imprv over best",), config),) if verdict is Verdict.WRONG else ()
    claim = f"imprv over best, {task_of(config)}"
    return Finding("Table 4", claim, signed(printed, 1), signed(gain), verdict, proof, blamed)


def _check_underline(paper: Paper, config: str) -> Finding:
    underlined = paper.sayings[f"underlined_{config}"].words
    name, value = best(paper, config, baselines(paper))
    theirs = paper.across("4", (underlined,), [config])[config]
    proof = f"{name} has {value:.3f}, {underlined} {theirs:.3f}."
    return Finding("Table 4", f"best baseline of {task_of(config)}", underlined, name, judged(theirs == value), proof)


def _mean(used: Mapping[str, float], configs: tuple[str, ...]) -> float:
    return fmean(used[config] for config in configs)


def _weighted(used: Mapping[str, float]) -> float:
    weights = {config: IMAGES.get(config.partition("_")[0], 1) for config in used}
    return sum(used[config] * weight for config, weight in weights.items()) / sum(weights.values())
