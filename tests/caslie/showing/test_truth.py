"""Votes on a build of the sample, held against what the sample's own truth says."""

import json
from collections.abc import Callable
from dataclasses import asdict
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from caslie.showing import Against, against_truth, print_truth
from mmecinstruct.builder import write_captioned
from mmecinstruct.builder.folder import Folder
from mmecinstruct.errors import OutputError, SourceError
from mmecinstruct.schema import Captioned, CaptionVote, Sample

QUERIES = ("product_substitute_identification", "multiclass_product_classification")
JUDGES = ("oracle", "contrary", "silent", "late")

Oracle = Callable[[Sample], bool]


@pytest.fixture(scope="session")
def oracle(corpora: Path) -> Oracle:
    """Whether the picture of a query's product is right and shows what is asked and the title leaves open."""
    informs: dict[tuple[str, str], bool] = {}
    for line in (corpora / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        if (one := json.loads(line))["task"] in QUERIES:
            (product,) = one["products"]
            is_open = set(one["asked"]) - set(product["stated"])
            informs[one["task"], product["asin"]] = product["picture"]["right"] and bool(is_open)
    return lambda sample: informs.get((sample.task, sample.items[0].product_id), False)


@pytest.fixture(scope="session")
def found(built: Folder, corpora: Path, oracle: Oracle, tmp_path_factory: pytest.TempPathFactory) -> list[Against]:
    """What the truth makes of four judges: `late` is asked about PSI alone; the first item of SR has no caption."""

    def judged(sample: Sample) -> Captioned:
        knows = oracle(sample)
        votes = [CaptionVote("oracle", knows, None), CaptionVote("contrary", not knows, None)]
        votes.append(CaptionVote("silent", None, None))
        if sample.task == QUERIES[0]:
            votes.append(CaptionVote("late", True, None))
        n, first = len(sample.items), sample.task == "sequential_recommendation"
        captions = [None if first and i == 0 else "A caption." for i in range(n)]
        there = [caption is not None for caption in captions]
        return Captioned(tuple(captions), tuple(tuple(votes) if one else () for one in there), tuple(there))

    about = {"captioner": "echo/caption", "context": "task", "lineup": "mv", "judges": list(JUDGES)}
    out = tmp_path_factory.mktemp("judged") / "out"
    write_captioned(built, out, judged, about)
    return list(against_truth(Folder(out), corpora))


def line(found: list[Against], task: str, voter: str) -> Against:
    (one,) = (one for one in found if (one.task, one.voter) == (task, voter))
    return one


@pytest.mark.parametrize("task", QUERIES)
def test_a_judge_that_reads_the_truth_is_always_right(found: list[Against], task: str) -> None:
    one = line(found, task, "oracle")
    assert (one.precision, one.recall, one.accuracy) == (1.0, 1.0, 1.0)
    assert one.informs and one.misleads and one.repeats
    assert (one.misleads_kept, one.repeats_kept) == (0, 0)


@pytest.mark.parametrize("task", QUERIES)
def test_one_that_says_the_contrary_never_is(found: list[Against], task: str) -> None:
    one = line(found, task, "contrary")
    assert (one.precision, one.recall, one.accuracy) == (0.0, 0.0, 0.0)


def test_who_abstains_keeps_nothing(found: list[Against]) -> None:
    one = line(found, QUERIES[0], "silent")
    assert (one.precision, one.recall) == (None, 0.0)
    assert one.asked == line(found, QUERIES[0], "oracle").asked


def test_a_judge_answers_for_what_it_was_asked_alone(found: list[Against]) -> None:
    assert line(found, QUERIES[1], "late").asked == 0
    assert line(found, QUERIES[1], "late").accuracy is None
    assert line(found, "all", "late").asked == line(found, QUERIES[0], "oracle").asked


def test_use_it_always_keeps_what_misleads(found: list[Against]) -> None:
    one = line(found, "all", "uia")
    assert one.recall == 1.0
    assert one.precision == one.informs / (one.informs + one.misleads)
    assert 0.4 < one.precision < 0.7  # 45 pictures that inform to 35 that mislead


def test_the_majority_is_the_verdict(found: list[Against]) -> None:
    majority, always = line(found, "all", "majority"), line(found, "all", "uia")
    assert majority.informs_kept == majority.informs == always.informs
    assert {one.voter for one in found} == {"majority", *JUDGES, "uia"}


def test_every_item_of_the_build_is_found(found: list[Against], built: Folder) -> None:
    n_items = sum(
        split["pictures"] for config in built.manifest["configs"].values() for split in config["splits"].values()
    )
    one = line(found, "all", "majority")
    assert one.unknown == 0
    assert one.asked + one.uncaptioned == n_items
    assert one.uncaptioned == line(found, "sequential_recommendation", "majority").uncaptioned > 0


def test_the_table_and_the_records_say_it(found: list[Against]) -> None:
    told = StringIO()
    print_truth(Console(file=told, width=130), found)
    rows = [row.replace("│", "").split() for row in told.getvalue().splitlines()]
    assert any(row[:2] == ["PSI", "oracle"] and row[3:6] == ["100.0%"] * 3 for row in rows)
    assert len(json.loads(json.dumps([asdict(one) for one in found]))) == 5 * 6


def test_a_build_without_captions_is_refused(built: Folder, corpora: Path) -> None:
    with pytest.raises(OutputError, match="has no captions"):
        against_truth(built, corpora)


def test_a_folder_without_a_sample_is_refused(make: Callable[..., Folder], tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no sample corpora .*sample\.json.*`mmecinstruct sample` writes some"):
        against_truth(make(), tmp_path)


def test_a_build_of_something_else_is_refused(make: Callable[..., Folder], corpora: Path) -> None:
    with pytest.raises(SourceError, match="no item of it is of the sample in"):
        against_truth(make(), corpora)
