"""Fusion: a task's words and the captions that were kept become prompts with answers (paper, section 4.3)."""

from caslie.fusion.examples import Example
from caslie.fusion.prompts import Frame, frame
from caslie.fusion.reading import Encoded, Reader, make_reader, open_reader
from caslie.fusion.stage import Fused, find_examples, fuse_all, read_examples, read_fused, reader_of
from caslie.fusion.weaving import Weaver, fuse_split, refuse_uncaptioned

__all__ = [
    "Encoded",
    "Example",
    "Frame",
    "Fused",
    "Reader",
    "Weaver",
    "find_examples",
    "frame",
    "fuse_all",
    "fuse_split",
    "make_reader",
    "open_reader",
    "read_examples",
    "read_fused",
    "reader_of",
    "refuse_uncaptioned",
]
