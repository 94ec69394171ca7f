"""Taking what a request brings to disk, piece by piece: memory stays flat, and the server goes on answering."""

import asyncio
import errno
import logging
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from http import HTTPStatus
from typing import Protocol, TypeVar

from aiohttp import web

from caslie.localhub.errors import HubError, bad_request

logger = logging.getLogger(__name__)

PIECE = 1 << 20
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
DISK_IS_FULL = "the disk of this Hub is full"

T = TypeVar("T")


class Sink(Protocol):
    """What takes pieces: an open file, or `Incoming`."""

    def write(self, piece: bytes, /) -> object:
        """Take the next piece."""


@asynccontextmanager
async def in_thread(manager: AbstractContextManager[T]) -> AsyncIterator[T]:
    """Enter and leave a block in a thread, since that writes to the disk and waits for it."""
    value = await asyncio.to_thread(manager.__enter__)
    try:
        yield value
    except BaseException as error:
        await asyncio.to_thread(manager.__exit__, type(error), error, error.__traceback__)
        raise
    await asyncio.to_thread(manager.__exit__, None, None, None)


async def receive(request: web.Request, sink: Sink, most: int) -> None:
    """Write a request's body into `sink`, refusing one that is longer than allowed as soon as that shows."""
    if (request.content_length or 0) > most:
        raise _too_large(most)
    n_bytes = 0
    try:
        async for piece in request.content.iter_chunked(PIECE):
            n_bytes += len(piece)
            if n_bytes > most:
                raise _too_large(most)
            await asyncio.to_thread(sink.write, piece)
    except ConnectionError as error:
        raise bad_request(f"the upload broke off after {n_bytes} bytes") from error


@asynccontextmanager
async def refusing_when_full() -> AsyncIterator[None]:
    """Tell of a full disk by an error of the client's: after one of the server's, hf_xet tries again for minutes."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        logger.error("the disk is full")
        raise HubError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, DISK_IS_FULL, reason=DISK_IS_FULL) from error


def _too_large(most: int) -> HubError:
    return HubError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more was sent than the {most} bytes that are allowed")
