"""Trains every pocket model from scratch, a few at a time: the same bytes on the same machine, whatever was killed."""

from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, wait
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from queue import Empty, Queue

from caslie.pocket.captioner import Budget, train_captioner
from caslie.pocket.judges import JUDGES, Family, train_judge
from caslie.pocket.weak import ALIKE, WEAK

Progress = Callable[[str, int, int], None]
Told = tuple[str, int, int]

CAPTIONER = "captioner"
SEED = 1
EVERY = 0.5  # seconds between two looks at how far the trainings are
SETS: dict[str, tuple[Family, ...]] = {"judges": JUDGES, "weak": WEAK, "alike": ALIKE}
FAMILIES = {f"{folder}/{family.name}": family for folder, some in SETS.items() for family in some}
NAMES = (CAPTIONER, *FAMILIES)  # the longest training first


def build_all(work: Path, out: Path, workers: int, progress: Progress) -> None:
    """Train the models that `out` lacks, each on one core; what lies in `work` is taken up.

    Raises:
        ModelError: `out` holds something else.
    """
    context = get_context("spawn")  # torch's threads do not survive a fork
    missing = [name for name in NAMES if not (out / name / "config.json").is_file()]
    with context.Manager() as manager, ProcessPoolExecutor(workers, context) as pool:
        queue: Queue[Told] = manager.Queue()
        trainings = [pool.submit(_train, name, work, out, queue) for name in missing]
        while _still(trainings, pool):
            _tell(queue, progress)
        _tell(queue, progress)
        for training in trainings:
            training.result()


def _still(trainings: list[Future[None]], pool: ProcessPoolExecutor) -> bool:
    """Wait a little; the first failure stops what has not begun."""
    done, left = wait(trainings, timeout=EVERY)
    if any(training.exception() for training in done):
        pool.shutdown(wait=False, cancel_futures=True)
    return bool(left)


def _tell(queue: "Queue[Told]", progress: Progress) -> None:
    while True:
        try:
            progress(*queue.get_nowait())
        except Empty:
            return


def _train(name: str, work: Path, out: Path, queue: "Queue[Told]") -> None:
    told = partial(_put, queue, name)
    if name == CAPTIONER:
        train_captioner(work / name, out / name, SEED, Budget(), told)
    else:
        train_judge(FAMILIES[name], work / name, out / name, told)


def _put(queue: "Queue[Told]", name: str, what: str, done: int, total: int) -> None:
    queue.put((f"{name}: {what}", done, total))
