"""Answers in words, from tiny models of every family."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from caslie.backends import Model, Question, Reply, find
from caslie.errors import ModelError
from tests.caslie.backends.transformers.families import CAPTIONERS, JUDGES, save_judge

pytestmark = pytest.mark.slow
Folder = Callable[[str], Path]
Photograph = Callable[[int], bytes]


def model(folder: Path, **more: Any) -> Model:
    return Model(f"transformers/{folder}", **more)


def asked(family: str, photograph: Photograph, n: int = 9) -> list[Question]:
    texts = ["" if family == "blip2" else "The picture shows a mug. " * (i % 4) + str(i) for i in range(n)]
    return [Question(text, photograph(i) if family in CAPTIONERS else None) for i, text in enumerate(texts)]


@pytest.mark.parametrize("family", [*CAPTIONERS, *JUDGES])
def test_a_batch_is_answered_as_each_question_is_alone(family: str, folder_of: Folder, photograph: Photograph) -> None:
    questions = asked(family, photograph)
    with find(model(folder_of(family))).open() as backend:
        together = backend.write(questions, 8)
        assert together == [backend.write([question], 8)[0] for question in questions]
        assert together == backend.write(questions[::-1], 8)[::-1]
    assert all(0 < reply.n_out <= 8 and reply.n_in and not reply.problem for reply in together)


@pytest.mark.parametrize("family", ["llava", "llama"])
def test_an_answer_holds_no_word_of_its_prompt(family: str, folder_of: Folder, photograph: Photograph) -> None:
    picture = photograph(1) if family in CAPTIONERS else None
    with find(model(folder_of(family))).open() as backend:
        (reply,) = backend.write([Question("assistant ASSISTANT: Does the caption help?", picture)], 8)
    assert "assistant" not in reply.text.lower()
    assert reply.text == " ".join(reply.text.split())


def test_a_checkpoints_own_sampling_is_not_obeyed(folder_of: Folder, tmp_path: Path) -> None:
    folder = save_judge("llama", tmp_path / "sampling")
    (folder / "generation_config.json").write_text(
        '{"do_sample": true, "temperature": 5.0, "top_p": 0.9, "repetition_penalty": 9.0, "eos_token_id": 1}'
    )
    question = [Question("Does the caption help?")]
    with find(model(folder)).open() as backend, find(model(folder_of("llama"))).open() as plain:
        assert backend.write(question, 8) == plain.write(question, 8) == backend.write(question, 8)


@pytest.mark.parametrize("family", CAPTIONERS)
def test_a_dead_picture_disturbs_no_other(family: str, folder_of: Folder, photograph: Photograph) -> None:
    good, other = asked(family, photograph, 2)
    dead = [b"", b"<html>", good.picture[:200] if good.picture else b""]
    questions = [good, *(Question(good.text, data) for data in dead), other]
    with find(model(folder_of(family))).open() as backend:
        first, *refused, last = backend.write(questions, 4)
        assert [first, last] == backend.write([good, other], 4)
    assert refused == [Reply(problem="unreadable_picture")] * 3


@pytest.mark.parametrize("family", CAPTIONERS)
def test_a_captioner_without_a_picture_and_words_tells_so(family: str, folder_of: Folder) -> None:
    with find(model(folder_of(family))).open() as backend:
        assert backend.write([Question("")], 4) == [Reply(problem="no_picture")]


def test_a_prompt_beyond_the_context_tells_so_and_the_others_are_answered(folder_of: Folder) -> None:
    questions = [Question("short"), Question("mug " * 2000), Question("short too")]
    with find(model(folder_of("llama"))).open() as backend:
        first, long, last = backend.write(questions, 4)
        assert backend.weigh(questions)[1] is None
        assert backend.write([questions[1]], 4) == [long]
    assert (first.problem, long, last.problem) == ("", Reply(problem="too_long"), "")


def test_no_question_is_no_answer(folder_of: Folder) -> None:
    with find(model(folder_of("llama"))).open() as backend:
        assert backend.write([], 4) == []
        assert backend.weigh([]) == []


def test_words_for_a_captioner_that_takes_none_are_refused(folder_of: Folder, photograph: Photograph) -> None:
    with (
        find(model(folder_of("blip2"))).open() as backend,
        pytest.raises(ModelError, match=r"takes a picture alone; set `context: none`"),
    ):
        backend.write([Question("What is this?", photograph(1))], 4)


def test_a_picture_for_a_model_that_sees_none_is_refused(folder_of: Folder, photograph: Photograph) -> None:
    with (
        find(model(folder_of("llama"))).open() as backend,
        pytest.raises(ModelError, match="sees no pictures; choose a captioner that does"),
    ):
        backend.weigh([Question("What is this?", photograph(1))])


def test_questions_with_and_without_pictures_go_together(folder_of: Folder, photograph: Photograph) -> None:
    questions = [Question("Does it help?"), Question("Does it help?", photograph(3)), Question("Does it?")]
    with find(model(folder_of("mllama"))).open() as backend:
        replies = backend.write(questions, 4)
        assert replies == [backend.write([question], 4)[0] for question in questions]
    assert replies[0] != replies[1]


@pytest.mark.parametrize("family", [*CAPTIONERS, "llama"])
def test_half_numbers_run_and_are_part_of_the_identity(family: str, folder_of: Folder, photograph: Photograph) -> None:
    engine = find(model(folder_of(family), dtype="bfloat16"))
    with engine.open() as backend:
        assert all(not reply.problem for reply in backend.write(asked(family, photograph, 3), 4))
    assert engine.identity.endswith(" bfloat16")
