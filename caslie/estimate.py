"""What the two stages will cost before they run: calls, tokens, bytes, hours and money.

Calls are counted, not guessed: the same questions are gone through that the stages would ask. What one costs is
measured on a trial of some of them, whose answers are kept, so that nothing of it is wasted.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import fmean

from caslie.asking import Asked, Only
from caslie.backends import Model, find
from caslie.captioning import Captions, caption, open_store, wishes
from caslie.cqe import Bench, Verdicts, judge, open_bench
from caslie.datasets import open_dataset
from caslie.recipe import Recipe
from caslie.schema import Verdict
from caslie.store import Store, key_of
from caslie.walking import samples
from mmecinstruct.builder.folder import Folder
from mmecinstruct.words import judge_prompt

CHARACTERS = 4  # of a token, where none was counted
CAPTION = 80  # tokens, where none was counted: the paper's captions have about 58 words


@dataclass(frozen=True, slots=True)
class Expected:
    """What one model still has to do. `measured`: the tokens are those of answers at hand, and not assumed."""

    model: str
    calls: int
    tokens_in: int
    tokens_out: int
    picture_bytes: int
    hours: float | None
    dollars: float
    measured: bool


@dataclass(frozen=True, slots=True)
class _Work:
    """Questions of one stage: how many distinct ones there are, how many are left, and how long they are.

    Of the judges' questions only those are `known` whose caption is made; `shares` of them reach each judge.
    """

    distinct: int
    left: int
    characters: float
    known: int = 0
    shares: Mapping[str, float] = field(default_factory=dict)


def estimate(recipe: Recipe, trial: int) -> tuple[Expected, ...]:
    """Tell what each model of the recipe still has to do, after a trial of about so many questions of each.

    Raises:
        MmecError: as the stages do.
    """
    folder = open_dataset(recipe.dataset, recipe.revision)
    with ExitStack() as stack:
        captioner = find(recipe.captioner.model)
        store = stack.enter_context(open_store(recipe, captioner))
        judges = {name: find(recipe.judges[name]) for name in recipe.judges_of(recipe.lineup)}
        bench = open_bench(stack, recipe, judges)
        captions = Captions(store, recipe.captioner)
        verdicts = Verdicts(captions, bench, early_stop=recipe.early_stop)
        tried: dict[str, Asked] = {}
        if trial:
            some = _some(trial, _captioning(folder, recipe, store).distinct)
            tried["captioner"] = caption(folder, recipe.captioner, captioner, store, some)
            some = _some(trial, _judging(folder, captions, verdicts, bench, 1.0).known)
            tried |= judge(folder, captions, bench, recipe, lambda name, done: None, some)
        looks = _captioning(folder, recipe, store)
        found = [_expected("captioner", recipe.captioner.model, looks.left, looks, store, tried, folder)]
        opinions = _judging(folder, captions, verdicts, bench, _spoken(store))
        for name, (_, votes) in bench.items():
            left = round(opinions.left * opinions.shares[name])
            found.append(_expected(name, recipe.judges[name], left, opinions, votes, tried, None))
    return tuple(found)


def _some(n: int, total: int) -> Only:
    """Choose about `n` questions of all, by their hash: neither the first ones nor the same task's."""
    limit = 2**64 * n // max(total, 1)
    return lambda key: int.from_bytes(key[:8]) < limit


def _captioning(folder: Folder, recipe: Recipe, store: Store) -> _Work:
    lengths = {wish.key: len(wish.text) for wish in wishes(folder, recipe.captioner)}
    left = sum(key not in store for key in lengths)
    return _Work(len(lengths), left, fmean(lengths.values()) if lengths else 0.0)


def _spoken(store: Store) -> float:
    """The share of captions that have a text."""
    return fmean(bool(answer["text"]) for _, answer in store.answers()) if len(store) else 1.0


def _judging(folder: Folder, captions: Captions, verdicts: Verdicts, bench: Bench, spoken: float) -> _Work:
    """The questions to the judges; of the captions not made yet, as many as `spoken` says will have a text."""
    lengths: dict[bytes, int] = {}
    known: set[bytes] = set()
    settled: dict[bytes, Verdict] = {}
    for _, sample in samples(folder):
        for index, one in enumerate(captions.of(sample)):
            if one.text is None and one.problem != "not_asked":
                continue
            # A picture stands in for its caption: other pictures, other words.
            words = judge_prompt(sample, index, one.text or sample.items[index].picture)
            key = key_of(words)
            lengths[key] = len(words)
            if one.text is None:
                continue
            known.add(key)
            if (verdict := verdicts.on(key)).keep is not None:
                settled[key] = verdict
    reached = {name: sum(any(v.judge == name for v in one.votes) for one in settled.values()) for name in bench}
    shares = {name: n / len(settled) if settled else 1.0 for name, n in reached.items()}
    mean_length = fmean(lengths.values()) if lengths else 0.0
    left = len(known) - len(settled) + round((len(lengths) - len(known)) * spoken)
    return _Work(len(lengths), left, mean_length, len(known), shares)


def _expected(
    name: str, model: Model, calls: int, work: _Work, store: Store, tried: Mapping[str, Asked], folder: Folder | None
) -> Expected:
    tokens = [answer["tokens"] for _, answer in store.answers()]
    n_in = fmean(one[0] for one in tokens) if tokens else work.characters / CHARACTERS
    n_out = fmean(one[1] for one in tokens) if tokens else CAPTION * (folder is not None)
    asked = tried.get(name)
    speed = model.rate or (asked.calls / asked.seconds if asked and asked.calls else None)
    return Expected(
        model=name,
        calls=calls,
        tokens_in=round(calls * n_in),
        tokens_out=round(calls * n_out),
        picture_bytes=round(calls * _picture_bytes(folder)) if folder else 0,
        hours=calls / speed / 3600 if speed else None,
        dollars=calls * (n_in * model.price_in + n_out * model.price_out) / 1e6,
        measured=bool(tokens),
    )


def _picture_bytes(folder: Folder) -> float:
    """What a picture weighs, on average: nearly all of a dataset is pictures."""
    configs = [folder.manifest["configs"][name] for name in folder.configs]
    if "pictures" in folder.manifest["configs"]:
        shared = folder.manifest["configs"]["pictures"]["splits"]["train"]
        return float(shared["num_bytes"] / max(shared["rows"], 1))
    splits = [split for config in configs for split in config["splits"].values()]
    n_pictures = sum(split.get("pictures", split["rows"]) for split in splits)
    return float(sum(split["num_bytes"] for split in splits) / max(n_pictures, 1))
