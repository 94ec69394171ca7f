"""What people do with models and a Hub, with the unmodified clients, in a process of its own; printed as JSON."""

import json
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from datasets import Dataset
from huggingface_hub import HfApi, snapshot_download
from peft import AutoPeftModelForCausalLM, PeftModel
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    DataCollatorForLanguageModeling,
    Trainer,
    TrainingArguments,
)
from trl import SFTConfig, SFTTrainer

from tests.caslie.models import tiny

LLAMA = "alice/Llama-3.2-tiny"
STEPS = {
    "max_steps": 2,
    "per_device_train_batch_size": 2,
    "report_to": "none",
    "save_strategy": "steps",
    "save_steps": 1,
    "use_cpu": True,
    "disable_tqdm": True,
    "push_to_hub": True,
}
API = HfApi()
BOB = os.environ["TOKEN_OF_BOB"]
load = AutoModelForCausalLM.from_pretrained


def main(folder: Path) -> None:
    """Do all of it; runs and what bob loads are kept in a folder."""
    with redirect_stdout(sys.stderr):  # trainers print what they lose
        found = {
            "bases": bases(),
            "adapters": adapters(),
            "trainers": trained_whole(folder) | tuned(folder),
            "revisions": revisions(),
            "closed": closed(folder),
            "snapshot": snapshot(),
        }
    print(json.dumps(found))  # noqa: T201


def bases() -> dict[str, Any]:
    """Push two models and a tokenizer, and load them again."""
    llama, mistral, tokenizer = tiny.llama(), tiny.mistral(), tiny.tokenizer()
    llama.push_to_hub(LLAMA, commit_message="A tied head")
    tokenizer.push_to_hub(LLAMA)
    mistral.push_to_hub("alice/tiny-mistral")
    again, words = load(LLAMA), AutoTokenizer.from_pretrained(LLAMA)
    said = [{"role": "user", "content": "Will it fit?"}]
    return {
        "llama": tiny.same(llama, again),
        "tied": again.lm_head.weight is again.model.embed_tokens.weight,
        "mistral": tiny.same(mistral, load("alice/tiny-mistral")),
        "tokenizer": words.apply_chat_template(said)["input_ids"] == tokenizer.apply_chat_template(said)["input_ids"],
        "messages": [one.title for one in API.list_repo_commits(LLAMA)],
    }


def adapters() -> dict[str, Any]:
    """Push a LoRA with peft, and load it in the three ways there are."""
    made = tiny.lora(load(LLAMA))
    made.push_to_hub("alice/lora")
    return {
        "does something": not tiny.same(made, load(LLAMA)),
        "auto": tiny.same(made, AutoPeftModelForCausalLM.from_pretrained("alice/lora")),
        "peft": tiny.same(made, PeftModel.from_pretrained(load(LLAMA), "alice/lora")),
        "transformers": tiny.same(made, load("alice/lora")),
        "files": sorted(API.list_repo_files("alice/lora")),
    }


def trained_whole(folder: Path) -> dict[str, Any]:
    """Train a whole model for two steps with transformers, which pushes it by the way."""
    tokenizer = tiny.tokenizer()
    trainer = Trainer(
        tiny.mistral(),
        TrainingArguments(str(folder / "whole"), hub_model_id="alice/trained", **STEPS),
        train_dataset=Dataset.from_list([{"input_ids": tokenizer(text)["input_ids"]} for text in tiny.WORDS]),
        data_collator=DataCollatorForLanguageModeling(tokenizer, mlm=False),
        processing_class=tokenizer,
    )
    trainer.train()
    trainer.push_to_hub(commit_message="The end")
    return {
        "whole": tiny.same(trainer.model, load("alice/trained")),
        "messages": [one.title for one in API.list_repo_commits("alice/trained")],
        "trained": sorted(API.list_repo_files("alice/trained")),
    }


def tuned(folder: Path) -> dict[str, Any]:
    """Train an adapter for two steps with TRL, which pushes it by the way."""
    trainer = SFTTrainer(
        tiny.lora(load(LLAMA)),
        SFTConfig(str(folder / "tuned"), hub_model_id="alice/tuned", loss_type="nll", bf16=False, **STEPS),
        train_dataset=Dataset.from_list([{"text": text} for text in tiny.WORDS]),
        processing_class=tiny.tokenizer(),
    )
    trainer.train()
    trainer.push_to_hub()
    return {
        "tuned": tiny.same(trainer.model, AutoPeftModelForCausalLM.from_pretrained("alice/tuned")),
        "tuned files": sorted(API.list_repo_files("alice/tuned")),
    }


def revisions() -> dict[str, Any]:
    """Push to a branch and to a pull request, tag, and load each."""
    one, other, third = tiny.llama(), tiny.lora(tiny.llama()).merge_and_unload(), tiny.mistral()
    one.push_to_hub("alice/revised")
    API.create_tag("alice/revised", tag="v1")
    other.push_to_hub("alice/revised", revision="next/one")
    proposed = third.push_to_hub("alice/revised", create_pr=True)
    found = {
        "branch": tiny.same(other, load("alice/revised", revision="next/one")),
        "tag": tiny.same(one, load("alice/revised", revision="v1")),
        "pull request": tiny.same(third, load("alice/revised", revision=proposed.pr_revision)),
        "main": tiny.same(one, load("alice/revised")),
        "unknown": refused(lambda: load("alice/revised", revision="v9")),
    }
    API.merge_pull_request("alice/revised", discussion_num=proposed.pr_num)
    merged, tagged = load("alice/revised"), load("alice/revised", revision="v1")
    return found | {"merged": tiny.same(third, merged), "tag after": tiny.same(one, tagged)}


def closed(folder: Path) -> dict[str, Any]:
    """Push what not everybody may have."""
    # transformers falls back on what is cached where a repository is gated: bob has a cache of his own.
    model, cache = tiny.llama(), str(folder / "cache of bob")
    model.push_to_hub("alice/private", private=True)
    model.push_to_hub("alice/gated")
    API.update_repo_settings("alice/gated", gated="auto")
    return {
        "owner": tiny.same(model, load("alice/private")),
        "private for bob": refused(lambda: load("alice/private", token=BOB, cache_dir=cache)),
        "private for nobody": refused(lambda: load("alice/private", token=False, cache_dir=cache)),
        "gated for its owner": tiny.same(model, load("alice/gated")),
        "gated for bob": refused(lambda: load("alice/gated", token=BOB, cache_dir=cache)),
        "gated for nobody": refused(lambda: load("alice/gated", token=False, cache_dir=cache)),
        "foreign": refused(lambda: model.push_to_hub("alice/foreign", token=BOB)),
    }


def snapshot() -> dict[str, Any]:
    """Take a whole repository home."""
    folder = snapshot_download(LLAMA)
    files = sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*"))
    return {"files": files == sorted(API.list_repo_files(LLAMA)), "loads": tiny.same(tiny.llama(), load(folder))}


def refused(call: Callable[[], object]) -> list[str]:
    """The classes of a refusal, from what is raised to what began it, and its words."""
    try:
        call()
    except OSError as error:
        found: BaseException | None = error
        classes = []
        while found is not None:
            classes.append(type(found).__name__)
            found = found.__cause__
        return [*classes, str(error)]
    return []


if __name__ == "__main__":
    main(Path(sys.argv[1]))
