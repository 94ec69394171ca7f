"""Scores go beside the adapter of a run, where its predictions are its own and say what its card tells."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from caslie import evaluation_cli
from caslie.fusion import frame
from caslie.inference.asking import sha256
from caslie.inference.fetching import adapter_files
from caslie.records import read_scores, write_training
from caslie.schema import Lora, Training
from mmecinstruct.terminal import run
from tests.caslie.evaluation.conftest import Predict

Say = Callable[..., list[str]]
TRAINING = Training(
    base_model="me/caslie-pocket-base-s",
    base_revision=None,
    dataset=None,
    configs=("prp_ind",),
    recipe="s",
    variant="caslie",
    hyperparameters={},
    lora=Lora(4, 4, ("q_proj",)),
    rows=8,
    best_epoch=1.0,
    validation_loss=1.0,
    libraries={"peft": "0.21.2"},
    base_digest="0" * 64,
    dataset_digest="0" * 64,
)


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    """What tells one adapter from another, in the run of the predictions."""
    folder = tmp_path / "adapter"
    folder.mkdir()
    (folder / "adapter_config.json").write_text('{"peft_type": "LORA"}')
    (folder / "adapter_model.safetensors").write_bytes(b"weights")
    (folder / "prompt.jinja").write_text(frame("alpaca").source)
    write_training(folder, TRAINING)
    return folder


@pytest.fixture
def predicted(predict: Predict, adapter: Path) -> Path:
    """Predictions of that adapter."""
    files = adapter_files(str(adapter))
    assert files
    prompt = {"name": "alpaca", "sha256": sha256(frame("alpaca").source)}
    predict(mode="score")
    return tell(predict(), adapter=files.name, variant="caslie", prompt=prompt)


def tell(out: Path, **told: object) -> Path:
    about = json.loads((out / "about.json").read_text())
    (out / "about.json").write_text(json.dumps(about | told))
    return out


@pytest.fixture
def evaluated(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Run `caslie evaluate` in this process; the lines it says."""
    app = typer.Typer(pretty_exceptions_enable=False)
    app.callback()(lambda: None)
    evaluation_cli.add_to(app)

    def said(*arguments: object) -> list[str]:
        monkeypatch.setattr("sys.argv", ["caslie", "evaluate", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            run(app)
        assert not end.value.code, capsys.readouterr().err
        return capsys.readouterr().out.splitlines()

    return said


def test_scores_of_a_run_go_beside_its_adapter_too(predicted: Path, adapter: Path, evaluated: Say) -> None:
    said = evaluated(predicted)
    assert said[-3:-1] == [
        f"{predicted / 'scores.json'} is written",
        f"{adapter / 'scores.json'} is written, for its card",
    ]
    assert read_scores(adapter) == read_scores(predicted) is not None


def test_the_folder_may_be_named_from_inside(
    predicted: Path, adapter: Path, evaluated: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(predicted)
    evaluated(".")
    assert read_scores(adapter)


@pytest.mark.parametrize(
    ("told", "options", "reason"),
    [
        ({"adapter": "folder@" + "0" * 64}, (), "these are predictions of another"),
        ({"adapter": None}, (), "these are predictions of another"),
        ({"variant": "uia"}, (), "it was asked otherwise than it was tuned"),
        ({"prompt": {"name": "mistral", "sha256": "0" * 64}}, (), "it was asked otherwise than it was tuned"),
        ({}, ("--mode", "score"), "its card tells what it generates"),
    ],
)
def test_what_the_card_does_not_tell_is_not_written_beside_the_adapter(
    predicted: Path, adapter: Path, evaluated: Say, told: dict[str, object], options: tuple[str, ...], reason: str
) -> None:
    said = evaluated(tell(predicted, **told), *options)
    assert said[-2] == f"{adapter / 'scores.json'} is left as it is: {reason}"
    assert read_scores(adapter) is None
    assert read_scores(predicted)


def test_an_adapter_that_was_trained_anew_keeps_its_card(predicted: Path, adapter: Path, evaluated: Say) -> None:
    (adapter / "adapter_model.safetensors").write_bytes(b"others")
    assert evaluated(predicted)[-2].endswith("is left as it is: these are predictions of another")
    assert read_scores(adapter) is None
