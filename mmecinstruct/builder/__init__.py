"""The builder: from corpora to a folder of Parquet. `build` is the main flow."""

from mmecinstruct.builder.build import Request, build

__all__ = ["Request", "build"]
