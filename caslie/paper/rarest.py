"""What the class sizes behind Table A9 make of its heads, of the ratio of A.5 and of its rows."""

from caslie.paper.findings import Finding, Verdict, judged, task_of
from caslie.paper.paper import N_TEST, OURS, SYSTEMS, Paper
from caslie.paper.reconstruction import HALF
from caslie.paper.relations import TOLERANCES, class_counts, macro_rows, rare_share, without_the_rarest


def check_relations(paper: Paper) -> list[Finding]:
    """Search for the class sizes behind Table A9, and hold heads, ratio and rows against them."""
    found = {config: class_counts(without_the_rarest(paper, config)) for config in ("prp_ind", "prp_ood")}
    return [
        _relation_heads(paper, len(found["prp_ood"])),
        *(_relation_ratio(paper, config, {sizes[2] for sizes in one}) for config, one in found.items()),
        _out_of_line(paper),
    ]


def _relation_heads(paper: Paper, n_held: int) -> Finding:
    """Compare the OOD heads of Table A9 as printed with those changed over."""
    columns = {column.metric: column.printed for column in paper.tables["A9"].columns if column.config == "prp_ood"}
    rows = without_the_rarest(paper, "prp_ood")
    n_other, head = len(class_counts([row.swapped() for row in rows])), columns["macro_precision"]
    proof = (
        f"If the {len(rows)} rows whose macro F1 is two thirds of accuracy never name the rarest relation, {n_held} "
        f"sets of class sizes fit with {head} as precision, {n_other} with it as recall. Counted are sets with "
        f"first >= second >= rarest, {N_TEST:,} in all, that give the printed scores, to {HALF:.4f}, of "
        f"each row whose macro F1 is within {TOLERANCES['prp_ood']} of two thirds of accuracy."
    )
    verdict = judged(head == "M-Pre" and n_held > 0, Verdict.OPEN)
    claim, recomputed = "the heads M-Pre and M-Rec, OOD", f"{head} is precision"
    return Finding("Table A9", claim, "M-Pre, M-Rec", recomputed, verdict, proof)


def _relation_ratio(paper: Paper, config: str, rare: set[int]) -> Finding:
    saying, rows = paper.sayings["prp_ratio"], without_the_rarest(paper, config)
    low, high, printed = min(rare, default=0), max(rare, default=0), N_TEST / 8
    proof = (
        f"If the {len(rows)} rows whose macro F1 is about two thirds of accuracy never name the rarest relation, it "
        f"has {low} to {high} of {N_TEST:,} rows; 4:3:1 are {printed:.0f}."
    )
    verdict = judged(low <= printed <= high, Verdict.OPEN)
    return Finding(saying.where, f"relations, {task_of(config)}", "4:3:1", f"{low} to {high} rare", verdict, proof)


def _out_of_line(paper: Paper) -> Finding:
    """Compare the rows of CASLIE with those around: one of them is no OOD row by its scores."""
    rows = {row.labels: row for row in macro_rows(paper, "prp_ood") if row.labels[0] in SYSTEMS}
    labels = next(one for one in rows if one[0] == "CASLIE-L" and one[1] in OURS)
    others = [row.n_right / N_TEST for name, row in rows.items() if name != labels]
    ind = [row.n_right / N_TEST for row in macro_rows(paper, "prp_ind") if row.labels[0] in SYSTEMS]
    one = rows[labels].n_right / N_TEST
    proof = (
        f"Its accuracy is {one:.3f}; the other rows of CASLIE have {min(others):.3f} to {max(others):.3f} OOD and "
        f"{min(ind):.3f} to {max(ind):.3f} IND. Its rarest relation would be {rare_share(rows[labels]):.1%} of all."
    )
    verdict = judged(min(others) <= one or not min(ind) <= one <= max(ind), Verdict.OPEN)
    return Finding("Table A9", f"{' '.join(labels)}, PRP OOD", f"{one:.3f}", "an IND row?", verdict, proof)
