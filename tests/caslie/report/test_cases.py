"""Case studies: which rows are shown, and what is shown of each."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from caslie.errors import StageError
from caslie.report.cases import MOST_RAW, Answers, case_of, choose_cases
from caslie.schema import Prediction
from mmecinstruct.builder.folder import Folder

REFERENCES = {f"ap_ind-test-{i:02}": "yes" for i in range(40)}


def said(id: str, label: str | None, raw: str | None = None) -> Prediction:
    return Prediction(id, "0" * 64, "generate", label, raw=(label or "Hm.") if raw is None else raw)


def system(name: str, labels: Mapping[str, str | None]) -> Answers:
    return Answers(name, {id: said(id, label) for id, label in labels.items()})


def right_on(name: str, *numbers: int) -> Answers:
    """A system that is right on these of the 40 rows alone."""
    return system(name, {id: "yes" if int(id[-2:]) in numbers else "no" for id in REFERENCES})


def first_of(folder: Folder, config: str) -> str:
    return str(next(folder.rows(config, "test"))["id"])


def labels_of(folder: Folder, id: str) -> list[str]:
    return [line.partition(":")[0] for line in folder.row(id)["options"]]


@pytest.fixture(scope="module")
def folder(dataset: Path) -> Folder:
    return Folder(dataset)


@pytest.fixture(scope="module")
def plain(dataset: Path) -> Folder:
    return Folder(dataset.with_name("plain"))


def test_the_last_system_decides_whether_captions_help_or_hurt() -> None:
    chosen = choose_cases(REFERENCES, [right_on("text", 0, 1, 2), right_on("captions", 2, 3)], 40)
    assert chosen.counts == {"captions help": 1, "captions hurt": 2, "all right": 1, "all wrong": 36}
    assert chosen.ids[0] == "ap_ind-test-03"
    assert set(chosen.ids[1:3]) == {"ap_ind-test-00", "ap_ind-test-01"}
    assert chosen.ids[-1] == "ap_ind-test-02"


def test_rows_where_systems_differ_are_four_of_six() -> None:
    text, captions = right_on("text", *range(10, 30)), right_on("captions", *range(20))
    chosen = choose_cases(REFERENCES, [text, captions], 12)
    kinds = ["help" if int(id[-2:]) < 10 else "hurt" if int(id[-2:]) > 19 else "both" for id in chosen.ids]
    assert kinds.count("help") == 4
    assert chosen.counts == {kind: 10 for kind in chosen.counts}
    assert sum(10 <= int(id[-2:]) < 20 for id in chosen.ids) == 2


def test_one_row_shows_captions_that_help_where_there_are_any() -> None:
    chosen = choose_cases(REFERENCES, [right_on("text"), right_on("captions", 7)], 1)
    assert chosen.ids == ("ap_ind-test-07",)


def test_the_same_rows_are_chosen_in_any_order() -> None:
    systems = [right_on("text", *range(0, 40, 2)), right_on("captions", *range(0, 40, 3))]
    backwards = dict(reversed(REFERENCES.items()))
    assert choose_cases(REFERENCES, systems, 9) == choose_cases(backwards, systems, 9)


def test_more_rows_are_the_same_rows_and_others() -> None:
    systems = [right_on("text", *range(0, 40, 2)), right_on("captions", *range(0, 40, 3))]
    few, many = (set(choose_cases(REFERENCES, systems, n).ids) for n in (5, 17))
    assert few < many


def test_of_one_system_all_answers_are_right_or_wrong() -> None:
    chosen = choose_cases(REFERENCES, [right_on("captions", 1)], 2)
    assert chosen.counts == {"all right": 1, "all wrong": 39}


def test_a_system_without_an_answer_is_refused() -> None:
    with pytest.raises(StageError, match="half: no answer to ap_ind-test-00; compare predictions on the same rows"):
        choose_cases(REFERENCES, [right_on("all"), system("half", {})], 3)


def test_a_case_tells_what_every_system_said(folder: Folder) -> None:
    id = first_of(folder, "ap_ind")
    target = folder.row(id)["output"]
    other = "no" if target == "yes" else "yes"
    systems = [system("text", {id: other}), Answers("captions", {id: said(id, target, f"**{target}**")})]
    case = case_of(folder, id, systems)
    assert (case.id, case.config, case.task, case.target) == (id, "ap_ind", "answerability_prediction", target)
    assert [(one.system, one.label, one.raw, one.right) for one in case.answers] == [
        ("text", other, other, False),
        ("captions", target, f"**{target}**", True),
    ]
    assert case.kind == "captions help"


def test_a_long_raw_answer_is_cut_and_cannot_steer_a_terminal(folder: Folder) -> None:
    id = first_of(folder, "ap_ind")
    case = case_of(folder, id, [Answers("one", {id: said(id, None, "\x1b[31m" + "a" * 10_000)})])
    assert case.answers[0].raw.startswith("\ufffd[31ma")
    assert case.answers[0].raw.endswith(f" … (+{10_005 - MOST_RAW:,} characters)")


def test_all_items_of_a_small_row_are_shown_with_their_votes(folder: Folder) -> None:
    id = first_of(folder, "prp_ind")
    case = case_of(folder, id, [system("one", {id: "A"})])
    assert [card.label for card in case.shown.cards] == ["product 1", "product 2"]
    assert case.shown.more == 0
    assert all(len(card.chips) == 3 for card in case.shown.cards if card.caption is not None)


def test_of_many_items_those_are_shown_that_decide(folder: Folder) -> None:
    id = first_of(folder, "sr_ind")
    row, labels = folder.row(id), labels_of(folder, id)
    answers = [label for label in labels if label != row["output"]][:2]
    case = case_of(folder, id, [system(label, {id: label}) for label in answers])
    shown = [card.label for card in case.shown.cards]
    assert {one for one in shown if one.startswith("option")} == {f"option {one}" for one in (row["output"], *answers)}
    n_past = len(json.loads(row["input"]))
    past = [one for one in shown if one.endswith("purchase")]
    assert past == [f"{line.label} purchase" for line in case.shown.view.history[-5:]]
    assert len(shown) + case.shown.more == len(row["items"]) == n_past + len(labels)


def test_a_shown_item_has_its_own_words_and_caption(folder: Folder) -> None:
    id = first_of(folder, "sr_ind")
    row = folder.row(id)
    case = case_of(folder, id, [system("one", {id: row["output"]})])
    card = next(card for card in case.shown.cards if card.label.startswith("option"))
    line = next(line for line in case.shown.view.options if line.right)
    assert card.text == line.text
    assert line.item is not None
    assert card.caption == row["captions"][line.item]


def test_all_options_that_were_answered_are_shown_however_many(folder: Folder) -> None:
    id = first_of(folder, "sr_ind")
    labels = labels_of(folder, id)[:12]
    case = case_of(folder, id, [system(label, {id: label}) for label in labels])
    shown = {card.label.removeprefix("option ") for card in case.shown.cards if card.label.startswith("option")}
    assert shown == {*labels, case.target}
    assert sum(card.label.endswith("purchase") for card in case.shown.cards) == 2


@pytest.mark.parametrize("config", ["ap_ind", "prp_ood", "sr_ood"])
def test_a_dataset_without_captions_has_cards_with_pictures_alone(plain: Folder, config: str) -> None:
    id = first_of(plain, config)
    case = case_of(plain, id, [system("one", {id: "A"})])
    assert not case.captioned
    assert all(card.picture and card.caption is None and not card.chips for card in case.shown.cards)


def test_pictures_of_24_cases_make_less_than_3_megabytes(folder: Folder) -> None:
    ids = [row["id"] for config in ("sr_ind", "sr_ood") for row in folder.rows(config, "test")][:8]
    n = sum(len(card.picture) for id in ids for card in case_of(folder, id, [system("one", {id: "B"})]).shown.cards)
    assert n / len(ids) * 24 < 3_000_000
