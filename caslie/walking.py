"""Walks through the samples of a build in order, without their pictures."""

from collections.abc import Iterator
from typing import NamedTuple

from mmecinstruct.builder.folder import Folder, sample_of
from mmecinstruct.schema import Sample


class Place(NamedTuple):
    """Where a sample stands: row `row` of a split."""

    config: str
    split: str
    row: int


def samples(folder: Folder) -> Iterator[tuple[Place, Sample]]:
    """Yield every sample with its place."""
    for config in folder.configs:
        for split in folder.splits(config):
            for number, row in enumerate(folder.rows(config, split)):
                yield Place(config, split, number), sample_of(row, split)


def n_items(folder: Folder) -> int:
    """How many pictured things the samples have in all."""
    return sum(len(sample.items) for _, sample in samples(folder))
