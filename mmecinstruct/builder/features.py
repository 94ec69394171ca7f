"""The columns of the dataset (design.md, section 4)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mmecinstruct import words
from mmecinstruct.schema import Captioned, Sample

if TYPE_CHECKING:
    from datasets import Features


CAPTION_COLUMNS = ("captions", "caption_votes", "caption_kept")


def features_of(manifest: Mapping[str, Any], config: str) -> "Features":
    """The features of a config, as the manifest of its build has them."""
    if config == "pictures":
        return picture_features()
    return sample_features(manifest["recipe"]["pictures"] == "inline", "captions" in manifest)


def sample_features(with_pictures: bool, with_captions: bool = False) -> "Features":
    """The features of a task's config; without `images` where pictures are a config of their own."""
    from datasets import Features, Image, List, Value

    text = Value("string")
    columns = {
        "id": text,
        "task": text,
        "domain": text,
        "instruction": text,
        "input": text,
        "options": List(text),
        "output": text,
        "images": List(Image()),
        "items": List(
            {"role": text, "product_id": text, "title": text, "category": text, "brand": text, "picture": text}
        ),
        "lineage": List({"item": Value("int32"), "file": text, "digest": text}),
    }
    if not with_pictures:
        del columns["images"]
    return Features(columns | caption_features() if with_captions else columns)


def caption_features() -> "Features":
    """The features of what `write_captioned` adds to a row, one entry an item."""
    from datasets import Features, List, Value

    vote = {"judge": Value("string"), "useful": Value("bool"), "margin": Value("float32")}
    types = (List(Value("string")), List(List(vote)), List(Value("bool")))
    return Features(dict(zip(CAPTION_COLUMNS, types, strict=True)))


def picture_features() -> "Features":
    """The features of the config `pictures`: each picture once, by the sha256 that items name."""
    from datasets import Features, Image, Value

    return Features({"picture": Value("string"), "image": Image()})


def row_of(sample: Sample, input_text: str) -> dict[str, Any]:
    """A sample as a row, all but its pictures."""
    return {
        "id": sample.id,
        "task": sample.task,
        "domain": sample.domain,
        "instruction": words.instruction(sample),
        "input": input_text,
        "options": list(sample.options),
        "output": sample.target,
        "items": [
            {
                "role": item.role,
                "product_id": item.product_id,
                "title": item.title,
                "category": item.category,
                "brand": item.brand,
                "picture": item.picture,
            }
            for item in sample.items
        ],
        "lineage": [{"item": ref.item, "file": ref.file, "digest": ref.digest} for ref in sample.lineage],
    }


def caption_columns(captioned: Captioned) -> dict[str, Any]:
    """The captions, votes and verdicts of a sample as columns of its row."""
    votes = [
        [{"judge": vote.judge, "useful": vote.useful, "margin": vote.margin} for vote in one]
        for one in captioned.votes
    ]
    columns = (list(captioned.captions), votes, list(captioned.kept))
    return dict(zip(CAPTION_COLUMNS, columns, strict=True))
