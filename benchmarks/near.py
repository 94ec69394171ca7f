"""The search for nearly equal texts against comparing every pair: 8,000 training texts, 1,000 to be looked up.

    python benchmarks/near.py

A twentieth of the 1,000 is a training text with a few words changed. The other side takes the Jaccard similarity of
the sets of 5-grams of every pair; it is given only every twentieth training text, the changed ones among them, and its
time is multiplied.
"""

import json
import random
import time
from pathlib import Path
from typing import Any

from measuring import Bench, Line, check, main

N_TRAIN, N_TEST = 8_000, 1_000
SIMILAR = 0.7
PART = 20


def write(folder: Path) -> dict[str, Any]:
    """Write texts of the length of reviews, of a vocabulary of 3,000 words."""
    chance = random.Random(1)
    letters = "etaoinshrdlucmfwypvbgk"
    vocabulary = ["".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(3_000)]
    weights = [1 / rank for rank in range(1, 3_001)]
    train = [chance.choices(vocabulary, weights, k=chance.randint(20, 120)) for _ in range(N_TRAIN)]
    test = [chance.choices(vocabulary, weights, k=chance.randint(20, 120)) for _ in range(N_TEST * 19 // 20)]
    for i in range(N_TEST - len(test)):
        words = list(train[i * 100])
        for place in chance.sample(range(len(words)), len(words) // 20):
            words[place] = chance.choice(vocabulary)
        test.append(words)
    texts = {"train": [" ".join(words) for words in train], "test": [" ".join(words) for words in test]}
    (folder / "texts.json").write_text(json.dumps(texts))
    return {}


def ours(folder: Path) -> dict[str, Any]:
    """Index the texts that are looked up and ask for each training text, as the leakage report does."""
    from mmecinstruct.builder.near_duplicates import Index

    texts = json.loads((folder / "texts.json").read_text())
    start = time.perf_counter()
    index = Index((str(i), text) for i, text in enumerate(texts["test"]))
    pairs = [
        (i, int(row))
        for i, text in enumerate(texts["train"])
        for near in index.near(text)
        for row in index.rows[near.text]
    ]
    return {"seconds": time.perf_counter() - start, "pairs": sorted(pairs)}


def every_pair(folder: Path) -> dict[str, Any]:
    """Compare every pair of a part of the training texts and all that are looked up."""
    texts = json.loads((folder / "texts.json").read_text())
    start = time.perf_counter()
    test = [_grams(text) for text in texts["test"]]
    found = []
    for i in range(0, N_TRAIN, PART):
        train = _grams(texts["train"][i])
        found += [(i, j) for j, one in enumerate(test) if _jaccard(train, one) >= SIMILAR]
    return {"seconds": PART * (time.perf_counter() - start), "pairs": found}


def _grams(text: str) -> set[bytes]:
    return {text[i : i + 5].encode() for i in range(len(text) - 4)}


def _jaccard(one: set[bytes], other: set[bytes]) -> float:
    return len(one & other) / len(one | other)


def compare(bench: Bench) -> list[Line]:
    """Compare time and what was found."""
    bench.run("write")
    a, b = bench.run("ours").found, bench.run("every_pair").found
    found = [pair for pair in a["pairs"] if pair[0] % PART == 0]
    check(found == b["pairs"], f"{len(found)} and {len(b['pairs'])} pairs")
    what = f"every pair: {N_TRAIN:,} x {N_TEST:,} texts, {len(found)} pairs, the same"
    return [Line(what, "s", a["seconds"], b["seconds"], b["seconds"] / a["seconds"])]


if __name__ == "__main__":
    main("near-duplicate texts", {"write": write, "ours": ours, "every_pair": every_pair}, compare)
