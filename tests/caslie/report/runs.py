"""Runs as tuning and answering leave them, without a model: what was answered is told by a rule."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import yaml

from caslie.effort import Effort, note
from caslie.fusion.weaving import answers
from caslie.inference.fetching import adapter_files
from caslie.recipe import load_recipe
from caslie.schema import Mode, Prediction, Variant
from caslie.training.adapter import _recipe_yaml
from mmecinstruct.builder.captioned import content_digest
from mmecinstruct.builder.folder import Folder, sample_of
from mmecinstruct.schema import Sample

Answer = Callable[[int, Sample], str | None]


def right(n: int, sample: Sample) -> str | None:
    return sample.target


def wrong(n: int, sample: Sample) -> str | None:
    return next(one for one in answers(sample) if one != sample.target)


def half(n: int, sample: Sample) -> str | None:
    """Right in every second row, else another answer."""
    return sample.target if n % 2 else wrong(n, sample)


def write_run(
    run: Path,
    folder: Folder,
    answer: Answer = right,
    *,
    recipe: str = "caslie-m",
    variant: Variant = "caslie",
    modes: tuple[Mode, ...] = ("generate", "score"),
    configs: tuple[str, ...] | None = None,
) -> Path:
    """Write RUN with an adapter of a recipe, predictions and a log of the effort."""
    out, adapter = run / "predictions", run / "adapter"
    for place in (out, adapter):
        place.mkdir(parents=True)
    (adapter / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA"}))
    (adapter / "adapter_model.safetensors").write_text(run.name)
    told = yaml.safe_load(_recipe_yaml(load_recipe(recipe))) | {"variant": variant}
    (adapter / "recipe.yaml").write_text(yaml.safe_dump(told, sort_keys=False))
    files = adapter_files(str(adapter))
    assert files
    about = {
        "dataset": {"name": str(folder.out), "commit": None, "digest": content_digest(folder)},
        "split": "test",
        "adapter": files.name,
        "variant": variant,
        "prompt": {"name": "mistral", "sha256": "0" * 64},
    }
    (out / "about.json").write_text(json.dumps(about))
    for config in configs or tuple(folder.configs):
        samples = [sample_of(row, "test") for row in folder.rows(config, "test")]
        for mode in modes:
            lines = [asdict(_prediction(one, mode, answer(n, one))) for n, one in enumerate(samples)]
            path = out / f"{config}.{mode}.jsonl"
            path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    note(run, [Effort("train", "transformers/some/base", 100, 5000, 0, 12.5)])
    return run


def _prediction(sample: Sample, mode: Mode, label: str | None) -> Prediction:
    if mode == "generate":
        return Prediction(sample.id, "0" * 64, mode, label, raw=label or "Hm.")
    best = label or answers(sample)[0]
    scores = {one: -0.2 if one == best else -3.0 for one in answers(sample)}
    return Prediction(sample.id, "0" * 64, mode, best, scores=scores)
