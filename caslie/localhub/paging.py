"""Lists that are longer than one answer: the next page is named by a `Link` header, as on the real Hub."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from aiohttp import web
from yarl import URL

from caslie.localhub.errors import bad_request

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is asked for."""

    start: int
    n: int

    def cut(self, found: Iterable[T]) -> Iterator[T]:
        """Yield this part, and one more where there is one: it tells that another page follows."""
        return islice(found, self.start, self.start + self.n + 1)

    def answer(self, request: web.Request, cut: Sequence[object], at: URL) -> web.Response:
        """Answer what was cut; the rest is at `at`, by the same query with another cursor."""
        following = at.with_query(request.query).update_query(cursor=self.start + self.n)
        headers = {"Link": f'<{following}>; rel="next"'} if len(cut) > self.n else None
        return web.json_response(list(cut[: self.n]), headers=headers)


def window(request: web.Request, most: int) -> Window:
    """Read which part is asked for; `most` is how much one answer may hold."""
    return Window(number_in(request, "cursor", 0), max(1, min(number_in(request, "limit", most), most)))


def number_in(request: web.Request, name: str, otherwise: int) -> int:
    """A whole number in the query."""
    text = request.query.get(name, str(otherwise))
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise bad_request(f"{name}={text[:20]} is no number")
    return int(text)


def is_on(request: web.Request, name: str) -> bool:
    """Tell whether the query switches something on; Python's and JavaScript's clients spell it differently."""
    return request.query.get(name, "").lower() in ("1", "true")
