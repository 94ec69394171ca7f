"""The published file, row by row: one JSON array, or one object a line, of which only a window is in memory."""

import json
import re
from collections.abc import Iterator
from typing import TextIO

from mmecinstruct.errors import ImportRefused
from mmecinstruct.schema import Drop

WINDOW = 1 << 20  # characters
LONGEST = 64 << 20  # characters of one row; the longest of the release are SR's, of about 10,000

_SHAPE = "neither a JSON array of objects nor one object a line"
_GAP = re.compile(r"[\s,]*")
_LONGEST_LITERAL = len("-Infinity")
_DECODER = json.JSONDecoder(parse_int=float)  # an int of 5,000 digits is an error of int(), not of JSON


def records(file: TextIO) -> Iterator[object]:
    """Yield what the file holds, row by row; a bad line among good ones is a Drop.

    Raises:
        ImportRefused: it is no JSON, ends in the middle, or is neither an array nor one object a line.
    """
    window = _Window(file)
    try:
        first = window.peek()
        if first not in ("[", "{"):
            raise ImportRefused(f"{file.name}: {_SHAPE}")
        yield from _array(window) if first == "[" else _lines(window)
    except UnicodeDecodeError as error:
        raise ImportRefused(f"{file.name}: not UTF-8 ({error.reason}); nothing was written") from error


class _Window:
    """A stretch of the text that moves on as rows are taken from it."""

    def __init__(self, file: TextIO) -> None:
        self.file = file
        self.text = ""
        self.at = 0
        self.n = 0

    def peek(self) -> str:
        """The next character that is neither white space nor a comma; nothing at the end."""
        while True:
            gap = _GAP.match(self.text, self.at)
            self.at = gap.end() if gap else self.at
            if self.at < len(self.text) or not self._grow():
                return self.text[self.at : self.at + 1]

    def value(self) -> object:
        """Take the next row."""
        while True:
            try:
                value, self.at = _DECODER.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                if not _is_unfinished(error, self.text):
                    raise self.refusal(f"not JSON ({error.msg})") from error
                if not self._grow():
                    raise self.refusal("ends in the middle of a row, or the row is too long") from error
            except RecursionError as error:
                raise self.refusal("nested too deep") from error
            else:
                self.n += 1
                return value

    def line(self) -> str:
        """Take the rest of the line."""
        if end := self.text.find("\n", self.at) + 1:
            line, self.at = self.text[self.at : end], end
        else:
            line, self.text, self.at = self.text[self.at :] + self.file.readline(LONGEST), "", 0
        return line

    def refusal(self, problem: str) -> ImportRefused:
        """What is wrong, and where."""
        return ImportRefused(f"{self.file.name}: {problem}; {self.n:,} rows were read, nothing was written")

    def _grow(self) -> bool:
        rest = self.text[self.at :]
        more = self.file.read(max(WINDOW, len(rest))) if len(rest) < LONGEST else ""
        self.text, self.at = rest + more, 0
        return bool(more)


def _array(window: _Window) -> Iterator[object]:
    window.at += 1
    while (next_character := window.peek()) != "]":
        if not next_character:
            raise window.refusal("the array does not end")
        yield window.value()
    window.at += 1
    if window.peek():
        raise window.refusal("something follows the array")


def _lines(window: _Window) -> Iterator[object]:
    while window.peek():
        line = window.line()
        try:
            value: object = _DECODER.decode(line)
        except (json.JSONDecodeError, RecursionError) as error:
            if not line.endswith("\n"):
                raise window.refusal("ends in the middle of a row, or the row is too long") from error
            if not window.n:
                raise window.refusal(_SHAPE) from error
            value = Drop("malformed_json")
        window.n += 1
        yield value


def _is_unfinished(error: json.JSONDecodeError, text: str) -> bool:
    """Tell whether more text could mend it: a string without its end, or a fault at the very end."""
    return error.msg.startswith("Unterminated string") or error.pos >= len(text) - _LONGEST_LITERAL
