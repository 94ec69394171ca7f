"""What stands beside the printed numbers: answers without looking, and how far chance reaches."""

import pytest

from caslie.paper.baselines import baselines_beside
from caslie.paper.checking import Checked
from caslie.paper.noise import gap_interval, gaps
from caslie.paper.paper import CONFIGS, Paper
from tests.caslie.paper.changing import with_value, with_words


@pytest.mark.parametrize(
    ("config", "metric", "value", "n_unbeaten"),
    [
        ("ap_ind", "f1", 0.811, 6),
        ("ap_ood", "f1", 0.770, 6),
        ("psi_ind", "f1", 0.369, 11),
        ("prp_ind", "macro_f1", 0.222, 0),
        ("mpc_ind", "accuracy", 0.625, 2),
        ("cc_ood", "recall_at_1", 0.05, 1),
        ("sr_ind", "recall_at_1", 0.05, 1),
    ],
)
def test_answers_without_looking_score_this(
    checked: Checked, config: str, metric: str, value: float, n_unbeaten: int
) -> None:
    [found] = [one for one in checked.baselines if one.config == config]
    assert (found.metric, round(found.value, 3), len(found.unbeaten_by)) == (metric, value, n_unbeaten)
    assert len(found.beside) == 8 + 4


def test_on_psi_caslie_m_alone_beats_always_yes(checked: Checked) -> None:
    [psi] = [one for one in checked.baselines if one.config == "psi_ind"]
    assert [one.system for one in psi.beside if one.beats] == ["CASLIE-M"]


def test_a_share_beats_chance_only_with_its_whole_interval(checked: Checked) -> None:
    [found] = next(one for one in checked.baselines if one.config == "sr_ind").unbeaten_by
    assert (found.system, found.value > 0.05) == ("ft-LLaVA-Interleave", True)
    assert found.low is not None and found.low < 0.05


def test_a_better_system_beats_the_baseline(paper: Paper) -> None:
    changed = with_value(paper, "4", ("CASLIE-S",), "psi_ind", "f1", 0.4)
    [psi] = [one for one in baselines_beside(changed) if one.config == "psi_ind"]
    assert [one.system for one in psi.beside if one.beats] == ["CASLIE-M", "CASLIE-S"]


def test_the_majority_follows_the_printed_ratio(paper: Paper) -> None:
    changed = with_words(paper, "mpc_ratio", "is approximately 7:1:1:1")
    [mpc] = [one for one in baselines_beside(changed) if one.config == "mpc_ind"]
    assert mpc.value == pytest.approx(0.7)


def test_almost_all_gaps_of_caslie_m_are_within_noise(checked: Checked) -> None:
    beyond = [(gap.config, gap.rival) for gap in checked.gaps if not gap.within_noise]
    assert len(checked.gaps) == 3 * len(CONFIGS)
    assert beyond == [("cc_ind", "ft-LLaVA-NExT-Interleave"), ("cc_ood", "eCeLLM-M")]


def test_the_pasted_row_is_not_compared(checked: Checked) -> None:
    assert {gap.ours for gap in checked.gaps if gap.config == "mpc_ind"} == {0.731}


def test_a_larger_gap_is_beyond_noise(paper: Paper) -> None:
    changed = with_value(paper, "4", ("CASLIE-M",), "sr_ind", "recall_at_1", 0.3)
    assert not any(gap.within_noise for gap in gaps(changed) if gap.config == "sr_ind")


def test_the_interval_of_a_gap_is_newcombes() -> None:
    low, high = gap_interval(56 / 70, 70, 48 / 80, 80)  # Newcombe (1998), table II, method 10
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)
