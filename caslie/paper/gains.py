"""Every "outperforms by" of the text, recomputed (paper, 6.1 to 6.4, C.1, C.2, E.1).

The paper says how: "we report the mean of CASLIE's improvement over baselines per task" (section 6), so a gain is the
unweighted mean over columns of the quotient less one. A column with a tiny denominator decides it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from statistics import fmean

from caslie.paper.columns import IMPROVEMENTS, best_gains
from caslie.paper.findings import Finding, judged, rounds_to, signed, task_of
from caslie.paper.paper import CONFIGS, IND, OOD, Paper

Named = tuple[str, tuple[str, ...]]  # a table and the labels of a row in it

M: Named = ("4", ("CASLIE-M",))
LLAMA: Named = ("A3", ("CASLIE-M", "w/ context & caption", "Llama-3.2-Vision-Instruct"))
LLAVA_NEXT: Named = ("A3", ("CASLIE-M", "w/ context & caption", "LLaVA-NExT-mistral-7B"))
BLIP2: Named = ("A3", ("CASLIE-M", "w/o context", "BLIP2-OPT-2.7B"))
TEXT_ONLY: Named = ("A3", ("uniM3-M", "w/o caption", "-"))
MV3, MV5, MV7 = (("A4", ("MV", f"{n} models")) for n in (3, 5, 7))


@dataclass(frozen=True, slots=True)
class Gain:
    """A saying that one row beats another by so many percent on the mean over these columns."""

    saying: str
    ours: Named
    theirs: Named
    configs: tuple[str, ...]


def _without(configs: tuple[str, ...], left_out: str) -> tuple[str, ...]:
    return tuple(config for config in configs if config != left_out)


GAINS = (
    Gain("over_ft_llava_ind", M, ("4", ("ft-LLaVA-Interleave",)), IND),
    Gain("over_ecellm_l_ind", M, ("4", ("eCeLLM-L",)), IND),
    Gain("over_ecellm_m_ind", M, ("4", ("eCeLLM-M",)), IND),
    Gain("over_fashionclip_ind", M, ("4", ("ft-FashionCLIP",)), IND),
    Gain("over_task_specific_ind", M, ("4", ("Task-specific Model",)), IND),
    Gain("over_ft_llava_ood", M, ("4", ("ft-LLaVA-Interleave",)), _without(OOD, "sr_ood")),
    Gain("over_fashionclip_ood", M, ("4", ("ft-FashionCLIP",)), OOD),
    Gain("over_ecellm_l_ood", M, ("4", ("eCeLLM-L",)), OOD),
    Gain("generalist_l", ("5", ("-L", "Gen.")), ("5", ("-L", "T-spec.")), _without(IND, "psi_ind")),
    Gain("generalist_m", ("5", ("-M", "Gen.")), ("5", ("-M", "T-spec.")), _without(IND, "psi_ind")),
    Gain("generalist_s", ("5", ("-S", "Gen.")), ("5", ("-S", "T-spec.")), _without(IND, "psi_ind")),
    Gain("over_uia", ("6", ("CASLIE", "-M")), ("6", ("UIA", "-M")), CONFIGS),
    Gain("over_text_only", ("6", ("CASLIE", "-M")), ("6", ("uniM3", "-M")), CONFIGS),
    Gain("blip2_over_text_only", BLIP2, TEXT_ONLY, IND),
    Gain("llava_next_over_text_only", LLAVA_NEXT, TEXT_ONLY, IND),
    Gain("llama_over_blip2", LLAMA, BLIP2, IND),
    Gain("voting_over_uia", MV5, ("A4", ("UIA", "-")), IND),
    Gain("voting_over_single", MV5, ("A4", ("Single", "Llama-3.2-Vision-Instruct")), IND),
    Gain("five_over_three", MV5, MV3, IND),
    Gain("seven_over_five", MV7, MV5, IND),
)


def gains(ours: Mapping[str, float], theirs: Mapping[str, float]) -> dict[str, float]:
    """Compute what each column of ours gains over theirs."""
    return {config: value / theirs[config] - 1 for config, value in ours.items()}


def mean_gain(paper: Paper, ours: Named, theirs: Named, configs: tuple[str, ...] = IND) -> float:
    """Compute what a row gains over another on the mean over these columns."""
    return fmean(gains(paper.across(*ours, configs), paper.across(*theirs, configs)).values())


def check_gains(paper: Paper) -> list[Finding]:
    """Recompute every mean gain between two rows."""
    return [_check(paper, gain) for gain in GAINS]


def check_over_best(paper: Paper) -> list[Finding]:
    """Recompute the gains over the best baseline of each column: the mean of Table 4, and 6.1 and 6.2."""
    best, ours = best_gains(paper), best_gains(paper, ("CASLIE-M",))
    below = paper.across(IMPROVEMENTS, ("imprv over best",), CONFIGS)
    printed = {domain: fmean(below[config] for config in domain) for domain in (CONFIGS, IND, OOD)}
    average = f"The mean of the twelve that Table 4 prints is {signed(printed[CONFIGS])}."
    ind = (
        f"{signed(fmean(ours[config] for config in IND))} over the best baseline of each column; the mean of the "
        f"seven that Table 4 prints is {signed(printed[IND])}."
    )
    ood = (
        f"{signed(fmean(ours[config] for config in OOD))} is CASLIE-M's own; the best of the three sizes in each "
        f"column makes {signed(fmean(best[config] for config in OOD))}."
    )
    return [
        _finding(paper, "over_best_average", fmean(best.values()), "imprv over best, average", average),
        _finding(paper, "over_baselines_ind", fmean(ours[config] for config in IND), _claim(M, "best", IND), ind),
        _finding(paper, "over_baselines_ood", fmean(ours[config] for config in OOD), _claim(M, "best", OOD), ood),
    ]


def _check(paper: Paper, gain: Gain) -> Finding:
    found = gains(paper.across(*gain.ours, gain.configs), paper.across(*gain.theirs, gain.configs))
    most = max(found, key=lambda config: found[config])
    rest = [value for config, value in found.items() if config != most]
    geometric = prod(1 + value for value in found.values()) ** (1 / len(found)) - 1
    proof = (
        f"Mean over {len(found)} columns. {task_of(most)} alone gains {signed(found[most], 1)}; without it the mean "
        f"is {signed(fmean(rest), 1)}; the geometric mean of all is {signed(geometric, 1)}."
    )
    claim = _claim(gain.ours, _name(gain.theirs), gain.configs)
    return _finding(paper, gain.saying, fmean(found.values()), claim, proof)


def _finding(paper: Paper, name: str, exact: float, claim: str, proof: str) -> Finding:
    saying = paper.sayings[name]
    printed = saying.percent or 0.0
    verdict = judged(rounds_to(100 * exact, printed, 1))
    return Finding(saying.where, claim, f"{printed} %", signed(exact), verdict, proof)


def _claim(ours: Named, theirs: str, configs: tuple[str, ...]) -> str:
    domain = "IND and OOD" if configs == CONFIGS else configs[0][-3:].upper()
    return f"{_name(ours)} over {theirs}, {domain}"


def _name(named: Named) -> str:
    """What tells a row from those it is compared with: the captioner, the evaluator, or the system."""
    number, labels = named
    if number in ("4", "5", "6"):
        return " ".join(labels)
    return labels[0] if labels[-1] == "-" else labels[-1]
