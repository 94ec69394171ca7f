"""Verdicts: from the review page back into the manifest."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mmecinstruct.builder.folder import Folder
from mmecinstruct.errors import OutputError
from mmecinstruct.looking import read_verdicts, write_review

Judge = Callable[..., dict[str, Any]]


@pytest.fixture
def saved(small_build: Folder, tmp_path: Path) -> dict[str, Any]:
    """What the page would save for 12 drawn rows: ten accepted, one rejected, one that leaves a person unsure."""
    path = tmp_path / "review.html"
    write_review(small_build, path, n=12, seed=3)
    html = path.read_text(encoding="utf-8")
    build = re.search(r'data-build="(\w+)"', html)
    assert build
    ids = re.findall(r'<article id="([^"]+)"', html)
    verdicts = [{"id": id, "verdict": "accept", "faults": [], "note": ""} for id in ids]
    verdicts[0] |= {"verdict": "reject", "faults": ["clarity", "accuracy"], "note": "blurred <b>"}
    verdicts[1] |= {"verdict": "unsure"}
    return {"build": build[1], "seed": 3, "n": 12, "verdicts": verdicts}


@pytest.fixture
def judge(small_build: Folder, tmp_path: Path) -> Judge:
    def judged(content: object) -> dict[str, Any]:
        path = tmp_path / "verdicts.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return read_verdicts(small_build, path)

    return judged


def test_verdicts_are_counted_into_the_manifest(saved: dict[str, Any], judge: Judge, small_build: Folder) -> None:
    review = judge(saved)
    counts = {key: review[key] for key in ("n_sampled", "n_reviewed", "accepted", "rejected", "unsure")}
    assert counts == {"n_sampled": 12, "n_reviewed": 12, "accepted": 10, "rejected": 1, "unsure": 1}
    assert review["criteria"]["clarity"] == {"met": 11, "not_met": 1}
    assert review["verdicts"][0]["note"] == "blurred <b>"
    assert Folder(small_build.out).manifest["review"] == json.loads(json.dumps(review))


def test_every_config_has_its_own_counts(saved: dict[str, Any], judge: Judge) -> None:
    by_config = judge(saved)["by_config"]
    assert sum(sum(counts.values()) for counts in by_config.values()) == 12
    assert by_config[saved["verdicts"][0]["id"].partition("-")[0]]["rejected"] == 1


def test_the_share_comes_with_its_wilson_interval(saved: dict[str, Any], judge: Judge) -> None:
    review = judge(saved)
    assert review["share_accepted"] == pytest.approx(10 / 12, abs=1e-4)
    assert review["share_accepted_95"] == pytest.approx([0.5520, 0.9530], abs=1e-3)  # as statsmodels gives it


def test_a_second_review_replaces_the_first(saved: dict[str, Any], judge: Judge, small_build: Folder) -> None:
    judge(saved)
    judge(saved | {"verdicts": saved["verdicts"][:1]})
    assert Folder(small_build.out).manifest["review"]["n_reviewed"] == 1


@pytest.mark.parametrize("nothing", [{"verdicts": []}, {"n": 0}, {"n": -1}])
def test_a_review_of_nothing_does_not_end_an_earlier_one(
    nothing: dict[str, Any], saved: dict[str, Any], judge: Judge, small_build: Folder
) -> None:
    judge(saved)
    before = Folder(small_build.out).manifest["review"]
    with pytest.raises(OutputError, match="holds no verdict"):
        judge(saved | nothing)
    assert Folder(small_build.out).manifest["review"] == before


def test_a_page_of_a_reviewed_build_is_still_for_that_build(
    saved: dict[str, Any], judge: Judge, small_build: Folder, tmp_path: Path
) -> None:
    judge(saved)
    write_review(Folder(small_build.out), tmp_path / "again.html", n=12, seed=3)
    assert f'data-build="{saved["build"]}"' in (tmp_path / "again.html").read_text(encoding="utf-8")


def test_verdicts_on_another_build_are_refused(
    saved: dict[str, Any], make_build: Callable[..., Folder], tmp_path: Path
) -> None:
    other = make_build(3, name="other")
    path = tmp_path / "verdicts.json"
    path.write_text(json.dumps(saved), encoding="utf-8")
    with pytest.raises(OutputError, match=f"verdicts on build {saved['build']}, but"):
        read_verdicts(other, path)
    assert "review" not in Folder(other.out).manifest


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"verdict": "maybe"}, "unknown verdict 'maybe'. Known: accept, reject, unsure"),
        ({"verdict": ["accept"]}, "unknown verdict"),
        ({"verdict": "reject", "faults": ["beauty"]}, "unknown fault"),
        ({"verdict": "reject", "faults": [[]]}, "unknown fault"),
        ({"verdict": "accept", "faults": ["clarity"]}, "accepted, though it lacks clarity"),
        ({"note": 7}, "its note is no text"),
        ({"id": "sr_ind-test-000000000000"}, "sr_ind-test-000000000000: not among the rows drawn"),
        ({"id": 7}, "without the id of its row"),
    ],
)
def test_a_verdict_that_cannot_be_is_refused(
    saved: dict[str, Any], judge: Judge, small_build: Folder, change: dict[str, Any], reason: str
) -> None:
    saved["verdicts"][2] |= change
    with pytest.raises(OutputError, match=re.escape(reason)):
        judge(saved)
    assert "review" not in Folder(small_build.out).manifest


def test_two_verdicts_on_one_row_are_refused(saved: dict[str, Any], judge: Judge) -> None:
    saved["verdicts"].append(saved["verdicts"][0])
    with pytest.raises(OutputError, match="2 verdicts on one row"):
        judge(saved)


@pytest.mark.parametrize("content", [[], {}, {"build": "x", "seed": "1", "n": 1, "verdicts": []}, {"build": 1}])
def test_a_file_that_the_page_never_saved_is_refused(judge: Judge, content: object) -> None:
    with pytest.raises(OutputError, match="not what the review page saves"):
        judge(content)


def test_a_file_that_is_no_json_is_refused(small_build: Folder, tmp_path: Path) -> None:
    path = tmp_path / "verdicts.json"
    path.write_bytes(b"\xff{")
    with pytest.raises(OutputError, match="not JSON"):
        read_verdicts(small_build, path)


def test_a_missing_file_is_refused(small_build: Folder, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be read: No such file"):
        read_verdicts(small_build, tmp_path / "verdicts.json")
