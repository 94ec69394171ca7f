"""The words of the sample world: titles, and the sentences in which people ask and tell."""

from collections.abc import Collection

from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.looks import Look

NUMBERS = ("no", "one", "two", "three", "four", "five")
USES = {
    "ball": "for the beach",
    "boat": "for the children",
    "bottle": "for the road",
    "hammer": "for the workshop",
    "key": "for the house",
    "kite": "for the children",
    "lamp": "for the house",
    "lock": "for the garden gate",
    "mug": "for the kitchen",
    "tent": "for the garden",
}
BOXED = 0.08  # of the titles hold an HTML entity, as 12 % of the Gift_Cards titles of 2018 do


def plural(kind: str) -> str:
    """Return the name of several of a kind."""
    return f"{kind}s"


def amount(kind: str, count: int) -> str:
    """Return a counted kind: `one mug`, `three mugs`."""
    return f"{NUMBERS[count]} {kind if count == 1 else plural(kind)}"


def write_title(look: Look, stated: Collection[str], chance: Chance) -> str:
    """Return a title that states some of the attributes, `kind` and `use` among them, and nothing else."""
    front = chance.number("form") < 0.5
    words = [look.word if front else look.size.capitalize(), look.colour, look.pattern]
    names = ["word" if front else "size", "colour", "pattern"]
    words = [word for word, name in zip(words, names, strict=True) if name in stated]
    words.append(_noun(look, stated))
    if not front and "word" in stated:
        words.append(f"made by {look.word}")
    if "use" in stated:
        words.append(USES[look.kind])
    parts = [" ".join(words)]
    if "count" in stated:
        parts.append(f"pack of {NUMBERS[look.count]}")
    if front and "size" in stated:
        parts.append(look.size)
    text = ", ".join(parts)
    boxed = " &amp; boxed" if chance.number("boxed") < BOXED else ""
    return text[0].upper() + text[1:] + boxed


def _noun(look: Look, stated: Collection[str]) -> str:
    """Return the kind; in the plural only where the count is stated too, so that the noun gives nothing away."""
    if "kind" not in stated:
        return "gift set"
    return plural(look.kind) if "count" in stated and look.count > 1 else look.kind


QUESTIONS: dict[str, str] = {
    "colour": "What colour are these {kinds}?",
    "count": "How many {kinds} come in one pack?",
    "pattern": "What pattern do these {kinds} have?",
    "word": "Which brand is printed on the label of these {kinds}?",
}
UNTOLD = (
    "Is there a warranty on these {kinds}?",
    "How heavy are these {kinds}?",
    "In which country are these {kinds} made?",
    "Can I use these {kinds} in the rain?",
    "Do these {kinds} come with instructions?",
    "How long do these {kinds} last?",
)
TOLD: dict[str, str] = {
    "colour": "The colour is {colour}, as expected.",
    "count": "The pack holds {number}.",
    "pattern": "The surface is {pattern}.",
    "word": "The label says {word}.",
}
# A document says what it is about, as real reviews do: a judge of AP sees the document and neither title nor question.
NAMING = (
    "These {kinds} are what I needed.",
    "I have had many {kinds} in my life.",
    "My neighbour has the same {kinds}.",
    "You know what to expect of {kinds}.",
)
CHATTER = (
    "They arrived on time.",
    "I bought this as a gift for my brother.",
    "The shipping box was 14&#34; wide.",
    "My wife &amp; I use them every day.",
    "Good value for the money.",
    "I would buy this again.",
    "The seller answered quickly.",
    "We have had ours since last summer.",
    "Nothing was broken when it came.",
    "My neighbour asked me where I got it.",
    "It feels solid in the hand.",
    "Better than the one I had before.",
    "The price went down a week later.",
    "We gave it to our daughter.",
)


def tell(look: Look, attribute: str) -> str:
    """Return a review sentence that gives the value of one attribute."""
    words = {"colour": look.colour, "number": NUMBERS[look.count], "pattern": look.pattern, "word": look.word}
    return TOLD[attribute].format(**words)


def join_sentences(sentences: Collection[str], chance: Chance) -> str:
    """Return the sentences as one text, here and there with the `<br />` of the real reviews."""
    glue = "<br />" if chance.number("glue") < 0.1 else " "
    return glue.join(sentences)
