"""What a corpus file is: where it lies, which members of its rows are read, and how they become a typed record.

A corpus is one module that lists its `CorpusFile`s. Every file becomes rows of one of the few record tables below,
under the same column names whoever published it; tasks read those tables and never know about files.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mmecinstruct.registry import Registry

Table = Literal["questions", "labels", "products", "reviews", "examples", "listings", "addresses"]

# Column types of each record table. Every row also has file, line, byte_offset and digest (md5 of the raw line).
TABLES: dict[Table, dict[str, str]] = {
    "questions": {
        "qid": "VARCHAR",
        "product_id": "VARCHAR",
        "category": "VARCHAR",
        "question": "VARCHAR",
        "document": "VARCHAR[]",
        "answerable": "BOOLEAN",
        "split": "VARCHAR",
    },
    "labels": {"product_id": "VARCHAR", "category": "VARCHAR"},
    "products": {
        "product_id": "VARCHAR",
        "title": "VARCHAR",
        "brand": "VARCHAR",
        "category": "VARCHAR",
        "categories": "VARCHAR[]",
        "addresses": "VARCHAR[]",
        "also_buy": "VARCHAR[]",
        "also_view": "VARCHAR[]",
        "similar_items": "VARCHAR[]",
    },
    "reviews": {
        "user_id": "VARCHAR",
        "product_id": "VARCHAR",
        "rating": "DOUBLE",
        "text": "VARCHAR",
        "time_ms": "BIGINT",
        "addresses": "VARCHAR[]",
    },
    "examples": {
        "example_id": "VARCHAR",
        "query_id": "VARCHAR",
        "query": "VARCHAR",
        "product_id": "VARCHAR",
        "locale": "VARCHAR",
        "label": "VARCHAR",
        "split": "VARCHAR",
    },
    "listings": {"product_id": "VARCHAR", "locale": "VARCHAR", "title": "VARCHAR", "brand": "VARCHAR"},
    "addresses": {"product_id": "VARCHAR", "address": "VARCHAR"},
}


@dataclass(frozen=True, slots=True)
class CorpusFile:
    """One kind of file of a corpus.

    `glob` is its name under the corpus folder, `.gz` and `.zst` understood; what `*` stands for is the category, and
    names that begin with `but_not` are another kind. `members` are the JSON members (or columns) that are read; each
    reaches `select`, which gives the table's columns in order, as raw JSON under its own name (`$category` is the
    category). A row in which one of the columns of `key` is null is counted as `no_key`.
    """

    table: Table
    glob: str
    members: tuple[str, ...]
    select: tuple[str, ...]
    key: tuple[str, ...]
    but_not: str = "."


@dataclass(frozen=True, slots=True)
class Corpus:
    """A corpus: its folder under `--sources` and the files in it. `preference` orders pictures: lower comes first."""

    name: str
    files: tuple[CorpusFile, ...]
    preference: int = 9

    def paths(self, sources: Path, file: CorpusFile) -> dict[str, Path]:
        """The files that are there, by category: the plain one before its archive, the whole before its 5-core.

        A name that is not UTF-8 names no category.
        """
        prefix, star, suffix = file.glob.partition("*")
        found: dict[str, Path] = {}
        for path in sorted((sources / self.name).glob(file.glob + "*"), key=lambda path: (len(path.name), path.name)):
            name = path.name.removesuffix(".gz").removesuffix(".zst")
            category = name.removeprefix(prefix).removesuffix(suffix) if star else ""
            fits = name == prefix + category + suffix and not name.startswith(file.but_not)
            if fits and path.is_file() and os.fsencode(name) == name.encode(errors="replace"):
                found.setdefault(category.removesuffix("_5"), path)
        return dict(sorted(found.items()))


CORPORA: Registry[Corpus] = Registry("corpus")
