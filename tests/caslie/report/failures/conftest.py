"""A run over a small captioned build, whose answers are what a test says they are."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from caslie.fusion.weaving import answers
from caslie.schema import Mode, Prediction
from mmecinstruct.builder.captioned import content_digest
from mmecinstruct.builder.folder import Folder, sample_of
from mmecinstruct.schema import Sample

Answer = Callable[[int, Sample], Prediction]
Predict = Callable[..., Path]

CONFIGS = ("ap_ind", "prp_ind", "sr_ood")


def generated(sample: Sample, raw: str, label: str | None = None) -> Prediction:
    return Prediction(sample.id, "0" * 64, "generate", label, raw=raw)


def wrong(n: int, sample: Sample) -> Prediction:
    """Every answer is another than the right one."""
    label = next(one for one in answers(sample) if one != sample.target)
    return generated(sample, label, label)


@pytest.fixture(scope="session")
def folder(dataset: Path) -> Folder:
    return Folder(dataset)


@pytest.fixture
def predict(folder: Folder, tmp_path: Path) -> Predict:
    """Write the answers of a run to the test rows, wrong ones by default, and return the run's folder."""

    def predict(answer: Answer = wrong, variant: str = "caslie", mode: Mode = "generate") -> Path:
        run = tmp_path / "run"
        out = run / "predictions"
        out.mkdir(parents=True, exist_ok=True)
        source = {"name": str(folder.out), "commit": None, "digest": content_digest(folder)}
        about = {"dataset": source, "split": "test", "variant": variant}
        captions = folder.manifest["captions"]["columns"]
        (out / "about.json").write_text(json.dumps(about | {"captions": captions}))
        for config in CONFIGS:
            samples = [sample_of(row, "test") for row in folder.rows(config, "test")]
            lines = [json.dumps(asdict(answer(n, sample))) for n, sample in enumerate(samples)]
            (out / f"{config}.{mode}.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return run

    return predict
