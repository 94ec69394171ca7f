"""Every percentage that the paper prints, with its verdict, and that a changed number changes it."""

from collections.abc import Callable

import pytest

from caslie.paper.checking import Checked
from caslie.paper.columns import check_caption_use, check_columns, check_underlines
from caslie.paper.findings import Finding, Verdict, rounds_to
from caslie.paper.gains import GAINS, check_gains, check_over_best
from caslie.paper.paper import CONFIGS, Paper
from caslie.paper.totals import check_totals
from tests.caslie.paper.changing import with_value, with_words

WRONG = {
    "imprv over best, AP IND": ("+2.6 %", "+2.18 %"),
    "CASLIE-M over best, IND": ("6.4 %", "+6.32 %"),
    "CASLIE-M over best, OOD": ("3.9 %", "+3.11 %"),
}
OPEN = {"caption used, average": ("45.0 %", "55.8 %")}
OK = {
    "imprv over best, PRP IND": "-0.35 %",
    "imprv over best, PSI IND": "+17.06 %",
    "imprv over best, SR IND": "+18.62 %",
    "imprv over best, AP OOD": "-0.35 %",
    "imprv over best, SA OOD": "+3.69 %",
    "imprv over best, average": "+5.30 %",
    "CASLIE-M over ft-LLaVA-Interleave, IND": "+52.85 %",
    "CASLIE-M over eCeLLM-L, IND": "+25.22 %",
    "CASLIE-M over eCeLLM-M, IND": "+37.14 %",
    "CASLIE-M over ft-FashionCLIP, IND": "+45.78 %",
    "CASLIE-M over Task-specific Model, IND": "+22.08 %",
    "CASLIE-M over ft-LLaVA-Interleave, OOD": "+624.58 %",
    "CASLIE-M over ft-FashionCLIP, OOD": "+85.07 %",
    "CASLIE-M over eCeLLM-L, OOD": "+6.36 %",
    "-L Gen. over -L T-spec., IND": "+44.80 %",
    "-M Gen. over -M T-spec., IND": "+7.33 %",
    "-S Gen. over -S T-spec., IND": "+15.39 %",
    "CASLIE -M over UIA -M, IND and OOD": "+4.08 %",
    "CASLIE -M over uniM3 -M, IND and OOD": "+4.91 %",
    "BLIP2-OPT-2.7B over uniM3-M, IND": "+1.78 %",
    "LLaVA-NExT-mistral-7B over uniM3-M, IND": "+8.63 %",
    "Llama-3.2-Vision-Instruct over BLIP2-OPT-2.7B, IND": "+4.55 %",
    "5 models over UIA, IND": "+4.43 %",
    "5 models over Llama-3.2-Vision-Instruct, IND": "+1.69 %",
    "5 models over 3 models, IND": "+2.12 %",
    "samples, train": "56,000",
    "samples, val": "7,000",
    "samples, ind": "7,000",
    "samples, ood": "5,000",
    "captions used in SR": "30.3 %",
}


def claimed(findings: list[Finding], claim: str) -> Finding:
    [found] = [one for one in findings if one.claim == claim]
    return found


def test_every_percentage_is_checked(checked: Checked) -> None:
    assert len(checked.percentages.findings) == len(CONFIGS) + 3 + 1 + len(GAINS) + 7
    assert {one.claim for one in checked.percentages.findings} >= OK.keys() | WRONG.keys() | OPEN.keys()


def test_all_but_four_hold(checked: Checked) -> None:
    off = {one.claim: one for one in checked.percentages.findings if one.verdict is not Verdict.OK}
    assert off.keys() == WRONG.keys() | OPEN.keys()
    assert {claim for claim, one in off.items() if one.verdict is Verdict.OPEN} == OPEN.keys()
    assert {claim: (one.printed, one.recomputed) for claim, one in off.items()} == WRONG | OPEN


@pytest.mark.parametrize(("claim", "recomputed"), OK.items())
def test_what_holds_is_recomputed_to_the_digit(checked: Checked, claim: str, recomputed: str) -> None:
    found = claimed(list(checked.percentages.findings), claim)
    assert (found.verdict, found.recomputed) == (Verdict.OK, recomputed)


def test_a_gain_tells_which_column_makes_it(checked: Checked) -> None:
    proof = claimed(list(checked.percentages.findings), "CASLIE-M over ft-LLaVA-Interleave, IND").proof
    assert "SR IND alone gains +320.8 %; without it the mean is +8.2 %; the geometric mean of all is +31.1 %" in proof


def test_a_column_that_another_size_wins_says_so(checked: Checked) -> None:
    proof = claimed(list(checked.percentages.findings), "imprv over best, SA OOD").proof
    assert proof == "CASLIE-S 0.647 over eCeLLM-M 0.624 is +3.69 %. CASLIE-M alone: +0.16 %."


@pytest.mark.parametrize("gain", GAINS, ids=lambda gain: gain.saying)
def test_a_gain_with_another_number_in_its_table_is_wrong(paper: Paper, gain: object) -> None:
    (number, labels), config = gain.ours, gain.configs[0]  # type: ignore[attr-defined]
    place = [one.saying for one in GAINS].index(gain.saying)  # type: ignore[attr-defined]
    metric = paper.tables[number].columns[0].metric
    other = paper.value(number, labels, config, metric) * 1.3
    assert check_gains(paper)[place].verdict is Verdict.OK
    assert check_gains(with_value(paper, number, labels, config, metric, other))[place].verdict is Verdict.WRONG


Change = Callable[[Paper], Paper]
Check = Callable[[Paper], list[Finding]]

CHANGES: list[tuple[str, Check, Change, Verdict, Verdict]] = [
    (
        "imprv over best, AP IND",
        check_columns,
        lambda paper: with_value(paper, "4", ("eCeLLM-L",), "ap_ind", "f1", 0.868),
        Verdict.WRONG,
        Verdict.OK,
    ),
    (
        "imprv over best, CC OOD",
        check_columns,
        lambda paper: with_value(
            paper, "4 (imprv over best)", ("imprv over best",), "cc_ood", "gain_over_best", 0.036
        ),
        Verdict.OK,
        Verdict.WRONG,
    ),
    (
        "best baseline of AP IND",
        check_underlines,
        lambda paper: with_words(paper, "underlined_ap_ind", "eCeLLM-L"),
        Verdict.WRONG,
        Verdict.OK,
    ),
    (
        "best baseline of SR OOD",
        check_underlines,
        lambda paper: with_value(paper, "4", ("eCeLLM-M",), "sr_ood", "recall_at_1", 0.305),
        Verdict.OK,
        Verdict.WRONG,
    ),
    (
        "imprv over best, average",
        check_over_best,
        lambda paper: with_words(paper, "over_best_average", "avg: 5.4", 5.4),
        Verdict.OK,
        Verdict.WRONG,
    ),
    (
        "CASLIE-M over best, IND",
        check_over_best,
        lambda paper: with_words(paper, "over_baselines_ind", "6.3%", 6.3),
        Verdict.WRONG,
        Verdict.OK,
    ),
    (
        "CASLIE-M over best, OOD",
        check_over_best,
        lambda paper: with_words(paper, "over_baselines_ood", "3.1%", 3.1),
        Verdict.WRONG,
        Verdict.OK,
    ),
    (
        "caption used, average",
        lambda paper: [check_caption_use(paper)],
        lambda paper: with_words(paper, "caption_used_average", "avg: 55.8", 55.8),
        Verdict.OPEN,
        Verdict.OK,
    ),
    (
        "samples, train",
        check_totals,
        lambda paper: with_value(paper, "3", ("MMECInstruct",), "train", "n_samples", 55000),
        Verdict.OK,
        Verdict.WRONG,
    ),
    (
        "captions used in SR",
        check_totals,
        lambda paper: with_words(paper, "sr_caption_used", "only 31%", 31),
        Verdict.OK,
        Verdict.WRONG,
    ),
]


@pytest.mark.parametrize(("claim", "check", "change", "before", "after"), CHANGES)
def test_a_changed_number_changes_the_verdict(
    paper: Paper, claim: str, check: Check, change: Change, before: Verdict, after: Verdict
) -> None:
    assert claimed(check(paper), claim).verdict is before
    assert claimed(check(change(paper)), claim).verdict is after


@pytest.mark.parametrize(("number", "label"), [("A2", "Others"), ("E.3", "Hard cases")])
def test_shares_that_are_no_whole_are_found(paper: Paper, number: str, label: str) -> None:
    changed = with_value(paper, number, (label,), "all", "share", 0.5)
    before, after = ([one.verdict for one in check_totals(one)] for one in (paper, changed))
    assert (before.count(Verdict.WRONG), after.count(Verdict.WRONG)) == (0, 1)


def test_a_number_is_printed_as_what_rounds_to_it() -> None:
    assert rounds_to(2.649, 2.6, 1) and not rounds_to(2.651, 2.6, 1)
