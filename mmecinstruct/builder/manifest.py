"""`manifest.json`: what a build contains, what it dropped and why, and what it was made of."""

import dataclasses
import json
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mmecinstruct import words
from mmecinstruct.builder.plan import FORMAT, LIBRARIES, code_digest
from mmecinstruct.builder.sampling import Source
from mmecinstruct.builder.writer import SplitWriter
from mmecinstruct.config import Recipe
from mmecinstruct.errors import OutputError
from mmecinstruct.images import PictureStore
from mmecinstruct.sources import Corpora


@dataclass(slots=True)
class Config:
    """One config of the dataset and its written splits."""

    name: str
    task: str
    domain: str
    splits: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, split: str, writer: SplitWriter) -> None:
        """Close a split's writer and note what it wrote; a split without rows does not exist."""
        shards = writer.close()
        if shards:
            files = [dataclasses.asdict(shard) for shard in shards]
            sizes = {"rows": writer.rows, "pictures": writer.pictures, "num_bytes": writer.num_bytes}
            self.splits[split] = {**sizes, "files": files}


def make_manifest(
    recipe: Recipe,
    corpora: Corpora,
    store: PictureStore,
    sources: list[Source],
    configs: list[Config],
    leaks: dict[str, Any],
) -> dict[str, Any]:
    """Everything a reader needs to trust the rows, or not. Nothing in it depends on the clock or the machine."""
    return {
        "format": FORMAT,
        "recipe": dataclasses.asdict(recipe),
        "configs": {
            one.name: {"task": one.task, "domain": one.domain, "splits": one.splits} for one in configs if one.splits
        },
        "dropped": {one.config: one.drops() for one in sources},
        "skipped": _skipped(corpora),
        "corpora": [
            {"file": file, "table": table, "lines": n, "sha256": sha256}
            for file, table, n, sha256 in corpora.rows("SELECT file, tab, n, sha256 FROM staged ORDER BY file, tab")
        ],
        "pictures": {"failed": store.failures()},
        "leakage": leaks["summary"],
        "templates": {one.task.name: words.template_digest(one.task.name) for one in sources},
        "code": code_digest(),
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def _skipped(corpora: Corpora) -> dict[str, dict[str, int]]:
    """Lines that became no record, by file (and table, where a file gives two) and reason."""
    skipped: dict[str, dict[str, int]] = {}
    for file, table, reason, n in corpora.rows("SELECT file, tab, reason, n FROM skipped ORDER BY file, tab, reason"):
        skipped.setdefault(f"{file} ({table})", {})[reason] = n
    return skipped


def write_json(path: Path, content: object) -> None:
    """Write JSON for people and machines, whole or not at all."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.rename(path)


def read_manifest(out: Path) -> dict[str, Any]:
    """Read a build's manifest.

    Raises:
        OutputError: the folder is no build.
    """
    try:
        manifest: dict[str, Any] = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise OutputError(f"{out}: no build of mmecinstruct ({error}). `mmecinstruct build` makes one") from error
    if not _is_manifest(manifest):
        raise OutputError(f"{out / 'manifest.json'}: not the manifest of a build")
    return manifest


def _is_manifest(content: object) -> bool:
    """Tell whether this has the parts that every reader of a build goes by."""
    if not isinstance(content, dict) or "configs" not in content:
        return False
    configs = content["configs"]
    if not isinstance(configs, dict) or not configs or not _tells_of_captions(content.get("captions")):
        return False
    splits = [
        one["splits"] for one in configs.values() if isinstance(one, dict) and isinstance(one.get("splits"), dict)
    ]
    if len(splits) < len(configs):
        return False
    return all(
        isinstance(split, dict) and isinstance(split.get("files"), list) for one in splits for split in one.values()
    )


def _tells_of_captions(section: object) -> bool:
    """Tell whether a build has no captions, or names their judges and counts them by config."""
    if section is None:
        return True
    kinds = {"judges": list, "configs": dict, "source": str}
    return isinstance(section, dict) and all(isinstance(section.get(key), kind) for key, kind in kinds.items())
