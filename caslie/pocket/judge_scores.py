"""How well pocket judges judge, alone and by majority, and how far they err together (paper, sections 4.2 and C.2)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from pathlib import Path
from typing import Literal

from caslie.asking import Wish, batches
from caslie.backends import Model, find
from caslie.pocket.hearing import Hearing
from caslie.pocket.judge_course import N_HEARD
from caslie.pocket.lessons import lessons
from mmecinstruct.sample import Shares
from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.world import plan_world

Sort = Literal["useful", "told", "wrong", "blurred"]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How many answers there are, and how many of them are right."""

    n: int
    n_right: int

    @property
    def share(self) -> float:
        """The right ones as a share."""
        return self.n_right / self.n


@dataclass(frozen=True, slots=True)
class JudgeScore:
    """A judge's accuracy in all, on each task, and on each sort of caption."""

    name: str
    overall: Accuracy
    tasks: dict[str, Accuracy]
    sorts: dict[str, Accuracy]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How the errors of two judges correlate; None where one of them never errs, or always."""

    first: str
    second: str
    error_correlation: float | None


@dataclass(frozen=True, slots=True)
class PanelScore:
    """Several judges, their majority, and every two of them."""

    judges: tuple[JudgeScore, ...]
    majority: JudgeScore
    agreements: tuple[Agreement, ...]

    @property
    def best(self) -> JudgeScore:
        """The best single judge."""
        return max(self.judges, key=lambda judge: judge.overall.share)


def measure(folders: Mapping[str, Path], heard: Sequence[Hearing]) -> PanelScore:
    """Ask each saved judge about everything that is heard, and count."""
    answers = {name: ask(folder, [each.prompt for each in heard]) for name, folder in folders.items()}
    return compare(answers, heard)


def compare(answers: Mapping[str, Sequence[bool]], heard: Sequence[Hearing]) -> PanelScore:
    """Count what judges answered; the majority says yes where more than half of them do."""
    correct = {
        name: [answer == each.useful for answer, each in zip(given, heard, strict=True)]
        for name, given in answers.items()
    }
    votes = [sum(given) * 2 > len(answers) for given in zip(*answers.values(), strict=True)]
    majority = [vote == each.useful for vote, each in zip(votes, heard, strict=True)]
    agreements = (
        Agreement(first, second, _correlation(correct[first], correct[second]))
        for first, second in combinations(correct, 2)
    )
    scores = tuple(_score(name, given, heard) for name, given in correct.items())
    return PanelScore(scores, _score("majority", majority, heard), tuple(agreements))


def own_hearings(worlds: Iterable[int]) -> Iterator[Hearing]:
    """Yield the lessons of worlds with their own captions, of every task as many, wrong pictures as a sample has."""
    for world in worlds:
        chance = Chance(f"own hearings {world}")
        tasks = defaultdict(list)
        for lesson in lessons(plan_world(1, world, Shares())):
            tasks[lesson.sample.task].append(lesson)
        for task, given in tasks.items():
            yield from (Hearing(each, each.picture, each.topics) for each in chance.some(given, N_HEARD, task))


def sort_of(heard: Hearing) -> Sort:
    """Say what a caption is to its text: useful, of the wrong thing, blurred, or telling nothing new."""
    if heard.picture.blurred:
        return "blurred"
    if not heard.right:
        return "wrong"
    return "useful" if heard.useful else "told"


def ask(folder: Path, prompts: Sequence[str]) -> list[bool]:
    """Ask a saved judge, as any model is asked; it says yes where yes weighs more than no."""
    wishes = [Wish(str(number).encode(), prompt) for number, prompt in enumerate(prompts)]
    answers: dict[bytes, bool] = {}
    with find(Model(f"transformers/{folder.resolve()}")).open() as backend:
        for batch in batches(wishes, backend):
            weights = backend.weigh([wish.question() for wish in batch])
            answers |= {w.key: one is not None and one.yes > one.no for w, one in zip(batch, weights, strict=True)}
    return [answers[wish.key] for wish in wishes]


def _score(name: str, correct: Sequence[bool], heard: Sequence[Hearing]) -> JudgeScore:
    tasks = _count(((each.lesson.sample.task for each in heard)), correct)
    return JudgeScore(name, Accuracy(len(correct), sum(correct)), tasks, _count(map(sort_of, heard), correct))


def _count(names: Iterable[str], correct: Sequence[bool]) -> dict[str, Accuracy]:
    both = list(zip(names, correct, strict=True))
    n, n_right = Counter(name for name, _ in both), Counter(name for name, right in both if right)
    return {name: Accuracy(n[name], n_right[name]) for name in n}


def _correlation(first: Sequence[bool], second: Sequence[bool]) -> float | None:
    """Return Pearson's correlation of two judges' errors."""
    n, wrong, both = len(first), (len(first) - sum(first), len(second) - sum(second)), 0
    both = sum(not a and not b for a, b in zip(first, second, strict=True))
    spread = wrong[0] * (n - wrong[0]) * wrong[1] * (n - wrong[1])
    return (n * both - wrong[0] * wrong[1]) / sqrt(spread) if spread else None
