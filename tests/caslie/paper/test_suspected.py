"""Which printed cells are proved wrong, and the sentence that says why."""

import pytest

from caslie.paper.findings import Place
from caslie.paper.paper import Paper
from caslie.paper.suspected import suspect, suspected
from tests.caslie.paper.changing import with_value

PASTED = Place("A11", ("CASLIE-M", "EC3-CQE-uniM3"), "mpc_ind")
IMPOSSIBLE = "Guessing among 20 finds about 50 of 1,000; it finds none with a chance of 5e-23."
THREE = (
    "0.268 in Tables 4, 6, A6; 0.205 in Table 5; 0.221 in Table A10; only 0.221 fits the rest of its row in Table A10"
    ": 31 hits, 23 false alarms."
)
TWO = "0.191 in Table 6; 0.196 in Table A13."
WRONG = {
    PASTED: "Table A10 has the same 0.794, 0.586, 0.301, 0.398 in this row; one of the two is lost.",
    Place("4", ("CASLIE-L",), "psi_ind"): THREE,
    Place("5", ("-L", "Gen."), "psi_ind"): THREE,
    Place("6", ("CASLIE", "-L"), "psi_ind"): THREE,
    Place("A6", ("CASLIE-L",), "psi_ind"): THREE,
    Place("6", ("uniM3", "-S"), "sr_ind"): TWO,
    Place("A13", ("CASLIE-S", "uniM3"), "sr_ind"): TWO,
    Place("4", ("ft-LLaVA-Interleave",), "sr_ood"): IMPOSSIBLE,
    Place("A13", ("ft-LLaVA-NExT-Interleave", ""), "sr_ood"): IMPOSSIBLE,
    Place("A3", ("ft-LLaVA-NExT-Interleave*", "w caption", "Llama-3.2-Vision-Instruct"), "sr_ind"): IMPOSSIBLE,
    Place("4 (imprv over best)", ("imprv over best",), "ap_ind"): "CASLIE-M 0.891 over eCeLLM-L 0.872 is +2.18 %.",
}


def test_every_wrong_cell_is_told_and_no_other(paper: Paper) -> None:
    assert dict(suspected(paper)) == WRONG


@pytest.mark.parametrize("place", WRONG, ids=lambda place: f"{place.table} {place.config}")
def test_a_cell_is_asked_about(place: Place) -> None:
    assert suspect(*place) == WRONG[place]


@pytest.mark.parametrize(
    "place",
    [
        Place("A10", ("CASLIE-L", "EC3-CQE-uniM3"), "psi_ind"),  # the one of three numbers that is backed
        Place("4", ("CASLIE-M",), "mpc_ind"),  # contradicted by the pasted row alone
        Place("A9", ("CASLIE-L", "EC3-CQE-uniM3"), "prp_ood"),  # doubted, not proved
        Place("99", ("nobody",), "ap_ind"),
    ],
)
def test_of_other_cells_nothing_is_said(place: Place) -> None:
    assert suspect(*place) == ""


def test_a_mended_cell_is_told_no_more(paper: Paper) -> None:
    changed = with_value(paper, "6", ("uniM3", "-S"), "sr_ind", "recall_at_1", 0.196)
    assert set(WRONG) - set(suspected(changed)) == {place for place, why in WRONG.items() if why == TWO}


def test_a_broken_cell_is_told(paper: Paper) -> None:
    changed = with_value(paper, "A7", ("eCeLLM-L", ""), "ap_ind", "precision", 0.5)
    [place] = set(suspected(changed)) - set(WRONG)
    assert place == Place("A7", ("eCeLLM-L", ""), "ap_ind")
    assert suspected(changed)[place].startswith("2PR / (P + R) of 0.500 and")
