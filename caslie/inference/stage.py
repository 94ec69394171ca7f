"""The stage that predicts: a checkpoint answers the splits of a dataset, in words and by scores (paper, section 6)."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from time import monotonic

from caslie.backends.transformers.numbers import place
from caslie.effort import Effort, note
from caslie.errors import StageError
from caslie.fusion import Example, Weaver, fuse_split, refuse_uncaptioned
from caslie.inference.answers import parse
from caslie.inference.asking import Asker, sha256, wish_of
from caslie.inference.checkpoints import Checkpoint
from caslie.inference.provenance import MODES, Wanted, about, settle
from caslie.inference.writing import write_whole, writing
from caslie.schema import Mode, Prediction, Variant
from caslie.store import Answer, Store, store_path
from mmecinstruct.builder.folder import Folder
from mmecinstruct.errors import UnknownNameError

ANSWERS = "answers"
HOLDS: Mapping[Mode, Mapping[str, type]] = {"generate": {"text": str}, "score": {"label": str, "scores": dict}}

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Count:
    """What became of one config in one mode: its rows, the prompts that were asked now, and those without a label.

    `problems` counts the rows that could not be asked, by reason; they are among the failed.
    """

    rows: int
    asked: int
    failed: int
    problems: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Predicted:
    """What was predicted: where it lies, on which captions, and the counts by config and mode."""

    out: Path
    variant: Variant
    frame: str
    counts: Mapping[str, Mapping[str, Count]]


def predict(
    checkpoint: Checkpoint,
    folder: Folder,
    out: Path,
    wanted: Wanted,
    progress: Progress,
    *,
    restart: bool = False,
) -> Predicted:
    """Answer what is wanted; what was asked before is not asked again, unless with `restart`.

    Raises:
        MmecError: something that is wanted does not exist, the checkpoint cannot be loaded, or `out` holds
            predictions of another one.
    """
    configs, modes = _configs(folder, wanted), _modes(wanted)
    variant = wanted.variant or checkpoint.variant or ("caslie" if folder.captioned else "text")
    refuse_uncaptioned(folder, variant, "RECIPE")
    model = checkpoint.model if wanted.device is None else replace(checkpoint.model, device=wanted.device)
    placing = place(model, checkpoint.base)
    identity = f"{checkpoint.identity} {placing.dtype}"
    settle(out, about(checkpoint, identity, folder, variant, wanted), restart)
    weaver = Weaver(checkpoint.reader, variant, checkpoint.budget)
    counts: dict[str, dict[str, Count]] = {}
    with ExitStack() as stack:
        stores = {mode: stack.enter_context(_store(out, identity, mode, restart)) for mode in modes}
        asker = stack.enter_context(Asker(checkpoint, placing, wanted.n_tokens, wanted.batch or model.batch))
        for config in configs:
            rows = _rows(folder, config, wanted.split, weaver, progress)
            counts[config] = {
                mode: _predict(out / f"{config}.{mode}.jsonl", rows, mode, stores[mode], asker, progress)
                for mode in modes
            }
    return Predicted(out, variant, checkpoint.reader.frame.name, counts)


@dataclass(frozen=True, slots=True)
class _Row:
    example: Example
    options: tuple[str, ...]


def _configs(folder: Folder, wanted: Wanted) -> Sequence[str]:
    for config in wanted.configs:
        if config not in folder.configs:
            raise UnknownNameError("config", config, folder.configs)
        folder.files(config, wanted.split)
    found = wanted.configs or [config for config in folder.configs if wanted.split in folder.splits(config)]
    if not found:
        raise StageError(f"{folder.out}: no config has a split {wanted.split!r}")
    return list(dict.fromkeys(found))


def _modes(wanted: Wanted) -> Sequence[Mode]:
    for mode in wanted.modes:
        if mode not in MODES:
            raise UnknownNameError("mode", mode, MODES)
    return [mode for mode in MODES if mode in wanted.modes]


@contextmanager
def _store(out: Path, identity: str, mode: Mode, restart: bool) -> Iterator[Store]:
    # Answers are kept under the hash of the whole prompt, so no template need be named.
    told = {"stage": "predict", "model": identity, "mode": mode, "templates": {}}
    path = store_path(out / ANSWERS, identity, mode)
    with writing(path), Store(path, told, HOLDS[mode], restart=restart) as store:  # closing it may write
        yield store


def _rows(folder: Folder, config: str, split: str, weaver: Weaver, progress: Progress) -> list[_Row]:
    total = folder.manifest["configs"][config]["splits"][split]["rows"]
    rows = []
    lines = folder.rows(config, split, ("options",))
    for example, row in zip(fuse_split(folder, config, split, weaver), lines, strict=True):
        rows.append(_Row(example, tuple(row["options"])))
        progress(f"{config} prompts", len(rows), total)
    return rows


def _predict(path: Path, rows: Sequence[_Row], mode: Mode, store: Store, asker: Asker, progress: Progress) -> Count:
    wishes = {
        row.example.id: (wish_of(row.example.prompt, row.example.answers, mode, asker.n_tokens), row.example.n_tokens)
        for row in rows
        if not row.example.problem
    }
    new = {wish.key: n_tokens for wish, n_tokens in wishes.values() if wish.key not in store}
    began = monotonic()
    n_asked = asker.ask_all(
        [wish for wish, _ in wishes.values()], mode, store, lambda done: progress(f"{path.stem}", done, len(wishes))
    )
    uri = asker.checkpoint.model.uri
    note(path.parent, [Effort(f"predict, {mode}", uri, n_asked, sum(new.values()), 0, monotonic() - began)])
    answers = {id: store.get(wish.key) for id, (wish, _) in wishes.items()}
    predictions = [_prediction(row, mode, answers.get(row.example.id)) for row in rows]
    write_whole(path, (json.dumps(asdict(one), ensure_ascii=False) for one in predictions))
    problems = Counter(one.problem for one in predictions if one.problem)
    failed = sum(one.label is None for one in predictions)
    return Count(len(predictions), n_asked, failed, dict(sorted(problems.items())))


def _prediction(row: _Row, mode: Mode, answer: Answer | None) -> Prediction:
    example = row.example
    prompt = sha256(example.prompt)
    if answer is None:
        return Prediction(example.id, prompt, mode, None, problem=example.problem)
    if mode == "generate":
        label = parse(answer["text"], example.answers, row.options)
        return Prediction(example.id, prompt, mode, label, raw=answer["text"])
    return Prediction(example.id, prompt, mode, answer["label"], scores=answer["scores"])
