"""The captioning stage: which pictures are looked at with which words, and what comes back."""

from collections.abc import Iterator, Sequence
from functools import partial

from caslie.asking import Asked, Only, Progress, Wish, all_of, ask_all, silent
from caslie.backends import LASTING, Backend, Engine, Question, Reply
from caslie.captioning.pictures import Pictures
from caslie.recipe import Captioner, Recipe
from caslie.schema import Caption
from caslie.store import Answer, Store, about, key_of, store_path
from caslie.walking import samples
from mmecinstruct.builder.folder import Folder
from mmecinstruct.schema import Sample
from mmecinstruct.words import caption_prompt

PLAIN = "Please generate an informative caption for the product in the image."  # how every caption prompt begins
HOLDS = {"text": str, "problem": str, "tokens": list}
FEWEST = 2  # characters; the authors' code takes what is shorter for no caption


def caption(
    folder: Folder,
    captioner: Captioner,
    engine: Engine,
    store: Store,
    only: Only = all_of,
    progress: Progress = silent,
) -> Asked:
    """Caption every distinct pair of a picture and its words that has no caption in the store yet.

    Raises:
        ModelError: the captioner cannot be had, or cannot look at pictures.
    """
    ask = partial(_ask, n_tokens=captioner.tokens)
    return ask_all(wishes(folder, captioner), store, engine, ask, only, progress)


def open_store(recipe: Recipe, engine: Engine, *, writes: bool = True, restart: bool = False) -> Store:
    """Open the captions that were made so far; thrown away if the stage is to begin anew.

    Raises:
        StoreError: they were made with other words.
    """
    captioner = recipe.ec3
    header = about("captions", engine.identity, context=captioner.context, tokens=captioner.tokens)
    path = store_path(recipe.answers_dir / "captions", engine.identity, captioner.context, str(captioner.tokens))
    return Store(path, header, HOLDS, writes=writes, restart=restart)


class Captions:
    """The captions of a sample's items, from the store."""

    def __init__(self, store: Store, captioner: Captioner) -> None:
        self._store = store
        self._captioner = captioner

    def of(self, sample: Sample) -> tuple[Caption, ...]:
        """One outcome an item."""
        return tuple(self._caption(sample, index) for index in range(len(sample.items)))

    def _caption(self, sample: Sample, index: int) -> Caption:
        if not sample.items[index].picture:
            return Caption(None, "no_picture")
        answer = self._store.get(_key(sample, index, _words(sample, index, self._captioner)))
        if answer is None:
            return Caption(None, "not_asked")
        text = answer["text"]
        if len(text) < FEWEST:
            return Caption(None, answer["problem"] or "empty")
        return Caption(text)


def wishes(folder: Folder, captioner: Captioner) -> Iterator[Wish]:
    """Yield what is to be asked about each picture of a dataset."""
    pictures = Pictures(folder)
    for place, sample in samples(folder):
        for index, item in enumerate(sample.items):
            if item.picture:
                words = _words(sample, index, captioner)
                look = partial(pictures.read, place, index, item.picture)
                yield Wish(_key(sample, index, words), words, look)


def _words(sample: Sample, index: int, captioner: Captioner) -> str:
    if captioner.context == "task":
        return caption_prompt(sample, index)
    return PLAIN if captioner.context == "plain" else ""


def _key(sample: Sample, index: int, words: str) -> bytes:
    return key_of(sample.items[index].picture, words)


def _ask(backend: Backend, questions: Sequence[Question], asked: Asked, *, n_tokens: int) -> list[Answer | None]:
    answers: list[Answer | None] = []
    for reply in backend.write(questions, n_tokens):
        asked.n_in += reply.n_in
        asked.n_out += reply.n_out
        if reply.problem or len(reply.text) < FEWEST:
            asked.problems[reply.problem or "empty"] += 1
        answers.append(_answer(reply) if reply.problem in LASTING else None)
    return answers


def _answer(reply: Reply) -> Answer:
    text = "".join(char if char.isprintable() else " " for char in reply.text)  # nothing that steers a terminal
    return {"text": " ".join(text.split()), "problem": reply.problem, "tokens": [reply.n_in, reply.n_out]}
