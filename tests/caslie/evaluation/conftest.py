"""A small build of the sample, and folders of predictions as `caslie predict` writes them."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from caslie.fusion.weaving import answers
from caslie.schema import Mode, Prediction
from mmecinstruct.builder import Request, build
from mmecinstruct.builder.captioned import content_digest
from mmecinstruct.builder.folder import Folder, sample_of
from mmecinstruct.config import load_recipe
from mmecinstruct.schema import Sample

Answer = Callable[[int, Sample], str | None]
Predict = Callable[..., Path]


@pytest.fixture(scope="session")
def built(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A build of three tasks of the sample; to read only."""
    out = tmp_path_factory.mktemp("built") / "mmecinstruct"
    build(load_recipe("sample"), Request(corpora, out, tasks=("ap", "prp", "sr"), limit=8))
    return Folder(out)


@pytest.fixture
def predict(built: Folder, tmp_path: Path) -> Predict:
    """Write predictions for a config: what `answer` says of each row and its number; right answers by default."""

    def predict(
        config: str = "prp_ind",
        mode: Mode = "generate",
        answer: Answer = lambda n, one: one.target,
        name: str = "predictions",
    ) -> Path:
        out = tmp_path / name
        out.mkdir(exist_ok=True)
        source = {"name": str(built.out), "commit": None, "digest": content_digest(built)}
        (out / "about.json").write_text(json.dumps({"dataset": source, "split": "test", "checkpoint": "a"}))
        samples = [sample_of(row, "test") for row in built.rows(config, "test")]
        lines = [asdict(prediction(one, mode, answer(n, one))) for n, one in enumerate(samples)]
        write_lines(out / f"{config}.{mode}.jsonl", lines)
        return out

    return predict


def prediction(sample: Sample, mode: Mode, label: str | None) -> Prediction:
    """An answer to a sample; a text that is no label stands for a problem."""
    if label is not None and label not in answers(sample):
        return Prediction(sample.id, "0" * 64, mode, None, problem=label)
    if mode == "generate":
        return Prediction(sample.id, "0" * 64, mode, label, raw=label or "Hm.")
    scores = {one: -0.5 if one == label else -3.0 for one in answers(sample)}
    return Prediction(sample.id, "0" * 64, mode, label, scores=scores)


def write_lines(path: Path, lines: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
