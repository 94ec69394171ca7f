"""The section of REPRODUCTION.md that `caslie paper` writes, between two marks."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from caslie.paper.checking import Checked
from caslie.paper.findings import Finding, task_of
from caslie.paper.noise import Gap
from caslie.paper.printing import points, summary, told
from mmecinstruct.errors import OutputError

START, END = "<!-- caslie paper -->", "<!-- /caslie paper -->"


def section(checked: Checked) -> str:
    """Write down all that was found."""
    parts = (
        ("Every percentage and sum, recomputed", _percentages(checked.percentages.findings)),
        (f"{len(checked.contradictions)} contradictions", _contradictions(checked.contradictions)),
        ("Answers without looking, beside the systems of Tables 4 and A6", _baselines(checked)),
        ("How far CASLIE-M is ahead", _gaps(checked.gaps)),
        ("In all", "\n".join(f"- {line}" for line in summary(checked))),
    )
    return "\n\n".join(f"### {title}\n\n{body}" for title, body in parts)


def write_section(path: Path, text: str) -> None:
    """Put the section between the marks of a file, whole or not at all; nothing else in it changes.

    Raises:
        OutputError: the file is no text, or does not have the two marks, once each and in order.
    """
    lines = _read(path).splitlines(keepends=True)
    marks = [n for n, line in enumerate(lines) if line.rstrip("\r\n") in (START, END)]
    if [lines[n].rstrip("\r\n") for n in marks] != [START, END]:
        raise OutputError(f"{path}: must have the lines {START} and {END} once each, in this order")
    start, end = marks
    newline = lines[start].removeprefix(START)
    between = newline.join(["", *text.split("\n"), "", ""])
    _write(path.resolve(), "".join([*lines[: start + 1], between, *lines[end:]]))


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode()  # read_text would change the line ends
    except UnicodeDecodeError as error:
        raise OutputError(f"{path}: not a text in UTF-8") from error


def _write(path: Path, content: str) -> None:
    partial = path.with_name(f"{path.name}.partial")
    partial.write_bytes(content.encode())
    partial.chmod(path.stat().st_mode)
    partial.replace(path)


def _percentages(findings: Sequence[Finding]) -> str:
    rows = ((one.where, one.claim, one.printed, one.recomputed, one.verdict, one.proof) for one in findings)
    return _table(("where", "what", "printed", "recomputed", "verdict", "how"), rows)


def _contradictions(findings: Sequence[Finding]) -> str:
    rows = (
        (str(n), one.where, one.claim, one.printed, one.recomputed, one.verdict, one.proof)
        for n, one in enumerate(findings, 1)
    )
    return _table(("", "where", "what", "printed", "recomputed", "verdict", "proof"), rows)


def _baselines(checked: Checked) -> str:
    rows = (
        (
            task_of(one.config),
            f"{one.rule} ({one.known_from})",
            one.metric,
            f"{one.value:.3f}",
            ", ".join(map(told, one.unbeaten_by)) or f"none of {len(one.beside)}",
        )
        for one in checked.baselines
    )
    note = "Intervals are Wilson's, 95 %, where the number is a share of the 1,000 rows."
    return _table(("test set", "rule", "measure", "score", "not beaten by"), rows) + f"\n\n{note}"


def _gaps(gaps: Sequence[Gap]) -> str:
    rows: dict[str, list[str]] = {}
    for gap in gaps:
        row = rows.setdefault(gap.config, [task_of(gap.config), gap.metric, f"{gap.ours:.3f}"])
        known = gap.rival in ("uniM3-M", "UIA-M")
        row.append(points(gap) if known else f"{points(gap)} {gap.rival}")
    note = (
        "In points, with the 95 % interval of the gap (Newcombe's). \\* is beyond noise, before rounding. Of AP, PRP, "
        "PSI and SA the accuracy is compared, since an F1 has no interval without the answers; a paired test would "
        "see more, but the answers are not published."
    )
    heads = ("test set", "measure", "CASLIE-M", "best baseline", "uniM3-M", "UIA-M")
    return f"{_table(heads, rows.values())}\n\n{note}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    """Markdown would read a bar as a new cell, a star as emphasis and an address as a link."""
    return re.sub(r"https:\S*", r"`\g<0>`", text.replace("|", "\\|").replace("*", "\\*"))
