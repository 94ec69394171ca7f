"""Numbers that cannot be what they are printed as: pasted rows and impossible zeros (paper, E.4)."""

from caslie.metrics import measure
from caslie.paper.findings import Finding, Place, Verdict, judged, task_of
from caslie.paper.paper import BY_TASK, N_TEST, Paper

N_CANDIDATES = 20  # letters A to T, as the predecessor's answers (ECInstruct) and the authors' parsers have them
IMPOSSIBLE = 1e-9


def check_suspects(paper: Paper) -> list[Finding]:
    """Look for numbers that cannot be so."""
    return [
        *_pasted(paper),
        _zero(paper, "4", ("ft-LLaVA-Interleave",), "sr_ood"),
        _zero(paper, "A3", ("ft-LLaVA-NExT-Interleave*", "w caption", "Llama-3.2-Vision-Instruct"), "sr_ind"),
    ]


def _pasted(paper: Paper) -> list[Finding]:
    """Compare the rows of a system in different tables: all of four scores equal is a row pasted."""
    seen: dict[tuple[tuple[str, ...], tuple[float, ...]], str] = {}
    found = []
    for task, number in BY_TASK.items():
        for config in paper.configs(number):
            for labels in paper.labels(number):
                scores = tuple(paper.scores(number, labels, config).values())
                other = seen.setdefault((labels, scores), number)
                if other != number and len(scores) > 2:
                    found.append(_paste(paper, task, labels, scores, other))
    return found or [_no_paste()]


def _paste(paper: Paper, task: str, labels: tuple[str, ...], scores: tuple[float, ...], other: str) -> Finding:
    number, config, primary = BY_TASK[task], f"{task}_ind", measure(task).primary
    printed = f"{primary} {paper.value(number, labels, config, primary):.3f}"
    same = ", ".join(f"{score:.3f}" for score in scores[:-1])
    proof, recomputed = f"Table {other} has the same {same} in this row; one of the two is lost.", "another row"
    if labels[:1] in paper.labels("4"):
        recomputed = f"{primary} {paper.across('4', labels[:1], [config])[config]:.3f}"
        proof += f" Table 4 has {recomputed} for {labels[0]} on {task_of(config)}."
    claim = f"{' '.join(labels)} on {task_of(config)}"
    blamed = (Place(number, labels, config),)
    return Finding(f"Table {number}", claim, printed, recomputed, Verdict.WRONG, proof, blamed)


def _no_paste() -> Finding:
    claim = "each row is its own"
    return Finding("Tables A7 to A13", claim, "no row twice", "no row twice", Verdict.OK, "No system has equal rows.")


def _zero(paper: Paper, number: str, labels: tuple[str, ...], config: str) -> Finding:
    """Compare a score at or near nothing with what guessing gives."""
    value = paper.across(number, labels, [config])[config]
    chance = (1 - 1 / N_CANDIDATES) ** N_TEST
    proof = (
        f"Guessing among {N_CANDIDATES} finds about {N_TEST // N_CANDIDATES} of {N_TEST:,}; it finds none with a "
        f"chance of {chance:.0e}."
    )
    blamed: tuple[Place, ...] = (Place(number, labels, config),)
    if number == "4":
        there = Place("A13", ("ft-LLaVA-NExT-Interleave", ""), config)
        n_failed = paper.value(*there, "n_failed")
        blamed = (*blamed, there) if paper.value(*there, "recall_at_1") == value else blamed
        proof += f" Table A13 counts {n_failed:.0f} failed: what could not be read seems to be scored as wrong."
    claim, verdict = f"{labels[0]}, {task_of(config)}", judged(value > 0 or chance > IMPOSSIBLE)
    found, blamed = f"about {1 / N_CANDIDATES:.3f}", blamed if verdict is Verdict.WRONG else ()
    return Finding(f"Table {number}", claim, f"{value:.3f}", found, verdict, proof, blamed)
