"""The dataset's README: YAML that `datasets` and the Hub read, and a text rendered from the manifest."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mmecinstruct.builder.features import features_of
from mmecinstruct.markdown import environment

SPLITS = ("train", "validation", "test")
NO_LICENCE = "Not Specified"  # as Table A1 has it


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that the card's numbers are from."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Published:
    """What the card of a published build says beyond the manifest.

    `drawn` tells that no row was collected: the corpora were the project's own sample. `statistics` is what
    `mmecinstruct.looking.statistics` gave; `header` are further keys of the YAML, as `DatasetCardData` names them.
    """

    repository: str
    license: str
    drawn: bool
    statistics: Mapping[str, Any]
    leakage: Mapping[str, Any]
    figure: str
    artifacts: tuple[Artifact, ...]
    header: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Split:
    rows: int
    num_bytes: int
    size: int
    paths: tuple[str, ...]


def write_card(out: Path, manifest: dict[str, Any]) -> None:
    """Write the card of a build that nobody publishes yet into `out/README.md`."""
    (out / "README.md").write_text(render_card(manifest), encoding="utf-8")


def render_card(manifest: dict[str, Any], published: Published | None = None) -> str:
    """Render `dataset_card/README.md.jinja`; what only a publisher can say is left out where there is none."""
    text = (
        environment(card_folder())
        .get_template("README.md.jinja")
        .render(
            manifest=manifest,
            splits=SPLITS,
            wholes=[name for name in _groups(manifest) if name not in manifest["configs"]],
            shared=manifest["recipe"]["pictures"] == "shared",
            sources=sources_of(manifest),
            unlicensed=unlicensed(manifest),
            published=published,
        )
    )
    return f"---\n{card_header(manifest, published.header if published else None)}\n---\n{text}"


def card_header(manifest: dict[str, Any], more: Mapping[str, Any] | None = None) -> str:
    """The YAML of the card: one config a task and domain, and `all_ind` and `all_ood` over the same files."""
    from datasets import DatasetInfo, SplitDict, SplitInfo
    from datasets.info import DatasetInfosDict
    from datasets.utils.metadata import MetadataConfigs
    from huggingface_hub import DatasetCardData

    data, infos, configs = DatasetCardData(**(more or {})), DatasetInfosDict(), MetadataConfigs()
    groups = _groups(manifest)
    for name, members in groups.items():
        splits = _splits(manifest, members)
        infos[name] = DatasetInfo(
            config_name=name,
            features=features_of(manifest, name),
            splits=SplitDict({split: SplitInfo(split, one.num_bytes, one.rows) for split, one in splits.items()}),
            download_size=sum(one.size for one in splits.values()),
            dataset_size=sum(one.num_bytes for one in splits.values()),
        )
        configs[name] = {
            # `datasets` keys its cache of a folder by this header alone, so the header must change with the rows.
            "description": f"content {_content(manifest, members)}",
            "data_files": [{"split": split, "path": list(one.paths)} for split, one in splits.items()],
        }
    configs[next(iter(groups))]["default"] = True
    infos.to_dataset_card_data(data)
    configs.to_dataset_card_data(data)
    return data.to_yaml()


def sources() -> dict[str, dict[str, Any]]:
    """What is known of each corpus: licence, address, citation."""
    about: dict[str, dict[str, Any]] = yaml.safe_load((card_folder() / "sources.yaml").read_text(encoding="utf-8"))
    return about


def sources_of(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The corpora a build was made of."""
    release = any(one.get("table") == "release" for one in manifest["corpora"])
    used = {"release"} if release else {one["file"].partition("/")[0] for one in manifest["corpora"]}
    return {name: about for name, about in sources().items() if name in used}


def unlicensed(manifest: dict[str, Any]) -> list[str]:
    """The names of a build's corpora whose publishers state no licence."""
    return [about["name"] for about in sources_of(manifest).values() if about["licence"] == NO_LICENCE]


def card_folder() -> Path:
    """Where the card's template is: in the wheel, or in a checkout."""
    installed = Path(__file__).parent.parent / "_dataset_card"
    return installed if installed.is_dir() else Path(__file__).parent.parent.parent / "dataset_card"


def _groups(manifest: dict[str, Any]) -> dict[str, list[str]]:
    """Config names with their members; the first is the default."""
    configs = manifest["configs"]
    whole = {
        f"all_{domain}": [name for name in configs if configs[name]["domain"] == domain] for domain in ("ind", "ood")
    }
    return {name: members for name, members in whole.items() if members} | {name: [name] for name in configs}


def _splits(manifest: dict[str, Any], members: list[str]) -> dict[str, _Split]:
    found = {}
    for split in SPLITS:
        within = [(name, manifest["configs"][name]["splits"].get(split)) for name in members]
        there = [(name, one) for name, one in within if one]
        if there:
            found[split] = _Split(
                rows=sum(one["rows"] for _, one in there),
                num_bytes=sum(one["num_bytes"] for _, one in there),
                size=sum(file["bytes"] for _, one in there for file in one["files"]),
                paths=tuple(f"data/{name}/{split}-*" for name, _ in there),
            )
    return found


def _content(manifest: dict[str, Any], members: list[str]) -> str:
    configs = [manifest["configs"][name] for name in members]
    files = [file["sha256"] for config in configs for split in config["splits"].values() for file in split["files"]]
    return hashlib.sha256("".join(files).encode()).hexdigest()[:16]
