"""What the two stages will cost before they run: calls, tokens, bytes, hours and money.

Calls are counted, not guessed: the same questions are gone through that the stages would ask. What one costs is
measured on a trial of some of them, whose answers are kept, so that nothing of it is wasted.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import fmean, linear_regression

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
    """Distinct questions of one stage with their lengths in characters, those that are left, and how many those are.

    Of the judges' questions only those are `known` whose caption is made; `shares` of them reach each judge.
    """

    lengths: Mapping[bytes, int]
    left: frozenset[bytes]
    n_left: int
    known: int = 0
    shares: Mapping[str, float] = field(default_factory=dict)


def estimate(recipe: Recipe, trial: int) -> tuple[Expected, ...]:
    """Tell what each model of the recipe still has to do, after a trial of about so many questions of each.

    Raises:
        MmecError: as the stages do.
    """
    folder = open_dataset(recipe.dataset, recipe.revision)
    with ExitStack() as stack:
        captioner = find(recipe.ec3.model)
        store = stack.enter_context(open_store(recipe, captioner, writes=trial > 0))
        judges = {name: find(recipe.judges[name]) for name in recipe.judges_of(recipe.voting)}
        bench = open_bench(stack, recipe, judges, writes=trial > 0)
        captions = Captions(store, recipe.ec3)
        verdicts = Verdicts(captions, bench, early_stop=recipe.early_stop)
        tried: dict[str, Asked] = {}
        if trial:
            some = _some(trial, len(_captioning(folder, recipe, store).lengths))
            tried["captioner"] = caption(folder, recipe.ec3, captioner, store, some)
            some = _some(trial, _judging(folder, captions, verdicts, bench, store).known)
            tried |= judge(folder, captions, bench, recipe, lambda name, done: None, some)
        looks, usual = _captioning(folder, recipe, store), min(CAPTION, recipe.ec3.tokens)
        found = [_expected("captioner", recipe.ec3.model, looks.n_left, looks, store, tried, usual, folder)]
        opinions = _judging(folder, captions, verdicts, bench, store)
        for name, seat in bench.items():
            left = round(opinions.n_left * opinions.shares[name])
            found.append(_expected(name, recipe.judges[name], left, opinions, seat.store, tried, 0, None))
    return tuple(found)


def _some(n: int, total: int) -> Only:
    """Choose about `n` questions of all, by their hash: neither the first ones nor the same task's."""
    limit = 2**64 * n // max(total, 1)
    return lambda key: int.from_bytes(key[:8]) < limit


def _captioning(folder: Folder, recipe: Recipe, store: Store) -> _Work:
    lengths = {wish.key: len(wish.text) for wish in wishes(folder, recipe.ec3)}
    left = frozenset(key for key in lengths if key not in store)
    return _Work(lengths, left, len(left))


def _judging(folder: Folder, captions: Captions, verdicts: Verdicts, bench: Bench, made: Store) -> _Work:
    """The questions to the judges; of the captions not made yet, as many as of those made will have a text."""
    texts = [len(answer["text"]) for _, answer in made.answers()]
    spoken, usual = (fmean(map(bool, texts)), round(fmean(texts))) if texts else (1.0, CAPTION * CHARACTERS)
    lengths: dict[bytes, int] = {}
    settled: dict[bytes, Verdict] = {}
    known: set[bytes] = set()
    for _, sample in samples(folder):
        for index, one in enumerate(captions.of(sample)):
            if one.text is None and one.problem != "not_asked":
                continue
            # A picture stands in for its caption: other pictures, other words.
            picture = sample.items[index].picture
            words = judge_prompt(sample, index, one.text or picture)
            key = key_of(words)
            lengths[key] = len(words) + (usual - len(picture) if one.text is None else 0)
            if one.text is not None:
                known.add(key)
                if (verdict := verdicts.on(words, picture)).keep is not None:
                    settled[key] = verdict
    shares = _shares(list(settled.values()), list(bench), verdicts.early_stop)
    n_left = len(known) - len(settled) + round((len(lengths) - len(known)) * spoken)
    return _Work(lengths, frozenset(set(lengths) - set(settled)), n_left, len(known), shares)


def _shares(settled: Sequence[Verdict], names: Sequence[str], early_stop: bool) -> dict[str, float]:
    """The share of questions that reaches each judge: all, up to the one who can first make a majority certain.

    Of the judges behind, the share among the verdicts at hand, as if there were one more that reached them and one
    that did not; without verdicts that is every second.
    """
    surely = (len(names) + 1) // 2 if early_stop else len(names)
    reached = {name: sum(any(vote.judge == name for vote in one.votes) for one in settled) for name in names}
    return {
        name: 1.0 if number < surely else (reached[name] + 1) / (len(settled) + 2) for number, name in enumerate(names)
    }


def _expected(
    name: str,
    model: Model,
    calls: int,
    work: _Work,
    store: Store,
    tried: Mapping[str, Asked],
    usual: int,
    folder: Folder | None,
) -> Expected:
    tokens = {key: answer["tokens"] for key, answer in store.answers()}
    n_in = _tokens_in(work, {key: n for key, (n, _) in tokens.items()})
    n_out = fmean(n for _, n in tokens.values()) if tokens else usual
    asked = tried.get(name)
    speed = model.rate or (asked.calls / asked.seconds if asked and asked.calls else _slowest(tried))
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


def _slowest(tried: Mapping[str, Asked]) -> float | None:
    """The rate of the slowest judge, for one that the trial did not reach."""
    rates = [one.calls / one.seconds for name, one in tried.items() if name != "captioner" and one.calls]
    return min(rates, default=None)


def _tokens_in(work: _Work, counted: Mapping[bytes, int]) -> float:
    """Tokens of a question that is left: on a line through those counted, since a picture takes as many in each."""
    characters = fmean(work.lengths[key] for key in work.left) if work.left else 0.0
    points = [(work.lengths[key], n) for key, n in counted.items() if key in work.lengths]
    if len({length for length, _ in points}) < 2:
        return fmean(counted.values()) if counted else characters / CHARACTERS
    line = linear_regression([length for length, _ in points], [n for _, n in points])
    return line.intercept + line.slope * characters


def _picture_bytes(folder: Folder) -> float:
    """What a picture weighs, on average: nearly all of a dataset is pictures."""
    configs = [folder.manifest["configs"][name] for name in folder.configs]
    if "pictures" in folder.manifest["configs"]:
        shared = folder.manifest["configs"]["pictures"]["splits"]["train"]
        return float(shared["num_bytes"] / max(shared["rows"], 1))
    splits = [split for config in configs for split in config["splits"].values()]
    n_pictures = sum(split.get("pictures", split["rows"]) for split in splits)
    return float(sum(split["num_bytes"] for split in splits) / max(n_pictures, 1))
