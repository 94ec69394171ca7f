"""Claims of the text that its own tables refute (paper, 6.2, A.2, C.1, E.1)."""

from collections.abc import Mapping

from caslie.paper.columns import baselines, best, best_gains
from caslie.paper.findings import Finding, judged, rounds_to, signed, task_of
from caslie.paper.gains import BLIP2, LLAMA, LLAVA_NEXT, TEXT_ONLY, M, Named, gains, mean_gain
from caslie.paper.paper import CONFIGS, IND, OOD, Paper
from caslie.paper.totals import n_samples

LLAVA_1_5: Named = ("A3", ("CASLIE-M", "w/ context & caption", "LLaVA-1.5-7B"))
LLAMA_WITHOUT_CONTEXT: Named = ("A3", ("CASLIE-M", "w/o context", "Llama-3.2-Vision-Instruct"))
WITH_IMAGE: Named = ("A3", ("ft-LLaVA-NExT-Interleave", "w image", "-"))
WITH_CAPTION: Named = ("A3", ("ft-LLaVA-NExT-Interleave*", "w caption", "Llama-3.2-Vision-Instruct"))
SIZES = ("-L", "-M", "-S")
ALMOST_ALWAYS = 0.9
FROM_TOOLS = ("AP", "PRP", "SA", "SR")


def check_claims(paper: Paper) -> list[Finding]:
    """Hold claims against the tables they are about."""
    return [
        _captions_in_llava(paper),
        _consistently_better(paper),
        _almost_always(paper),
        _gain_of_captions(paper),
        _explained(paper),
        _categories(paper),
    ]


def _captions_in_llava(paper: Paper) -> Finding:
    saying = paper.sayings["captions_in_llava"]
    found = _gains(paper, WITH_CAPTION, WITH_IMAGE, IND)
    told = ", ".join(f"{task_of(config)[:-4]} {signed(gain, 1)}" for config, gain in found.items())
    verdict = judged(found["ap_ind"] > 0 and found["psi_ind"] > 0)
    recomputed = f"AP {signed(found['ap_ind'], 1)}"
    return Finding(saying.where, "captions improve AP and PSI of ft-LLaVA", "both", recomputed, verdict, f"{told}.")


def _consistently_better(paper: Paper) -> Finding:
    saying = paper.sayings["llama_consistently_better"]
    rivals = {"LLaVA-NExT": LLAVA_NEXT, "LLaVA-1.5": LLAVA_1_5}
    mean = {name: mean_gain(paper, row, TEXT_ONLY) for name, row in {"Llama": LLAMA, **rivals}.items()}
    ahead = {name: _n_above(_gains(paper, LLAMA, row, IND)) for name, row in rivals.items()}
    first = max(mean, key=lambda name: mean[name])
    proof = (
        f"Mean gain over text alone: {', '.join(f'{name} {signed(gain, 1)}' for name, gain in mean.items())}. Llama "
        f"is ahead in {' and '.join(f'{n} of {len(IND)} columns of {name}' for name, n in ahead.items())}."
    )
    verdict = judged(first == "Llama" and min(ahead.values()) == len(IND))
    return Finding(saying.where, "the captioner better overall", "Llama", first, verdict, proof)


def _almost_always(paper: Paper) -> Finding:
    saying = paper.sayings["captions_almost_always"]
    # Llama with context is CASLIE-M itself, which Table 6 has.
    captioned = {row[1][2]: row for row in (BLIP2, LLAVA_1_5, LLAVA_NEXT)}
    found = {name: _gains(paper, row, TEXT_ONLY, IND) for name, row in captioned.items()}
    found["Llama without context"] = _gains(paper, LLAMA_WITHOUT_CONTEXT, TEXT_ONLY, IND)
    for setting in ("UIA", "CASLIE"):
        for size in SIZES:
            found[setting + size] = _gains(paper, ("6", (setting, size)), ("6", ("uniM3", size)), CONFIGS)
    n, n_better = sum(map(len, found.values())), sum(map(_n_above, found.values()))
    worse = {name: [task_of(config) for config, gain in one.items() if gain < 0] for name, one in found.items()}
    proof = "Below text alone: " + "; ".join(f"{name} on {', '.join(on)}" for name, on in worse.items() if on) + "."
    verdict, recomputed = judged(n_better >= ALMOST_ALWAYS * n), f"{n_better} of {n} numbers of Tables A3 and 6"
    return Finding(saying.where, "captions are better than none", "almost always", recomputed, verdict, proof)


def _gain_of_captions(paper: Paper) -> Finding:
    """Compare the gain that E.1 credits to captions with the one over the same model without them."""
    saying, printed = paper.sayings["sr_gain"], paper.sayings["sr_gain"].percent or 0.0
    name, value = best(paper, "sr_ind", baselines(paper))
    over_best = best_gains(paper, ("CASLIE-M",))["sr_ind"]
    over_text = _gains(paper, M, ("6", ("uniM3", "-M")), IND)["sr_ind"]
    proof = f"{signed(over_best, 1)} is over {name}'s {value:.3f}; over uniM3-M, the same without captions, less."
    verdict = judged(rounds_to(100 * over_text, printed, 1))
    return Finding(saying.where, "what captions gain in SR", f"{printed} %", signed(over_text, 1), verdict, proof)


def _explained(paper: Paper) -> Finding:
    saying, printed = paper.sayings["ecellm_m_explained"], paper.sayings["over_ecellm_l_ood"].percent or 0.0
    over = {size: mean_gain(paper, M, ("4", (f"eCeLLM-{size}",)), OOD) for size in ("L", "M")}
    proof = f"The {printed} % explained by it is over eCeLLM-L ({signed(over['L'], 1)})."
    verdict = judged(rounds_to(100 * over["M"], printed, 1))
    return Finding(saying.where, "what eCeLLM-M explains", f"{printed} %", signed(over["M"], 1), verdict, proof)


def _categories(paper: Paper) -> Finding:
    saying = paper.sayings["tools_and_sports"]
    row = next(row for row in paper.tables["3"].rows if set(FROM_TOOLS) <= set(row.labels[0].split(", ")))
    train, val, ind, _ = (value or 0 for value in row.values)
    expected = len(FROM_TOOLS) * (train + val + ind) / n_samples(paper)
    shares = {row.labels[0]: row.values[0] or 0 for row in paper.tables["A2"].rows}
    printed, largest = shares["Tools and Home Improvement"], max(shares, key=lambda name: shares[name])
    proof = (
        f"{', '.join(FROM_TOOLS)} are {len(FROM_TOOLS)} x {train + val + ind:,.0f} of {n_samples(paper):,.0f} "
        f"samples, {expected:.1%}; Table A2 has {printed:.2%} Tools, and {shares[largest]:.2%} {largest}."
    )
    claim, verdict = "the share of Tools", judged(printed >= expected)
    return Finding(f"{saying.where}, Table A2", claim, f"{printed:.2%}", f"at least {expected:.1%}", verdict, proof)


def _gains(paper: Paper, ours: Named, theirs: Named, configs: tuple[str, ...]) -> dict[str, float]:
    return gains(paper.across(*ours, configs), paper.across(*theirs, configs))


def _n_above(found: Mapping[str, float]) -> int:
    return sum(gain > 0 for gain in found.values())
