"""`mmecinstruct why`: where a row came from, and whether its raw lines still give it.

Nothing here knows how a task works: the raw lines are staged by the same readers, joined by the same SQL, drafted and
settled by the same functions as in the build, and the result is compared with the row.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from mmecinstruct import words
from mmecinstruct.builder.features import row_of
from mmecinstruct.builder.folder import Folder
from mmecinstruct.builder.lineage import Lineage
from mmecinstruct.builder.sampling import joined
from mmecinstruct.builder.settle import settle
from mmecinstruct.config import Recipe, read
from mmecinstruct.errors import SourceError
from mmecinstruct.images import Failure, Picture
from mmecinstruct.images.address import picture_name
from mmecinstruct.images.local import find_file, read_file
from mmecinstruct.schema import Candidate, Draft, Drop, Ref
from mmecinstruct.sources import CORPORA, Corpora, Found
from mmecinstruct.sources.lines import SCHEMA
from mmecinstruct.sources.tabular import open_lines
from mmecinstruct.tasks import TASKS


@dataclass(frozen=True, slots=True)
class Line:
    """One raw line a row was read from: of the row itself (-1) or of item `item`."""

    item: int
    file: str
    table: str
    line: int
    digest: str
    text: str


@dataclass(frozen=True, slots=True)
class Why:
    """Where a row came from; `differs` is empty if its raw lines still give the same row."""

    id: str
    task: str
    rule: str
    drawn: dict[str, Any]
    lines: list[Line]
    pictures: list[dict[str, str]]
    differs: dict[str, tuple[Any, Any]]


@dataclass(slots=True)
class _Few:
    """A few lines of a corpus file, read as if they were all of it."""

    lines: Sequence[tuple[int, int, str]]
    sha256: str = ""
    faults: Counter[str] = field(default_factory=Counter)

    @property
    def n_lines(self) -> int:
        return len(self.lines)

    def reader(self) -> pa.RecordBatchReader:
        numbers, offsets, texts = zip(*self.lines, strict=True)
        batch = pa.record_batch(
            [numbers, offsets, pa.array(texts, pa.large_string()), pa.nulls(len(texts), pa.string())], schema=SCHEMA
        )
        return pa.RecordBatchReader.from_batches(SCHEMA, [batch])


def why(folder: Folder, id: str, sources: Path | None = None) -> Why:
    """Trace a row to its raw lines and derive it again; the corpora are where the build read them, unless given.

    Raises:
        SourceError: a corpus file is not there any more.
        UnknownNameError: the build has no such row.
    """
    row = folder.row(id)
    config, _, rest = id.partition("-")
    task = TASKS[row["task"]]
    lineage = Lineage(folder.out)
    sources = sources or lineage.corpora()
    drawn, structure = lineage.pool_row(id, config)
    lines = _raw_lines(lineage, row, sources)
    lineage.close()
    recipe = read(Recipe, folder.manifest["recipe"], str(folder.out / "manifest.json"))
    with Corpora() as corpora:
        draft = _draft(corpora, task, drawn, structure, lines, sources)
    pictures: list[dict[str, str]] = []
    again = _again(draft, row, rest.partition("-")[0], recipe.seed, pictures) if isinstance(draft, Draft) else {}
    moved = _picture_differences(folder.pictures(row), row, pictures, sources / "images", recipe)
    same = {key: value for key, value in row.items() if key != "images"}
    differs = {key: (value, again.get(key)) for key, value in same.items() if again.get(key) != value}
    if isinstance(draft, Drop):
        differs = {"row": (id, draft.reason)}
    differs |= moved
    differs |= {
        f"{line.file}:{line.line}": (line.digest, now) for line in lines if (now := _digest(line)) != line.digest
    }
    return Why(id, task.name, task.pool.__doc__ or "", json.loads(drawn), lines, pictures, differs)


def _raw_lines(lineage: Lineage, row: dict[str, Any], sources: Path) -> list[Line]:
    """The raw line of each record of a row, read from the corpora now, each file once."""
    places = [
        (Ref(one["file"], one["digest"], one["item"]), table, line, offset)
        for one in row["lineage"]
        for table, line, offset in lineage.lines(Ref(one["file"], one["digest"]))
    ]
    texts: dict[tuple[str, str], dict[int, str]] = {}
    for file, table in dict.fromkeys((ref.file, table) for ref, table, _, _ in places):
        if not (sources / file).is_file():
            raise SourceError(f"{sources / file}: is not there any more; name the corpora's folder with --sources")
        wanted = {line: offset for ref, kind, line, offset in places if (ref.file, kind) == (file, table)}
        texts[file, table] = open_lines(sources / file, _file(sources / file, table, sources).file.members).at(wanted)
    return [
        Line(ref.item, ref.file, table, line, ref.digest, texts[ref.file, table].get(line, ""))
        for ref, table, line, _ in places
    ]


def _digest(line: Line) -> str:
    """The digest of a line as it is now: 64 bits of its md5, as DuckDB's md5_number_lower has them."""
    return hashlib.md5(line.text.encode(), usedforsecurity=False).digest()[8:][::-1].hex()


def _file(path: Path, table: str, sources: Path) -> Found:
    corpus = CORPORA[path.relative_to(sources).parts[0]]
    return next(
        Found(corpus, file, found, category)
        for file in corpus.files
        if file.table == table
        for category, found in corpus.paths(sources, file).items()
        if found == path
    )


def _draft(corpora: Corpora, task: Any, drawn: str, structure: str, lines: list[Line], sources: Path) -> Draft | Drop:
    """Stage the lines, and have the task draft the row that was drawn from its pool."""
    for name, table in dict.fromkeys((line.file, line.table) for line in lines):
        few = {line.line: line.text for line in lines if (line.file, line.table) == (name, table)}
        numbered = [(number, number, text) for number, text in sorted(few.items())]
        corpora.read(name, _file(sources / name, table, sources), _Few(numbered))
    corpora.catalogue()
    corpora.db.execute(f"CREATE TABLE pool_slice AS SELECT unnest(?::JSON::{structure})", [drawn])
    rows = joined(corpora, task)
    return task.draft(rows[0]) if rows else Drop("its records are not what they were")


def _again(draft: Draft, row: dict[str, Any], split: Any, seed: int, pictures: list[dict[str, str]]) -> dict[str, Any]:
    """The row as the draft gives it, with the pictures it had."""
    had = {(item["role"], item["product_id"]): item["picture"] for item in row["items"]}

    def obtain(wanted: Sequence[Candidate]) -> list[Picture | Failure]:
        shas = [had.get((one.item.role, one.item.product_id), "") for one in wanted]
        pictures.extend(
            {"item": one.item.product_id, "addresses": " ".join(one.addresses), "picture": sha}
            for one, sha in zip(wanted, shas, strict=True)
            if sha
        )
        return [Picture(sha, 0, 0, "") if sha else Failure("not_shown") for sha in shas]

    settled = settle(draft, TASKS[row["task"]], row["domain"], split, seed, obtain)
    return {"row": settled.reason} if isinstance(settled, Drop) else row_of(settled, words.input_text(settled))


def _picture_differences(
    images: Sequence[bytes], row: dict[str, Any], pictures: list[dict[str, str]], folder: Path, recipe: Recipe
) -> dict[str, tuple[Any, Any]]:
    """Hash the pictures the row holds, and conform those at hand again; `pictures` learn which were at hand."""
    differs: dict[str, tuple[Any, Any]] = {}
    for i, (item, data) in enumerate(zip(row["items"], images, strict=True)):
        if (sha256 := hashlib.sha256(data).hexdigest()) != item["picture"]:
            differs[f"image {i}"] = (item["picture"], sha256)
    for picture in pictures:
        now = _conformed(picture["addresses"].split(), folder, recipe)
        picture["at_hand"] = "yes" if now else "no"
        if now not in ("", picture["picture"]):
            differs[f"picture of {picture['item']}"] = (picture["picture"], now)
    return differs


def _conformed(addresses: Sequence[str], folder: Path, recipe: Recipe) -> str:
    """The sha256 that the first good one of the pictures at hand gets, empty where none is at hand."""
    from mmecinstruct.images.check import check

    for address in addresses:
        if file := find_file([folder], picture_name(address)):
            body = read_file(file, recipe.fetch.max_bytes)
            checked = (
                check(body, box=recipe.box, max_bytes=recipe.fetch.max_bytes) if isinstance(body, bytes) else body
            )
            if not isinstance(checked, Failure):
                return checked.picture.sha256
    return ""
