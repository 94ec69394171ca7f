"""Models that are none."""

import hashlib

import pytest

from caslie.backends import Backend, Model, Question, find
from mmecinstruct.errors import UnknownNameError
from tests.caslie.backends.chat_server import picture

SHOES = picture()
SHOWN = Question("Describe the blue shoe in the picture, please, in few words.", SHOES)
DIGEST = hashlib.sha256(SHOES).hexdigest()[:12]
PROMPTS = [Question(f"Does caption {n} help?") for n in range(200)]


def echo(manner: str) -> Backend:
    with find(Model(f"echo/{manner}")).open() as backend:
        return backend


def test_echo_is_named_by_its_manner() -> None:
    assert find(Model("echo/caption")).identity == "echo/caption"


def test_unknown_manner_names_the_nearest_one() -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown manner of echo 'captoin'\. Did you mean 'caption'\?"):
        find(Model("echo/captoin"))


def test_caption_tells_of_the_picture_and_of_the_prompt() -> None:
    (reply,) = echo("caption").write([SHOWN], 128)
    assert reply.text == f"picture {DIGEST}: Describe the blue shoe in the picture, please,"
    assert (reply.problem, reply.n_in, reply.n_out) == ("", 11, 10)


def test_echo_writes_no_more_tokens_than_it_may() -> None:
    (reply,) = echo("caption").write([SHOWN], 3)
    assert (reply.text, reply.n_out) == (f"picture {DIGEST}: Describe", 3)


@pytest.mark.parametrize("manner", ["caption", "mixed"])
def test_captioner_without_a_picture_says_so(manner: str) -> None:
    (reply,) = echo(manner).write([Question("What is it?")], 128)
    assert (reply.text, reply.problem) == ("", "no_picture")


@pytest.mark.parametrize("manner", ["caption", "mixed", "yes", "empty"])
@pytest.mark.parametrize(
    "bad",
    [b"", b"no picture", SHOES[:40], picture(size=(7, 90)), picture(size=(9000, 9000)), picture(file_format="BMP")],
    ids=["empty", "words", "half of one", "a line", "a bomb", "of another format"],
)
def test_picture_that_cannot_be_seen_is_told(manner: str, bad: bytes) -> None:
    (reply,) = echo(manner).write([Question("What is it?", bad)], 128)
    assert (reply.text, reply.problem) == ("", "unreadable_picture")


def test_captioner_does_not_weigh() -> None:
    assert echo("caption").weigh([SHOWN]) == [None]


def test_mixed_captioner_writes_refuses_and_says_nothing() -> None:
    replies = echo("mixed").write([Question(question.text, picture()) for question in PROMPTS], 128)
    assert {(bool(reply.text), reply.problem) for reply in replies} == {(True, ""), (False, ""), (False, "refused")}


@pytest.mark.parametrize(("manner", "words"), [("yes", "Yes."), ("no", "No.")])
def test_judge_of_one_mind_weighs_as_it_writes(manner: str, words: str) -> None:
    judge = echo(manner)
    (weight,), (reply,) = judge.weigh(PROMPTS[:1]), judge.write(PROMPTS[:1], 3)
    assert weight and (weight.yes > weight.no) == (manner == "yes")
    assert reply.text == words


def test_torn_judge_has_small_masses_with_clear_and_unclear_words() -> None:
    judge = echo("hash")
    small = [
        p for p, weight in zip(PROMPTS, judge.weigh(PROMPTS), strict=True) if weight and weight.yes + weight.no < 0.5
    ]
    assert 20 < len(small) < 80
    words = {reply.text for reply in judge.write(small, 16)}
    assert words == {"Yes.", "No, it will not help.", "The picture shows a product."}


def test_sure_judge_writes_as_it_weighs() -> None:
    judge = echo("hash")
    pairs = zip(judge.weigh(PROMPTS), judge.write(PROMPTS, 3), strict=True)
    sure = [(weight.yes > weight.no, reply.text) for weight, reply in pairs if weight and weight.yes + weight.no > 0.5]
    assert set(sure) == {(True, "Yes."), (False, "No, it will")}


def test_empty_model_says_nothing_and_has_no_mass() -> None:
    judge = echo("empty")
    assert [reply.text for reply in judge.write([SHOWN, PROMPTS[0]], 128)] == ["", ""]
    (weight,) = judge.weigh(PROMPTS[:1])
    assert weight and (weight.yes, weight.no) == (0, 0)


@pytest.mark.parametrize("manner", ["caption", "mixed", "yes", "no", "hash", "empty"])
def test_answers_do_not_depend_on_their_company(manner: str) -> None:
    backend = echo(manner)
    together = backend.write(PROMPTS, 16)
    assert [backend.write([prompt], 16)[0] for prompt in reversed(PROMPTS)] == together[::-1]
