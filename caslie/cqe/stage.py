"""The judging stage: judges in the lineup's order, each asked only what the ones before it left open."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from caslie.asking import Asked, Only, Wish, all_of, ask_all, nothing
from caslie.backends import Engine
from caslie.captioning import Captions, Pictures
from caslie.cqe.majority import decide, settle
from caslie.cqe.voting import ask
from caslie.recipe import Recipe
from caslie.schema import Caption, Verdict, Vote
from caslie.store import Answer, Store, about, key_of, store_path
from caslie.walking import samples
from mmecinstruct.builder.folder import Folder
from mmecinstruct.schema import Sample
from mmecinstruct.words import judge_prompt


@dataclass(frozen=True, slots=True)
class Seat:
    """A judge with the votes it gave; one that `sees` is shown the picture too."""

    engine: Engine
    store: Store
    sees: bool

    def key(self, words: str, picture: str) -> bytes:
        """The key of a question about a caption, by its words and, where it counts, the picture's sha256."""
        return key_of(words, picture) if self.sees else key_of(words)


HOLDS = {"useful": bool | None, "tokens": list}

# The judges of a lineup by name, in the order in which they are asked.
Bench = Mapping[str, Seat]


def open_bench(
    stack: ExitStack,
    recipe: Recipe,
    engines: Mapping[str, Engine],
    *,
    writes: bool = True,
    restart: bool = False,
) -> Bench:
    """Open the votes that were given so far, for as long as the stack lasts; thrown away to begin anew.

    Raises:
        StoreError: they were given with other words.
    """
    bench: dict[str, Seat] = {}
    for name, engine in engines.items():
        sees = recipe.judges[name].sees
        header = about("votes", engine.identity, votes=recipe.votes, sees=sees)
        path = store_path(recipe.answers_dir / "votes", engine.identity, recipe.votes, str(sees))
        store = Store(path, header, HOLDS, writes=writes, restart=restart)
        bench[name] = Seat(engine, stack.enter_context(store), sees)
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
    for name, seat in bench.items():
        wishes = _wishes(folder, captions, bench, name, early_stop=recipe.early_stop)
        asking = partial(ask, way=recipe.votes)
        counts[name] = ask_all(wishes, seat.store, seat.engine, asking, only, partial(progress, name))
    return counts


class Verdicts:
    """The verdicts on a sample's captions, from the votes of a bench."""

    def __init__(self, captions: Captions, bench: Bench, *, early_stop: bool) -> None:
        self._captions = captions
        self._bench = bench
        self.early_stop = early_stop

    def of(self, sample: Sample) -> tuple[tuple[Caption, Verdict], ...]:
        """A caption and a verdict an item; where there is no caption, nothing is kept."""
        return tuple(
            (caption, self._verdict(sample, index, caption)) for index, caption in enumerate(self._captions.of(sample))
        )

    def _verdict(self, sample: Sample, index: int, caption: Caption) -> Verdict:
        if caption.text is None:
            return Verdict(False)
        return self.on(judge_prompt(sample, index, caption.text), sample.items[index].picture)

    def on(self, words: str, picture: str) -> Verdict:
        """The verdict on one question, known by its words and its picture's sha256."""
        return settle(_votes(self._bench, words, picture), early_stop=self.early_stop)


def _wishes(folder: Folder, captions: Captions, bench: Bench, name: str, *, early_stop: bool) -> Iterator[Wish]:
    names, seat, pictures = list(bench), bench[name], Pictures(folder)
    before = {other: bench[other] for other in names[: names.index(name)]}
    for place, sample in samples(folder):
        for index, caption in enumerate(captions.of(sample)):
            if caption.text is None:
                continue
            words, picture = judge_prompt(sample, index, caption.text), sample.items[index].picture
            given = [vote for vote in _votes(before, words, picture) if vote]
            if not early_stop or decide(given, len(names)).keep is None:
                look = partial(pictures.read, place, index, picture) if seat.sees else nothing
                yield Wish(seat.key(words, picture), words, look)


def _votes(bench: Bench, words: str, picture: str) -> list[Vote | None]:
    return [_vote(name, seat.store.get(seat.key(words, picture))) for name, seat in bench.items()]


def _vote(name: str, answer: Answer | None) -> Vote | None:
    return Vote(name, answer["useful"], answer.get("margin"), answer.get("raw", "")) if answer else None
