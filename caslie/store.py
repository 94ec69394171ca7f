"""Answers of one model, kept by the content of the question: nothing is asked twice, a kill costs one batch at most.

A store is a JSONL file that only grows. Its first line says what was asked of which model; every other line is an
answer. A batch is one write, and each of its lines says which of how many it is, so that what a kill cut short is
found and taken away when the file is opened again: the file then goes on as if nothing had happened.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from types import UnionType
from typing import Any, BinaryIO

from caslie.errors import StoreError
from mmecinstruct.tasks import TASKS
from mmecinstruct.words import template_digest

FORMAT = 1
Answer = Mapping[str, Any]
Holds = Mapping[str, type | UnionType]


def key_of(*content: str) -> bytes:
    """The key of a question: a hash of all that decides the answer."""
    return sha256(json.dumps(content).encode()).digest()[:16]


def about(stage: str, model: str, **more: object) -> dict[str, object]:
    """What a store is of: its stage, its model by exact weights, and the words of every task."""
    return {"stage": stage, "model": model, **more, "templates": {task: template_digest(task) for task in TASKS}}


def store_path(run_dir: Path, model: str, *more: str) -> Path:
    """Where the answers of a model lie: a name that tells the model, and a digest that tells it from all others."""
    name = "".join(char if char.isalnum() else "-" for char in model.partition("@")[0].partition("/")[2])
    return run_dir / f"{name[:60]}-{key_of(model, *more).hex()[:12]}.jsonl"


class Store:
    """The kept answers of one model to one kind of question.

    Args:
        path: the file; made if it is missing and the store is written.
        about: what was asked, of whom and with which templates; a store that says otherwise is refused.
        holds: what every answer has, and of which type.
        writes: whether answers are to be added. Many may read at once; nobody reads while one writes.
        restart: whether the answers at hand are thrown away, once nobody else has the file.

    Raises:
        StoreError: the file is of something else, is damaged, or another run has it.
    """

    def __init__(
        self, path: Path, about: Mapping[str, Any], holds: Holds, *, writes: bool = True, restart: bool = False
    ) -> None:
        self.path = path
        self._holds = holds
        self._places: dict[bytes, int] = {}
        if not writes and not path.exists():
            self._file: BinaryIO = BytesIO()
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a+b" if writes else "rb")
        try:
            self._lock(fcntl.LOCK_EX if writes else fcntl.LOCK_SH)
            if restart:
                self._file.truncate(0)
            self._begin({"format": FORMAT, **about}, writes)
            whole = self._index()
            if writes:
                self._file.truncate(whole)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def __contains__(self, key: bytes) -> bool:
        return key in self._places

    def __len__(self) -> int:
        return len(self._places)

    def get(self, key: bytes) -> Answer | None:
        """The answer to a question, if it was asked."""
        return json.loads(self._line(key)) if key in self._places else None

    def answers(self) -> Iterator[tuple[bytes, Answer]]:
        """Yield all answers with the keys of their questions, in the order in which they were given."""
        for key in self._places:
            yield key, json.loads(self._line(key))

    def add(self, answers: Sequence[tuple[bytes, Answer]]) -> None:
        """Keep a batch of answers: all of them or, should the machine stop, none."""
        if not answers:
            return
        at, lines = self._file.seek(0, os.SEEK_END), []
        for number, (key, answer) in enumerate(answers, 1):
            self._places[key] = at
            lines.append(_line({"key": key.hex(), **answer, "batch": [number, len(answers)]}))
            at += len(lines[-1])
        self._file.write(b"".join(lines))
        self._file.flush()
        os.fsync(self._file.fileno())

    def _line(self, key: bytes) -> bytes:
        self._file.seek(self._places[key])
        return self._file.readline()

    def _lock(self, kind: int) -> None:
        try:
            fcntl.flock(self._file, kind | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreError(f"{self.path}: another run has it; wait for its end, or stop it") from error

    def _begin(self, about: Mapping[str, Any], writes: bool) -> None:
        self._file.seek(0)
        first, head = self._file.readline(), _line(about)
        if first.endswith(b"\n"):
            _compare(self.path, self._read(1, first), json.loads(head))
        elif not head.startswith(first):  # what a kill leaves of a first line is its beginning
            raise self._damaged(1)
        elif writes:
            self._file.truncate(0)
            self._file.write(head)
            self._file.flush()

    def _index(self) -> int:
        """Note where each answer of a whole batch lies, and return where the last of these batches ends."""
        self._file.seek(0)
        at = whole = len(self._file.readline())
        batch: dict[bytes, int] = {}
        for number, line in enumerate(self._file, 2):
            if not line.endswith(b"\n"):
                break
            key, is_last = self._answer(number, line)
            batch[key] = at
            at += len(line)
            if is_last:
                self._places |= batch
                batch, whole = {}, at
        return whole

    def _answer(self, number: int, line: bytes) -> tuple[bytes, bool]:
        """Check an answer, and return its key and whether it is the last of its batch."""
        answer = self._read(number, line)
        try:
            key, (place, of) = bytes.fromhex(answer["key"]), answer["batch"]
            fits = all(isinstance(answer[name], kind) for name, kind in self._holds.items())
        except (KeyError, TypeError, ValueError) as error:
            raise self._damaged(number) from error
        if not fits:
            raise self._damaged(number)
        return key, place == of

    def _read(self, number: int, line: bytes) -> dict[str, Any]:
        try:
            content = json.loads(line)
        except ValueError as error:
            raise self._damaged(number) from error
        if not isinstance(content, dict) or (number == 1) != ("format" in content):
            raise self._damaged(number)
        return content

    def _damaged(self, number: int) -> StoreError:
        return StoreError(
            f"{self.path}: line {number} is not of a store of answers; cut the file off before it (what stood behind"
            " is asked anew), move it away, or begin anew with --restart"
        )


def _line(content: Mapping[str, Any]) -> bytes:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="backslashreplace") + b"\n"  # half a character becomes its JSON escape


def _compare(path: Path, was: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    templates = was.get("templates")
    for task, digest in now["templates"].items():
        if (then := str(templates.get(task, digest) if isinstance(templates, dict) else "none")) != digest:
            raise StoreError(
                f"{path}: made with another templates/{task}.jinja: {then[:12]} then, {digest[:12]} now;"
                " take the old words back, or begin anew with --restart"
            )
    for name in sorted({*was, *now} - {"templates"}):
        if was.get(name) != now.get(name):
            told = f"{was.get(name)!r} then, {now.get(name)!r} now"
            raise StoreError(f"{path}: made with another {name}: {told}; begin anew with --restart")
