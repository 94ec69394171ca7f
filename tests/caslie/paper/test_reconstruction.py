"""Whole numbers behind printed scores: what was planted is found."""

import doctest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caslie.metrics import score
from caslie.paper import reconstruction
from caslie.paper.reconstruction import Counts, Policy, fits, reconstruct, shared_yes
from caslie.paper.relations import Macro, class_counts


@st.composite
def planted(draw: st.DrawFn) -> Counts:
    """Some answers to some questions, some of them failed."""
    n = draw(st.integers(20, 1000))
    n_yes = draw(st.integers(1, n - 1))
    failed_yes = draw(st.integers(0, min(5, n_yes - 1)))
    failed_no = draw(st.integers(0, min(5, n - n_yes - 1)))
    hits = draw(st.integers(0, n_yes - failed_yes))
    alarms = draw(st.integers(0, n - n_yes - failed_no))
    return Counts(n, n_yes, hits, alarms, failed_yes, failed_yes + failed_no)


def printed(counts: Counts, policy: Policy) -> dict[str, float]:
    rounded = {name: round(value, 3) for name, value in counts.scores("ap", policy).items()}
    return rounded | {"n_failed": counts.n_failed}


@given(planted(), st.sampled_from(["excluded", "wrong"]))
@settings(max_examples=200, deadline=None)
def test_planted_counts_are_among_those_found(counts: Counts, policy: Policy) -> None:
    row = printed(counts, policy)
    found = reconstruct(row, [counts.n_yes], counts.n, policy)
    assert counts in found
    assert all(fits(one.scores("ap", policy), row) for one in found)


@given(st.lists(planted(), min_size=1, max_size=1), st.data())
@settings(max_examples=15, deadline=None)
def test_what_rows_share_is_among_what_is_found(first: list[Counts], data: st.DataObject) -> None:
    [one] = first
    hits = data.draw(st.integers(0, one.n_yes))
    other = Counts(one.n, one.n_yes, hits, data.draw(st.integers(0, one.n - one.n_yes)), 0, 0)
    assert one.n_yes in shared_yes([printed(one, "excluded"), printed(other, "excluded")], one.n)


def test_answers_have_the_counts_they_are_made_of() -> None:
    references, predictions = Counts(10, 6, 3, 1, 1, 2).answers()
    pairs = list(zip(references, predictions, strict=True))
    assert (pairs.count(("yes", "yes")), pairs.count(("yes", "no")), pairs.count(("yes", None))) == (3, 2, 1)
    assert (pairs.count(("no", "yes")), pairs.count(("no", "no")), pairs.count(("no", None))) == (1, 2, 1)


def test_scores_that_no_counts_have_are_not_found() -> None:
    row = {"accuracy": 0.9, "precision": 0.1, "recall": 0.1, "f1": 0.9, "n_failed": 0}
    assert reconstruct(row, range(1, 1000)) == []


def test_the_example_in_the_module_holds() -> None:
    assert doctest.testmod(reconstruction).failed == 0


def system(sizes: tuple[int, int, int], right: tuple[int, int]) -> Macro:
    """The printed scores of a system that names the first two relations alone, and mostly the right one."""
    references = [answer for answer, n in zip("ABC", sizes, strict=True) for _ in range(n)]
    predictions = ["A"] * right[0] + ["B"] * (sizes[0] - right[0])
    predictions += ["B"] * right[1] + ["A"] * (sizes[1] - right[1]) + ["A"] * sizes[2]
    scores = {name: round(value, 3) for name, value in score("prp", references, predictions).excluded.items()}
    return Macro(("x",), right[0] + right[1], scores["macro_precision"], scores["macro_recall"], scores["macro_f1"])


@pytest.mark.parametrize("sizes", [(500, 375, 125), (520, 470, 10)])
def test_planted_classes_of_relations_are_among_those_found(sizes: tuple[int, int, int]) -> None:
    shares = [(0.9, 0.7), (0.8, 0.85), (0.75, 0.6)]
    rows = [system(sizes, (round(one * sizes[0]), round(other * sizes[1]))) for one, other in shares]
    assert sizes in class_counts(rows)
