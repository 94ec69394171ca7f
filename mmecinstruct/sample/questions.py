"""Buyers' questions for answerability prediction: answerable when a snippet or the right picture tells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from mmecinstruct.sample.catalogue import Catalogue, Product, draw_editions, right_picture, wrong_picture
from mmecinstruct.sample.chance import Chance
from mmecinstruct.sample.looks import ATTRIBUTES, KINDS, Attribute, Evidence, Shares, draw_look
from mmecinstruct.sample.text import CHATTER, NAMING, QUESTIONS, UNTOLD, join_sentences, plural, tell
from mmecinstruct.schema import Domain

Part = Literal["train", "val", "test"]

SIZES: dict[tuple[Domain, Part], int] = {
    ("ind", "train"): 120,
    ("ind", "val"): 30,
    ("ind", "test"): 40,
    ("ood", "test"): 40,
}
PER_PRODUCT = 3
ASKABLE: tuple[Attribute, ...] = ("colour", "count", "pattern", "word")


@dataclass(frozen=True, slots=True)
class Question:
    """One row of AmazonQA. `asked` is empty where the question is about something nobody tells."""

    qid: int
    part: Part
    product: Product
    evidence: Evidence
    asked: str
    text: str
    snippets: tuple[str, ...]
    answerable: bool


def plan_questions(catalogue: Catalogue, shares: Shares, scale: int) -> tuple[Question, ...]:
    """Return the questions of every part, three to a product."""
    chance = catalogue.chance.at("ap")
    questions: list[Question] = []
    for (domain, part), n in SIZES.items():
        dealt = chance.at(domain, part).deal(n * scale, shares.weights(), "evidence")
        for wrong in (False, True):
            chosen = [evidence for evidence in dealt if (evidence == "misleading") is wrong]
            for start in range(0, len(chosen), PER_PRODUCT):
                some = chosen[start : start + PER_PRODUCT]
                questions += _ask(catalogue, domain, part, some, first_qid=len(questions))
    return tuple(questions)


def _ask(
    catalogue: Catalogue, domain: Domain, part: Part, evidences: Sequence[Evidence], first_qid: int
) -> Iterator[Question]:
    chance = catalogue.spot("ap")
    asked = chance.some(ASKABLE, len(evidences), "asked")
    product = _make_product(catalogue, domain, asked, wrong="misleading" in evidences)
    for number, evidence in enumerate(evidences):
        untold = evidence == "text" and chance.number(f"untold {number}") < 0.5
        topic = "" if untold else asked[number]
        spot = chance.at("question", number)
        wording = QUESTIONS[topic] if topic else spot.one(UNTOLD, "untold")
        yield Question(
            qid=10_000 + first_qid + number,
            part=part,
            product=product,
            evidence=evidence,
            asked=topic,
            text=wording.format(kinds=plural(product.look.kind)),
            snippets=_write_snippets(product, topic, tell_it=evidence == "text" and not untold, chance=spot),
            answerable=evidence != "misleading" and not untold,
        )


def _make_product(catalogue: Catalogue, domain: Domain, asked: list[Attribute], wrong: bool) -> Product:
    chance = catalogue.spot("ap")
    look = draw_look(chance, KINDS[domain])
    stated = {"kind", *(name for name in ATTRIBUTES if name not in asked)}
    picture = wrong_picture(chance, look, asked) if wrong else right_picture(chance, look)
    return catalogue.add("ap", look, stated, picture, draw_editions(chance))


def _write_snippets(product: Product, topic: str, tell_it: bool, chance: Chance) -> tuple[str, ...]:
    """Return review snippets that name the kind and are silent on the topic, or tell it once."""
    sentences = chance.some(CHATTER, chance.whole(2, 5, "chatter"), "chatter")
    sentences.append(chance.one(NAMING, "naming").format(kinds=plural(product.look.kind)))
    others = [name for name in ASKABLE if name != topic]
    sentences += [tell(product.look, name) for name in others if chance.number(f"tells {name}") < 0.35]
    if tell_it:
        sentences.append(tell(product.look, topic))
    sentences = chance.order(sentences, "sentences")
    pairs = [sentences[start : start + 2] for start in range(0, len(sentences), 2)]
    return tuple(join_sentences(pair, chance.at("snippet", i)) for i, pair in enumerate(pairs))
