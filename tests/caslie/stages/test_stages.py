import json
import shutil

import pytest

from mmecinstruct.builder.folder import Folder


@pytest.fixture
def asked(run):
    """Run a stage and return the counts of each model."""

    def asked(*arguments):
        code, out, err = run(*arguments, "--json")
        assert code == 0, err
        return json.loads(out)["models"]

    return asked


def rows(folder):
    found = Folder(folder)
    columns = ["id", "items", "captions", "caption_votes", "caption_kept"]
    return [
        row for config in found.configs for split in found.splits(config) for row in found.rows(config, split, columns)
    ]


def items(folder):
    """Return the caption, the votes by judge and the verdict of every item."""
    for row in rows(folder):
        for caption, votes, kept in zip(row["captions"], row["caption_votes"], row["caption_kept"], strict=True):
            yield caption, {vote["judge"]: vote["useful"] for vote in votes}, kept


def test_equal_questions_are_asked_once_and_a_second_run_asks_nothing(cook, asked):
    recipe = cook()
    first = asked("caption", recipe)["captioner"]
    assert first["calls"] == first["distinct"] < first["wishes"] / 2  # SR shows the same products again and again
    assert asked("caption", recipe)["captioner"]["calls"] == 0
    votes = asked("judge", recipe)
    assert all(one["calls"] == one["distinct"] for one in votes.values())
    assert all(one["calls"] == 0 for one in asked("judge", recipe).values())


def test_every_caption_has_a_verdict_by_the_majority_of_its_judges(cook, asked, tmp_path):
    recipe = cook()
    asked("caption", recipe)
    asked("judge", recipe, "--every-vote")
    found = list(items(tmp_path / "runs/echo/dataset"))
    for caption, votes, kept in found:
        if caption is None:
            assert (votes, kept) == ({}, False)
        else:
            assert (votes["b"], votes["c"]) == (True, False)
            assert kept is (votes["a"] is True)
    assert {kept for caption, _, kept in found if caption} == {True, False}
    assert any(caption is None for caption, _, _ in found)


def test_stopping_early_asks_less_and_keeps_the_same(cook, asked, tmp_path):
    recipe = cook()
    asked("caption", recipe)
    early = asked("judge", recipe, "--out", tmp_path / "early")
    every = asked("judge", recipe, "--out", tmp_path / "every", "--every-vote")
    assert early["c"]["distinct"] < every["c"]["distinct"]
    assert every["c"]["calls"] == every["c"]["distinct"] - early["c"]["distinct"]
    assert [kept for _, _, kept in items(tmp_path / "early")] == [kept for _, _, kept in items(tmp_path / "every")]


def test_what_was_asked_before_does_not_show_in_what_is_written(cook, asked, tmp_path):
    recipe = cook()
    asked("caption", recipe)
    asked("judge", recipe, "--out", tmp_path / "early")
    asked("judge", recipe, "--out", tmp_path / "every", "--every-vote")
    asked("judge", recipe, "--out", tmp_path / "again")
    assert rows(tmp_path / "again") == rows(tmp_path / "early")


def test_used_always_every_caption_is_kept(cook, asked, tmp_path):
    recipe = cook()
    asked("caption", recipe)
    assert asked("judge", recipe, "--lineup", "uia", "--out", tmp_path / "uia") == {}
    assert all(kept is (caption is not None) for caption, _, kept in items(tmp_path / "uia"))


def test_votes_are_the_same_whether_weighed_in_small_or_large_batches(cook, asked, tmp_path):
    found = []
    for batch in (1, 7, 64):
        judges = {"a": {"uri": "echo/hash", "batch": batch}}
        recipe = cook(f"by{batch}", judges=judges, lineups={"single": ["a"]}, lineup="single")
        asked("caption", recipe)
        asked("judge", recipe)
        found.append(list(items(tmp_path / f"runs/by{batch}/dataset")))
    assert found[0] == found[1] == found[2]


def test_no_row_moves(cook, asked, built, tmp_path):
    recipe = cook()
    asked("caption", recipe)
    asked("judge", recipe)
    folder = Folder(built)
    before = [
        row["id"] for config in folder.configs for split in folder.splits(config) for row in folder.rows(config, split)
    ]
    assert [row["id"] for row in rows(tmp_path / "runs/echo/dataset")] == before


def test_captions_that_are_missing_are_counted_by_reason(cook, run, asked):
    recipe = cook()
    asked("caption", recipe)
    code, out, _ = run("judge", recipe)
    assert code == 0
    assert "without: empty " in out and ", refused " in out
    assert "next: caslie captions " in out


def test_plain_and_pictured_only_captions_are_stores_of_their_own(cook, asked):
    recipe = cook()
    conditioned = asked("caption", recipe)["captioner"]["distinct"]
    for context in ("plain", "none"):
        recipe = cook(captioner={"model": {"uri": "echo/caption"}, "context": context})
        free = asked("caption", recipe)["captioner"]
        assert 0 < free["calls"] < conditioned  # one a picture, whatever the task


def test_an_estimate_is_within_a_fifth_of_what_the_run_counts(cook, run, asked, larger):
    recipe = cook(dataset=str(larger))
    code, out, _ = run("estimate", recipe, "--trial", "160", "--json")
    assert code == 0
    expected = {one["model"]: one for one in json.loads(out)}
    counted = asked("caption", recipe) | asked("judge", recipe)
    for name, one in counted.items():
        for what in ("calls", "tokens_in", "picture_bytes"):
            assert expected[name][what] == pytest.approx(one[what], rel=0.2), (name, what)
    assert expected["captioner"]["tokens_out"] == pytest.approx(counted["captioner"]["tokens_out"], rel=0.2)


def test_an_estimate_asks_nothing_unless_told_to(cook, run, asked):
    recipe = cook(captioner={"model": {"uri": "echo/caption", "rate": 2.0, "price_in": 3.0, "price_out": 15.0}})
    _, out, _ = run("estimate", recipe, "--json")
    looks = json.loads(out)[0]
    assert looks["measured"] is False
    assert looks["hours"] == pytest.approx(looks["calls"] / 7200)
    assert looks["dollars"] == pytest.approx((looks["tokens_in"] * 3 + looks["tokens_out"] * 15) / 1e6, rel=0.01)
    assert asked("caption", recipe)["captioner"]["calls"] == looks["calls"]


def test_judging_before_captioning_names_the_command_to_run_first(cook, run):
    code, _, err = run("judge", cook())
    assert code == 1
    assert "no captions yet; first run `caslie caption`" in err


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"captioner": {"model": {"uri": "ecko/caption"}}}, "Unknown engine 'ecko'. Did you mean 'echo'?"),
        (
            {"captioner": {"model": {"uri": "echo/captoin"}}},
            "Unknown manner of echo 'captoin'. Did you mean 'caption'?",
        ),
        ({"captioner": {"model": {"uri": "echo/caption"}, "tokens": 0}}, "tokens must be 1 to 4096"),
        ({"captoiners": {}}, "unknown ['captoiners']"),
        ({"lineup": "mv33"}, "Unknown lineup 'mv33'. Did you mean 'mv3'?"),
        ({"lineups": {"mv3": ["a", "bb"]}}, "Unknown judge of lineup mv3 'bb'."),
        ({"lineups": {"mv3": ["a", "a"]}}, "lineup mv3: name each of its judges once"),
        ({"dataset": "nowhere"}, "nowhere: no such folder"),
        ({"votes": "guess"}, "votes: expected one of weigh, write, found 'guess'"),
        ({"captoiner": "echo"}, "Did you mean 'captioner'?"),
        ({"lineups": {"uia": ["a"]}, "lineup": "uia"}, "lineup uia is always there"),
        ({"judges": {"a": {"uri": "echo/hash", "rate": 0}}}, "rate must be more than 0"),
        ({"judges": {"a": {"uri": "echo/hash", "price_in": -1.0}}}, "price_in must not be below 0"),
        ({"captioner": {"model": {"uri": "openai/"}}}, "openai/: which model?"),
        ({"run": "a\0b"}, "must be the names of folders"),
        ({"name": "../up"}, "name must be letters"),
        ({"judges": {"a": {"uri": "echo/hash", "bacth": 4}}}, "unknown ['bacth']"),
    ],
)
def test_a_mistake_in_a_recipe_is_one_clear_line(cook, run, values, told):
    code, out, err = run("caption", cook(**values))
    assert (code, out) == (1, "")
    assert told in err
    assert err.count("\n") == 1


def test_beginning_anew_loses_nothing_of_another_captioner_nor_before_the_mistake_is_told(cook, run, asked, tmp_path):
    recipe = cook()
    asked("caption", recipe)
    other = cook("other", captioner={"model": {"uri": "echo/caption"}}, run=str(tmp_path / "runs/echo"))
    asked("caption", other)
    before = {path: path.read_bytes() for path in (tmp_path / "runs/echo/captions").iterdir()}
    assert run("caption", recipe, "--dataset", "nowhere", "--restart")[0] == 1
    assert {path: path.read_bytes() for path in before} == before
    assert asked("caption", recipe, "--restart")["captioner"]["calls"] > 0
    assert asked("caption", other)["captioner"]["calls"] == 0


def test_a_dataset_without_captions_is_not_written_over(cook, run, asked, built, tmp_path):
    recipe = cook()
    asked("caption", recipe)
    mine = shutil.copytree(built, tmp_path / "mine")
    code, _, err = run("judge", recipe, "--out", mine)
    assert code == 1
    assert "is a build without captions, which would be lost" in err
    assert not (tmp_path / "runs/echo/votes").exists()
    assert run("judge", recipe, "--out", built / "inside")[0] == 1


def test_what_captions_lack_is_told_when_they_are_made(cook, run):
    code, out, _ = run("caption", cook())
    assert code == 0
    assert "without: " in out and "empty" in out and "refused" in out


def test_a_captioner_that_ran_with_other_words_is_refused_until_restarted(cook, run, asked, tmp_path):
    recipe = cook()
    asked("caption", recipe)
    store = next((tmp_path / "runs/echo/captions").iterdir())
    text = store.read_text()
    head = json.loads(text.partition("\n")[0])
    old = head["templates"]["sequential_recommendation"]
    store.write_text(text.replace(old, "0" * 64, 1))
    code, _, err = run("caption", recipe)
    assert code == 1
    assert f"another templates/sequential_recommendation.jinja: {'0' * 12} then, {old[:12]} now" in err
    assert asked("caption", recipe, "--restart")["captioner"]["calls"] > 0
