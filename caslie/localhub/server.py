"""A server: it takes an order, holds a Hub's folder, and answers until it is told to stop."""

import asyncio
import errno
import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler, Middleware

from caslie.errors import LocalHubError
from caslie.localhub.app import make_app
from caslie.localhub.orders import FIRST_USER, Order, Started
from caslie.localhub.running import Running, announced, find_running, is_loopback
from caslie.localhub.storage.accounts import Accounts, Role, new_token
from caslie.localhub.storage.hub import Hub

logger = logging.getLogger(__name__)

LOOPBACK = ("localhost", "127.0.0.1", "::1")
HIGHEST_PORT = 65535
LOOK_AGAIN = 2  # seconds
GRACE = 3.0  # seconds for what is under way when the server is stopped
LAST_GRACE = 2.0  # and for what is under way still; aiohttp takes them twice


def serve(order: Order, ready: Callable[[Started], None]) -> None:
    """Serve a Hub until SIGTERM or SIGINT; `ready` is called once it answers.

    Raises:
        LocalHubError: the folder, a user, an organisation, the host or the port cannot be had.
    """
    if not 0 <= order.port <= HIGHEST_PORT:
        raise LocalHubError(f"{order.port} is no port: 0 (any that is free) to {HIGHEST_PORT}")
    if not order.host.strip():
        raise LocalHubError("the host is empty, which would be every address; leave --host out, or name one")
    hub = Hub(order.root)
    # The announcement outlives the loop, which ends once the threads have written what they were writing.
    with hub.served(), ExitStack() as stack:
        asyncio.run(_serve(hub, order, ready, stack))


async def _serve(hub: Hub, order: Order, ready: Callable[[Started], None], stack: ExitStack) -> None:
    token = _add_accounts(hub.accounts, order)
    stopped = _stopped()
    app = make_app(hub, _names(order.host))
    under_way: set[int] = set()
    app.middlewares.append(_listing(under_way))
    runner = web.AppRunner(app, access_log_class=AccessLog, shutdown_timeout=LAST_GRACE, handle_signals=False)
    await runner.setup()
    try:
        running = Running(os.getpid(), order.host, await _listen(runner, order))
        hub.keep_accounts()
        stack.enter_context(announced(hub.root, hub.unfinished, running))
        ready(Started(running, token))
        await _until_stopped(stopped, hub.root)
        logger.info("stopping")
        await _finish(runner, under_way)
    finally:
        await runner.cleanup()


def _stopped() -> asyncio.Event:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


async def _until_stopped(stopped: asyncio.Event, root: Path) -> None:
    """Wait for a signal. Without its folder a server could neither be found nor stopped, so it ends by itself."""
    while not stopped.is_set() and find_running(root):
        with suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), LOOK_AGAIN)


def _listing(under_way: set[int]) -> Middleware:
    @web.middleware
    async def listing(request: web.Request, handler: Handler) -> web.StreamResponse:
        under_way.add(id(request))
        try:
            return await handler(request)
        finally:
            under_way.discard(id(request))

    return listing


async def _finish(runner: web.AppRunner, under_way: set[int]) -> None:
    """Take no more, and give what is under way a while: aiohttp, told to end, would read no more of it."""
    for site in list(runner.sites):
        await site.stop()
    deadline = time.monotonic() + GRACE
    while under_way and time.monotonic() < deadline:
        await asyncio.sleep(0.02)


async def _listen(runner: web.AppRunner, order: Order) -> int:
    try:
        await web.TCPSite(runner, order.host, order.port).start()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise LocalHubError(f"port {order.port} is in use; name another with --port, or 0 for any free") from error
        reason = f"host {order.host}, port {order.port} cannot be had ({error.strerror})"
        raise LocalHubError(f"{reason}; name others with --host and --port") from error
    return int(runner.addresses[0][1])


def _names(host: str) -> tuple[str, ...]:
    """Under which names the Hub may be asked; on a network that includes what the machine is called there."""
    return (*LOOPBACK, host.lower()) if is_loopback(host) else (*LOOPBACK, host.lower(), socket.gethostname().lower())


def _add_accounts(accounts: Accounts, order: Order) -> str | None:
    """Take in who is to have access; a Hub without anybody gets one user, whose token is returned."""
    for user in order.users:
        accounts.add_user(*_user(user))
    for org in order.orgs:
        name, colon, member = org.partition(":")
        if not colon:
            raise LocalHubError(f"--org {org!r}: write NAME:MEMBER")
        accounts.add_member(name, member)
    if accounts.users:
        return None
    token = new_token()
    accounts.add_user(FIRST_USER, token, "write")
    return token


def _user(text: str) -> tuple[str, str, Role]:
    """Read `NAME:TOKEN[:read]`."""
    match text.split(":"):
        case [name, token]:
            return name, token, "write"
        case [name, token, "read"]:
            return name, token, "read"
    # What was written may be a token: it is not repeated.
    raise LocalHubError("--user: write NAME:TOKEN, or NAME:TOKEN:read for a token that may only read")


class AccessLog(AbstractAccessLogger):
    """One line a request, without what may be secret: no query and no headers."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Tell of a request that was answered."""
        path = request.rel_url.raw_path
        self.logger.info("%s %s %d %d %.3f", request.method, path, response.status, response.body_length, time)


def log_to_stderr() -> None:
    """Log every request to stderr, and never what was sent."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("aiohttp.server").addFilter(_without_what_was_sent)


def _without_what_was_sent(record: logging.LogRecord) -> bool:
    # aiohttp quotes a header that it cannot read, and that header may hold a token.
    if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
        record.exc_info = None
        record.msg += ": this is not HTTP"
    return True
