"""Every contradiction that is proved, and that each goes or comes when what it hangs on is changed."""

from collections.abc import Callable

import pytest

from caslie.paper.agreements import check_cells, check_laws
from caslie.paper.binary import check_binary
from caslie.paper.checking import Checked
from caslie.paper.claims import check_claims
from caslie.paper.findings import Finding, Verdict
from caslie.paper.paper import Paper
from caslie.paper.rarest import check_relations
from caslie.paper.suspects import check_suspects
from caslie.paper.words import check_words
from tests.caslie.paper.changing import with_head, with_label, with_value, with_words

LLAVA = ("ft-LLaVA-NExT-Interleave", "")
OURS_M = ("CASLIE-M", "EC3-CQE-uniM3")
CAPTIONED = ("ft-LLaVA-NExT-Interleave*", "w caption", "Llama-3.2-Vision-Instruct")
NEXT = ("CASLIE-M", "w/ context & caption", "LLaVA-NExT-mistral-7B")

Change = Callable[[Paper], Paper]
Check = Callable[[Paper], list[Finding]]


def value(number: str, labels: tuple[str, ...], config: str, metric: str, new: float) -> Change:
    return lambda paper: with_value(paper, number, labels, config, metric, new)


def words(name: str, new: str, percent: float | None = None) -> Change:
    return lambda paper: with_words(paper, name, new, percent)


def both(*changes: Change) -> Change:
    def changed(paper: Paper) -> Paper:
        for change in changes:
            paper = change(paper)
        return paper

    return changed


def heads(number: str, *configs: str, macro: str = "") -> Change:
    """The heads of precision and recall changed over."""
    return both(
        *(
            lambda paper, config=config, name=name, head=head: with_head(paper, number, config, name, head)
            for config in configs
            for name, head in ((f"{macro}precision", "M-Pre"), (f"{macro}recall", "M-Rec"))
        )
    )


# What is proved: a part of its proof, the check that finds it, and a change that mends it.
PROVED: list[tuple[str, str, Check, Change]] = [
    (
        "CASLIE-M EC3-CQE-uniM3 on MPC IND",
        "Table A10 has the same 0.794, 0.586, 0.301, 0.398 in this row; one of the two is lost.",
        check_suspects,
        value("A11", OURS_M, "mpc_ind", "accuracy", 0.731),
    ),
    (
        "CASLIE-M, MPC IND: one number",
        "0.731 in Tables 4, 5, 6, A3, A4, A6; 0.794 in Table A11",
        check_cells,
        value("A11", OURS_M, "mpc_ind", "accuracy", 0.731),
    ),
    (
        "CASLIE-L, PSI IND: one number",
        "only 0.221 fits the rest of its row in Table A10: 31 hits, 23 false alarms. UIA has 0.268 too.",
        check_cells,
        both(
            *(value(number, ("CASLIE-L",), "psi_ind", "f1", 0.221) for number in ("4", "A6")),
            value("5", ("-L", "Gen."), "psi_ind", "f1", 0.221),
            value("6", ("CASLIE", "-L"), "psi_ind", "f1", 0.221),
        ),
    ),
    (
        "CASLIE-S uniM3, SR IND: one number",
        "0.191 in Table 6; 0.196 in Table A13. CASLIE has 0.196 too. UIA has 0.196 too.",
        check_cells,
        value("6", ("uniM3", "-S"), "sr_ind", "recall_at_1", 0.196),
    ),
    (
        "ft-LLaVA-Interleave, SR OOD",
        "finds none with a chance of 5e-23. Table A13 counts 0 failed",
        check_suspects,
        value("4", ("ft-LLaVA-Interleave",), "sr_ood", "recall_at_1", 0.05),
    ),
    (
        "ft-LLaVA-NExT-Interleave*, SR IND",
        "Guessing among 20 finds about 50 of 1,000",
        check_suspects,
        value("A3", CAPTIONED, "sr_ind", "recall_at_1", 0.05),
    ),
    (
        "the heads M-Pre and M-Rec, OOD",
        "153 sets of class sizes fit with M-Rec as precision, 0 with it as recall. Counted are sets with first >= "
        "second >= rarest, 1,000 in all, that give the printed scores, to 0.0005, of each row",
        check_relations,
        heads("A9", "prp_ood", macro="macro_"),
    ),
    (
        "CASLIE-L EC3-CQE-uniM3, PRP OOD",
        "Its accuracy is 0.692; the other rows of CASLIE have 0.765 to 0.821 OOD and 0.659 to 0.714 IND",
        check_relations,
        value("A9", ("CASLIE-L", "EC3-CQE-uniM3"), "prp_ood", "accuracy", 0.79),
    ),
    (
        "the heads M-Pre and M-Rec",
        "AP IND: with M-Rec as precision all rows share 682 right yes, with it as recall no number of right yes",
        lambda paper: check_binary(paper)[:4],
        heads("A7", "ap_ind", "ap_ood"),
    ),
    (
        "captions improve AP and PSI of ft-LLaVA",
        "AP -20.0 %",
        check_claims,
        value("A3", CAPTIONED, "ap_ind", "f1", 0.8),
    ),
    (
        "the captioner better overall",
        "Llama +6.5 %, LLaVA-NExT +8.6 %, LLaVA-1.5 +6.8 %. Llama is ahead in 5 of 7 columns of LLaVA-NExT",
        check_claims,
        both(
            value("A3", NEXT, "psi_ind", "f1", 0.39),
            value("A3", NEXT, "cc_ind", "recall_at_1", 0.97),
            value("A3", (*NEXT[:2], "LLaVA-1.5-7B"), "psi_ind", "f1", 0.39),
            value("A3", (*NEXT[:2], "LLaVA-1.5-7B"), "cc_ind", "recall_at_1", 0.97),
        ),
    ),
    (
        "what captions gain in SR",
        "+18.6 % is over eCeLLM-L's 0.188",
        check_claims,
        value("6", ("uniM3", "-M"), "sr_ind", "recall_at_1", 0.188),
    ),
    (
        "what eCeLLM-M explains",
        "The 6.4 % explained by it is over eCeLLM-L",
        check_claims,
        words("over_ecellm_l_ood", "3.7%", 3.7),
    ),
    (
        "the share of Tools",
        "AP, PRP, SA, SR are 4 x 10,000 of 75,000 samples, 53.3%; Table A2 has 14.82% Tools",
        check_claims,
        value("A2", ("Tools and Home Improvement",), "all", "share", 0.6),
    ),
    ("names of tasks", "PSI is missing", check_words, lambda paper: with_label(paper, "3", "PST, MPC", "PSI, MPC")),
    (
        "the name of ft-LLaVA",
        "Table A7 calls it ft-LLaVA-NExT-Interleave",
        check_words,
        lambda paper: with_label(paper, "4", "ft-LLaVA-Interleave", "ft-LLaVA-NExT-Interleave"),
    ),
    ("the source of PRP", "bought_together alone", check_words, words("prp_source", "Amazon Review 2018")),
    (
        "tasks that follow ECInstruct",
        "CC is not among them",
        check_words,
        words("ecinstruct_tasks", "PRP, SA, SR, MPC, PSI, AP, CC"),
    ),
    ("raw splits of PSI and MPC", "has train, test", check_words, words("esci_splits", "train, val, test")),
    (
        "baseline ft-Llama-2-13B",
        "0 rows have such a model; section 5 lists 4 kinds without it",
        check_words,
        lambda paper: with_label(paper, "4", "eCeLLM-L", "ft-Llama-2-13B"),
    ),
    (
        "LLaVA-NExT-Interleave zero-shot",
        "Every system called LLaVA is fine-tuned",
        check_words,
        lambda paper: with_label(paper, "A6", "GPT-4o", "LLaVA-NExT-Interleave"),
    ),
    (
        "GPU memory",
        "25B for Llama-2-13b-chat, 13.02 B weights or 26.0 GB in bf16",
        check_words,
        both(*(words(f"gpu_memory_{size}", f"{n}B") for size, n in (("l", 13), ("m", 7), ("s", 3)))),
    ),
    (
        "samples of Shopping Queries",
        "130,652 queries and 2,621,288 judged pairs",
        check_words,
        words("shopping_queries_size", "Shopping Queries 2621K"),
    ),
    (
        "an address",
        "https:// stands there 2 times",
        check_words,
        words("amazon_review_address", "https://amazon-reviews-2023.github.io/"),
    ),
]


def claimed(findings: list[Finding], claim: str) -> list[Finding]:
    return [one for one in findings if one.claim == claim]


@pytest.mark.parametrize(("claim", "proof", "check", "mend"), PROVED, ids=[one[0] for one in PROVED])
def test_a_contradiction_is_found_and_goes_when_mended(
    paper: Paper, checked: Checked, claim: str, proof: str, check: Check, mend: Change
) -> None:
    [found] = claimed(list(checked.contradictions), claim)
    assert proof in found.proof
    assert all(one.verdict is Verdict.OK for one in claimed(check(mend(paper)), claim))


@pytest.mark.parametrize(
    ("claim", "printed", "recomputed"),
    [
        ("yes to no, AP IND", "3:5", "682:318"),
        ("yes to no, AP OOD", "3:5", "626:374"),
        ("negatives of PSI", "74 %", "77.4 %"),
        ("relations, PRP OOD", "4:3:1", "6 to 15 rare"),
        ("the head M-F1, AP IND", "macro F1", "F1 of yes"),
        ("the head M-F1, AP OOD", "macro F1", "F1 of yes"),
        ("the head M-F1, PSI IND", "macro F1", "F1 of yes"),
        ("captions are better than none", "almost always", "76 of 100 numbers of Tables A3 and 6"),
    ],
)
def test_what_hangs_on_many_numbers_is_found_too(checked: Checked, claim: str, printed: str, recomputed: str) -> None:
    [found] = claimed(list(checked.contradictions), claim)
    assert (found.printed, found.recomputed) == (printed, recomputed)


def test_each_of_the_proved_inconsistencies_is_told(checked: Checked) -> None:
    assert {one[0] for one in PROVED} < {one.claim for one in checked.contradictions}
    assert len(checked.contradictions) == 37


def test_what_agrees_is_counted(checked: Checked) -> None:
    counts = {group.name: (group.n_of(Verdict.OK), len(group.findings)) for group in checked.groups}
    assert counts["numbers that stand in several tables"] == (165, 168)
    assert counts["laws of F1"] == (112, 112)
    assert counts["best baselines as underlined in Table 4"] == (11, 12)


@pytest.mark.parametrize(
    ("claim", "change"),
    [
        ("whole numbers behind AP IND", value("A7", OURS_M, "ap_ind", "f1", 0.9)),
        ("whole numbers behind PSI IND", value("A10", OURS_M, "psi_ind", "recall", 0.35)),
        ("whole numbers behind AP OOD", value("A7", LLAVA, "ap_ood", "n_failed", 0)),
    ],
)
def test_binary_tables_hold_until_a_number_is_changed(
    paper: Paper, checked: Checked, claim: str, change: Change
) -> None:
    assert claimed(list(checked.contradictions), claim) == []
    assert [one.verdict for one in claimed(check_binary(change(paper)), claim)] == [Verdict.WRONG]


def test_one_misprint_does_not_hide_what_the_other_rows_prove(paper: Paper) -> None:
    changed = with_value(paper, "A7", OURS_M, "ap_ind", "f1", 0.9)
    found = {one.claim: one for one in check_binary(changed)}
    assert found["whole numbers behind AP IND"].recomputed == "13 rows"
    assert found["yes to no, AP IND"].recomputed == "682:318"


def test_that_failures_are_left_out_hangs_on_one_row(paper: Paper) -> None:
    changed = with_value(paper, "A7", LLAVA, "ap_ind", "n_failed", 0)
    before, after = (claimed(check_binary(one), "failures are left out of scores")[0] for one in (paper, changed))
    assert "AP IND: 1 left out, 0 counted wrong" in before.proof
    assert (before.verdict, after.verdict, after.recomputed) == (Verdict.OK, Verdict.OPEN, "either")


def test_a_ratio_that_the_rows_have_holds(paper: Paper) -> None:
    assert [one.verdict for one in claimed(check_binary(paper), "yes to no, PSI IND")] == [Verdict.OK]


@pytest.mark.parametrize(
    "change",
    [
        value("A7", LLAVA, "ap_ind", "f1", 0.8),
        value("A12", LLAVA, "sa_ind", "macro_f1", 0.6),
    ],
)
def test_an_f1_beyond_its_precision_and_recall_is_found(paper: Paper, change: Change) -> None:
    assert {one.verdict for one in check_laws(paper)} == {Verdict.OK}
    assert [one.verdict for one in check_laws(change(paper))].count(Verdict.WRONG) == 1


def test_a_number_changed_in_one_table_is_found(paper: Paper) -> None:
    changed = with_value(paper, "A8", ("eCeLLM-L", ""), "cc_ood", "recall_at_1", 0.9)
    [found] = [one for one in check_cells(changed) if one.claim == "eCeLLM-L, CC OOD: one number"]
    assert (found.verdict, found.proof) == (Verdict.WRONG, "0.916 in Table 4; 0.900 in Table A8.")


def test_a_row_pasted_elsewhere_is_found(paper: Paper) -> None:
    changed = paper
    there = paper.scores("A12", LLAVA, "sa_ind")  # by metric, in the order of its columns
    for metric, number in zip(there, paper.scores("A9", LLAVA, "prp_ind").values(), strict=True):
        changed = with_value(changed, "A12", LLAVA, "sa_ind", metric, number)
    [found] = [one for one in check_suspects(changed) if one.where == "Table A12"]
    assert (found.printed, found.recomputed) == ("macro_f1 0.568", "another row")


def test_a_baseline_named_otherwise_is_still_the_same(paper: Paper) -> None:
    assert len([one for one in check_cells(paper) if one.claim.startswith("ft-LLaVA,")]) == 12
