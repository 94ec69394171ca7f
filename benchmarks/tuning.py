"""What tuning and answering cost beside the usual ways: padding, scoring instead of writing, batches instead of pairs.

    python benchmarks/tuning.py

Rows are the sample's, with every caption shown, read by a tokenizer without the pocket bases' shortcuts; as in the
paper, SR is several times as long as the rest. Of the two models that answer, a pocket base stops after its letter, as
tuned models do; the other one, a Mistral of a few million random parameters, writes on to the last token it may.
"""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from measuring import Bench, Line, check, main

N_WORDS = 100  # new tokens, as in the authors' code
CONFIG, SPLIT = "cc_ind", "train"
MODELS = {"stops": "pocket/bases/mistral", "goes on": ""}  # the one that `prepare` saves


def prepare(folder: Path) -> dict[str, Any]:
    """Build the sample with captions of the pocket captioner, and save a base with a plain tokenizer."""
    from caslie.pocket.judge_families import Size, mistral
    from caslie.pocket.tokens import MISTRAL, train_tokenizer
    from caslie.recipe import load_recipe
    from caslie.stages import caption_all, judge_all
    from mmecinstruct import builder
    from mmecinstruct.builder.folder import Folder
    from mmecinstruct.config import load_recipe as load_dataset_recipe
    from mmecinstruct.sample import write_sample

    write_sample(folder / "sources", workers=2)
    builder.build(load_dataset_recipe("sample"), builder.Request(folder / "sources", folder / "build", workers=2))
    recipe = replace(load_recipe("pocket"), dataset=str(folder / "build"), run=str(folder / "answers"), lineup="uia")
    caption_all(recipe, _silent)
    judge_all(recipe, folder / "dataset", _silent)
    built = Folder(folder / "build")
    texts = [row["input"] + row["instruction"] for config in built.configs for row in built.rows(config, "test")]
    words = train_tokenizer([*texts, *["yes", "no"] * 100], MISTRAL, vocabulary=1500)
    mistral(words, Size(width=256, layers=6, heads=8)).save_pretrained(folder / "base")
    words.save_pretrained(folder / "base")
    return {}


def batches(folder: Path, way: str) -> dict[str, Any]:
    """Go through an epoch of one way's batches, and count tokens and those of them that are not padding."""
    from caslie.fusion import fuse_all, reader_of
    from caslie.training.settings import settings
    from caslie.training.stage import make_trainer, quiet

    train: dict[str, Any] = {"max_length": 2048, "per_device_train_batch_size": 8, "train_sampling_strategy": "random"}
    if way == "ours":
        train |= {"per_device_train_batch_size": 4, "train_sampling_strategy": "batch_rebalance"}
    recipe = replace(_recipe(folder), train=train, batch=128)
    fuse_all(recipe, _silent)
    with quiet():
        trainer = make_trainer(recipe, reader_of(recipe), settings(recipe, 1), _silent)
        counted = [
            (one["input_ids"].numel(), int(one["attention_mask"].sum())) for one in trainer.get_train_dataloader()
        ]
    return {"tokens": sum(n for n, _ in counted), "useful": sum(n for _, n in counted), "batches": len(counted)}


def answers(folder: Path, way: str, who: str) -> dict[str, Any]:
    """Answer one test set: by scores, in words with a hundred tokens, or so by two at a time."""
    from caslie.inference import Wanted, find_checkpoint, predict
    from mmecinstruct.builder.folder import Folder

    checkpoint = find_checkpoint(MODELS[who] or f"transformers/{folder / 'base'}", prompt="mistral")
    mode, batch = {"score": ("score", None), "write": ("generate", None), "pairs": ("generate", 2)}[way]
    wanted = Wanted((CONFIG,), SPLIT, modes=(mode,), variant="text", n_tokens=N_WORDS, batch=batch)
    out = folder / f"answers-{way}-{time.monotonic_ns()}"
    predict(checkpoint, Folder(folder / "build"), out / "first", replace(wanted, split="test", n_tokens=1), _silent)
    start = time.perf_counter()
    predict(checkpoint, Folder(folder / "build"), out, wanted, _silent)
    seconds = time.perf_counter() - start
    lines = (out / f"{CONFIG}.{mode}.jsonl").read_text().splitlines()
    told = [json.loads(line) for line in lines]
    return {
        "seconds": seconds,
        "raw": [one["raw"] for one in told],
        "labels": [one["label"] for one in told],
        "rows": len(told),
    }


def compare(bench: Bench) -> list[Line]:
    """Compare batches with TRL's, scores with words, and full batches with pairs."""
    bench.run("prepare")
    ours, usual = (bench.run("batches", way).found for way in ("ours", "usual"))
    check(ours["useful"] == usual["useful"], "tokens of an epoch")
    mine, theirs = (one["tokens"] / one["useful"] for one in (ours, usual))
    lines = [
        Line("tokens processed for a useful one, batches of 4 in steps of 128", "", mine, theirs, mine, "<= 1.05")
    ]
    return [*lines, *_speeds(bench, "stops"), *_speeds(bench, "goes on", ">= 10")]


def _speeds(bench: Bench, who: str, aim: str = "") -> list[Line]:
    found = {way: bench.run("answers", way, who).found for way in ("score", "write", "pairs")}
    check(found["write"]["raw"] == found["pairs"]["raw"], "words in batches of all sizes")
    score, write, pairs = (one["rows"] / one["seconds"] for one in found.values())
    agree = sum(a == b for a, b in zip(found["score"]["labels"], found["write"]["labels"], strict=True))
    n = found["score"]["rows"]
    what = f"a model that {who}"
    speeds = [
        Line(f"{what}: by scores against up to {N_WORDS} new tokens", "rows/s", score, write, score / write, aim),
        Line(f"{what}: batches that fit the memory against two at a time", "rows/s", write, pairs, write / pairs),
    ]
    if aim:  # what goes on gives no label in words
        return speeds
    return [*speeds, Line(f"{what}: labels that both modes give", "rows", agree, n, agree / n)]


def _recipe(folder: Path) -> Any:
    from caslie.backends import Model
    from caslie.recipe import Base, load_recipe

    base = Base(Model(f"transformers/{folder / 'base'}"), "me/caslie-pocket-base-m", "mistral")
    return replace(
        load_recipe("pocket"), dataset=str(folder / "dataset"), run=str(folder / "run"), base=base, variant="uia"
    )


def _silent(what: str, done: int, total: int) -> None:
    pass


SIDES: dict[str, Callable[..., dict[str, Any]]] = {"prepare": prepare, "batches": batches, "answers": answers}

if __name__ == "__main__":
    main("tuning and answering", SIDES, compare)
