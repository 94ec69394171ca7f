"""Models, adapters and trainings on our Hub with the unmodified clients, over Xet and over LFS."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (find_spec("peft") and find_spec("trl")), reason="make setup-models installs them"),
]


class Ran(Protocol):
    @property
    def outcome(self) -> Any: ...


class ModelHub(Protocol):
    def python(self, module: str, *arguments: object, **variables: str) -> Ran: ...


Serve = Callable[[Path], AbstractContextManager[ModelHub]]


@dataclass(frozen=True, slots=True)
class Found:
    """What the clients found on a Hub to which they went by one transport."""

    by_xet: bool
    hub: Path
    said: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.said[name]


@pytest.fixture(scope="module", params=["xet", "lfs"])
def found(
    request: pytest.FixtureRequest, model_hub: Serve, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Found]:
    """One process does all that people do with models and a Hub."""
    folder = tmp_path_factory.mktemp(request.param)
    by_xet = request.param == "xet"
    with model_hub(folder) as hub:
        ran = hub.python("tests.caslie.models.clients", folder, HF_HUB_DISABLE_XET="0" if by_xet else "1")
        yield Found(by_xet, folder / "hub", ran.outcome)


def test_contents_come_by_the_transport_that_was_chosen(found: Found) -> None:
    assert (found.hub / "xet").exists() == found.by_xet


def test_a_model_and_its_tokenizer_come_back_as_they_were(found: Found) -> None:
    bases = found["bases"]
    assert (bases["llama"], bases["tied"], bases["mistral"], bases["tokenizer"]) == (True, True, True, True)
    assert bases["messages"] == ["Upload tokenizer", "A tied head", "initial commit"]


@pytest.mark.parametrize("way", ["auto", "peft", "transformers"])
def test_an_adapter_pushed_by_peft_loads(found: Found, way: str) -> None:
    assert found["adapters"]["does something"]
    assert found["adapters"][way]


def test_peft_pushes_the_adapter_alone(found: Found) -> None:
    names = [".gitattributes", "README.md", "adapter_config.json", "adapter_model.safetensors"]
    assert found["adapters"]["files"] == names


def test_a_training_pushes_its_model(found: Found) -> None:
    trained = found["trainers"]
    assert trained["whole"]
    assert (trained["messages"][0], trained["messages"][-1]) == ("The end", "initial commit")
    assert {"config.json", "model.safetensors", "tokenizer.json", "README.md"} <= set(trained["trained"])


def test_a_training_of_trl_pushes_its_adapter(found: Found) -> None:
    trained = found["trainers"]
    assert trained["tuned"]
    assert {"adapter_config.json", "adapter_model.safetensors", "chat_template.jinja"} <= set(trained["tuned files"])


@pytest.mark.parametrize("revision", ["branch", "tag", "pull request", "main", "merged", "tag after"])
def test_a_model_loads_at_a_revision(found: Found, revision: str) -> None:
    assert found["revisions"][revision]


def test_a_revision_that_is_not_there_is_said(found: Found) -> None:
    kind, cause, _, words = found["revisions"]["unknown"]
    assert (kind, cause) == ("OSError", "RevisionNotFoundError")
    assert "v9 is not a valid git identifier" in words


@pytest.mark.parametrize("who", ["bob", "nobody"])
def test_a_private_model_is_not_there_for_others(found: Found, who: str) -> None:
    assert found["closed"]["owner"]
    kind, cause, _, words = found["closed"][f"private for {who}"]
    assert (kind, cause) == ("OSError", "RepositoryNotFoundError")
    assert "alice/private is not a local folder and is not a valid model identifier" in words


@pytest.mark.parametrize(
    ("who", "reason"),
    [("bob", "you are not in the authorized list"), ("nobody", "You must have access to it and be authenticated")],
)
def test_a_gated_model_says_that_it_is(found: Found, who: str, reason: str) -> None:
    assert found["closed"]["gated for its owner"]
    kind, cause, _, words = found["closed"][f"gated for {who}"]
    assert (kind, cause) == ("OSError", "GatedRepoError")
    assert "You are trying to access a gated repo" in words
    assert reason in words


def test_a_push_into_a_foreign_namespace_is_refused(found: Found) -> None:
    kind, *_, words = found["closed"]["foreign"]
    assert kind == "HfHubHTTPError"
    assert "bob has no rights in the namespace alice" in words


def test_a_snapshot_is_the_whole_repository_and_loads(found: Found) -> None:
    assert found["snapshot"] == {"files": True, "loads": True}
