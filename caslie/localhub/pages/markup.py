"""A card's Markdown as HTML: no markup of its own, no odd addresses, no picture from elsewhere."""

import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import quote, unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from caslie.localhub.pages.comments import without_comments
from caslie.localhub.pages.snapshot import address
from caslie.localhub.pages.text import still

_PARSER = without_comments(MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]))
_WEB = ("http", "https", "mailto")


def markup(text: str, page: str, revision: str) -> Markup:
    """Render a card that lies in the first folder of a repository."""
    tokens = _PARSER.parse(still(text))
    _name_headings(tokens)
    for token in tokens:
        # The page allows no style but its own file's.
        if style := token.attrs.pop("style", None):
            token.attrs["class"] = str(style).rpartition(":")[2]
        if token.children:
            token.children = list(_checked(token.children, page, revision))
    # Safe: the parser makes no HTML of the card's own, and the addresses are checked.
    return Markup(_PARSER.renderer.render(tokens, _PARSER.options, {}))


def _name_headings(tokens: list[Token]) -> None:
    seen: Counter[str] = Counter()
    for heading, content in pairwise(tokens):
        if heading.type == "heading_open":
            slug = re.sub(r"[^\w\- ]", "", content.content.lower()).strip().replace(" ", "-")
            heading.attrs["id"] = f"{slug}-{seen[slug]}" if seen[slug] else slug
            seen[slug] += 1


def _checked(tokens: list[Token], page: str, revision: str) -> Iterator[Token]:
    in_link = False
    for token in tokens:
        if token.type == "image":
            yield from _picture(token, page, revision, in_link)
            continue
        if token.type in ("link_open", "link_close"):
            in_link = token.type == "link_open"
        if token.type == "link_open":
            token.attrs = _link(str(token.attrs.get("href", "")), page, revision)
        yield token


def _picture(token: Token, page: str, revision: str, in_link: bool) -> Iterator[Token]:
    source = _in_repo(str(token.attrs["src"]), page, "resolve", revision)
    if source is not None:
        token.attrs["src"] = source
        yield token
        return
    link = _link(str(token.attrs["src"]), page, revision)
    text = Token("text", "", 0, content=token.content or "picture")
    yield from [text] if in_link else [Token("link_open", "a", 1, attrs=link), text, Token("link_close", "a", -1)]


def _link(href: str, page: str, revision: str) -> dict[str, str | int | float]:
    here = href if href.startswith("#") else _in_repo(href, page, "blob", revision)
    if here is not None:
        return {"href": here}
    try:
        parts = urlsplit(href)
    except ValueError:
        return {}
    if parts.scheme in _WEB or href.startswith("/"):
        return {"href": href, "rel": "nofollow noopener noreferrer"}
    return {}


def _in_repo(href: str, page: str, kind: str, revision: str) -> str | None:
    """The address of what a card names by a path relative to itself; None if it names something else."""
    try:
        parts = urlsplit(href)
    except ValueError:
        return None
    path = posixpath.normpath(unquote(parts.path))
    if parts.scheme or parts.netloc or not parts.path or path.startswith((".", "/")):
        return None
    return address(page, kind, revision, path) + (f"#{quote(unquote(parts.fragment))}" if parts.fragment else "")
