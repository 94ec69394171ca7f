"""From a row of the release to a sample: its texts read, its answer a letter, its pictures at hand."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mmecinstruct import words
from mmecinstruct.images import Failure, Picture
from mmecinstruct.images.address import picture_name
from mmecinstruct.importing.shown import Shown, show
from mmecinstruct.importing.spelling import place_of, plain, texts_of, unfolded, unlettered, yes_or_no
from mmecinstruct.importing.staging import Place
from mmecinstruct.schema import LETTERS, Drop, Ref, Sample


@dataclass(frozen=True, slots=True)
class Told:
    """A row as it was told: what it shows, and what the release has; `captions` is None where they are no texts."""

    key: str
    shown: Shown
    input: object
    options: tuple[str, ...]
    instruction: str
    output: str
    addresses: tuple[str, ...]
    captions: list[str] | None
    ref: Ref


def tell(task: str, record: Mapping[str, Any], ref: Ref) -> Told | Drop:
    """Read a row of the release; its pictures must match its things one to one."""
    addresses, options = texts_of(record["images"]), texts_of(record.get("options"))
    if addresses is None or options is None or not isinstance(record["output"], str):
        return Drop("odd_images" if addresses is None else "odd_options" if options is None else "odd_output")
    told = unfolded(record["input"])
    texts = unlettered(options)
    shown = texts if isinstance(texts, Drop) else show(task, told, texts)
    if isinstance(shown, Drop):
        return shown
    if len(addresses) != len(shown.items):
        return Drop("images_do_not_match_items")
    return Told(
        key=_digest(json.dumps([told, options, record["output"], addresses], sort_keys=True)),
        shown=_identified(shown, addresses),
        input=told,
        options=tuple(options),
        instruction=str(record.get("instruction") or ""),
        output=record["output"],
        addresses=tuple(addresses),
        captions=texts_of(record.get("caption_info")),
        ref=ref,
    )


def settle(told: Told, place: Place, pictures: Sequence[Picture | Failure]) -> Sample | Drop:
    """Make a sample of a row and its pictures, or say why not. Items and options keep the order of the release."""
    items = []
    for item, picture in zip(told.shown.items, pictures, strict=True):
        if isinstance(picture, Failure):
            return Drop(f"picture_{picture.reason}")
        items.append(replace(item, picture=picture.sha256))
    sample = Sample(
        id=f"{place.config}-{place.split}-{_digest('|'.join((place.task, place.domain, place.split, told.key)))[:12]}",
        task=place.task,
        domain=place.domain,
        split=place.split,
        fields=told.shown.fields,
        items=tuple(items),
        target="",
        lineage=(told.ref,),
    )
    return _answered(replace(sample, options=words.options(sample)), told)


def _answered(sample: Sample, told: Told) -> Sample | Drop:
    target = _target(sample, told)
    if isinstance(target, Drop):
        return target
    try:
        "".join((words.input_text(sample), *sample.options)).encode()
    except UnicodeEncodeError:  # half a surrogate pair, which Parquet cannot hold
        return Drop("unencodable_text")
    return replace(sample, target=target)


def _target(sample: Sample, told: Told) -> str | Drop:
    """The answer among our options: by its text where the options are the task's own, for they may stand otherwise."""
    if not sample.options:
        return yes_or_no(told.output)
    texts = unlettered(told.options)
    if isinstance(texts, Drop):
        return texts
    if not texts:
        return Drop("no_options")
    place = place_of(told.output, texts)
    if isinstance(place, Drop):
        return place
    if "choices" in sample.fields or sample.items[-1].role == "option":
        return LETTERS[place]
    ours = [plain(line.partition(": ")[2]) for line in sample.options]
    same = sorted(ours) == sorted(map(plain, texts))
    return LETTERS[ours.index(plain(texts[place]))] if same else Drop("other_options")


def _identified(shown: Shown, addresses: Sequence[str]) -> Shown:
    """The release names no products: the name of its picture stands for each, so that the leakage report can count."""
    named = zip(shown.items, addresses, strict=True)
    return replace(shown, items=tuple(replace(item, product_id=picture_name(address)) for item, address in named))


def _digest(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
