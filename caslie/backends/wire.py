"""One request to a server, with a cap on everything it may answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

import aiohttp
from yarl import URL

_MAX_ANSWER = 1024 * 1024  # bytes; a caption has a thousand, the weights of twenty tokens three thousand
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Server:
    """Whom to ask, under which name (the model's identity), and what to do if it does not take the key."""

    name: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    key: str = field(repr=False)
    advice: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What a server answered. `content` is the JSON of it, None if it is none; `wait` the seconds it asked for."""

    status: int
    content: object
    wait: float


@dataclass(frozen=True, slots=True)
class Lost:
    """Why there was no answer, and whether the server had the question all the same."""

    cause: str
    had: bool


class Wire:
    """Connections to one server. It must be made and closed where it is used, inside a loop that runs."""

    def __init__(self, server: Server, timeout: float, connections: int) -> None:
        self._url = URL(server.url)
        self._timeout = timeout
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections),
            timeout=aiohttp.ClientTimeout(total=timeout),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={**server.headers, "Content-Type": "application/json", "Accept-Encoding": "identity"},
            auto_decompress=False,  # a gzip bomb stays packed
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def post(self, body: bytes) -> Heard | Lost:
        """Send a request. A redirect is an answer: it would take the key to another host."""
        try:
            async with self._session.post(self._url, data=body, allow_redirects=False) as response:
                content = _parsed(await _body(response))
                return Heard(response.status, content, _wait(response.headers))
        except TimeoutError:
            return Lost(f"no answer in {self._timeout:g} s", had=True)
        except aiohttp.ClientConnectorError:
            return Lost("no connection", had=False)
        except (aiohttp.ClientError, OSError):
            return Lost("the connection broke", had=True)


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > _MAX_ANSWER:
            return b""
    return bytes(body)


def _parsed(body: bytes) -> object:
    try:
        content: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return content


def _wait(headers: Mapping[str, str]) -> float:
    """Read `Retry-After`: seconds, or a date, which is told by the server's own clock."""
    asked = headers.get("Retry-After", "").strip()
    try:
        return float(asked) if asked.replace(".", "", 1).isdecimal() else _seconds_to(asked, headers.get("Date", ""))
    except (ValueError, TypeError, OverflowError):  # no date, or one with a time zone and one without
        return 0.0


def _seconds_to(date: str, now: str) -> float:
    return max(0.0, (parsedate_to_datetime(date) - parsedate_to_datetime(now)).total_seconds())
