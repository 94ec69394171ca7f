"""The rows that lm-evaluation-harness gets: in the words of the model that it asks, or as its user says."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from caslie.errors import StageError
from caslie.fusion import frame
from caslie.harness.documents import documents
from mmecinstruct.errors import MmecError

pytestmark = pytest.mark.slow


def hashes(base: Path, dataset: Path, **told: str) -> list[tuple[str, str]]:
    found = documents("sr_ind", dataset=str(dataset), pretrained=str(base), dtype="float32", **told)
    return [(row["id"], sha256(row["prompt"].encode()).hexdigest()) for row in found["test"]]


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"prompt": "alpaca"},
        {"prompt": "mistral", "variant": "uia"},
        {"variant": "text"},
    ],
    ids=str,
)
def test_prompts_are_those_of_predict(
    run: Callable[..., tuple[int, str, str]], base: Path, dataset: Path, tmp_path: Path, told: dict[str, str]
) -> None:
    options = [part for name, value in told.items() for part in (f"--{name}", value)]
    ask = ("predict", base, "--data", dataset, "--config", "sr_ind", "--mode", "generate", "--tokens", 1)
    code, _, error = run(*ask, "--out", tmp_path / "out", *options)
    assert code == 0, error
    rows = (tmp_path / "out" / "sr_ind.generate.jsonl").read_text().splitlines()
    predicted = [(row["id"], row["prompt"]) for row in map(json.loads, rows)]
    assert hashes(base, dataset, **told) == predicted


def test_a_frame_of_the_models_own_is_taken(base: Path, dataset: Path, tmp_path: Path) -> None:
    for file in base.iterdir():
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / "prompt.jinja").write_text(frame("mistral").source)
    assert hashes(tmp_path, dataset) == hashes(base, dataset, prompt="mistral")


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"pretrained": "user/base"}, "on which data? Name a Hub dataset or a built folder: --metadata dataset="),
        ({"dataset": "user/data"}, "in which model's words? Name it too: --metadata pretrained=user/base peft="),
        ({"dataset": "user/data", "pretrained": "x", "variant": "all"}, "Unknown variant 'all'"),
    ],
)
def test_what_is_not_named_is_told(told: dict[str, str], problem: str) -> None:
    with pytest.raises(MmecError) as error:
        documents("sr_ind", **told)
    assert problem in str(error.value)


def test_captions_must_be_there_for_a_variant_that_shows_them(
    base: Path, dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = dataset.parent / "plain"
    with pytest.raises(StageError, match="has no captions; first run `caslie caption"):
        documents("sr_ind", dataset=str(plain), pretrained=str(base), variant="uia")
    found = documents("sr_ind", dataset=str(plain), pretrained=str(base))
    assert set(found) == {"test"}
    assert set(found["test"].features) == {"id", "task", "prompt", "answer", "answers", "options", "problem"}
