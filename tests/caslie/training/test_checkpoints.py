"""Which checkpoint a training goes on from."""

import json
from pathlib import Path

from caslie.training.checkpoints import last_whole


def checkpoint(home: Path, step: int, state: str | None = None) -> Path:
    path = home / f"checkpoint-{step}"
    path.mkdir(parents=True)
    (path / "adapter_model.safetensors").write_bytes(b"weights")
    if state is not None:
        (path / "trainer_state.json").write_text(state)
    return path


def whole(step: int) -> str:
    return json.dumps({"global_step": step, "log_history": []})


def test_the_newest_whole_one_is_taken_and_torn_newer_ones_go(tmp_path: Path) -> None:
    checkpoint(tmp_path, 9, whole(9))
    checkpoint(tmp_path, 20, whole(20))
    torn = [
        checkpoint(tmp_path, 30),
        checkpoint(tmp_path, 100, '{"global_step": 100, "log_'),
        checkpoint(tmp_path, 40, "[]"),
    ]
    assert last_whole(tmp_path) == tmp_path / "checkpoint-20"
    assert not any(path.exists() for path in torn)


def test_a_state_of_another_step_is_none(tmp_path: Path) -> None:
    checkpoint(tmp_path, 7, whole(6))
    assert last_whole(tmp_path) is None


def test_where_nothing_was_saved_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "checkpoint-x").mkdir()
    assert last_whole(tmp_path) is None
    assert last_whole(tmp_path / "nowhere") is None
    assert (tmp_path / "checkpoint-x").exists()
