"""`show`: samples with every prompt, as JSON and on a terminal."""

import io
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from rich.console import Console

from mmecinstruct.builder import Request, build, write_captioned
from mmecinstruct.builder.folder import Folder, sample_of
from mmecinstruct.config import load_recipe
from mmecinstruct.errors import UnknownNameError
from mmecinstruct.looking import print_shown, shown
from mmecinstruct.schema import Captioned, CaptionVote, Sample
from tests.mmecinstruct.captioning import ABOUT, JUDGES, captioned


def printed(folder: Folder, config: str, *, colours: bool = False) -> str:
    file = io.StringIO()
    console = Console(file=file, width=110, force_terminal=colours, color_system="truecolor" if colours else None)
    print_shown(console, shown(folder, config, 2))
    return file.getvalue()


def test_a_sample_is_shown_with_the_two_prompts_of_every_item(small_build: Folder) -> None:
    (sample,) = shown(small_build, "prp_ind", 1)
    assert [item["picture_size"] for item in sample["items"]] == [(200, 150), (200, 150)]
    assert all("Please generate an informative caption" in item["caption_prompt"] for item in sample["items"])
    assert all("<caption>" in item["judge_prompt"] for item in sample["items"])


def test_what_is_shown_can_be_written_as_json(small_build: Folder) -> None:
    for config in small_build.configs:
        samples = shown(small_build, config, 2)
        assert [one["id"] for one in json.loads(json.dumps(samples))] == [one["id"] for one in samples]


def test_the_last_split_is_shown_unless_one_is_named(small_build: Folder) -> None:
    assert [one["split"] for one in shown(small_build, "sr_ind", 9)] == ["test", "test"]
    assert [one["split"] for one in shown(small_build, "sr_ind", 1, "train")] == ["train"]


def test_an_unknown_config_is_named_with_its_nearest(small_build: Folder) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'sr_ind'"):
        shown(small_build, "sr_inn", 1)


def test_the_pictures_of_a_shared_build_are_no_config_to_show(make_build: Callable[..., Folder]) -> None:
    with pytest.raises(UnknownNameError, match="Unknown config 'pictures'"):
        shown(make_build(shared=True), "pictures", 1)


def test_shared_pictures_are_shown_like_those_in_the_rows(make_build: Callable[..., Folder]) -> None:
    inline, shared = make_build(name="inline"), make_build(name="shared", shared=True)
    assert shown(inline, "sr_ind", 2) == shown(shared, "sr_ind", 2)


def test_a_picture_that_does_not_open_has_no_size(make_build: Callable[..., Folder]) -> None:
    (sample,) = shown(make_build(broken=True), "ap_ind", 1)
    assert sample["items"][0]["picture_size"] is None


def test_every_part_of_a_sample_is_printed(small_build: Folder) -> None:
    text = printed(small_build, "sr_ind")
    for part in ("instruction", "Estimate the user's intent", "1st", "options", "output", "200x150", "7 judge"):
        assert part in text


def test_markup_in_a_title_is_printed_as_it_is(small_build: Folder) -> None:
    assert "[red]no markup[/red] [/]" in printed(small_build, "psi_ind")


def test_an_escape_sequence_in_a_title_never_reaches_the_terminal(small_build: Folder) -> None:
    text = printed(small_build, "sr_ind", colours=True)
    assert "\x1b[31mred" not in text
    assert "\x1b]0;" not in text
    assert "\u202e" not in text
    assert "\ufffd[31mred" in text


@pytest.fixture(scope="module")
def one_task(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of two rows a split; to read only."""
    out = tmp_path_factory.mktemp("one") / "out"
    build(load_recipe("sample"), Request(corpora, out, tasks=("prp",), limit=2))
    return out


def test_a_captioned_sample_is_shown_with_captions_verdicts_and_votes(one_task: Path, tmp_path: Path) -> None:
    write_captioned(Folder(one_task), tmp_path / "out", captioned, ABOUT)
    (row,) = shown(Folder(tmp_path / "out"), "prp_ood", 1)
    wanted = captioned(sample_of(next(Folder(one_task).rows("prp_ood", "test")), "test"))
    assert [item["caption"] for item in row["items"]] == list(wanted.captions)
    assert [item["caption_kept"] for item in row["items"]] == list(wanted.kept)
    assert [item["caption_votes"] for item in row["items"]] == [
        [asdict(vote) for vote in votes] for votes in wanted.votes
    ]
    for item in row["items"]:
        assert (item["caption"] or "<caption>") in item["judge_prompt"]


def test_captions_are_printed_as_they_are(one_task: Path, tmp_path: Path) -> None:
    def hostile(sample: Sample) -> Captioned:
        votes = (CaptionVote(JUDGES[0], True, 0.25), CaptionVote(JUDGES[1], None, None))
        return Captioned(("A [red]hammer[/red] \x1b[31m", None), (votes, ()), (True, False))

    write_captioned(Folder(one_task), tmp_path / "out", hostile, ABOUT)
    text = printed(Folder(tmp_path / "out"), "prp_ood")
    assert "A [red]hammer[/red] \ufffd[31m" in text
    assert f"{JUDGES[0]}: yes (0.25)" in text
    assert f"{JUDGES[1]}: abstained" in text
    assert "none" in text


def test_a_sample_without_captions_says_nothing_of_them(small_build: Folder) -> None:
    assert "verdict" not in printed(small_build, "ap_ind")
