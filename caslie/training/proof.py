"""What a merged model is held against: the logits of the adapter on its base, on prompts of three tasks."""

from typing import TYPE_CHECKING

from caslie.fusion import Reader
from mmecinstruct import words
from mmecinstruct.schema import Item, Sample

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel

CASE = Item("product", "1", "Red Leather Flip Case for the iPhone 8, Card Slots", "Cases", "Lumo")
BOTTLE = Item("product", "2", "Blue Steel Water Bottle, 750 ml", "Bottles", "Aquila")
SAMPLES = (
    Sample(
        "ap",
        "answerability_prediction",
        "ind",
        "test",
        {"question": "Will it fit the iPhone 8?", "document": ["My phone sits tight in it.", "It smells of leather."]},
        (CASE,),
        "yes",
    ),
    Sample("prp", "product_relation_prediction", "ind", "test", {}, (CASE, BOTTLE), "A"),
    Sample(
        "sa",
        "sentiment_analysis",
        "ind",
        "test",
        {"review": "I ordered two and got one. The colour is lovely, though; 3 of 5 stars."},
        (BOTTLE,),
        "C",
    ),
)
CAPTIONS = ("A red case of leather with a flap and three card slots.", "A blue bottle with a loop at its lid.")


def make_proof(reader: Reader) -> list[list[int]]:
    """Prompts of three tasks in tokens, as an adapter reads them."""
    return [reader.prompt_ids(_prompt(reader, sample)) for sample in SAMPLES]


def logits(model: "PreTrainedModel", proof: list[list[int]]) -> "Tensor":
    """What a model says after each token of the prompts."""
    import torch

    with torch.inference_mode():
        found = [model(input_ids=torch.tensor([ids], device=model.device)).logits[0].float() for ids in proof]
    return torch.cat(found).cpu()


def difference(here: "Tensor", there: "Tensor") -> float:
    """The largest difference of two models' logits, as a share of the spread of the first's.

    Only differences between logits decide what a model says, so their spread is what an error is small or large to.
    What is no number on either side makes the share none, which is below no limit.
    """
    spread = here.max() - here.min()
    return float((here - there).abs().max() / spread)


def _prompt(reader: Reader, sample: Sample) -> str:
    captions = CAPTIONS[: len(sample.items)]
    return reader.prompt(
        words.instruction(sample), words.input_text(sample, captions), words.options(sample, captions)
    )
