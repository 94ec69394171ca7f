"""The verdicts of the human check, read back from the review page into the manifest (paper, 3.3)."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mmecinstruct.builder.folder import Folder
from mmecinstruct.builder.manifest import write_json
from mmecinstruct.errors import OutputError
from mmecinstruct.looking.review import CRITERIA, VERDICTS, build_digest, sampled_ids

Z95 = 1.959964  # of the normal distribution, two-sided


@dataclass(frozen=True, slots=True)
class _Verdict:
    """One row as a person judged it; `faults` are the criteria it does not meet."""

    id: str
    verdict: str
    faults: tuple[str, ...]
    note: str

    @property
    def config(self) -> str:
        return self.id.partition("-")[0]


def read_verdicts(folder: Folder, path: Path) -> dict[str, Any]:
    """Put what the review page saved into the manifest under `review`, in place of an older review, and return it.

    Raises:
        OutputError: the file is none of the page's, is about another build, or contradicts itself.
    """
    content = _content(path)
    if content["build"] != build_digest(folder):
        raise OutputError(f"{path}: verdicts on build {content['build']}, but {folder.out} is {build_digest(folder)}")
    verdicts = [_verdict(path, one) for one in content["verdicts"]]
    sampled = sampled_ids(folder, content["n"], content["seed"])
    _check_ids(path, verdicts, sampled)
    review = {"seed": content["seed"], **_summary(verdicts, len(sampled))}
    folder.manifest["review"] = review
    write_json(folder.out / "manifest.json", folder.manifest)
    return review


def wilson(n_yes: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share after Wilson (1927), which holds near 0 and 1 too."""
    if not n:
        return 0.0, 1.0
    share, shrink = n_yes / n, 1 + Z95**2 / n
    centre = (share + Z95**2 / (2 * n)) / shrink
    half = Z95 * math.sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2)) / shrink
    return max(0.0, centre - half), min(1.0, centre + half)


def _content(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OutputError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise OutputError(f"{path}: not JSON: {error}") from error
    kinds = {"build": str, "seed": int, "n": int, "verdicts": list}
    fits = isinstance(content, dict) and all(type(content.get(key)) is kind for key, kind in kinds.items())
    if not fits:
        raise OutputError(f"{path}: not what the review page saves: expected {', '.join(kinds)}")
    if content["n"] < 1 or not content["verdicts"]:
        raise OutputError(f"{path}: holds no verdict")
    found: dict[str, Any] = content
    return found


def _verdict(path: Path, one: object) -> _Verdict:
    if not isinstance(one, dict) or not isinstance(one.get("id"), str):
        raise OutputError(f"{path}: a verdict without the id of its row: {str(one)[:80]}")
    where, verdict, faults, note = (
        f"{path}: {one['id']}",
        one.get("verdict"),
        one.get("faults", []),
        one.get("note", ""),
    )
    if verdict not in VERDICTS:
        raise OutputError(f"{where}: unknown verdict {verdict!r}. Known: {', '.join(VERDICTS)}")
    if not isinstance(faults, list) or not all(fault in CRITERIA for fault in faults):
        raise OutputError(f"{where}: unknown fault in {faults!r}. Known: {', '.join(CRITERIA)}")
    if verdict == "accept" and faults:
        raise OutputError(f"{where}: accepted, though it lacks {', '.join(faults)}")
    if not isinstance(note, str):
        raise OutputError(f"{where}: its note is no text")
    return _Verdict(one["id"], verdict, tuple(sorted(set(faults))), note)


def _check_ids(path: Path, verdicts: Sequence[_Verdict], sampled: Iterable[str]) -> None:
    known = set(sampled)
    for id, n in Counter(one.id for one in verdicts).items():
        if n > 1:
            raise OutputError(f"{path}: {id}: {n} verdicts on one row")
        if id not in known:
            raise OutputError(f"{path}: {id}: not among the rows drawn for this review")


def _summary(verdicts: Sequence[_Verdict], n_sampled: int) -> dict[str, Any]:
    counts = _counts(verdicts)
    low, high = wilson(counts["accepted"], len(verdicts))
    configs = sorted({one.config for one in verdicts})
    return {
        "n_sampled": n_sampled,
        "n_reviewed": len(verdicts),
        **counts,
        # Of all reviewed rows: one that a person is unsure about is not accepted.
        "share_accepted": round(counts["accepted"] / len(verdicts), 4) if verdicts else None,
        "share_accepted_95": [round(low, 4), round(high, 4)],
        "criteria": {criterion: _met(verdicts, criterion) for criterion in CRITERIA},
        "by_config": {name: _counts([one for one in verdicts if one.config == name]) for name in configs},
        "verdicts": [asdict(one) for one in verdicts],
    }


def _met(verdicts: Sequence[_Verdict], criterion: str) -> dict[str, int]:
    n_faulty = sum(criterion in one.faults for one in verdicts)
    return {"met": len(verdicts) - n_faulty, "not_met": n_faulty}


def _counts(verdicts: Sequence[_Verdict]) -> dict[str, int]:
    counts = Counter(one.verdict for one in verdicts)
    return {"accepted": counts["accept"], "rejected": counts["reject"], "unsure": counts["unsure"]}
