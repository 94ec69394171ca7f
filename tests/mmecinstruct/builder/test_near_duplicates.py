"""On texts of three styles, on short ones and at the very threshold, the search agrees with brute force."""

import json
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest

from mmecinstruct.builder.near_duplicates import Index
from mmecinstruct.builder.planted import measured

Texts = list[tuple[str, str]]


def grams(text: str) -> set[str]:
    words = re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()
    return {words[i : i + 5] for i in range(max(1, len(words) - 4))}


def similarity(one: str, other: str) -> float:
    a, b = grams(one), grams(other)
    return len(a & b) / len(a | b)


def prose(chance: random.Random) -> str:
    """A review: frequent words often, rare words seldom."""
    syllables = ("ta", "mo", "re", "si", "lun", "ver", "ki", "pa")
    words = [a + b + c for c in ("", "no", "st", "er") for b in syllables for a in syllables]
    return " ".join(words[int(len(words) * chance.random() ** 2)] for _ in range(120))


def catalogue(chance: random.Random) -> str:
    """A question with a document: the same keys around other values."""
    facts = [
        f"{key}: {chance.randrange(10**5)} {key[:2]}"
        for key in ("Weight", "Height", "Voltage", "Model", "Colour", "Brand")
    ]
    said = [f"{chance.choice(('I use', 'We bought', 'They sent'))} the {chance.randrange(10**6)}." for _ in range(12)]
    return json.dumps({"question": f"Does the {chance.randrange(10**4)} fit?", "document": facts + said})


def history(chance: random.Random) -> str:
    """Titles of things bought, which other histories hold too."""
    return json.dumps(
        [
            f"{i}: Tool number {chance.randrange(300) * 7919}, Tools & Home, Maker {chance.randrange(40)}"
            for i in range(12)
        ]
    )


def spoilt(text: str, n_edits: int, chance: random.Random) -> str:
    characters = list(text)
    for _ in range(n_edits):
        at = chance.randrange(len(characters))
        characters[at : at + 1] = chance.choice(("", "x", "qu", characters[at] * 2))
    return "".join(characters)


def planted(style: Any, n: int = 60) -> tuple[Texts, Texts]:
    """Training texts; and evaluated ones, of which two thirds are spoilt copies of training, the others unrelated."""
    chance = random.Random(f"{style.__name__}")
    training = [(f"train {i}", style(chance)) for i in range(n)]
    spoilt_ones = [spoilt(text, chance.randrange(len(text) // 18), chance) for _, text in training[: 2 * n // 3]]
    evaluated = spoilt_ones + [style(chance) for _ in range(n // 3)]
    return training, [(f"test {i}", text) for i, text in enumerate(evaluated)]


def searched(training: Texts, evaluated: Texts) -> Iterator[tuple[str, str]]:
    index = Index(evaluated)
    for train_row, text in training:
        yield from ((row, train_row) for near in index.near(text) for row in index.rows[near.text])


def true_pairs(training: Texts, evaluated: Texts) -> set[tuple[str, str]]:
    sets = [(id, grams(text)) for id, text in evaluated]
    return {
        (row, train_row)
        for train_row, text in training
        for own in [grams(text)]
        for row, others in sets
        if len(own & others) / len(own | others) >= 0.7
    }


@pytest.mark.parametrize("style", [prose, catalogue, history])
def test_planted_near_duplicates_are_found_and_hardly_anything_else(style: Any) -> None:
    training, evaluated = planted(style)
    truth, found = true_pairs(training, evaluated), set(searched(training, evaluated))
    assert 15 <= len(truth) <= 80
    assert len(found & truth) >= 0.95 * len(truth)
    assert len(found - truth) <= 0.01 * len(found)


def test_the_search_agrees_with_brute_force_on_many_short_texts() -> None:
    chance = random.Random(5)
    letters = [chance.choices("ab ", weights=(20, 2, 1), k=chance.randrange(60)) for _ in range(120)]
    texts = [(f"{i}", "".join(one)) for i, one in enumerate(letters)]
    truth = true_pairs(texts[:60], texts[60:])
    assert len(truth) > 50
    assert set(searched(texts[:60], texts[60:])) == truth


@pytest.mark.parametrize("n", [1, 2, 3, 7, 11, 29, 100])
def test_the_threshold_itself_is_similar_and_one_shingle_less_is_not(n: int) -> None:
    alphabet = "".join(chr(0x4E00 + i) for i in range(10 * n + 4))  # no character comes twice, so no 5-gram does
    index = Index([("at", alphabet[: 7 * n + 4]), ("below", alphabet[: 7 * n + 3])])
    assert [(index.rows[near.text], near.similarity) for near in index.near(alphabet)] == [(["at"], 0.7)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("", "?!"),
        ("a", "A."),
        ("mugs", " mugs\n"),
        ("Über-Größe: 25 µm", "über größe 25 µm"),
        ("日本の湯呑みです", "日本の湯呑みです。"),
        ("a 😀 b c d e", "a b c d e"),
    ],
)
def test_case_and_punctuation_make_no_difference(one: str, other: str) -> None:
    assert [near.similarity for near in Index([("row", one)]).near(other)] == [1.0]


@pytest.mark.parametrize(
    ("one", "other"), [("", "a"), ("mug", "mugs"), ("abcde", "fghij"), ("日本の湯呑み", "日本の茶碗です")]
)
def test_short_texts_that_differ_are_no_duplicates(one: str, other: str) -> None:
    assert Index([("row", one)]).near(other) == []


def test_an_index_of_nothing_finds_nothing() -> None:
    assert Index([]).near("a mug for the office") == []


def test_the_search_measures_itself_on_spoilt_texts() -> None:
    recall = measured(planted(prose, 40)[0])
    assert recall["recall"] >= 0.95
    assert recall["false"] <= 0.01
    assert all(band["pairs"] >= 5 for band in recall["bands"].values())


def test_measuring_without_texts_says_that_there_was_nothing_to_find() -> None:
    assert measured([])["recall"] is None
