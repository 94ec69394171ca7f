"""The captions of the pocket captioner: one sentence that names the kind and what the prompt's task is about."""

from collections.abc import Collection

from mmecinstruct.sample.looks import ATTRIBUTES, Attribute, Picture
from mmecinstruct.sample.text import NUMBERS, plural

BLURRED = "The picture is too blurred to show anything."


def describe(picture: Picture, topics: Collection[Attribute] = ATTRIBUTES) -> str:
    """Say what a picture shows of these topics, as in `The picture shows three red striped mugs labelled Veko.`.

    The kind is always told; without the count it stands in the plural, which so gives nothing away.
    """
    if picture.blurred:
        return BLURRED
    look = picture.look
    before: dict[Attribute, str] = {
        "count": NUMBERS[look.count],
        "size": look.size,
        "colour": look.colour,
        "pattern": look.pattern,
    }
    words = [word for name, word in before.items() if name in topics]
    words.append(look.kind if "count" in topics and look.count == 1 else plural(look.kind))
    if "word" in topics:
        words.append(f"labelled {look.word}")
    return f"The picture shows {' '.join(words)}."
