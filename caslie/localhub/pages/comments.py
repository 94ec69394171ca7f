"""HTML comments in a card, which are not for its readers: left out wherever they are not code."""

import re
from bisect import bisect_left
from collections.abc import MutableMapping
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

_BEGIN, _END = "<!--", "-->"
_ENDS = "ends of comments"
_REST_OF_LINE = re.compile(r"[ \t]{0,80}(\n|\Z)")


def without_comments(parser: MarkdownIt) -> MarkdownIt:
    """Teach a parser that makes no HTML to leave comments out."""
    interrupts = ["paragraph", "reference", "blockquote"]
    parser.block.ruler.before("html_block", "comment", _skip_lines, {"alt": interrupts})
    parser.inline.ruler.before("html_inline", "comment", _skip_within)
    return parser


def _skip_lines(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Skip a comment that has its lines to itself, blank ones among them."""
    begin = state.bMarks[start] + state.tShift[start]
    last = _end(state.src, begin, state.env)
    if state.is_code_block(start) or last is None or last > state.eMarks[end - 1]:
        return False
    if not _REST_OF_LINE.match(state.src, last):
        return False
    if not silent:
        state.line = bisect_left(state.eMarks, last, start, end) + 1
    return True


def _skip_within(state: StateInline, silent: bool) -> bool:
    """Skip a comment inside a paragraph."""
    last = _end(state.src, state.pos, state.env)
    if last is None or last > state.posMax:
        return False
    state.pos = last
    return True


def _end(text: str, begin: int, env: MutableMapping[str, Any]) -> int | None:
    """Where the comment that begins here ends; None if none does.

    All ends are looked for at once: a card of nothing but beginnings would be searched to its end for each.
    """
    if not text.startswith(_BEGIN, begin):
        return None
    known: dict[str, list[int]] = env.setdefault(_ENDS, {})
    if text not in known:
        known[text] = [found.end() for found in re.finditer(_END, text)]
    ends = known[text]
    place = bisect_left(ends, begin + len(_BEGIN) + len(_END))
    return ends[place] if place < len(ends) else None
