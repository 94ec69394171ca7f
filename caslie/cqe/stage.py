"""The judging stage: judges in the lineup's order, each asked only what the ones before it left open."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial

from caslie.asking import Asked, Only, Wish, all_of, ask_all
from caslie.backends import Engine
from caslie.captioning import Captions
from caslie.cqe.majority import decide, settle
from caslie.cqe.voting import ask
from caslie.recipe import Recipe
from caslie.schema import Caption, Verdict, Vote
from caslie.store import Store, about, key_of, store_path
from caslie.walking import samples
from mmecinstruct.builder.folder import Folder
from mmecinstruct.schema import Sample
from mmecinstruct.words import judge_prompt

# The judges of a lineup by name, in the order in which they are asked, each with the votes it gave.
Bench = Mapping[str, tuple[Engine, Store]]


def open_bench(stack: ExitStack, recipe: Recipe, engines: Mapping[str, Engine]) -> Bench:
    """Open the votes that were given so far, for as long as the stack lasts."""
    bench: dict[str, tuple[Engine, Store]] = {}
    for name, engine in engines.items():
        header = about("votes", engine.identity, votes=recipe.votes)
        path = store_path(recipe.run_dir / "votes", engine.identity, recipe.votes)
        bench[name] = engine, stack.enter_context(Store(path, header))
    return bench


def judge(
    folder: Folder,
    captions: Captions,
    bench: Bench,
    recipe: Recipe,
    progress: Callable[[str, int], None],
    only: Only = all_of,
) -> dict[str, Asked]:
    """Ask every judge of the bench about every caption that the judges before it left undecided.

    Raises:
        ModelError: a judge cannot be had, or knows no yes and no.
    """
    counts: dict[str, Asked] = {}
    for name, (engine, store) in bench.items():
        wishes = _wishes(folder, captions, bench, name, early_stop=recipe.early_stop)
        asking = partial(ask, way=recipe.votes)
        counts[name] = ask_all(wishes, store, engine, asking, only, partial(progress, name))
    return counts


class Verdicts:
    """The verdicts on a sample's captions, from the votes of a bench."""

    def __init__(self, captions: Captions, bench: Bench, *, early_stop: bool) -> None:
        self._captions = captions
        self._bench = bench
        self._early_stop = early_stop

    def of(self, sample: Sample) -> tuple[tuple[Caption, Verdict], ...]:
        """A caption and a verdict an item; where there is no caption, nothing is kept."""
        return tuple(
            (caption, self._verdict(sample, index, caption)) for index, caption in enumerate(self._captions.of(sample))
        )

    def _verdict(self, sample: Sample, index: int, caption: Caption) -> Verdict:
        if caption.text is None:
            return Verdict(False)
        return self.on(key_of(judge_prompt(sample, index, caption.text)))

    def on(self, key: bytes) -> Verdict:
        """The verdict on one question, known by the hash of its words."""
        return settle(_votes(self._bench, key), early_stop=self._early_stop)


def _wishes(folder: Folder, captions: Captions, bench: Bench, name: str, *, early_stop: bool) -> Iterator[Wish]:
    names = list(bench)
    before = {other: bench[other] for other in names[: names.index(name)]}
    for _, sample in samples(folder):
        for index, caption in enumerate(captions.of(sample)):
            if caption.text is None:
                continue
            words = judge_prompt(sample, index, caption.text)
            given = [vote for vote in _votes(before, key_of(words)) if vote]
            if not early_stop or decide(given, len(names)).keep is None:
                yield Wish(key_of(words), words)


def _votes(bench: Bench, key: bytes) -> list[Vote | None]:
    return [_vote(name, store, key) for name, (_, store) in bench.items()]


def _vote(name: str, store: Store, key: bytes) -> Vote | None:
    answer = store.get(key)
    return Vote(name, answer["useful"], answer.get("margin"), answer.get("raw", "")) if answer else None
