"""Asking a server many questions: several at once, again what may pass, and an end where nothing can be hoped for."""

import asyncio
import hashlib
import json
import logging
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from caslie.backends.base import Model
from caslie.backends.hearing import Call, Missed, Passing, Read, Said, cost_of, understood
from caslie.backends.spending import Purse, Tokens
from caslie.backends.wire import Server, Wire
from caslie.errors import ModelError

T = TypeVar("T")

logger = logging.getLogger(__name__)

_LONGEST_QUOTE = 160  # characters of what a server says of its error
_TELLING = 12  # characters of a key; where a server repeats so many, nothing it says is shown
_ADVICE = {
    403: "may this key use this model?",
    404: "are the model's name and base_url right?",
    429: "run again later, or set a smaller `concurrency`",
}

Ask = Callable[[Sequence[Call]], list[Said | Missed]]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to bear with a server, for one question."""

    tries: int = 6
    seconds: float = 180.0  # no try begins after them
    first_wait: float = 0.5  # then twice as long each time
    longest_wait: float = 60.0  # whatever `Retry-After` says


PATIENCE = Patience()


@contextmanager
def asking(server: Server, read: Read, model: Model, patience: Patience) -> Iterator[Ask]:
    """Hold connections to a server and the run's purse; yield what makes calls and gives the answers in their order.

    That raises ModelError where the server answers no call at all, and never did or will not soon.
    """
    loop = asyncio.new_event_loop()  # in a thread of its own: a notebook's loop runs already
    thread = threading.Thread(target=loop.run_forever, name="asking", daemon=True)
    thread.start()
    asker = _run(loop, _made(server, read, model, patience))
    try:
        yield lambda calls: _run(loop, asker.ask(calls))
    finally:
        _run(loop, asker.close())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Asker:
    """Lives in the loop that it was made in."""

    def __init__(self, server: Server, read: Read, model: Model, patience: Patience) -> None:
        self._server = server
        self._read = read
        self._patience = patience
        self._wire = Wire(server, model.timeout, model.concurrency)
        self._purse = Purse(model)
        self._slots = asyncio.Semaphore(model.concurrency)
        self._many = max(model.concurrency, 4)  # so many faults of the server and no answer: it is down
        self._ever_answered = False

    async def ask(self, calls: Sequence[Call]) -> list[Said | Missed]:
        done: list[Said | Missed] = []
        answers = await asyncio.gather(*(self._in_turn(call, done) for call in calls))
        self._judge(answers)
        return answers

    async def close(self) -> None:
        left = asyncio.all_tasks() - {asyncio.current_task()}  # of a batch that was interrupted
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self._wire.close()

    async def _in_turn(self, call: Call, done: list[Said | Missed]) -> Said | Missed:
        async with self._slots:
            if len(faults := _faults(done)) == len(done) >= self._many:
                return faults[0]
            answer = await self._patiently(call)
            done.append(answer)
            return answer

    async def _patiently(self, call: Call) -> Said | Missed:
        clock = asyncio.get_running_loop()
        start = clock.time()
        body = json.dumps(call.content).encode()
        attempt = 1
        while isinstance(answer := await self._try(call, body), Passing):
            pause = self._pause(body, attempt, answer.wait)
            if attempt == self._patience.tries or clock.time() - start + pause > self._patience.seconds:
                return answer.missed
            logger.info(
                "%s: %s; trying again in %.3g s", self._server.name, _quoted(answer.missed, self._server), pause
            )
            await asyncio.sleep(pause)
            attempt += 1
        return answer

    async def _try(self, call: Call, body: bytes) -> Said | Missed | Passing:
        if not await self._purse.hold(call.guess):
            return Missed("out_of_budget")
        cost = Tokens()
        try:
            heard = await self._wire.post(body)
            answer = understood(heard, call, self._read)
            cost = cost_of(heard, answer, call)
        finally:
            self._purse.settle(call.guess, cost)
        return answer

    def _pause(self, body: bytes, attempt: int, asked: float) -> float:
        # Each question waits for a share of its own, so that they do not all come back at once.
        share = 1 - hashlib.sha256(body + bytes([attempt])).digest()[0] / 510
        return min(max(self._patience.first_wait * 2.0 ** (attempt - 1) * share, asked), self._patience.longest_wait)

    def _judge(self, answers: Sequence[Said | Missed]) -> None:
        asked = [answer for answer in answers if isinstance(answer, Said) or answer.problem != "out_of_budget"]
        missed = [answer for answer in asked if isinstance(answer, Missed) and _is_failure(answer)]
        faults = _faults(missed)
        if len(missed) < len(asked):
            self._ever_answered = True
        elif missed and (not self._ever_answered or len(missed) >= self._many):
            raise ModelError(self._told((faults or missed)[0], len(missed)))

    def _told(self, missed: Missed, n: int) -> str:
        rest = "run again to ask the rest" if self._ever_answered else "is base_url right, and the server up?"
        advice = self._server.advice if missed.status == 401 else _ADVICE.get(missed.status, rest)
        return f"{self._server.name}: none of {n} questions was answered ({_quoted(missed, self._server)}); {advice}"


def _is_failure(missed: Missed) -> bool:
    return missed.problem == "no_answer" and missed.about != "logprobs"


def _faults(answers: Sequence[Said | Missed]) -> list[Missed]:
    return [answer for answer in answers if isinstance(answer, Missed) and answer.about == "the server"]


def _quoted(missed: Missed, server: Server) -> str:
    """A cause as it may be shown: short, and nothing of one that repeats the key."""
    if server.key and server.key[:_TELLING] in missed.cause:
        return missed.cause.partition(":")[0]
    return missed.cause[:_LONGEST_QUOTE]


async def _made(server: Server, read: Read, model: Model, patience: Patience) -> _Asker:
    return _Asker(server, read, model, patience)


def _run(loop: asyncio.AbstractEventLoop, work: Coroutine[object, object, T]) -> T:
    future = asyncio.run_coroutine_threadsafe(work, loop)
    try:
        return future.result()
    finally:
        future.cancel()  # on Ctrl-C
