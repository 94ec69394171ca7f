"""Writes the fine categories in the layout of MAVE's label files."""

from collections.abc import Sequence
from typing import Any

from mmecinstruct.sample.categories import Labelled
from mmecinstruct.sample.dirt import Ledger
from mmecinstruct.sample.text import plural

POSITIVE = 0.8  # of the products have evidence for their attribute in the title


def write_mave(ledger: Ledger, labelled: Sequence[Labelled]) -> None:
    """Write the positives and the negatives."""
    chance = ledger.chance.at("mave")
    positives = [each for each in labelled if chance.number(each.product.asin) < POSITIVE]
    negatives = [each for each in labelled if chance.number(each.product.asin) >= POSITIVE]
    rows = [_row(each, [_evidence(each)]) for each in positives]
    ledger.write_jsonl("mave/mave_positives_labels.jsonl", rows, key="id")
    ledger.write_jsonl("mave/mave_negatives_labels.jsonl", [_row(each, []) for each in negatives], key="id")


def _row(each: Labelled, evidences: list[dict[str, Any]]) -> dict[str, Any]:
    attribute = {"key": "Type", "evidences": evidences}
    return {"id": each.product.asin, "category": each.category, "attributes": [attribute]}


def _evidence(each: Labelled) -> dict[str, Any]:
    title = each.product.title.lower()
    kind = each.product.look.kind
    begin = title.index(kind)
    end = begin + len(plural(kind) if plural(kind) in title else kind)
    return {"value": each.product.title[begin:end], "pid": 0, "begin": begin, "end": end}
