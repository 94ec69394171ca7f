"""An adapter's folder: what is published of it, and what is refused."""

import json
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from caslie.errors import PushError
from caslie.publish.adapter import read_adapter
from caslie.publish.model import AdapterFolder
from caslie.publish.publication import Publication
from caslie.records import read_scores, read_training, write_scores, write_training

Change = Callable[[str, Callable[[Any], None]], Path]


def refusal(directory: Path) -> str:
    with pytest.raises(PushError) as caught:
        read_adapter(directory)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_files_are_those_of_the_list_and_the_rest_is_told(adapter_dir: Path) -> None:
    others = ["adapter_model.bin", "notes.txt", "optimizer.pt", "training_args.bin"]
    for name in (*others, "README.md", "NOTICE", "publication.json"):
        (adapter_dir / name).write_bytes(b"x")
    (adapter_dir / "checkpoint-4").mkdir()
    adapter = read_adapter(adapter_dir)
    assert [path.name for path in adapter.files()] == [
        *("adapter_config.json", "adapter_model.safetensors", "prompt.jinja", "recipe.yaml", "scores.json"),
        *("tokenizer_config.json", "training.json"),
    ]
    assert adapter.left_out() == sorted([*others, "checkpoint-4"])


def test_records_are_read_back_as_they_were_written(adapter_dir: Path, tmp_path: Path) -> None:
    training, scores = read_training(adapter_dir), read_scores(adapter_dir)
    assert scores
    write_training(tmp_path, training)
    write_scores(tmp_path, scores)
    assert (read_training(tmp_path), read_scores(tmp_path)) == (training, scores)
    assert sorted(path.name for path in tmp_path.glob("*.*")) == ["scores.json", "training.json"]


def test_an_adapter_without_scores_has_none(adapter_dir: Path) -> None:
    (adapter_dir / "scores.json").unlink()
    assert read_adapter(adapter_dir).scores is None


@pytest.mark.parametrize(
    "name", ["adapter_config.json", "adapter_model.safetensors", "training.json", "recipe.yaml", "prompt.jinja"]
)
def test_a_missing_file_is_named(adapter_dir: Path, name: str) -> None:
    (adapter_dir / name).unlink()
    assert f"{name} missing" in refusal(adapter_dir)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert "no such folder" in refusal(tmp_path / "nowhere")


@pytest.mark.parametrize("base", ["/home/me/base", "./base", "gpt2", "a/b/c", "C:\\base", "a/b c", "x/..", "-a/b", ""])
def test_a_base_that_is_a_path_is_refused(adapter_dir: Path, change: Change, base: str) -> None:
    change("training.json", lambda it: it.update(base_model=base))
    assert "training.json: base_model: " in refusal(adapter_dir)
    assert "is no name on a Hub" in refusal(adapter_dir)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("base_model_name_or_path", "alice/other", "base_model_name_or_path is 'alice/other', but training.json says"),
        ("base_model_name_or_path", "/home/me/base", "is no name on a Hub"),
        ("base_model_name_or_path", None, "is no name on a Hub"),
        ("revision", "f" * 40, "revision is 'ffff"),
        ("r", 8, "r is 8, but training.json says 16"),
        ("lora_alpha", 17, "lora_alpha is 17, but training.json says 16"),
        ("target_modules", ["q_proj"], "target_modules are ['q_proj'], but"),
        ("target_modules", None, "target_modules are None, but"),
        ("lora_dropout", "0.1", "lora_dropout must be a number from 0 to 1"),
        ("lora_dropout", 1.5, "lora_dropout must be a number from 0 to 1"),
        ("peft_type", "IA3", "not the configuration of a LoRA adapter"),
        ("task_type", "SEQ_CLS", "not the configuration of a LoRA adapter"),
    ],
)
def test_a_configuration_that_contradicts_the_training_is_refused(
    adapter_dir: Path, change: Change, key: str, value: object, reason: str
) -> None:
    change("adapter_config.json", lambda it: it.update({key: value}))
    assert reason in refusal(adapter_dir)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("value", -0.1, "expected 0 <= low <= value <= high <= 1, found low"),
        ("value", 52.9, "expected 0 <= low <= value <= high <= 1, found low"),
        ("value", "0.5", "results: value: expected float, found '0.5'"),
        ("value", True, "results: value: expected float"),
        ("value", None, "results: value: expected float"),
        ("low", 0.9, "expected 0 <= low <= value"),
        ("n", 0, "expected 0 <= failed <= n and n > 0, found failed 0, n 0"),
        ("n", 10.5, "results: n: expected int, found 10.5"),
        ("n", 2**70, "results: n: expected int"),
        ("failed", -1, "found failed -1"),
        ("failed", 1001, "found failed 1001, n 1000"),
        ("config", "../up", "'../up' is no name"),
        ("metric", "a\nb", "'a\\nb' is no name"),
        ("color", "red", "unknown ['color']"),
    ],
)
def test_a_score_that_nobody_measures_is_refused(
    adapter_dir: Path, change: Change, key: str, value: object, reason: str
) -> None:
    change("scores.json", lambda it: it["results"][0].update({"failed": 0, key: value}))
    assert reason in refusal(adapter_dir)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
@pytest.mark.parametrize("name", ["scores.json", "training.json", "adapter_config.json"])
def test_what_is_no_number_is_refused(adapter_dir: Path, name: str, number: str) -> None:
    content = json.loads((adapter_dir / name).read_text(encoding="utf-8"))
    (adapter_dir / name).write_text(json.dumps({**content, "extra": 0}).replace('"extra": 0', f'"extra": {number}'))
    said = refusal(adapter_dir)
    assert "is no number" in said or "is too large" in said


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not JSON"),
        ("[]", "expected keys and values, found list"),
        ('{"a": 1, "a": 2}', "the key 'a' stands twice"),
        ('{"a": "\\ud800"}', "surrogates not allowed"),
        ("[" * 100_000, "not JSON"),
        ("{}", "missing ['dataset', 'method', 'results']"),
    ],
)
def test_what_is_not_json_is_refused(adapter_dir: Path, text: str, reason: str) -> None:
    (adapter_dir / "scores.json").write_text(text)
    assert "scores.json" in refusal(adapter_dir)
    assert reason in refusal(adapter_dir)


def test_scores_without_results_are_refused(adapter_dir: Path, change: Change) -> None:
    change("scores.json", lambda it: it.update(results=[]))
    assert "no results" in refusal(adapter_dir)


def test_one_thing_measured_twice_is_refused(adapter_dir: Path, change: Change) -> None:
    change("scores.json", lambda it: it["results"].append(it["results"][0]))
    assert "sr_ood test recall@1 is measured twice" in refusal(adapter_dir)


def test_two_tasks_under_one_config_are_refused(adapter_dir: Path, change: Change) -> None:
    change("scores.json", lambda it: it["results"].append({**it["results"][0], "task": "other", "metric": "f1"}))
    assert "sr_ood test is scored as two tasks" in refusal(adapter_dir)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("rows", 0, "rows must be more than 0"),
        ("best_epoch", -1, "best_epoch must be a number from 0 on"),
        ("validation_loss", -0.1, "validation_loss must be a number from 0 on"),
        ("configs", [], "configs: empty"),
        ("variant", "best", "variant: expected"),
        ("base_revision", "main", "expected a commit of 40 hex digits, found 'main'"),
        ("lora", {"r": 0, "alpha": 16, "targets": ["q_proj"]}, "r and alpha must be more than 0"),
        ("libraries", {"a b": "1"}, "libraries: 'a b' is no name"),
        ("surprise", 1, "unknown ['surprise']"),
    ],
)
def test_a_training_that_nobody_could_repeat_is_refused(
    adapter_dir: Path, change: Change, key: str, value: object, reason: str
) -> None:
    change("training.json", lambda it: it.update({key: value}))
    assert reason in refusal(adapter_dir)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hub_token", "secret"),
        ("output_dir", "/home/me/runs"),
        ("logging_dir", "~/runs"),
    ],
)
def test_tokens_and_paths_of_this_machine_are_refused(
    adapter_dir: Path, change: Change, name: str, value: object
) -> None:
    change("training.json", lambda it: it["hyperparameters"].update({name: value}))
    said = refusal(adapter_dir)
    assert f"hyperparameters: {name!r} is a token or a path of this machine" in said
    assert str(value) not in said


def test_a_token_is_not_written(adapter_dir: Path) -> None:
    training = read_training(adapter_dir)
    with pytest.raises(PushError, match="'notes' is a token or a path of this machine"):
        write_training(adapter_dir, replace(training, hyperparameters={"notes": ["hf_" + "a" * 34]}))
    assert read_training(adapter_dir) == training


def test_a_token_in_a_published_text_is_refused_and_not_repeated(adapter_dir: Path) -> None:
    (adapter_dir / "recipe.yaml").write_text("token: hf_" + "a" * 34)
    said = refusal(adapter_dir)
    assert "recipe.yaml: holds what looks like a Hub token" in said
    assert "aaaa" not in said


def test_a_link_is_refused_since_it_could_lead_anywhere(adapter_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("name: x")
    (adapter_dir / "recipe.yaml").unlink()
    (adapter_dir / "recipe.yaml").symlink_to(tmp_path / "elsewhere")
    assert "recipe.yaml: a link or a folder" in refusal(adapter_dir)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data[:100],
        lambda data: data[:4],
        lambda data: b"",
        lambda data: data + b"x",
        lambda data: struct.pack("<Q", 2**40) + data[8:],
        lambda data: struct.pack("<Q", 2) + b"{}",
        lambda data: struct.pack("<Q", 2) + b"[]",
        lambda data: b"\x80\x04" + data,
        lambda data: data.replace(b'"F32"', b'"F16"', 1),
    ],
)
def test_weights_that_are_not_whole_are_refused(adapter_dir: Path, damage: Callable[[bytes], bytes]) -> None:
    path = adapter_dir / "adapter_model.safetensors"
    path.write_bytes(damage(path.read_bytes()))
    assert "adapter_model.safetensors: no whole safetensors file" in refusal(adapter_dir)


def test_weights_of_a_whole_model_are_refused(adapter_dir: Path) -> None:
    path = adapter_dir / "adapter_model.safetensors"
    path.write_bytes(path.read_bytes().replace(b"lora_A", b"base_A").replace(b"lora_B", b"base_B"))
    assert "holds no LoRA weights" in refusal(adapter_dir)


def test_a_prompt_with_an_invisible_character_is_refused(adapter_dir: Path) -> None:
    (adapter_dir / "prompt.jinja").write_text("a\u202eb", encoding="utf-8")
    assert "prompt.jinja: holds the invisible character '\\u202e'" in refusal(adapter_dir)


def test_a_plan_names_what_stays_here(adapter_dir: Path) -> None:
    (adapter_dir / "optimizer.pt").write_bytes(b"0")
    made = AdapterFolder(adapter_dir, Publication("alice/caslie", None))
    assert made.notes == ("not published: optimizer.pt",)
    made.settle()
    assert AdapterFolder(adapter_dir, Publication("alice/caslie", None)).notes == made.notes
