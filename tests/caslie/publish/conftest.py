"""An adapter's folder as training and evaluation leave it, small and without torch."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from caslie.publish.records import write_scores, write_training
from caslie.schema import Lora, Revision, Score, Scores, Training

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
