"""The builder: from corpora to a folder of Parquet. `build` is the main flow."""

from mmecinstruct.builder.build import Request, build
from mmecinstruct.builder.captioned import write_captioned

__all__ = ["Request", "build", "write_captioned"]
