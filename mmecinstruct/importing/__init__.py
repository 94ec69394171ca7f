"""Importing: the authors' published `dataset.json` in, the same configs with their pictures out."""

from mmecinstruct.importing.release import import_release

__all__ = ["import_release"]
