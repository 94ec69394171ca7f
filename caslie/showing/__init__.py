"""Showing captions and votes: the page, use rates (Table 4), similarity (Table A5), and the sample's truth."""

from caslie.showing.flips import print_flips
from caslie.showing.page import write_page
from caslie.showing.rates import UseRate, print_use_rates, use_rates
from caslie.showing.similarity import Similarity, print_similarity, similarity
from caslie.showing.truth import Against, against_truth, print_truth

__all__ = [
    "Against",
    "Similarity",
    "UseRate",
    "against_truth",
    "print_flips",
    "print_similarity",
    "print_truth",
    "print_use_rates",
    "similarity",
    "use_rates",
    "write_page",
]
