"""What others do with a release, each as its card says, in a process of its own; printed as JSON."""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import evaluate
from datasets import load_dataset
from huggingface_hub import hf_hub_download
from peft import AutoPeftModelForCausalLM, PeftModel
from transformers import AutoModelForCausalLM

from tests.caslie.models import tiny

PYTHON = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def main(runs: Path) -> None:
    """Load all that was published, and compare it with the runs here."""
    with redirect_stdout(sys.stderr):
        found = {
            "llama": adapter("alice/caslie-pocket-s", runs / "caslie-pocket-s"),
            "mistral": adapter("alice/caslie-pocket-m", runs / "caslie-pocket-m"),
            "rows": {split: len(rows) for split, rows in load_dataset("alice/mmecinstruct", "sr_ood").items()},
            "metrics": measured("alice/mmec_metrics"),
            "metrics of all": measured("alice/mmecinstruct-metrics"),
        }
    print(json.dumps(found))  # noqa: T201


def adapter(repository: str, here: Path) -> dict[str, Any]:
    """Load an adapter, by hand and by what the card says."""
    right = local(here)
    by_hand = AutoPeftModelForCausalLM.from_pretrained(repository)
    snippets = [run(code) for code in snippets_of(repository)]
    return {
        "same": tiny.same(right, by_hand),
        "snippets": [tiny.same(right, one["model"]) for one in snippets],
        "answer": isinstance(snippets[0]["tokenizer"].decode(snippets[0]["answer"]), str),
    }


def local(folder: Path) -> PeftModel:
    """The adapter of a folder, on the base that it was trained on."""
    training = json.loads((folder / "training.json").read_text())
    base = AutoModelForCausalLM.from_pretrained(training["base_model"], revision=training["base_revision"])
    return PeftModel.from_pretrained(base, str(folder))


def snippets_of(repository: str) -> Iterator[str]:
    """The Python in a card, its blanks filled in."""
    card = Path(hf_hub_download(repository, "README.md")).read_text(encoding="utf-8")
    for found in PYTHON.finditer(card):
        yield found[1].replace("=...", '="Will it fit?"')


def run(code: str) -> dict[str, Any]:
    """Run a snippet; what it leaves."""
    names: dict[str, Any] = {}
    exec(code, names)
    return names


def measured(repository: str) -> dict[str, float]:
    """Two answers, as a published measure sees them."""
    measure = evaluate.load(repository, "sr")
    return measure.compute(references=["A", "B"], predictions=["A", None])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
