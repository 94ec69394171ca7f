"""What the whole numbers behind Tables A7 and A10 prove (paper, A.5, 6.3, E.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from caslie.paper.findings import Finding, Verdict, judged, task_of
from caslie.paper.paper import N_TEST, Paper
from caslie.paper.reconstruction import HALF, Counts, fits, reconstruct, shared_yes
from mmecinstruct.looking.verdicts import wilson

BINARY = {"ap_ind": "A7", "ap_ood": "A7", "psi_ind": "A10"}
RATIOS = {"ap_ind": ("ap_ratio", 3 / 8), "ap_ood": ("ap_ratio", 3 / 8), "psi_ind": ("psi_ratio", 1 / 4)}


@dataclass(frozen=True, slots=True)
class Solved:
    """A binary test set: its printed rows by label, the right `yes` they can share, and the counts of each row."""

    config: str
    rows: Mapping[tuple[str, ...], Mapping[str, float]]
    n_yes: tuple[int, ...]
    counts: Mapping[tuple[str, ...], Sequence[Counts]]

    @property
    def where(self) -> str:
        """The table it is printed in."""
        return f"Table {BINARY[self.config]}"

    @property
    def yes(self) -> int:
        """The number of right `yes`; the least where several fit, 0 where none does."""
        return min(self.n_yes, default=0)


def solve(paper: Paper, config: str) -> Solved:
    """Find the whole numbers behind all rows of a binary test set."""
    number = BINARY[config]
    rows = {labels: paper.scores(number, labels, config) for labels in paper.labels(number)}
    n_yes = tuple(sorted(_shared(list(rows.values()))))
    return Solved(config, rows, n_yes, {labels: reconstruct(row, n_yes, N_TEST) for labels, row in rows.items()})


def _shared(rows: list[dict[str, float]]) -> set[int]:
    """The right `yes` that all rows share, or all but one: a misprint must not hide what the others prove."""
    found = shared_yes(rows, N_TEST)
    without = (rows[:n] + rows[n + 1 :] for n in range(len(rows)))
    return found or next(filter(None, (shared_yes(rest, N_TEST) for rest in without)), set())


def check_binary(paper: Paper) -> list[Finding]:
    """See what holds for the binary tables: counts, heads, ratios, failures."""
    solved = {config: solve(paper, config) for config in BINARY}
    return [
        *(_counts(one) for one in solved.values()),
        _heads(paper, [solved["ap_ind"], solved["ap_ood"]]),
        _heads(paper, [solved["psi_ind"]]),
        *(_macro(one) for one in solved.values()),
        *(_ratio(paper, one) for one in solved.values()),
        _negatives(paper, solved["psi_ind"]),
        _failures(paper, list(solved.values())),
    ]


def _counts(solved: Solved) -> Finding:
    task, found = solved.config.partition("_")[0], solved.counts
    proved = [len(fit) == 1 and fits(fit[0].scores(task), solved.rows[labels]) for labels, fit in found.items()]
    n_yes = " or ".join(map(str, solved.n_yes)) or "no number of"
    proof = (
        f"With {n_yes} right yes of {N_TEST:,}, {sum(proved)} rows have one solution each, and caslie.metrics gives "
        "their four printed scores."
    )
    claim, verdict = f"whole numbers behind {task_of(solved.config)}", judged(all(proved))
    return Finding(solved.where, claim, f"{len(found)} rows", f"{sum(proved)} rows", verdict, proof)


def _heads(paper: Paper, solved: Sequence[Solved]) -> Finding:
    """Compare the heads as printed with what the columns are: only one way there are whole numbers."""
    columns = {column.metric: column.printed for column in paper.tables[BINARY[solved[0].config]].columns}
    as_printed = (columns["precision"], columns["recall"]) == ("M-Pre", "M-Rec")
    told = []
    for one in solved:
        swapped = [{**row, "precision": row["recall"], "recall": row["precision"]} for row in one.rows.values()]
        told.append(
            f"{task_of(one.config)}: with {columns['precision']} as precision all rows share {_told(one.n_yes)}, "
            f"with it as recall {_told(sorted(shared_yes(swapped, N_TEST)))}."
        )
    verdict = judged(as_printed and all(one.n_yes for one in solved))
    recomputed = f"{columns['precision']} is precision"
    return Finding(solved[0].where, "the heads M-Pre and M-Rec", "M-Pre, M-Rec", recomputed, verdict, " ".join(told))


def _told(n_yes: Sequence[int]) -> str:
    return " or ".join(f"{n} right yes" for n in n_yes) or "no number of right yes"


def _macro(solved: Solved) -> Finding:
    """Compare the head M-F1 with the mean over both classes, which it promises."""
    means = {labels: _macro_f1(fit[0]) for labels, fit in solved.counts.items() if fit}
    gaps = {labels: abs(mean - solved.rows[labels]["f1"]) for labels, mean in means.items()}
    where, claim = solved.where, f"the head M-F1, {task_of(solved.config)}"
    if not gaps:
        return Finding(where, claim, "macro F1", "unknown", Verdict.OPEN, "No row has whole numbers behind it.")
    n_equal, nearest = sum(gap <= HALF for gap in gaps.values()), min(gaps, key=lambda labels: gaps[labels])
    proof = (
        f"F1 over yes and no is what is printed in {n_equal} of {len(gaps)} rows; the nearest, "
        f"{' '.join(filter(None, nearest))}, has {means[nearest]:.3f} against {solved.rows[nearest]['f1']:.3f}. "
        "F1 of yes alone fits."
    )
    verdict = judged(n_equal == len(gaps))
    return Finding(where, claim, "macro F1", "F1 of yes", verdict, proof)


def _macro_f1(found: Counts) -> float:
    missed = found.n_yes - found.failed_yes - found.hits
    right_no = found.n - found.n_failed - found.hits - missed - found.alarms
    errors = found.alarms + missed
    return found.hits / (2 * found.hits + errors) + right_no / (2 * right_no + errors)


def _ratio(paper: Paper, solved: Solved) -> Finding:
    name, printed = RATIOS[solved.config]
    low, high = wilson(solved.yes, N_TEST)
    proof = (
        f"The rows of {solved.where} have {solved.yes} yes and {N_TEST - solved.yes} no. A share of yes of {low:.1%} "
        f"to {high:.1%} can draw that; the printed ratio is {printed:.1%}, turned round {1 - printed:.1%}."
    )
    saying, found = paper.sayings[name], f"{solved.yes}:{N_TEST - solved.yes}"
    ratio, verdict = saying.words.rpartition(" ")[2], judged(low <= printed <= high)
    return Finding(saying.where, f"yes to no, {task_of(solved.config)}", ratio, found, verdict, proof)


def _negatives(paper: Paper, psi: Solved) -> Finding:
    saying, n_no = paper.sayings["psi_negatives"], N_TEST - psi.yes
    low, high = wilson(n_no, N_TEST)
    printed = saying.percent or 0.0
    proof = f"{psi.where} has {n_no} no of {N_TEST:,}; a share of {low:.1%} to {high:.1%} can draw that."
    verdict = judged(low <= printed / 100 <= high, Verdict.OPEN)
    return Finding(saying.where, "negatives of PSI", f"{printed} %", f"{100 * n_no / N_TEST:.1f} %", verdict, proof)


def _failures(paper: Paper, solved: Sequence[Solved]) -> Finding:
    """Test the word of E.4 on the rows with failures: counted wrong, not all have whole numbers."""
    saying, told, excluded, wrong = paper.sayings["failures_excluded"], [], [], []
    for one in solved:
        for labels, row in one.rows.items():
            if row["n_failed"]:
                excluded.append(len(one.counts[labels]))
                wrong.append(len(reconstruct(row, one.n_yes, N_TEST, "wrong")))
                told.append(f"{labels[0]}, {task_of(one.config)}: {excluded[-1]} left out, {wrong[-1]} counted wrong.")
    proof = "Solutions with failures " + " ".join(told)
    verdict = judged(not all(wrong), Verdict.OPEN) if all(excluded) else Verdict.WRONG
    found = {Verdict.OK: "excluded", Verdict.OPEN: "either"}.get(verdict, "not excluded")
    return Finding(saying.where, "failures are left out of scores", "excluded", found, verdict, proof)
