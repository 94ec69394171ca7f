"""From a draft to a sample.

Pictures at hand, stand-ins in place, letters given (paper, 3.3: no sample without a picture).
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from mmecinstruct import words
from mmecinstruct.images import Failure, Picture
from mmecinstruct.schema import LETTERS, Candidate, Domain, Draft, Drop, Ref, Sample, Split
from mmecinstruct.tasks import TaskSpec

Obtain = Callable[[Sequence[Candidate]], Sequence[Picture | Failure]]


def settle(
    draft: Draft, task: TaskSpec[object], domain: Domain, split: Split, seed: int, obtain: Obtain
) -> Sample | Drop:
    """Make a sample of a draft, or say why not.

    Every item needs its picture. An option without one, or that reads like another, gives way to the next in reserve,
    except the right one.
    """
    fixed = [one for one in draft.candidates if one.item.role != "option"]
    pictured = _pictured(fixed, obtain)
    if isinstance(pictured, Drop):
        return pictured
    options = _options(draft, task.name, seed, obtain)
    if isinstance(options, Drop):
        return options
    shown = [*pictured, *options]
    places = [i for i, one in enumerate(options) if one.item.product_id == draft.answer]
    sample = Sample(
        id=f"{task.abbr}_{domain}-{split}-{_digest(task.name, domain, split, draft.key)[:12]}",
        task=task.name,
        domain=domain,
        split=split,
        fields=draft.fields,
        items=tuple(one.item for one in shown),
        target=LETTERS[places[0]] if places else draft.answer,
        lineage=(*draft.refs, *(replace(ref, item=i) for i, one in enumerate(shown) for ref in one.refs)),
    )
    return replace(sample, options=words.options(sample))


def _options(draft: Draft, task: str, seed: int, obtain: Obtain) -> list[Candidate] | Drop:
    """As many options as were drawn, the right one among them, in an order drawn for this sample."""
    drawn = [one for one in draft.candidates if one.item.role == "option"]
    right = _pictured([one for one in drawn if one.item.product_id == draft.answer], obtain)
    if isinstance(right, Drop):
        return right
    wrong: list[Candidate] = []
    waiting = _distinct(right, [*drawn, *draft.reserve], task)
    while waiting and len(right) + len(wrong) < len(drawn):
        n = len(drawn) - len(right) - len(wrong)
        batch, waiting = waiting[:n], waiting[n:]
        found = zip(batch, obtain(batch), strict=True)
        wrong += [_with(one, picture) for one, picture in found if isinstance(picture, Picture)]
    if len(right) + len(wrong) < len(drawn):
        return Drop("few_pictured_options")
    return sorted([*right, *wrong], key=lambda one: _digest(str(seed), draft.key, one.item.product_id))


def _distinct(right: Sequence[Candidate], others: Sequence[Candidate], task: str) -> list[Candidate]:
    """The others whose text is neither the right option's nor an earlier one's: equal options cannot be told apart."""
    seen = {_text(one, task) for one in right}
    distinct = []
    for one in others:
        if (text := _text(one, task)) not in seen:
            seen.add(text)
            distinct.append(one)
    return distinct


def _text(option: Candidate, task: str) -> str:
    """An option as it will read, but for its letter."""
    return words.options(Sample("", task, "ind", "test", {}, (option.item,), ""))[0]


def _pictured(candidates: Sequence[Candidate], obtain: Obtain) -> list[Candidate] | Drop:
    found = []
    for one, picture in zip(candidates, obtain(candidates), strict=True):
        if isinstance(picture, Failure):
            return Drop(f"picture_{picture.reason}")
        found.append(_with(one, picture))
    return found


def _with(candidate: Candidate, picture: Picture) -> Candidate:
    return replace(candidate, item=replace(candidate.item, picture=picture.sha256))


def _digest(*parts: str) -> str:
    return hashlib.md5("|".join(parts).encode(), usedforsecurity=False).hexdigest()


def refs_of(sample: Sample) -> set[Ref]:
    """The records a sample was read from, each once."""
    return {replace(ref, item=-1) for ref in sample.lineage}
