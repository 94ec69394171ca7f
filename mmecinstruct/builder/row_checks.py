"""Checking single rows of a build: ids, words, answers, repeats and pictures."""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from jinja2 import TemplateError

from mmecinstruct import words
from mmecinstruct.builder.features import CAPTION_COLUMNS
from mmecinstruct.builder.folder import sample_of
from mmecinstruct.builder.seen import value
from mmecinstruct.errors import MmecError
from mmecinstruct.images import Failure
from mmecinstruct.schema import LETTERS


class RowChecks:
    """What has to be told apart across all rows: ids, samples, and the pictures that were opened."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        self._manifest = manifest
        self._ids: set[str] = set()
        self._samples: dict[int, str] = {}
        self._opened: set[str] = set()
        self._counts: dict[str, Counter[str]] = {}

    def problems(self, config: str, split: str, row: dict[str, Any]) -> Iterator[str]:
        """Yield what is wrong with a row. Those of the config `pictures` come first."""
        if config == "pictures":
            yield from self._shared_picture(row)
        elif _has_null(row):
            yield "a value is missing"
        else:
            yield from self._sample_problems(config, split, row)

    def counts(self, config: str) -> dict[str, int]:
        """How many items the rows of a config have, and of them the captioned ones and those whose caption is kept."""
        return dict(self._counts.get(config, Counter()))

    def _sample_problems(self, config: str, split: str, row: dict[str, Any]) -> Iterator[str]:
        about = self._manifest["configs"][config]
        if row["id"] in self._ids:
            yield "another row has this id"
        self._ids.add(row["id"])
        if not row["id"].startswith(f"{config}-{split}-"):
            yield "the id does not name its config and split"
        if (row["task"], row["domain"]) != (about["task"], about["domain"]):
            yield f"task {row['task']!r}, domain {row['domain']!r} in a config of {about['task']}, {about['domain']}"
            return
        yield from _word_problems(row, split)
        yield from _answer_problems(row)
        yield from self._repeat(row)
        yield from self._pictures(row)
        if "captions" in self._manifest:
            yield from self._captions(config, row)

    def _captions(self, config: str, row: dict[str, Any]) -> Iterator[str]:
        if problems := list(caption_problems(row, len(row["items"]), self._manifest["captions"]["judges"])):
            yield from problems
        else:
            self._counts.setdefault(config, Counter()).update(caption_counts(row))

    def _repeat(self, row: dict[str, Any]) -> Iterator[str]:
        right = [line.partition(": ")[2] for line in row["options"] if line.startswith(f"{row['output']}: ")]
        whole = value("\n".join((row["task"], row["input"], *(right or [row["output"]]))))
        first = self._samples.setdefault(whole, row["id"])
        if first != row["id"]:
            yield f"the same sample as {first}"

    def _pictures(self, row: dict[str, Any]) -> Iterator[str]:
        wanted = [item["picture"] for item in row["items"]]
        if "images" not in row:
            if lost := [picture for picture in wanted if picture not in self._opened]:
                yield f"picture {lost[0]} is not in the config pictures"
            return
        if len(row["images"]) != len(wanted):
            yield f"{len(wanted)} items, {len(row['images'])} images"
            return
        for i, (picture, image) in enumerate(zip(wanted, row["images"], strict=True)):
            for problem in self._picture_problems(picture, image["bytes"]):
                yield f"image {i}: {problem}"

    def _shared_picture(self, row: dict[str, Any]) -> Iterator[str]:
        if not row["picture"] or not row["image"]:
            yield "a value is missing"
        elif row["picture"] in self._opened:
            yield "another row has this picture"
        else:
            yield from self._picture_problems(row["picture"], row["image"]["bytes"])

    def _picture_problems(self, sha256: str, data: bytes | None) -> Iterator[str]:
        """Compare the bytes with their hash; open a picture for real when it is met first."""
        from mmecinstruct.images.check import check

        if not data or hashlib.sha256(data).hexdigest() != sha256:
            yield f"not the bytes of picture {sha256}"
            return
        if sha256 in self._opened:
            return
        self._opened.add(sha256)
        checked = check(data, box=self._manifest["recipe"]["box"], max_bytes=len(data))
        # A build judges whether a picture is blank before it is fitted and written as JPEG, which may smooth it.
        if isinstance(checked, Failure) and checked.reason != "placeholder":
            yield f"does not open: {checked.reason}"
        elif not isinstance(checked, Failure) and not checked.kept:
            yield "larger than the recipe's box, or no plain JPEG or PNG"


def caption_problems(row: dict[str, Any], n_items: int, judges: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with the captions, votes and verdicts of a row, which were made with these judges."""
    columns = [row[name] for name in CAPTION_COLUMNS]
    if odd := [name for name, one in zip(CAPTION_COLUMNS, columns, strict=True) if one is None or len(one) != n_items]:
        yield f"not one entry an item: {', '.join(odd)}"
        return
    for i, (caption, votes, kept) in enumerate(zip(*columns, strict=True)):
        for problem in _item_problems(caption, votes, kept, judges):
            yield f"item {i}: {problem}"


def caption_counts(columns: dict[str, Any]) -> dict[str, int]:
    """How many items a row has, and of them the captioned ones and those whose caption is kept."""
    captioned = sum(caption is not None for caption in columns["captions"])
    return {"items": len(columns["captions"]), "captioned": captioned, "kept": sum(columns["caption_kept"])}


def _item_problems(
    caption: str | None, votes: list[dict[str, Any]] | None, kept: bool | None, judges: Sequence[str]
) -> Iterator[str]:
    if kept is None or votes is None or None in votes:
        yield "no verdict, or no list of votes"
        return
    if caption is None and (kept or votes):
        yield "a caption that is not there was kept or voted on"
    elif caption is not None and not caption.strip():
        yield "an empty caption"
    asked = [vote["judge"] for vote in votes]
    if strangers := [name for name in asked if name not in judges]:
        yield f"a vote of {strangers[0]!r}, which is none of the judges"
    if len(set(asked)) < len(asked):
        yield "two votes of one judge"
    if not all(vote["margin"] is None or math.isfinite(vote["margin"]) for vote in votes):
        yield "a margin that is no number"


def _has_null(row: dict[str, Any]) -> bool:
    texts = [row[name] for name in ("id", "task", "domain", "instruction", "input", "output")]
    lists = [row[name] for name in ("options", "items", "lineage", "images") if name in row]
    if None in texts or None in lists:
        return True
    members = [member for one in lists for member in one]
    return None in members or any(None in one.values() for one in (*row["items"], *row["lineage"]))


def _word_problems(row: dict[str, Any], split: str) -> Iterator[str]:
    blank = [name for name in ("instruction", "input", "output") if not row[name].strip()]
    blank += [f"{name} of an item" for name in ("product_id", "picture") if not all(i[name] for i in row["items"])]
    if blank or not row["items"]:
        yield f"empty: {', '.join(blank) or 'items'}"
        return
    try:
        sample = sample_of(row, split)
        wanted = {
            "instruction": words.instruction(sample),
            "input": words.input_text(sample),
            "options": list(words.options(sample)),
        }
    except (ValueError, RecursionError) as error:
        yield f"input is not JSON: {error}"
    except (TemplateError, TypeError, MmecError) as error:
        yield f"the template cannot render it: {error}"
    else:
        odd = [name for name, text in wanted.items() if row[name] != text]
        if odd:
            yield f"not what the template renders: {', '.join(odd)}"
        elif blank := _blank_texts(row):
            yield f"empty: {', '.join(blank)}"


def _blank_texts(row: dict[str, Any]) -> list[str]:
    """What a model would read nothing of: texts of the input, titles of a history, options."""
    shown = json.loads(row["input"])
    texts = shown.values() if isinstance(shown, dict) else shown
    lists = [one for one in texts if isinstance(one, list)]
    blank = (
        ["a text of the input"] if not all(map(_says, (*texts, *(one for texts in lists for one in texts)))) else []
    )
    if not all(_says(item["title"]) for item in row["items"] if item["role"] in ("history", "option")):
        blank.append("a title")
    if not all(_says(line.partition(":")[2]) for line in row["options"]):
        blank.append("an option")
    return blank


def _says(text: object) -> bool:
    return bool(text.strip() if isinstance(text, str) else text)


def _answer_problems(row: dict[str, Any]) -> Iterator[str]:
    allowed = LETTERS[: len(row["options"])] if row["options"] else ("yes", "no")
    if row["output"] not in tuple(allowed):
        yield f"output {row['output']!r} is none of {', '.join(allowed)}"
