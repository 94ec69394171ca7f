"""The picture store: what a build asks for pictures, however many samples want the same one."""

import asyncio
import threading
from collections import Counter
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar

from mmecinstruct.images.address import is_placeholder, picture_name, request_address
from mmecinstruct.images.guard import admit
from mmecinstruct.images.local import LocalFile, find_file, read_file
from mmecinstruct.images.outcome import Checked, Failure, FetchRules, Picture
from mmecinstruct.images.shelf import Shelf

if TYPE_CHECKING:  # aiohttp is loaded when something is fetched
    from mmecinstruct.images.fetch import Fetcher

T = TypeVar("T")

_CHECK = 1  # raised when the same bytes are to give another picture

_OFFLINE = FetchRules()
_PLACEHOLDER, _MISSING, _NO_ADDRESS = Failure("placeholder"), Failure("missing"), Failure("no_address")

# What stays so however often one asks. Anything else (a timeout, a 403, a full disk) the next run tries again.
_LASTING = frozenset(
    (
        *("truncated", "not_an_image", "format_not_allowed", "too_many_pixels", "too_many_scans", "too_thin"),
        *("placeholder", "too_large", "encoding_not_allowed"),
    )
)


class _Want(NamedTuple):
    """What is done once however many ask: a picture, unless the very address is refused."""

    name: str
    refusal: Failure | None


_Batch = dict[_Want, asyncio.Task[Picture | Failure]]


class PictureStore:
    """Pictures in one SQLite file. What is known is never read, fetched or decoded again, even after a kill.

    Args:
        path: the file; it is made if it is missing, and several processes may share it.
        images_dirs: folders of pictures already at hand; they are looked at before anything is fetched.
        rules: what may be fetched; nothing by default.
        box: the side of the square that every picture fits in.
        workers: threads that decode.
    """

    def __init__(
        self,
        path: Path,
        *,
        images_dirs: Sequence[Path] = (),
        rules: FetchRules = _OFFLINE,
        box: int = 500,  # "medium size images (500x500 pixels)" (paper, section 3.1)
        workers: int = 1,
    ) -> None:
        self._shelf = Shelf(path)
        self._images_dirs = tuple(images_dirs)
        self._rules = rules
        self._box = box
        # An outcome holds for the settings it was made with, and a stand-in's answers are no one else's.
        self._stamp = f"{box}px {rules.max_bytes}B check {_CHECK} Pillow {version('pillow')} {dict(rules.origins)}"
        self._decoders = ThreadPoolExecutor(workers, thread_name_prefix="decode")
        self._in_flight = asyncio.Semaphore(max(rules.connections, workers))
        self._fetcher: Fetcher | None = None
        self._failed: dict[_Want, Failure] = {}
        self.fetched = 0
        self.decoded = 0
        self.passed_through = 0
        # A loop in its own thread runs inside a notebook too, and keeps connections and pace from batch to batch.
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="pictures", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def obtain(self, wanted: Sequence[Sequence[str]]) -> list[Picture | Failure]:
        """Give, for each wanted thing, the first of its addresses that is a picture, else the last one's failure."""
        return self._run(self._obtain(wanted))

    def read(self, sha256: str) -> bytes:
        """Read the stored bytes of a picture."""
        return self._shelf.read(sha256)

    def failures(self) -> dict[str, int]:
        """Count the distinct addresses asked for here that gave no picture, by reason."""
        return dict(sorted(Counter(failure.reason for failure in self._failed.values()).items()))

    def close(self) -> None:
        """End the threads and close the file."""
        if self._fetcher:
            self._run(self._fetcher.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._decoders.shutdown()
        self._shelf.close()

    def _run(self, work: Coroutine[object, object, T]) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        finally:
            future.cancel()  # on Ctrl-C; what is done stays done

    async def _obtain(self, wanted: Sequence[Sequence[str]]) -> list[Picture | Failure]:
        batch: _Batch = {}
        return await asyncio.gather(*(self._first(addresses, batch) for addresses in wanted))

    async def _first(self, addresses: Sequence[str], batch: _Batch) -> Picture | Failure:
        outcome: Picture | Failure = _NO_ADDRESS
        for address in addresses:
            want = _Want(picture_name(address), self._refusal(address))
            if want not in batch:
                batch[want] = asyncio.create_task(self._settle(want, address))
            outcome = await batch[want]
            if isinstance(outcome, Picture):
                break
        return outcome

    def _refusal(self, address: str) -> Failure | None:
        if is_placeholder(address):
            return _PLACEHOLDER
        if not self._rules.enabled:
            return _MISSING
        target = admit(self._asked(address), self._rules)
        return target if isinstance(target, Failure) else None

    async def _settle(self, want: _Want, address: str) -> Picture | Failure:
        async with self._in_flight:
            outcome = await self._outcome(want, address)
        self._failed.pop(want, None)
        if isinstance(outcome, Failure):
            self._failed[want] = outcome
        return outcome

    async def _outcome(self, want: _Want, address: str) -> Picture | Failure:
        if want.refusal == _PLACEHOLDER:
            return _PLACEHOLDER
        if file := find_file(self._images_dirs, want.name):
            return await self._read(want.name, file)
        if want.refusal not in (None, _MISSING):
            return want.refusal
        # With fetching off, what an earlier build fetched does not count: rows must not depend on the cache.
        known = want.refusal or self._shelf.recall(want.name, self._stamp) or self._failed.get(want)
        return known or await self._fetch(want.name, address)

    async def _read(self, name: str, file: LocalFile) -> Picture | Failure:
        stamp = f"{self._stamp} {str(file.path)!a} {file.size} {file.mtime_ns}"
        if known := self._shelf.recall(name, stamp):
            return known
        body = await self._loop.run_in_executor(self._decoders, read_file, file, self._rules.max_bytes)
        return await self._keep(name, stamp, body)

    async def _fetch(self, name: str, address: str) -> Picture | Failure:
        if self._fetcher is None:
            from mmecinstruct.images.fetch import Fetcher

            self._fetcher = Fetcher(self._rules)
        body = await self._fetcher.fetch(self._asked(address))
        self.fetched += isinstance(body, bytes)
        return await self._keep(name, self._stamp, body)

    async def _keep(self, name: str, stamp: str, body: bytes | Failure) -> Picture | Failure:
        outcome = body if isinstance(body, Failure) else await self._check(body)
        if isinstance(outcome, Checked) or outcome.reason in _LASTING:
            self._shelf.keep(name, stamp, outcome)
        return outcome.picture if isinstance(outcome, Checked) else outcome

    async def _check(self, body: bytes) -> Checked | Failure:
        from mmecinstruct.images.check import check  # Pillow is loaded when something is decoded

        work = partial(check, body, box=self._box, max_bytes=self._rules.max_bytes)
        outcome = await self._loop.run_in_executor(self._decoders, work)
        self.decoded += 1
        self.passed_through += isinstance(outcome, Checked) and outcome.kept
        return outcome

    def _asked(self, address: str) -> str:
        return request_address(address, self._box)
