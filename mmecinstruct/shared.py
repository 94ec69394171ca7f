"""Datasets whose pictures are a config of their own, joined back on reading."""

from typing import Any, TypeAlias

from datasets import Dataset, DatasetDict, IterableDataset, IterableDatasetDict, List, load_dataset
from datasets import Image as ImageFeature

Loaded: TypeAlias = Dataset | DatasetDict | IterableDataset | IterableDatasetDict


def load_joined(path: str, config: str, split: str | None, streaming: bool) -> Loaded:
    """Load a config; if its rows name pictures without showing them, look them up as rows are read."""
    loaded: Loaded = load_dataset(path, config, split=split, streaming=streaming)
    first = next(iter(loaded.values())) if isinstance(loaded, dict) else loaded
    if "images" in first.features:
        return loaded
    pictures = Pictures(load_dataset(path, "pictures", split="train"))
    if isinstance(loaded, dict):
        return type(loaded)({name: _joined(one, pictures) for name, one in loaded.items()})
    return _joined(loaded, pictures)


class Pictures:
    """The config `pictures`, by sha256: the index is in memory, the bytes stay in the Arrow file."""

    def __init__(self, pictures: Dataset) -> None:
        self._encoded = pictures.cast_column("image", ImageFeature(decode=False))
        self._places = {sha256: i for i, sha256 in enumerate(pictures["picture"])}
        self._feature = ImageFeature()

    def add(self, batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
        """A batch of rows with the pictures of their items, decoded."""
        wanted = sorted({item["picture"] for items in batch["items"] for item in items})
        rows = self._encoded[[self._places[sha256] for sha256 in wanted]]["image"]
        decoded = {sha256: self._feature.decode_example(image) for sha256, image in zip(wanted, rows, strict=True)}
        return batch | {"images": [[decoded[item["picture"]] for item in items] for items in batch["items"]]}


def _joined(rows: Dataset | IterableDataset, pictures: Pictures) -> Dataset | IterableDataset:
    if isinstance(rows, IterableDataset):
        features = rows.features.copy() | {"images": List(ImageFeature())}
        return rows.map(pictures.add, batched=True, batch_size=8, features=type(rows.features)(features))
    return rows.with_transform(pictures.add)
