"""The stage that fuses: every split of the recipe's tasks as prompts with answers, in files that people can read."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from shutil import rmtree
from time import monotonic
from typing import Any, Literal

from caslie.backends.transformers.identity import weights_of
from caslie.effort import Effort, borrow, note
from caslie.errors import StageError
from caslie.fusion.examples import Example
from caslie.fusion.prompts import frame
from caslie.fusion.reading import Reader, open_reader
from caslie.fusion.source import open_source
from caslie.fusion.weaving import Weaver, fuse_split
from caslie.recipe import Recipe
from mmecinstruct.builder.captioned import content_digest
from mmecinstruct.builder.folder import Folder
from mmecinstruct.builder.manifest import write_json
from mmecinstruct.config import read
from mmecinstruct.errors import RecipeError, UnknownNameError
from mmecinstruct.tasks import TASKS
from mmecinstruct.words import template_digest

FOLDER = "fused"
ABOUT = "fused.json"
SPLITS = ("train", "validation", "test")
TOLD = 20  # ids of samples that are left out, of each reason and config

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the samples of one config and split."""

    rows: int = 0
    captions: int = 0
    rows_with_history_cut: int = 0
    history_cut: int = 0
    rows_with_captions_cut: int = 0
    captions_cut: int = 0
    longest: int = 0  # tokens
    tokens: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    refused_ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # the first of each reason


@dataclass(frozen=True, slots=True)
class Fused:
    """`fused.json`: what decided the prompts, and the counts by split and config."""

    about: Mapping[str, Any]
    counts: Mapping[str, Mapping[str, Counts]]
    files: Mapping[str, str]  # sha256 by name


def fuse_all(recipe: Recipe, progress: Progress) -> Fused:
    """Fuse every split of the recipe's dataset, unless that is done; `run/fused` appears whole or not at all.

    Raises:
        MmecError: captions are missing, or the dataset or the base's tokenizer cannot be had.
    """
    folder, reader = open_source(recipe), reader_of(recipe)
    told = about(recipe, folder, reader)
    out = recipe.run_dir / FOLDER
    if (done := _read(out)) and done.about == told and _digests(out) == done.files:
        return done
    work = out.with_name(f"{FOLDER}.partial")
    rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    weaver, began = Weaver(reader, recipe.variant, recipe.budget), monotonic()
    counts = {split: _write(work / f"{split}.jsonl", folder, split, weaver, progress) for split in SPLITS}
    fused = Fused(told, counts, _digests(work))
    write_json(work / ABOUT, asdict(fused))
    rmtree(out, ignore_errors=True)
    work.rename(out)
    every = [one for configs in counts.values() for one in configs.values()]
    n_rows, n_tokens = sum(one.rows for one in every), sum(one.tokens for one in every)
    if recipe.variant != "text":
        borrow(recipe.answers_dir, recipe.run_dir)
    note(recipe.run_dir, [Effort("fuse", recipe.tuned.model.uri, n_rows, n_tokens, 0, monotonic() - began)])
    return fused


def read_fused(recipe: Recipe) -> Fused:
    """Read what was fused, if it is what this recipe says.

    Raises:
        StageError: nothing was fused yet, or it was fused otherwise.
    """
    out = recipe.run_dir / FOLDER
    fused = _read(out)
    if fused is None:
        raise StageError(f"{out}: nothing is fused yet; first run `caslie fuse {recipe.name}`")
    now = about(recipe, open_source(recipe), reader_of(recipe))
    for name, value in now.items():
        if fused.about.get(name) != value:
            told = f"{fused.about.get(name)} then, {value} now"
            raise StageError(f"{out}: fused with another {name}: {told}; run `caslie fuse {recipe.name}` again")
    if _digests(out) != fused.files:
        raise StageError(f"{out}: its files are not what was fused; run `caslie fuse {recipe.name}` again")
    return fused


def read_about(recipe: Recipe) -> Mapping[str, Any]:
    """All that decided what was fused, whether or not it is what this recipe says.

    Raises:
        StageError: nothing was fused yet, or its account is damaged.
    """
    fused = _read(recipe.run_dir / FOLDER)
    if fused is None:
        raise StageError(f"{recipe.run_dir / FOLDER}: nothing is fused yet; first run `caslie fuse {recipe.name}`")
    return fused.about


def read_examples(recipe: Recipe, split: Literal["train", "validation", "test"]) -> Iterator[Example]:
    """Yield the usable examples of the recipe's tasks."""
    yield from (one for one in _lines(recipe, split) if not one.problem and recipe.learns(one.task))


def find_examples(
    recipe: Recipe,
    split: Literal["train", "validation", "test"],
    *,
    id: str | None = None,
    config: str | None = None,
) -> Iterator[Example]:
    """Yield what was fused, the left-out rows too: of a config, or the one with an id.

    Raises:
        StageError: nothing was fused yet.
        UnknownNameError: there is no such config or id.
    """
    fused = _read(recipe.run_dir / FOLDER)
    if fused is None:
        raise StageError(f"{recipe.run_dir / FOLDER}: nothing is fused yet; first run `caslie fuse {recipe.name}`")
    if config is not None and config not in fused.counts.get(split, {}):
        raise UnknownNameError(f"config with a {split} split", config, fused.counts.get(split, {}))
    splits = [split] if id is None else list(fused.counts)
    found = (
        example
        for one in splits
        for example in _lines(recipe, one)
        if config in (None, example.config) and id in (None, example.id)
    )
    if (first := next(found, None)) is None:
        raise UnknownNameError("row", str(id), [])
    yield first
    yield from found


def reader_of(recipe: Recipe) -> Reader:
    """The reader of the recipe's base.

    Raises:
        MmecError: there is no such base or frame.
    """
    base = recipe.tuned
    return open_reader(weights_of(base.model.uri), frame(base.prompt))


def about(recipe: Recipe, folder: Folder, reader: Reader) -> dict[str, Any]:
    """All that decides the prompts."""
    captions = folder.manifest.get("captions", {}) if recipe.variant != "text" else {}
    told = {name: captions.get(name) for name in ("captioner", "context", "lineup", "columns")}
    return {
        "variant": recipe.variant,
        "base": reader.name,
        "prompt": f"{reader.frame.name} {hashlib.sha256(reader.frame.source.encode()).hexdigest()[:12]}",
        "max_length": recipe.budget,
        "dataset": content_digest(folder),
        **told,
        "templates": {task: template_digest(task) for task in TASKS},
    }


def _digests(out: Path) -> dict[str, str]:
    found = {}
    for path in sorted(out.glob("*.jsonl")):
        with path.open("rb") as file:
            found[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def _read(out: Path) -> Fused | None:
    path = out / ABOUT
    if not path.is_file():
        return None
    try:
        return read(Fused, json.loads(path.read_text(encoding="utf-8")), str(path))
    except (OSError, ValueError, RecipeError) as error:
        raise StageError(f"{path}: cannot be read; delete {out} and fuse again") from error


def _write(path: Path, folder: Folder, split: str, weaver: Weaver, progress: Progress) -> dict[str, Counts]:
    counts: dict[str, Counts] = {}
    with path.open("w", encoding="utf-8") as lines:
        for config in folder.configs:
            if split not in folder.splits(config):
                continue
            tally = _Tally()
            total = folder.manifest["configs"][config]["splits"][split]["rows"]
            for example in fuse_split(folder, config, split, weaver):
                lines.write(json.dumps(asdict(example), ensure_ascii=False) + "\n")
                tally.add(example)
                progress(f"{split} {config}", tally.n, total)
            counts[config] = tally.counts()
    return counts


def _lines(recipe: Recipe, split: str) -> Iterator[Example]:
    with (recipe.run_dir / FOLDER / f"{split}.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            try:
                row = json.loads(line)
                yield Example(**row | {"answers": tuple(row["answers"])})
            except (ValueError, KeyError, TypeError) as error:
                raise StageError(f"{lines.name}: damaged; run `caslie fuse {recipe.name}` again") from error


class _Tally:
    def __init__(self) -> None:
        self.n = 0
        self._sums: Counter[str] = Counter()
        self._longest = 0
        self._refused: dict[str, list[str]] = {}

    def add(self, example: Example) -> None:
        self.n += 1
        if example.problem:
            self._refused.setdefault(example.problem, []).append(example.id)
            return
        self._longest = max(self._longest, example.n_tokens)
        self._sums.update(
            rows=1,
            captions=example.n_captions,
            rows_with_history_cut=example.cut_history > 0,
            history_cut=example.cut_history,
            rows_with_captions_cut=example.cut_captions > 0,
            captions_cut=example.cut_captions,
            tokens=example.n_tokens,
        )

    def counts(self) -> Counts:
        refused = {reason: len(ids) for reason, ids in sorted(self._refused.items())}
        ids = {reason: tuple(found[:TOLD]) for reason, found in sorted(self._refused.items())}
        return Counts(**self._sums, longest=self._longest, refused=refused, refused_ids=ids)
