"""Two folders of predictions on the same rows, through the command and the stage."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from caslie.errors import StageError
from caslie.evaluation import compare
from mmecinstruct.builder.folder import Folder
from mmecinstruct.schema import Sample
from tests.caslie.evaluation.conftest import Predict

Run = Callable[..., tuple[int, str, str]]


def sometimes(n: int, sample: Sample) -> str | None:
    """Right in every second row, else unreadable."""
    return sample.target if n % 2 else None


def test_discordant_rows_are_those_that_one_of_the_two_alone_has_right(predict: Predict, built: Folder) -> None:
    [found] = compare(built, predict("sr_ood"), predict("sr_ood", answer=sometimes, name="other"))
    n = built.manifest["configs"]["sr_ood"]["splits"]["test"]["rows"]
    assert (found.config, found.primary) == ("sr_ood", "recall_at_1")
    assert (found.pair.n, found.pair.only_mine, found.pair.only_other) == (n, (n + 1) // 2, 0)
    assert found.pair.difference.value == 0  # the other failed where it would have erred
    assert found.pair.strict.value == pytest.approx((n + 1) // 2 / n)


def test_only_configs_that_both_answer_are_compared(predict: Predict, built: Folder) -> None:
    for config in ("ap_ind", "sr_ood"):
        mine = predict(config)
    for config in ("sr_ood", "prp_ind"):
        other = predict(config, name="other")
    assert [one.config for one in compare(built, mine, other)] == ["sr_ood"]
    with pytest.raises(StageError, match="other: no generate predictions for ap_ind; run `caslie predict --config"):
        compare(built, mine, other, ["ap_ind"])


def test_nothing_in_common_is_told(predict: Predict, built: Folder) -> None:
    with pytest.raises(StageError, match=r"other: answers none of the configs of .*predictions: ap_ind"):
        compare(built, predict("ap_ind"), predict("sr_ood", name="other"))


def test_another_split_is_told(predict: Predict, built: Folder) -> None:
    mine, other = predict("ap_ind"), predict("ap_ind", name="other")
    about = json.loads((other / "about.json").read_text())
    (other / "about.json").write_text(json.dumps(about | {"split": "validation"}))
    with pytest.raises(StageError, match="other: answers the split validation, not test as"):
        compare(built, mine, other)


@pytest.mark.parametrize("spoil", ["missing", "twice", "foreign"])
def test_the_other_side_is_read_as_strictly(predict: Predict, run: Run, spoil: str, tmp_path: Path) -> None:
    mine, other = predict("ap_ind"), predict("ap_ind", name="other")
    path = other / "ap_ind.generate.jsonl"
    lines = path.read_text().splitlines()
    spoiled = {"missing": lines[1:], "twice": [*lines, lines[0]], "foreign": [lines[0].replace("ap_ind", "sr_ind")]}
    path.write_text("\n".join(spoiled[spoil]) + "\n")
    code, said, told = run("evaluate", mine, "--against", other)
    assert (code, said, told.count("\n")) == (1, "", 1)
    assert str(path) in told
    assert not (mine / "scores.json").exists()


def test_the_command_tells_what_is_more_and_how_sure_that_is(
    predict: Predict, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    mine, other = predict("sr_ood"), predict("sr_ood", answer=sometimes, name="other")
    code, said, _ = run("evaluate", mine, "--against", other)
    assert code == 0
    assert "only one of the two has right" in " ".join(said.split()).replace(
        "only one of the two", "only one of the two"
    )
    [line] = [line for line in said.splitlines() if line.startswith("sr_ood  recall_at_1")]
    assert line.split()[-3:] == ["4", "0", "0.125"]  # 4 of 4 discordant rows: 2 / 2**4
    code, said, _ = run("evaluate", mine, "--against", other, "--json")
    [against] = json.loads(said)["against"]
    assert against["pair"]["mcnemar"] == 0.125
