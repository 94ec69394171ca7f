"""Trains every pocket model from scratch, a few at a time: the same bytes on the same machine, whatever was killed."""

import fcntl
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Empty

from caslie.errors import ModelError
from caslie.pocket.bases import BASES, train_base
from caslie.pocket.captioner import Budget, train_captioner
from caslie.pocket.judges import JUDGES, Family, train_judge
from caslie.pocket.weak import ALIKE, WEAK

Progress = Callable[[str, int, int], None]
Told = tuple[str, int, int]

CAPTIONER = "captioner"
SEED = 1
EVERY = 0.5  # seconds between two looks at how far the trainings are
SETS: dict[str, tuple[Family, ...]] = {"judges": JUDGES, "weak": WEAK, "alike": ALIKE[1:]}  # its first is of `weak`
FAMILIES = {f"{folder}/{family.name}": family for folder, some in SETS.items() for family in some}
TUNABLE = {f"bases/{base.name}": base for base in BASES}
NAMES = (CAPTIONER, *TUNABLE, *FAMILIES)  # the longest training first


def build_all(work: Path, out: Path, workers: int, progress: Progress) -> Iterator[str]:
    """Train the models that `out` lacks, each on one core, and yield their names; what lies in `work` is taken up.

    Raises:
        ModelError: `out` is something else, another build is under way, or a training failed.
    """
    if out.exists() and not out.is_dir():
        raise ModelError(f"{out} is no folder; name another one")
    waiting = [name for name in NAMES if not (out / name / "config.json").is_file()]
    context = get_context("spawn")  # torch's threads do not survive a fork
    queue: Queue[Told] = context.Queue()
    running: dict[str, BaseProcess] = {}
    with _alone(work):
        while waiting or running:
            while waiting and len(running) < workers:
                name = waiting.pop(0)
                running[name] = context.Process(target=_train, args=(name, work, out, queue, os.getpid()), daemon=True)
                running[name].start()
            time.sleep(EVERY)
            _tell(queue, progress)
            for name in [name for name, training in running.items() if not training.is_alive()]:
                if code := running.pop(name).exitcode:
                    raise ModelError(f"training {name} ended with {code}; what it had learnt is kept in {work}")
                yield name


@contextmanager
def _alone(work: Path) -> Iterator[None]:
    work.mkdir(parents=True, exist_ok=True)
    with (work / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ModelError(f"{work}: another build is under way there") from error
        yield


def _tell(queue: "Queue[Told]", progress: Progress) -> None:
    while True:
        try:
            progress(*queue.get_nowait())
        except Empty:
            return


def _train(name: str, work: Path, out: Path, queue: "Queue[Told]", parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it, and ends its children
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    told = partial(_put, queue, name)
    if name == CAPTIONER:
        train_captioner(work / name, out / name, SEED, Budget(), told)
    elif name in TUNABLE:
        train_base(TUNABLE[name], work / name, out / name, told)
    else:
        train_judge(FAMILIES[name], work / name, out / name, told)


def _end_with(parent: int) -> None:
    """End when the parent has: a killed one cannot end its children."""
    while os.getppid() == parent:
        time.sleep(EVERY)
    os._exit(1)


def _put(queue: "Queue[Told]", name: str, what: str, done: int, total: int) -> None:
    stage = what.partition(",")[0]  # without the loss, which would be another bar at each step
    queue.put((f"{name}: {stage}", done, total))
