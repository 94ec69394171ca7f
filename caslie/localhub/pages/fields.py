"""One value of a row as a page shows it: text, a list, a table, or the pictures themselves."""

import base64
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from caslie.localhub.pages.text import short

MOST_PICTURES = 8
LARGEST_PICTURE = 1 << 20
MOST_MEMBERS = 50
LARGEST_JSON = 1 << 16

_MAGIC = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture inside the page, or why it is not: `uri` is empty then."""

    uri: str
    told: str


@dataclass(frozen=True, slots=True)
class Grid:
    """Records of one kind, side by side."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A column's value in one row; what it is not stays empty."""

    name: str
    text: str = ""
    members: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    pictures: tuple[Picture, ...] = ()
    grid: Grid | None = None
    n_more: int = 0


def field(name: str, value: object) -> Field:
    """Choose how a value is shown; JSON that stands in a text, as in the instructions' inputs, is what it holds."""
    value = _unpacked(value)
    if _is_picture(value):
        return Field(name, pictures=(_picture(value),))
    if isinstance(value, list) and value:
        return _several(name, value)
    if isinstance(value, Mapping) and value:
        members = list(value.items())[:MOST_MEMBERS]
        pairs = tuple((short(str(key), 100), _text(member)) for key, member in members)
        return Field(name, pairs=pairs, n_more=len(value) - len(members))
    return Field(name, text=_text(value))


def picture_type(content: bytes) -> str | None:
    """The media type of a picture that browsers show, by what it is and not by what it is called."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((media_type for magic, media_type in _MAGIC if content.startswith(magic)), None)


def _several(name: str, values: list[object]) -> Field:
    if _is_picture(values[0]):
        pictures = tuple(_picture(value) for value in values[:MOST_PICTURES])
        return Field(name, pictures=pictures, n_more=max(0, len(values) - MOST_PICTURES))
    few, n_more = values[:MOST_MEMBERS], max(0, len(values) - MOST_MEMBERS)
    records = [value for value in few if isinstance(value, Mapping)]
    if records and len(records) == len(few):
        columns = tuple(dict.fromkeys(str(key) for record in records for key in record))
        rows = tuple(tuple(_text(record.get(column)) for column in columns) for record in records)
        return Field(name, grid=Grid(columns, rows), n_more=n_more)
    return Field(name, members=tuple(_text(value) for value in few), n_more=n_more)


def _is_picture(value: object) -> bool:
    return isinstance(value, Mapping) and value.keys() == {"bytes", "path"}


def _picture(value: object) -> Picture:
    content = value.get("bytes") if isinstance(value, Mapping) else None
    if not isinstance(content, bytes):
        return Picture("", "no picture inside")
    media_type = picture_type(content)
    if media_type is None:
        return Picture("", f"not a JPEG, PNG or WebP ({len(content):,} bytes)")
    if len(content) > LARGEST_PICTURE:
        return Picture("", f"too large to show ({len(content):,} bytes)")
    return Picture(f"data:{media_type};base64,{base64.b64encode(content).decode()}", f"{len(content):,} bytes")


def _unpacked(value: object) -> object:
    if isinstance(value, str) and value.startswith(("{", "[")) and len(value) <= LARGEST_JSON:
        with suppress(ValueError, RecursionError):
            unpacked: object = json.loads(value)
            return unpacked
    return value


def _text(value: object) -> str:
    if value is None or value == []:
        return "—"
    if isinstance(value, bytes):
        return f"{len(value):,} bytes"
    if isinstance(value, list | dict):
        return short(json.dumps(value, ensure_ascii=False, default=repr))
    return short(str(value))
