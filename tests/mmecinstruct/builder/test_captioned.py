"""Captions, votes and verdicts as columns of a build: what is added, what stays, and what is never half done."""

import json
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from mmecinstruct.builder import Request, build, write_captioned
from mmecinstruct.builder import writer as shards
from mmecinstruct.builder.captioned import restore
from mmecinstruct.builder.features import CAPTION_COLUMNS
from mmecinstruct.builder.folder import TEXT_COLUMNS, Folder, captioned_of, sample_of
from mmecinstruct.builder.manifest import write_json
from mmecinstruct.builder.validate import validate
from mmecinstruct.config import load_recipe
from mmecinstruct.errors import OutputError
from mmecinstruct.schema import Captioned, CaptionVote, Sample
from tests.mmecinstruct.captioning import ABOUT, JUDGES, captioned

Digests = Callable[[Path], dict[str, str]]
RECIPE = load_recipe("sample")
DIES = """
import os, signal, sys
from pathlib import Path
from mmecinstruct.builder import write_captioned
from mmecinstruct.builder.folder import Folder
from tests.mmecinstruct.captioning import ABOUT, captioned
source, out, lasts = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
told = iter(range(lasts))
def progress(*_):
    if next(told, None) is None:
        os.kill(os.getpid(), signal.SIGKILL)
write_captioned(Folder(source), out, captioned, ABOUT, progress)
"""


@pytest.fixture(scope="module")
def plain(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of three tasks, in many shards and row groups; to read only."""
    out = tmp_path_factory.mktemp("plain") / "out"
    with pytest.MonkeyPatch.context() as patch:
        for name, n in (("LEAD_BYTES", 20_000), ("GROUP_BYTES", 80_000), ("SHARD_BYTES", 300_000)):
            patch.setattr(shards, name, n)
        build(RECIPE, Request(corpora, out, tasks=("ap", "prp", "sr"), limit=20))
    return out


@pytest.fixture(scope="module")
def made(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with captions; to read only."""
    out = tmp_path_factory.mktemp("made") / "out"
    write_captioned(Folder(plain), out, captioned, ABOUT)
    return out


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "copy"))


def files(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def inodes(out: Path) -> set[int]:
    return {path.stat().st_ino for path in out.rglob("*")}


def interrupted(what: str, done: int, total: int) -> None:
    raise KeyboardInterrupt


def unlike(sample: Sample) -> Captioned:
    """Another captioner's, of one word, all kept without a vote."""
    n = len(sample.items)
    return Captioned(("Nice.",) * n, ((),) * n, (True,) * n)


def test_the_columns_come_last_and_everything_else_stays(plain: Path, made: Path) -> None:
    paths = sorted((plain / "data").rglob("*.parquet"))
    assert len(paths) > len(list((plain / "data").iterdir()))
    assert [path.relative_to(made) for path in sorted((made / "data").rglob("*.parquet"))] == [
        path.relative_to(plain) for path in paths
    ]
    for path in paths:
        old, new = pq.read_table(path), pq.read_table(made / path.relative_to(plain))
        assert new.column_names == [*old.column_names, *CAPTION_COLUMNS]
        assert new.select(old.column_names).equals(old)


def test_row_groups_stay_as_they_were(plain: Path, made: Path) -> None:
    def groups(path: Path) -> list[int]:
        found = pq.read_metadata(path)
        return [found.row_group(i).num_rows for i in range(found.num_row_groups)]

    paths = sorted((plain / "data").rglob("*.parquet"))
    assert max(len(groups(path)) for path in paths) > 1
    assert [groups(made / path.relative_to(plain)) for path in paths] == [groups(path) for path in paths]


def test_every_row_gets_what_its_sample_gets(made: Path) -> None:
    folder = Folder(made)
    for row in folder.rows("sr_ood", "test", (*TEXT_COLUMNS, *CAPTION_COLUMNS)):
        there, wanted = captioned_of(row), captioned(sample_of(row, "test"))
        assert (there.captions, there.kept) == (wanted.captions, wanted.kept)
        votes = [(vote.judge, vote.useful, vote.margin) for one in there.votes for vote in one]
        assert votes == [(vote.judge, vote.useful, vote.margin) for one in wanted.votes for vote in one]


def test_load_dataset_gives_the_columns(made: Path, load: Callable[..., Any]) -> None:
    (row, *_) = load(str(made), "sr_ood", split="test")
    (there, *_) = Folder(made).rows("sr_ood", "test", CAPTION_COLUMNS)
    assert {name: row[name] for name in CAPTION_COLUMNS} == there
    assert row["images"][0].size


def test_a_captioned_build_is_found_sound(made: Path) -> None:
    assert validate(Folder(made)) == []


def test_the_manifest_says_who_made_them_and_counts_them(made: Path) -> None:
    manifest = Folder(made).manifest
    rows = list(Folder(made).rows("ap_ood", "test", CAPTION_COLUMNS))
    assert manifest["captions"]["judges"] == list(JUDGES)
    assert manifest["captions"]["configs"]["ap_ood"] == {
        "items": len(rows),
        "captioned": sum(row["captions"][0] is not None for row in rows),
        "kept": sum(row["caption_kept"][0] for row in rows),
    }


def test_what_lies_beside_the_rows_comes_along(plain: Path, tmp_path: Path) -> None:
    source = Path(shutil.copytree(plain, tmp_path / "source"))
    (source / "publication.json").write_text("{}")
    write_captioned(Folder(source), tmp_path / "out", captioned, ABOUT)
    for name in ("leakage.json", "lineage.sqlite", "publication.json"):
        assert (tmp_path / "out" / name).read_bytes() == (source / name).read_bytes()


def test_the_same_captions_give_the_same_bytes(plain: Path, made: Path, tmp_path: Path) -> None:
    write_captioned(Folder(plain), tmp_path / "again", captioned, ABOUT)
    assert files(tmp_path / "again") == files(made)


def test_the_same_captions_again_rewrite_nothing(plain: Path, copy: Path) -> None:
    before = inodes(copy)
    for source in (plain, copy):
        write_captioned(Folder(source), copy, captioned, ABOUT)
        assert inodes(copy) == before
    assert not copy.with_name("copy.partial").exists()


@pytest.mark.parametrize(
    ("how", "about"), [(unlike, ABOUT), (captioned, ABOUT | {"lineup": "mv5"})], ids=["captions", "lineup"]
)
def test_other_captions_take_the_place_of_the_old_ones(
    plain: Path, copy: Path, tmp_path: Path, how: Callable[[Sample], Captioned], about: dict[str, Any]
) -> None:
    write_captioned(Folder(copy), copy, how, about)
    write_captioned(Folder(plain), tmp_path / "fresh", how, about)
    assert files(copy) == files(tmp_path / "fresh")
    assert validate(Folder(copy)) == []


def test_a_damaged_output_is_written_again(plain: Path, made: Path, copy: Path) -> None:
    (copy / "data/ap_ood/test-00000-of-00001.parquet").write_bytes(b"")
    write_captioned(Folder(plain), copy, captioned, ABOUT)
    assert files(copy) == files(made)


def test_a_build_is_captioned_in_its_own_place(plain: Path, made: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(plain, tmp_path / "out"))
    write_captioned(Folder(out), out, captioned, ABOUT)
    assert files(out) == files(made)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_pictures_of_their_own_config_stay_byte_for_byte(corpora: Path, tmp_path: Path, content: Digests) -> None:
    build(replace(RECIPE, pictures="shared"), Request(corpora, tmp_path / "shared", tasks=("prp",), limit=5))
    write_captioned(Folder(tmp_path / "shared"), tmp_path / "out", captioned, ABOUT)
    old, new = content(tmp_path / "shared"), content(tmp_path / "out")
    kept = {path for path in old if path.startswith("data/pictures/")}
    assert {path for path in old if old[path] == new[path]} == kept != set()
    assert validate(Folder(tmp_path / "out")) == []


def test_a_folder_that_is_no_build_is_refused(plain: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(OutputError, match="exists and is no build of mmecinstruct"):
        write_captioned(Folder(plain), tmp_path, captioned, ABOUT)
    assert files(tmp_path) == {"thesis.tex": b"precious"}


def test_a_review_stays_with_the_build_it_is_of(plain: Path, tmp_path: Path) -> None:
    source = Path(shutil.copytree(plain, tmp_path / "source"))
    write_json(source / "manifest.json", Folder(source).manifest | {"review": {"n_reviewed": 990}})
    write_captioned(Folder(source), tmp_path / "out", captioned, ABOUT)
    assert "review" not in Folder(tmp_path / "out").manifest
    with pytest.raises(OutputError, match="holds the verdicts of a review"):
        write_captioned(Folder(source), source, captioned, ABOUT)


@pytest.mark.parametrize("lasts", [0, 1, 6, 12])
def test_a_killed_run_leaves_the_old_output_and_the_next_one_ends_it(
    plain: Path, made: Path, tmp_path: Path, python: Callable[..., Any], lasts: int
) -> None:
    out = tmp_path / "out"
    write_captioned(Folder(plain), out, unlike, ABOUT)
    before = files(out)
    died = python(f"import sys; sys.argv[1:] = {[str(plain), str(out), str(lasts)]}\n{DIES}", tmp_path)
    assert died.code == -signal.SIGKILL, died.err
    assert files(out) == before
    write_captioned(Folder(plain), out, captioned, ABOUT)
    assert files(out) == files(made)
    assert not (tmp_path / "out.partial").exists()


def test_an_output_that_a_killed_run_had_taken_away_is_given_back(made: Path, copy: Path) -> None:
    partial = copy.with_name("copy.partial")
    partial.mkdir()
    (partial / "build.json").write_text("{}")
    copy.rename(partial / "replaced")
    restore(copy)
    assert files(copy) == files(made)


@pytest.mark.parametrize("how", [captioned, unlike])
def test_what_a_run_killed_in_cleaning_up_left_is_not_in_the_way(
    plain: Path, copy: Path, tmp_path: Path, how: Callable[[Sample], Captioned]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_captioned(Folder(plain), copy, how, ABOUT, interrupted)
    shutil.copytree(plain, tmp_path / "copy.partial" / "replaced")
    write_captioned(Folder(plain), copy, how, ABOUT)
    write_captioned(Folder(plain), tmp_path / "fresh", how, ABOUT)
    assert files(copy) == files(tmp_path / "fresh")
    assert not (tmp_path / "copy.partial").exists()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"captions": ()}, "not one entry an item: captions"),
        ({"captions": (None,)}, "item 0: a caption that is not there was kept or voted on"),
        ({"captions": ("  ",)}, "item 0: an empty caption"),
        (
            {"votes": ((CaptionVote("nobody", True, None),),)},
            "item 0: a vote of 'nobody', which is none of the judges",
        ),
        ({"votes": ((CaptionVote(JUDGES[0], True, None),) * 2,)}, "item 0: two votes of one judge"),
        ({"votes": ((CaptionVote(JUDGES[0], True, float("nan")),),)}, "item 0: a margin that is no number"),
    ],
)
def test_captions_that_do_not_fit_are_never_written(
    plain: Path, tmp_path: Path, change: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        write_captioned(Folder(plain), tmp_path / "out", lambda sample: replace(unlike(sample), **change), ABOUT)
    assert not (tmp_path / "out").exists()


def test_captions_that_nobody_made_are_not_written(plain: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="lacks captioner, judges"):
        write_captioned(Folder(plain), tmp_path / "out", captioned, {"context": "task", "lineup": "mv3"})


def test_the_card_tells_who_made_them_and_how_many_are_used(made: Path) -> None:
    manifest, card = Folder(made).manifest, (made / "README.md").read_text(encoding="utf-8")
    counts = manifest["captions"]["configs"]["sr_ood"]
    rate = 100 * counts["kept"] / counts["items"]
    assert "transformers/acme/seer&#64;89abcde wrote a caption of its\npicture, given the words of its row." in card
    assert (
        "1. transformers/acme/first&#64;0123abc\n1. transformers/acme/second&#64;4567def\n1. openai/acme-third" in card
    )
    line = f"| `sr_ood` | sequential recommendation | {counts['items']} | {counts['captioned']} | {counts['kept']} |"
    assert f"{line} {rate:.1f} |" in card


def test_the_card_tells_what_kept_items_from_a_caption(plain: Path, tmp_path: Path) -> None:
    problems = {"ap_ind": {"picture_does_not_open": 2, "empty_caption": 1}, "ap_ood": {}}
    write_captioned(Folder(plain), tmp_path / "out", captioned, ABOUT | {"problems": problems})
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "| `ap_ind` | picture does not open 2, empty caption 1 |" in card


def test_a_lineup_without_judges_is_told_so(plain: Path, tmp_path: Path) -> None:
    about = {"captioner": "echo/blip-2", "context": "none", "lineup": "uia", "judges": ()}
    write_captioned(Folder(plain), tmp_path / "out", unlike, about)
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "picture, from the picture alone. By the lineup `uia`, no judge was asked." in card


def test_a_build_without_captions_says_nothing_of_them(plain: Path) -> None:
    assert "caption_votes" not in (plain / "README.md").read_text(encoding="utf-8")


def test_judges_that_the_manifest_does_not_name_are_a_problem(copy: Path) -> None:
    manifest = Folder(copy).manifest
    manifest["captions"]["judges"].remove(JUDGES[0])
    write_json(copy / "manifest.json", manifest)
    problems = {one.problem for one in validate(Folder(copy))}
    assert any(f"a vote of {JUDGES[0]!r}, which is none of the judges" in problem for problem in problems)


def test_counts_that_are_not_those_of_the_rows_are_a_problem(copy: Path) -> None:
    manifest = Folder(copy).manifest
    manifest["captions"]["configs"]["sr_ood"]["kept"] += 1
    write_json(copy / "manifest.json", manifest)
    (problem,) = validate(Folder(copy))
    assert problem.config == "sr_ood"
    assert problem.problem.startswith("the manifest counts items ")


def test_columns_that_the_manifest_does_not_tell_of_are_a_problem(copy: Path) -> None:
    manifest = {name: value for name, value in Folder(copy).manifest.items() if name != "captions"}
    write_json(copy / "manifest.json", manifest)
    problems = [one.problem for one in validate(Folder(copy))]
    assert any("of another type: captions, caption_votes, caption_kept" in problem for problem in problems)


@pytest.mark.parametrize("section", [[], {"judges": "all"}, {"judges": [], "configs": {}}])
def test_a_manifest_that_tells_nonsense_of_captions_is_none(copy: Path, section: object) -> None:
    content = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    write_json(copy / "manifest.json", content | {"captions": section})
    with pytest.raises(OutputError, match="not the manifest of a build"):
        Folder(copy)
