"""Fetching over https, from the hosts of the recipe only, with a cap on everything (imported when fetching is on)."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from mmecinstruct.images.guard import Target, admit, is_public
from mmecinstruct.images.outcome import Failure, FetchRules

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

_AGENT = "mmecinstruct (dataset builder; one request a picture)"
_CHUNK = 64 * 1024
_MOVED = (301, 302, 303, 307, 308)
_BUSY = 429


@dataclass(frozen=True, slots=True)
class _Moved:
    base: str
    location: str


@dataclass(frozen=True, slots=True)
class _Again:
    """A failure that may pass; `wait_s` is what the server asked for."""

    reason: str
    wait_s: float = 0


class _PrivateAddressError(OSError):
    pass


async def system_addresses(host: str, port: int) -> list[str]:
    """Ask the system for all addresses of a host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class _CheckedResolver(AbstractResolver):
    """Gives the connector the very addresses that were checked: there is no second look-up to lie in."""

    def __init__(self, resolve: Resolve, trusted: frozenset[str]) -> None:
        self._resolve = resolve
        self._trusted = trusted

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Look a host up; one address that is not public spoils all of them."""
        addresses = await self._resolve(host, port)
        if host not in self._trusted and not all(map(is_public, addresses)):
            raise _PrivateAddressError(host)
        return [_result(host, address, port) for address in addresses]

    async def close(self) -> None:
        """Hold nothing, close nothing."""


class Fetcher:
    """Gets the bytes behind addresses, as the rules allow."""

    def __init__(self, rules: FetchRules, resolve: Resolve = system_addresses) -> None:
        trusted = frozenset(urlsplit(origin).hostname or "" for origin in rules.origins.values())
        self._rules = rules
        self._next_start = 0.0
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=rules.connections, resolver=_CheckedResolver(resolve, trusted), use_dns_cache=False
            ),
            timeout=aiohttp.ClientTimeout(total=rules.timeout_s),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": _AGENT, "Accept": "image/*", "Accept-Encoding": "identity"},
            auto_decompress=False,  # a gzip bomb stays packed
            trust_env=False,  # a proxy would do the look-up that is checked here
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def fetch(self, address: str) -> bytes | Failure:
        """Get the bytes behind an address; what may pass is tried again, ever later."""
        answer = await self._follow(address)
        for attempt in range(self._rules.retries):
            if not isinstance(answer, _Again):
                return answer
            wait_s = max(answer.wait_s, self._rules.backoff_s * 2**attempt)
            await asyncio.sleep(min(wait_s, self._rules.max_wait_s))
            answer = await self._follow(address)
        return Failure(answer.reason) if isinstance(answer, _Again) else answer

    async def _follow(self, address: str) -> bytes | Failure | _Again:
        base = ""
        for _ in range(self._rules.max_redirects + 1):
            target = admit(address, self._rules, base)
            if isinstance(target, Failure):
                return target
            answer = await self._ask(target)
            if not isinstance(answer, _Moved):
                return answer
            base, address = answer.base, answer.location
        return Failure("too_many_redirects")

    async def _ask(self, target: Target) -> bytes | Failure | _Again | _Moved:
        await self._wait_for_turn()
        # `encoded`: the checked address goes out letter for letter; `Host` is the real one behind an origin.
        url, headers = URL(target.url, encoded=True), {"Host": target.host}
        try:
            async with self._session.get(url, headers=headers, allow_redirects=False) as response:
                return await self._judge(response, target)
        except TimeoutError:
            return _Again("timeout")
        except aiohttp.ClientConnectorError as error:
            refused = isinstance(error.os_error, _PrivateAddressError)
            return Failure("private_address") if refused else _Again("connection_failed")
        except (aiohttp.ClientError, OSError):
            return _Again("connection_failed")

    async def _judge(self, response: aiohttp.ClientResponse, target: Target) -> bytes | Failure | _Again | _Moved:
        if response.status in _MOVED and (location := response.headers.get("Location")):
            return _Moved(target.address, location)
        if response.status == _BUSY or response.status >= 500:
            return _Again(f"http_{response.status}", _seconds(response.headers.get("Retry-After", "")))
        if response.status != 200:
            return Failure(f"http_{response.status}")
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            return Failure("encoding_not_allowed")
        return await self._body(response)

    async def _body(self, response: aiohttp.ClientResponse) -> bytes | Failure:
        body = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK):  # Content-Length may lie
            body += chunk
            if len(body) > self._rules.max_bytes:
                return Failure("too_large")
        return bytes(body)

    async def _wait_for_turn(self) -> None:
        now = time.monotonic()
        start = max(now, self._next_start)
        self._next_start = start + 1 / self._rules.per_second
        await asyncio.sleep(start - now)


def _result(host: str, address: str, port: int) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=address,
        port=port,
        family=socket.AF_INET6 if ":" in address else socket.AF_INET,
        proto=socket.IPPROTO_TCP,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )


def _seconds(retry_after: str) -> float:
    # The other form, a date, falls back on our own back-off.
    return float(retry_after) if retry_after.isdecimal() else 0
