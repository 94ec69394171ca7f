"""MMECInstruct: build, check and load the multimodal e-commerce instruction dataset (paper, section 3).

Importing this package makes `datasets.load_dataset("mmecinstruct", "sr_ood")` work from anywhere.
"""

from typing import TYPE_CHECKING

from mmecinstruct.register import register_with_datasets

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict, IterableDataset, IterableDatasetDict

__version__ = "0.1.0"

__all__ = ["__version__", "load"]

register_with_datasets()


def load(
    path: str, config: str = "all_ind", split: str | None = None, streaming: bool = False
) -> "Dataset | DatasetDict | IterableDataset | IterableDatasetDict":
    """Open a built folder or a Hub repository, with pictures in the rows even where they are a config of their own.

    `load_dataset` opens both kinds of build too, but of one made with `pictures: shared` it shows no pictures.
    """
    from mmecinstruct.shared import load_joined

    return load_joined(path, config, split, streaming)
