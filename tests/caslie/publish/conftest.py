"""A small build, an adapter's folder without torch, and `caslie-push` in this process and in one of its own."""

import json
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import huggingface_hub.constants
import pytest

from caslie import push as command_line
from caslie.records import write_scores, write_training
from caslie.schema import Lora, Revision, Score, Scores, Training
from mmecinstruct.builder import Request, build
from mmecinstruct.config import load_recipe
from mmecinstruct.terminal import run

ROOT = Path(__file__).parents[3]
DATASET = Revision("alice/mmecinstruct", "0123456789abcdef0123456789abcdef01234567")
TRAINING = Training(
    base_model="mistralai/Mistral-7B-Instruct-v0.3",
    base_revision="c170c708c41dac9275d15a8fff4eca08d52bab71",
    dataset=DATASET,
    configs=("all_ind",),
    recipe="caslie-m",
    variant="caslie",
    hyperparameters={
        "learning_rate": 1e-4,
        "lr_scheduler_type": "cosine",
        "warmup_steps": 0.05,
        "num_train_epochs": 3,
        "gradient_accumulation_steps": 16,
        "per_device_train_batch_size": 8,
        "max_length": 2048,
        "bf16": True,
    },
    lora=Lora(r=16, alpha=16, targets=("q_proj", "v_proj", "lm_head")),
    rows=56000,
    best_epoch=2.0,
    validation_loss=0.31847,
    libraries={"peft": "0.21.2", "torch": "2.13.0", "transformers": "5.23.0", "trl": "1.14.2"},
)
SCORES = Scores(
    dataset=DATASET,
    method="percentile bootstrap over rows, 10,000 draws, seed 1",
    results=(
        Score("sequential_recommendation", "sr_ood", "test", "recall@1", 0.2232446, 0.1974, 0.2495, 1000, 3),
        Score("answerability_prediction", "ap_ind", "test", "f1", 0.8914, 0.873, 0.90871, 1000, 0),
        Score("answerability_prediction", "ap_ind", "test", "accuracy", 0.856, 0.8339, 0.8771, 1000, 0),
        Score("product_substitute_identification", "psi_ind", "test", "f1", 0.39753, 0.3301, 0.4602, 1000, 12),
    ),
)
PROMPT = """Below is an instruction that describes a task.

### Instruction:
{{ instruction }}

### Input:
{{ input }}
{% if options %}

### Options:
{{ options | join("\\n") }}
{% endif %}

### Response:
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def content(self) -> Any:
        """What it printed for a machine."""
        return json.loads(self.out)


@pytest.fixture(scope="session")
def sample(corpora: Path) -> Path:
    """The sample corpora."""
    return corpora


@pytest.fixture(scope="session")
def small_build(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of three tasks of the sample; to read only."""
    out = tmp_path_factory.mktemp("small") / "mmecinstruct"
    build(load_recipe("sample"), Request(sample, out, tasks=("ap", "prp", "sr"), limit=8))
    return out


@pytest.fixture(scope="session")
def one_task(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of one task of the sample; to read only."""
    out = tmp_path_factory.mktemp("tiny") / "mmecinstruct"
    build(load_recipe("sample"), Request(sample, out, tasks=("ap",), limit=4))
    return out


@pytest.fixture
def tiny_build(one_task: Path, tmp_path: Path) -> Path:
    """A build of one task, of the test's own."""
    return Path(shutil.copytree(one_task, tmp_path / "build"))


@pytest.fixture(scope="session")
def process() -> Callable[..., Ran]:
    """Run a Python command line in a process of its own, with these variables on top of `os.environ`."""

    def ran(variables: dict[str, str], *arguments: object, **options: Any) -> Ran:
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            env=os.environ | {"PYTHONPATH": str(ROOT)} | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
            **options,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return ran


@pytest.fixture
def push(process: Callable[..., Ran], tmp_path: Path) -> Callable[..., Ran]:
    """Run `caslie-push` in a process of its own, as a user of a Hub."""

    def pushed(server: Any, who: str, *arguments: object, **options: Any) -> Ran:
        return process(server.environment(who, tmp_path / f"home-{who}"), "-m", "caslie.push", *arguments, **options)

    return pushed


@pytest.fixture
def push_here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run `caslie-push` in this process, with a token of the Hub at this address."""

    def pushed(address: str, token: str | None, *arguments: object) -> Ran:
        monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", address)
        template = f"{address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr(huggingface_hub.constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        if token:
            monkeypatch.setenv("HF_TOKEN", token)
        monkeypatch.setattr(sys, "argv", ["caslie-push", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            run(command_line.app)
        said = capsys.readouterr()
        return Ran(end.value.code if isinstance(end.value.code, int) else 0, said.out, said.err)

    return pushed


@pytest.fixture
def adapter_dir(tmp_path: Path) -> Path:
    directory = tmp_path / "adapter"
    directory.mkdir()
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": TRAINING.base_model,
        "revision": None,
        "r": 16,
        "lora_alpha": 16,
        "lora_dropout": 0.1,
        "target_modules": sorted(TRAINING.lora.targets),
    }
    (directory / "adapter_config.json").write_text(json.dumps(config, indent=2))
    (directory / "adapter_model.safetensors").write_bytes(weights())
    (directory / "tokenizer_config.json").write_text("{}")
    (directory / "recipe.yaml").write_text("name: caslie-m\n")
    (directory / "prompt.jinja").write_text(PROMPT)
    write_training(directory, TRAINING)
    write_scores(directory, SCORES)
    return directory


@pytest.fixture
def change(adapter_dir: Path) -> Callable[[str, Callable[[Any], None]], Path]:
    """Change a JSON file of the adapter."""

    def changed(name: str, how: Callable[[Any], None]) -> Path:
        content = json.loads((adapter_dir / name).read_text(encoding="utf-8"))
        how(content)
        (adapter_dir / name).write_text(json.dumps(content), encoding="utf-8")
        return adapter_dir

    return changed


def weights() -> bytes:
    """Two small tensors, as the safetensors library lays them out."""
    header = {
        "base_model.model.lm_head.lora_A.weight": {"dtype": "F32", "shape": [16, 4], "data_offsets": [0, 256]},
        "base_model.model.lm_head.lora_B.weight": {"dtype": "F32", "shape": [8, 16], "data_offsets": [256, 768]},
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + bytes(768)
