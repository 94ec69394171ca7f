"""Case studies in words: which rows are shown, and what every system answered (paper, Figures A2 to A6)."""

from caslie.report.cases import KINDS, Case, Said
from caslie.report.schema import Report
from caslie.report.words.grid import Entry, Grid, Row, words
from caslie.report.words.numbers import clipped, count
from caslie.report.words.sections import Section

MOST, MOST_OPTION = 60, 160  # characters of a name, and of an option

RIGHT, WRONG, UNREAD = "✓ right", "✗ wrong", "✗ cannot be read"


def cases(report: Report) -> Section:
    """The rows that are shown, and how many there are of each kind."""
    lines = (_counts(report), _kinds(report)) if report.cases else ()
    return Section("cases", "Case studies", lines=lines, cases=report.cases)


def answers(case: Case) -> Grid:
    """What every system answered to a row."""
    raws = ["" if one.raw.strip() == one.label else one.raw for one in case.answers]
    heads = words("is", "answer", *(["as written"] if any(raws) else []))
    rows = (_row(one, case, (raw,) if any(raws) else ()) for one, raw in zip(case.answers, raws, strict=True))
    return Grid(f"Answers to {case.id}", "system", heads, tuple(rows))


def option(case: Case, label: str) -> str:
    """An answer, with the text of its option where it has one."""
    texts = [line.text for line in case.shown.view.options if line.label == label and line.text]
    return f"{label}: {clipped(texts[0], MOST_OPTION)}" if texts else label


def sign(one: Said) -> str:
    """Whether an answer is right, in a sign and a word."""
    if one.right:
        return RIGHT
    return UNREAD if one.label is None else WRONG


def _row(one: Said, case: Case, raw: tuple[str, ...]) -> Row:
    answer = "" if one.label is None else option(case, one.label)
    return Row(Entry(clipped(one.system, MOST)), tuple(map(Entry, (sign(one), answer, *raw))))


def _counts(report: Report) -> str:
    n = sum(report.kinds.values())
    kinds = ", ".join(f"{kind} {count(report.kinds.get(kind, 0))}" for kind in KINDS)
    return f"{len(report.cases)} of {count(n)} rows. All rows by kind: {kinds}."


def _kinds(report: Report) -> str:
    others = ", ".join(clipped(name, MOST) for name in report.held_against)
    before = f"the answers of {clipped(report.main, MOST)}" + (f" against those of {others}" if others else "")
    return (
        f"Kinds are about {before}. Rows where systems differ come first and are drawn by hash within a kind, so the"
        " rows that are shown are no measure of how many there are."
    )
